import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf.ts'
import type { Lattice, Network, Observations, TaskShape, TrainedModel } from '../../models/model.ts'
import { positionSize } from '../../models/positions.ts'
import { modelById, modelIds } from '../../models/registry.ts'
import { relativeKernel, relativeKernelSpecs } from '../../models/topologies/relative-kernel.ts'
import { unroll } from '../../models/unroll.ts'
import { numbers, sizeOf } from '../engine/support.ts'
import { expectGradientByDifferences, expectSameOnEveryEngine } from './on-engines.ts'
import { buildOn, predictOn, ringTask, someValues, weightsOf } from './small-rings.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const transferring: [string, TrainedModel][] = []
for (const id of modelIds) {
  const model = await modelById(id)
  if ('build' in model && model.transfers) transferring.push([id, model])
}

const [steps, batch, viewSize] = [3, 2, 2]
function taskOn(rows: number, columns: number): TaskShape {
  const lattice: Lattice = { rows, columns, boundary: 'torus' }
  const tiles = rows * columns
  const positions = positionSize(lattice)
  return {
    steps,
    batch,
    views: tiles,
    queries: tiles,
    tile: [1, viewSize],
    viewSize,
    positionSize: positions,
    lattice,
    likelihood: 'gaussian',
  }
}

/** Predictions [S, B, rows, columns, C] from a canvas alone. */
function predict(network: Network, task: TaskShape, canvas: tf.Tensor): tf.Tensor {
  const { rows, columns } = task.lattice
  const predictions = unroll(network, task, weightsOf(network), { canvas } as Observations)
  return tf.reshape(predictions, [steps, batch, rows, columns, viewSize])
}

const largest = (x: tf.Tensor) => tf.max(tf.abs(x)).dataSync()[0]
const twice = (x: tf.Tensor, axis: number) => tf.concat([x, x], axis)
function rolled(x: tf.Tensor, axis: number): tf.Tensor {
  const length = x.shape[axis] as number
  return tf.gather(
    x,
    Array.from({ length }, (_, i) => (i + 1) % length),
    axis,
  )
}

it('s2gru-tied and conv-gru say that they transfer', () => {
  expect(transferring.map(([id]) => id)).toEqual(expect.arrayContaining(['s2gru-tied', 'conv-gru']))
})

describe.each(transferring)('%s runs at any size', (_id, model) => {
  const build = (task: TaskShape) => model.build(task, model.options.parse({ width: 5 }))

  it.each([
    [1, 5],
    [5, 6],
  ])('with the same parameters: %i × %i and twice that', (rows, columns) => {
    const [small, large] = [build(taskOn(rows, columns)), build(taskOn(rows === 1 ? 1 : 2 * rows, 2 * columns))]
    const shapes = ({ parameters }: Network) => Object.entries(parameters).map(([name, { shape }]) => [name, shape])
    expect(shapes(large)).toEqual(shapes(small))
  })

  it('a torus that repeats itself is predicted as the one that it repeats', () => {
    const [small, large] = [taskOn(5, 6), taskOn(10, 12)]
    const shape = [steps, batch, 5, 6, viewSize + 2]
    const canvas = tf.tensor(numbers(1, sizeOf(shape), 'unit'), shape)
    const once = predict(build(small), small, canvas)
    const repeated = predict(build(large), large, twice(twice(canvas, 2), 3))
    expect(largest(tf.sub(repeated, twice(twice(once, 2), 3)))).toBeLessThan(1e-5)
  })

  it.each([2, 3])('to move a torus along axis %i is to move its prediction', axis => {
    const task = taskOn(4, 5)
    const shape = [steps, batch, 4, 5, viewSize + 2]
    const canvas = tf.tensor(numbers(2, sizeOf(shape), 'unit'), shape)
    const network = build(task)
    const [still, moved] = [predict(network, task, canvas), predict(network, task, rolled(canvas, axis))]
    expect(largest(tf.sub(moved, rolled(still, axis)))).toBeLessThan(1e-5)
    expect(largest(tf.sub(moved, still))).toBeGreaterThan(1e-3)
  })
})

describe('s2gru-tied', () => {
  it.each([0, 1, 2])('with a kernel of radius %i reaches r·n sites after n steps, exactly', async radius => {
    const ring = ringTask(13)
    const network = await buildOn(ring, 's2gru-tied', { radius })
    const moved = someValues(13).map((row, t) => row.map((x, i) => (t === 0 && i === 6 ? x + 1 : x)))
    const [before, after] = [predictOn(network, ring), predictOn(network, ring, moved)]
    for (const t of [0, 1, 2]) {
      const felt = Array.from({ length: 13 }, (_, i) => i).filter(i => before[t * 26 + i] !== after[t * 26 + i])
      expect(felt).toEqual(Array.from({ length: 13 }, (_, i) => i).filter(i => Math.abs(i - 6) <= radius * (t + 1)))
    }
  })

  it('has a kernel that is 1 at no displacement and σ(w) at all others, row by row', async () => {
    expect(relativeKernelSpecs('k', 1, 2)).toEqual({})
    const w = [-1, 0, 1, 2]
    const kernel = tf.exp(relativeKernel({ 'k.kernel': tf.tensor2d(w, [4, 1]) }, 'k', 1)).dataSync()
    ;[-1, 0, Infinity, 1, 2].forEach((x, i) => {
      expect(kernel[i]).toBeCloseTo(1 / (1 + Math.exp(-x)), 6)
    })
    const layer = ({ w: free }: Record<string, tf.Tensor>) => tf.exp(relativeKernel({ 'k.kernel': free }, 'k', 2))
    await expectSameOnEveryEngine({ w: { shape: [8, 2] } }, layer)
    expectGradientByDifferences({ w: tf.tensor2d(numbers(3, 16), [8, 2]) }, layer)
  })
})
