import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf.ts'
import { randomStream } from '../../lib/random.ts'
import { meetsBudget, nearestNetwork } from '../../models/fit-width.ts'
import { fold, type Sides, unfold } from '../../models/layers/folding.ts'
import type { Lattice, Network, Observations, Parameters, TaskShape } from '../../models/model.ts'
import { unet } from '../../models/unet.ts'
import { unroll } from '../../models/unroll.ts'
import { numbers, sizeOf } from '../engine/support.ts'
import { expectGradientByDifferences, expectSameOnEveryEngine } from './on-engines.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const someTensor = (shape: number[], seed = 1) => tf.tensor(numbers(seed, sizeOf(shape), 'unit'), shape)

describe('folding', () => {
  it('of 4 × 4 cells into blocks of 2 × 2 stands them side by side, row by row', () => {
    const cells = tf.tensor3d([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [1, 16, 1])
    const folded = fold(cells, [4, 4], [2, 2])
    expect(folded.arraySync()).toEqual([
      [
        [0, 1, 4, 5],
        [2, 3, 6, 7],
        [8, 9, 12, 13],
        [10, 11, 14, 15],
      ],
    ])
    expect(unfold(folded, [4, 4], [2, 2]).arraySync()).toEqual(cells.arraySync())
  })

  it.each([
    [2, 2],
    [1, 2],
    [3, 2],
  ])('by %i × %i and a product is a convolution of that stride, back is the transposed one', (high, wide) => {
    const [rows, columns, inputs, outputs] = [6, 8, 3, 2]
    const field: Sides = [rows, columns]
    const [x, kernel] = [someTensor([2, rows, columns, inputs]), someTensor([high, wide, inputs, outputs], 2)]
    const strided = tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, [high, wide], 'valid')
    const folded = fold(tf.reshape(x, [2, rows * columns, inputs]), field, [high, wide])
    const product = tf.matMul(
      tf.reshape(folded, [-1, high * wide * inputs]),
      tf.reshape(kernel, [high * wide * inputs, outputs]),
    )
    product.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(strided.dataSync()[i], 5)
    })

    const back = tf
      .conv2dTranspose(strided, kernel as tf.Tensor4D, [2, rows, columns, inputs], [high, wide], 'valid')
      .dataSync()
    const raised = tf.matMul(product, tf.transpose(tf.reshape(kernel, [high * wide * inputs, outputs])))
    const blocks = tf.reshape(raised, [2, (rows * columns) / (high * wide), high * wide * inputs])
    unfold(blocks, field, [high, wide])
      .dataSync()
      .forEach((value, i) => {
        expect(value).toBeCloseTo(back[i], 5)
      })
  })

  it('is the same on every engine and has the gradient of its differences', async () => {
    const field: Sides = [4, 6]
    const layers = [
      ({ x }: Record<string, tf.Tensor>) => tf.square(fold(x, field, [2, 3])),
      ({ x }: Record<string, tf.Tensor>) => tf.square(unfold(tf.reshape(x, [2, 4, 18]), field, [2, 3])),
    ]
    for (const layer of layers) {
      await expectSameOnEveryEngine({ x: { shape: [2, 24, 3], values: 'unit' } }, layer)
      expectGradientByDifferences({ x: someTensor([2, 24, 3]) }, layer, 1e-3)
    }
  })
})

const ring = (columns: number): Lattice => ({ rows: 1, columns, boundary: 'torus' })
const square = (side: number, boundary: Lattice['boundary'] = 'torus'): Lattice => ({
  rows: side,
  columns: side,
  boundary,
})

/** Tiles of one channel in one dimension; in two, the largest squares that so many values can fill. */
function taskOf(lattice: Lattice, viewSize: number, likelihood: TaskShape['likelihood'] = 'gaussian'): TaskShape {
  const tiles = lattice.rows * lattice.columns
  const side = [4, 2, 1].find(n => viewSize % n ** 2 === 0)!
  const tile = lattice.rows === 1 ? ([1, viewSize] as const) : ([side, side] as const)
  return { steps: 3, batch: 1, views: tiles, queries: tiles, tile, viewSize, positionSize: 2, lattice, likelihood }
}

const build = (task: TaskShape, options: Record<string, unknown> = {}) =>
  unet.build(task, unet.options.parse({ width: 16, ...options }))

function weights(network: Network): Parameters {
  const random = randomStream('weights')
  const draw = ([name, { shape }]: [string, { shape: readonly number[] }]) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, () => 0.3 * random.normal())
    return [name, tf.tensor(values, [...shape])]
  }
  return Object.fromEntries(Object.entries(network.parameters).map(draw))
}

/** A field [step][row][column][channel]; null where a frame is not seen. */
type Frames = (number[][][] | null)[]

const someFrames = (steps: number, rows: number, columns: number, channels: number): number[][][][] =>
  someTensor([steps, rows, columns, channels]).arraySync() as number[][][][]

/** Tiles [rows, columns, C] of one frame, cut by hand. */
const tilesOf = (field: number[][][], { rows, columns }: Lattice): number[][][] => {
  const [high, wide] = [field.length / rows, field[0].length / columns]
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) =>
      Array.from({ length: high * wide }, (_, i) => {
        const [r, c] = [row * high + Math.floor(i / wide), column * wide + (i % wide)]
        return field[r][c]
      }).flat(),
    ),
  )
}

/** Predictions of every step as tiles [row][column][C]. */
function predict(network: Network, task: TaskShape, frames: Frames, p = weights(network)): number[][][][] {
  const { lattice, viewSize } = task
  const nothing = Array.from({ length: lattice.rows }, () =>
    Array.from({ length: lattice.columns }, () => [...Array(viewSize).fill(0), 0, 0.3]),
  )
  const marked = frames.map(frame =>
    frame === null ? nothing : tilesOf(frame, lattice).map(row => row.map(tile => [...tile, 1, 0])),
  )
  const canvas = tf.tensor(marked.flat(4), [frames.length, 1, lattice.rows, lattice.columns, viewSize + 2])
  const all = unroll(network, { ...task, steps: frames.length }, p, { canvas } as Observations)
  return tf.reshape(all, [frames.length, lattice.rows, lattice.columns, viewSize]).arraySync() as number[][][][]
}

const rolled = <T>(list: T[], by: number) => list.map((_, i) => list[(i + list.length - by) % list.length])

function expectClose(found: number[], expected: number[]): void {
  expect(found).toHaveLength(expected.length)
  found.forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i], 5)
  })
}

describe('U-Net', () => {
  it('with a decoder of zeros forecasts no change: every value comes back to its own place in its own tile', () => {
    const task = taskOf(square(3), 8)
    const network = build(task)
    const p = weights(network)
    const still = {
      ...p,
      'decode.weight': tf.zerosLike(p['decode.weight']),
      'decode.bias': tf.zerosLike(p['decode.bias']),
    }
    const frames = someFrames(2, 6, 6, 2)
    const [first, second, blind] = predict(network, task, [...frames, null], still)
    expectClose(first.flat(3), tilesOf(frames[0], task.lattice).flat(3))
    expectClose(second.flat(3), tilesOf(frames[1], task.lattice).flat(3))
    expect(blind).toEqual(second)
  })

  it.each([
    { name: 'without halvings, by one cell', levels: 0, by: 1, lattice: square(3), rows: 6, columns: 6, viewSize: 8 },
    { name: 'halved twice, by four', levels: 2, by: 4, lattice: square(4), rows: 8, columns: 8, viewSize: 8 },
    { name: 'on a ring, by two', levels: 1, by: 2, lattice: ring(5), rows: 1, columns: 10, viewSize: 2 },
  ])('sees cells and not tiles: what is shifted on a torus is predicted shifted, $name', given => {
    const { levels, by, lattice, rows, columns, viewSize } = given
    const task = taskOf(lattice, viewSize)
    const network = build(task, { levels })
    const channels = rows === 1 ? 1 : 2
    const shift = (field: number[][][]) => rolled(field, rows === 1 ? 0 : by).map(row => rolled(row, by))
    const frames = someFrames(2, rows, columns, channels)
    const plain = predict(network, task, [...frames, null])
    const moved = predict(network, task, [...frames.map(shift), null])
    // Tiles of a forecast as the field that they make, by the same cut of the cells' own numbers.
    const numbered = Array.from({ length: rows }, (_, r) =>
      Array.from({ length: columns }, (_, c) =>
        Array.from({ length: channels }, (_, k) => (r * columns + c) * channels + k),
      ),
    )
    const order = tilesOf(numbered, lattice).flat(2)
    const fieldOf = (tiles: number[][][]) => {
      const values = tiles.flat(2)
      return numbered.map(row => row.map(cell => cell.map(number => values[order.indexOf(number)])))
    }
    plain.forEach((tiles, t) => {
      expectClose(fieldOf(moved[t]).flat(2), shift(fieldOf(tiles)).flat(2))
    })
    expect(moved[0]).not.toEqual(plain[0])
  })

  it.each([
    [ring(17), 1, 0],
    [ring(9), 2, 1],
    [ring(16), 1, 3],
    [ring(6), 4, 3],
    [square(6), 16, 3],
    [square(6), 48, 3],
    [square(3), 16, 2],
    [{ rows: 2, columns: 3, boundary: 'walls' } as const, 1, 0],
    [{ rows: 2, columns: 6, boundary: 'walls' } as const, 1, 1],
  ])('halves %o of tiles of %i values %i times', (lattice, viewSize, times) => {
    const { parameters } = build(taskOf(lattice, viewSize))
    expect(Object.keys(parameters).filter(name => /^halve\d\.weight$/.test(name))).toHaveLength(times)
  })

  it.each([
    { reach: '3 cells each way without halvings', lattice: ring(41), viewSize: 1, levels: 0, felt: 7 },
    { reach: 'everything on 24 × 24 cells with three', lattice: square(6, 'walls'), viewSize: 16, levels: 3, felt: 36 },
  ])('hears within a frame of $reach', ({ lattice, viewSize, levels, felt }) => {
    const task = taskOf(lattice, viewSize)
    const network = build(task, { levels })
    const [rows, columns] = [lattice.rows, lattice.columns].map(n => n * Math.sqrt(viewSize))
    const [frame] = someFrames(1, rows, columns, 1)
    const moved = structuredClone(frame)
    moved[rows >> 1][columns >> 1][0] += 30
    const [before, after] = [frame, moved].map(first => predict(network, task, [first])[0].flat(1))
    expect(before.filter((tile, i) => tile.some((x, k) => x !== after[i][k]))).toHaveLength(felt)
  })

  it.each(['gaussian', 'bernoulli'] as const)('of a %s world goes on from what it predicted itself', likelihood => {
    const task = taskOf(ring(8), 2, likelihood)
    const network = build(task)
    // Deaf to the marks that tell a view from a belief, it cannot know whether it was shown its own prediction.
    const p = weights(network)
    const [inputs, channels] = p['encode.weight'].shape
    const hearing = Float32Array.from({ length: inputs * channels }, (_, i) =>
      Math.floor(i / channels) % 3 === 0 ? 1 : 0,
    )
    const deaf = { ...p, 'encode.weight': tf.mul(p['encode.weight'], tf.tensor(hearing, [inputs, channels])) }
    const [first] = someFrames(1, 1, 16, 1)
    const blind = predict(network, task, [first, null], deaf)
    const believed = blind[0].flat(2).map(x => (likelihood === 'bernoulli' ? 1 / (1 + Math.exp(-x)) : x))
    const told = predict(network, task, [first, [believed.map(x => [x])]], deaf)
    expectClose(told[1].flat(2), blind[1].flat(2))
    expect(blind[1]).not.toEqual(blind[0])
  })

  it('predicts the same on every engine, with the same gradients', async () => {
    for (const [lattice, viewSize] of [
      [ring(4), 2],
      [square(2, 'walls'), 8],
    ] as const) {
      const task = taskOf(lattice, viewSize)
      const network = build(task, { levels: 2 })
      const drawn = Object.entries(network.parameters).map(([name, { shape }]) => [name, { shape, values: 'unit' }])
      const canvas = { shape: [task.steps, 1, lattice.rows, lattice.columns, viewSize + 2], values: 'unit' }
      const layer = ({ canvas, ...given }: Record<string, tf.Tensor>) => {
        const p = Object.fromEntries(Object.entries(given).map(([name, x]) => [name, tf.mul(x, 0.4)]))
        return unroll(network, task, p, { canvas } as Observations)
      }
      await expectSameOnEveryEngine({ ...Object.fromEntries(drawn), canvas }, layer)
    }
  })

  it.each([
    [square(6), 16],
    [square(6), 32],
    [square(6), 48],
    [ring(24), 1],
    [ring(16), 1],
    [ring(17), 1],
  ])('has 57,000 or 60,000 parameters to within 3 percent on %o of %i values', (lattice, viewSize) => {
    for (const budget of [57_000, 60_000]) {
      const { parameters } = nearestNetwork(unet, taskOf(lattice, viewSize), {}, budget)
      expect(meetsBudget(parameters, budget), `${parameters} for ${budget}`).toBe(true)
    }
  })
})
