import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf.ts'
import { queriedDecoder, queriedDecoderSpecs, viewSum, viewSumSpecs } from '../../models/layers/scene.ts'
import type { Observations, ParameterSpecs, TaskShape } from '../../models/model.ts'
import { numbers, sizeOf } from '../engine/support.ts'
import { expectGradientByDifferences, expectSameOnEveryEngine } from './on-engines.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const task: TaskShape = {
  steps: 2,
  batch: 2,
  views: 3,
  queries: 2,
  tile: [1, 2],
  viewSize: 2,
  positionSize: 2,
  lattice: { rows: 1, columns: 4, boundary: 'torus' },
  likelihood: 'gaussian',
}
const argument = (shape: readonly number[]) => ({ shape, values: 'unit' as const })
const inputsOf = (specs: ParameterSpecs) =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, argument(shape)]))
const drawn = (inputs: Record<string, { shape: readonly number[] }>) =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }], i) => [
      name,
      tf.tensor(numbers(i + 1, sizeOf(shape), 'unit'), [...shape]),
    ]),
  )

describe('what is seen of a scene', () => {
  const present = (of: number[]) =>
    tf.tensor3d(
      [0, 1, 2, 3].flatMap(() => of),
      [2, 2, 3],
    )
  const sum = ({ views, positions, present, ...p }: Record<string, tf.Tensor>) =>
    viewSum(p, { views, positions, present } as Observations)
  const inputs = {
    views: argument([2, 2, 3, 2]),
    positions: argument([2, 2, 3, 2]),
    ...inputsOf(viewSumSpecs(task, 4)),
  }

  it('of n equal views is n / √(1 + n) of what one embeds to, and of none is zero', () => {
    const { views, positions, ...p } = drawn(inputs)
    const first = (x: tf.Tensor) => tf.tile(tf.slice(x, [0, 0, 0, 0], [2, 2, 1, 2]), [1, 1, 3, 1])
    const seen = (of: number[]) =>
      sum({ ...p, views: first(views), positions: first(positions), present: present(of) }).dataSync()
    const one = seen([1, 0, 0])
    seen([1, 1, 1]).forEach((x, i) => {
      expect(x).toBeCloseTo(one[i] * Math.SQRT2 * 1.5, 5)
    })
    expect(seen([0, 0, 0]).every(x => x === 0)).toBe(true)
  })

  it('is the same on every engine, and its gradient is what differences say', async () => {
    const layer = (given: Record<string, tf.Tensor>) => sum({ ...given, present: present([1, 0, 1]) })
    await expectSameOnEveryEngine(inputs, layer)
    expectGradientByDifferences(drawn(inputs), layer, 1e-3)
  })
})

describe('the queried decoder', () => {
  const decode = ({ state, queries, ...p }: Record<string, tf.Tensor>) => queriedDecoder(p, state, queries)
  const inputs = {
    state: argument([2, 2, 3]),
    queries: argument([2, 2, 2, 2]),
    ...inputsOf(queriedDecoderSpecs(task, 3, 4)),
  }

  it('of one episode, worked by hand: relu(γ(x) ∘ Wh + β(x)), then two layers', () => {
    const p = drawn(inputs)
    const [h, x] = [p.state, p.queries].map(tensor =>
      Array.from(tensor.dataSync().subarray(0, tensor === p.state ? 3 : 2)),
    )
    const affine = (name: string, row: number[]) => {
      const [weight, bias] = ['weight', 'bias'].map(kind => p[`${name}.${kind}`].arraySync())
      return (bias as number[]).map((b, j) => row.reduce((sum, v, i) => sum + v * (weight as number[][])[i][j], b))
    }
    const relu = (row: number[]) => row.map(v => Math.max(0, v))
    const by = affine('decode.query', x)
    const asked = relu(affine('decode.state', h).map((v, i) => v * by[i] + by[4 + i]))
    const expected = affine('decode2', relu(affine('decode1', asked)))
    const answer = decode(p).dataSync()
    expected.forEach((v, i) => {
      expect(answer[i]).toBeCloseTo(v, 5)
    })
  })

  it('is the same on every engine, and its gradient is what differences say', async () => {
    await expectSameOnEveryEngine(inputs, decode)
    expectGradientByDifferences(drawn(inputs), decode, 1e-3)
  })
})
