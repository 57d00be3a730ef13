import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf.ts'
import { randomStream } from '../../lib/random.ts'
import { latticeConv, neighbourhoods } from '../../models/layers/lattice-conv.ts'
import { peepholeLstm } from '../../models/layers/peephole-lstm.ts'
import { perceive, perceptionFilters } from '../../models/layers/perception.ts'
import type { Lattice, Network, Observations, Parameters, TaskShape, TrainedModel } from '../../models/model.ts'
import { modelById } from '../../models/registry.ts'
import { unroll } from '../../models/unroll.ts'
import { expectGradientByDifferences, expectSameOnEveryEngine } from './on-engines.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const ring = (columns: number): Lattice => ({ rows: 1, columns, boundary: 'torus' })
const box = (rows: number, columns: number): Lattice => ({ rows, columns, boundary: 'walls' })

describe('LSTM with peepholes', () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
  const layer = ({ gates, cell, ...p }: Record<string, tf.Tensor>) => {
    const next = peepholeLstm({ 'c.input': p.input, 'c.forget': p.forget, 'c.output': p.output }, 'c', gates, cell)
    return tf.concat([next.hidden, next.cell], 1)
  }

  it('one unit worked by hand: input and forget gates see the old cell, the output gate the new one', () => {
    const [i, f, o, g, c] = [0.2, -0.3, 0.8, 0.5, -0.7]
    const cell = sigmoid(f - 0.6 * c) * c + sigmoid(i + 0.9 * c) * Math.tanh(g)
    const [hidden, next] = layer({
      gates: tf.tensor2d([[i, f, o, g]]),
      cell: tf.tensor2d([[c]]),
      input: tf.tensor1d([0.9]),
      forget: tf.tensor1d([-0.6]),
      output: tf.tensor1d([1.7]),
    }).dataSync()
    expect(next).toBeCloseTo(cell, 6)
    expect(hidden).toBeCloseTo(sigmoid(o + 1.7 * cell) * Math.tanh(cell), 6)
  })

  it('is the same on every engine and has the gradient of its differences', async () => {
    const shapes = { gates: [3, 8], cell: [3, 2], input: [2], forget: [2], output: [2] }
    const given = Object.entries(shapes)
    await expectSameOnEveryEngine(Object.fromEntries(given.map(([name, shape]) => [name, { shape }])), layer)
    expectGradientByDifferences(Object.fromEntries(given.map(([name, shape]) => [name, tf.randomNormal(shape)])), layer)
  })
})

describe('dilated convolution on the lattice', () => {
  const lattices = [ring(7), box(1, 7), box(4, 5), { ...box(4, 5), boundary: 'torus' }] as const

  it.each(lattices)('is the sum over tiles that far apart, written out: $rows × $columns, $boundary', lattice => {
    const { rows, columns, boundary } = lattice
    const x = Array.from({ length: rows * columns }, (_, i) => Math.sin(1 + 3 * i))
    const windows = [
      [0, 1],
      [1, 1],
      [1, 2],
      [1, 4],
      [2, 1],
      [3, 2],
    ]
    for (const [radius, dilation] of windows) {
      const [high, wide] = [rows === 1 ? 0 : radius, radius]
      const kernel = Array.from({ length: (2 * wide + 1) * (2 * high + 1) }, (_, k) => k + 1)
      const p = { 'c.weight': tf.tensor2d(kernel, [kernel.length, 1]), 'c.bias': tf.tensor1d([0.5]) }
      const out = latticeConv(p, 'c', lattice, tf.tensor3d(x, [1, x.length, 1]), { radius, dilation }).dataSync()
      out.forEach((found, tile) => {
        let sum = 0.5
        for (let v = -high; v <= high; v++)
          for (let h = -wide; h <= wide; h++) {
            const [r, c] = [Math.floor(tile / columns) + v * dilation, (tile % columns) + h * dilation]
            const inside = r >= 0 && r < rows && c >= 0 && c < columns
            const wrapped = ((r + 8 * rows) % rows) * columns + ((c + 8 * columns) % columns)
            if (inside || boundary === 'torus') sum += kernel[(v + high) * (2 * wide + 1) + h + wide] * x[wrapped]
          }
        expect(found).toBeCloseTo(sum, 3)
      })
    }
  })

  it.each(lattices)(
    'has the gradient of its differences, on every engine: $rows × $columns, $boundary',
    async lattice => {
      const shape = [2, lattice.rows * lattice.columns, 3]
      const layer = ({ x }: Record<string, tf.Tensor>) => neighbourhoods(lattice, x, { radius: 2, dilation: 2 })
      expectGradientByDifferences({ x: tf.randomNormal(shape) }, layer)
      await expectSameOnEveryEngine({ x: { shape } }, layer)
    },
  )
})

describe('perception of a cellular automaton', () => {
  const field = (lattice: Lattice, value: (row: number, column: number) => number) =>
    tf.tensor3d(
      Array.from({ length: lattice.rows * lattice.columns }, (_, i) =>
        value(Math.floor(i / lattice.columns), i % lattice.columns),
      ),
      [1, lattice.rows * lattice.columns, 1],
    )
  /** What the middle tile perceives. */
  const middle = (lattice: Lattice, x: tf.Tensor) => {
    const filters = tf.tensor2d(perceptionFilters(lattice))
    const all = perceive(lattice, filters, x).dataSync()
    const tile = Math.floor((lattice.rows * lattice.columns) / 2)
    return Array.from(all.subarray(tile * filters.shape[0], (tile + 1) * filters.shape[0]))
  }

  it('of a plane: the value, both slopes exactly, no curvature', () => {
    middle(
      box(5, 5),
      field(box(5, 5), (row, column) => 7 + 2 * column - 3 * row),
    ).forEach((found, i) => {
      expect(found).toBeCloseTo([7 + 4 - 6, 2, -3, 0][i], 5)
    })
  })

  it('of a paraboloid: a quarter of its Laplacian', () => {
    const seen = middle(
      box(5, 5),
      field(box(5, 5), (row, column) => 3 * (column - 2) ** 2 + 5 * (row - 2) ** 2),
    )
    expect(seen[3]).toBeCloseTo((2 * 3 + 2 * 5) / 4, 5)
  })

  it('in a 1-D world: that of a 2-D world that does not change along the other axis', () => {
    const wave = (i: number) => Math.cos(2 * i)
    const line = middle(
      box(1, 5),
      field(box(1, 5), (_, column) => wave(column)),
    )
    const [value, across, , curvature] = middle(
      box(5, 5),
      field(box(5, 5), (_, column) => wave(column)),
    )
    const expected = [value, across, curvature]
    expect(line).toHaveLength(3)
    line.forEach((found, i) => {
      expect(found).toBeCloseTo(expected[i], 6)
    })
  })

  it('is the same on every engine, and so are the gradients by filters and cells', async () => {
    for (const lattice of [ring(5), box(3, 4)]) {
      const layer = ({ x, filters }: Record<string, tf.Tensor>) => perceive(lattice, filters as tf.Tensor2D, x)
      const size = lattice.rows === 1 ? 3 : 9
      const tiles = lattice.rows * lattice.columns
      await expectSameOnEveryEngine({ x: { shape: [2, tiles, 3] }, filters: { shape: [4, size] } }, layer)
      expectGradientByDifferences({ x: tf.randomNormal([2, tiles, 3]), filters: tf.randomNormal([4, size]) }, layer)
    }
  })
})

const taskOf = (lattice: Lattice, likelihood: TaskShape['likelihood'] = 'gaussian', steps = 3): TaskShape => {
  const tiles = lattice.rows * lattice.columns
  const sizes = { steps, batch: 1, views: tiles, queries: tiles, tile: [1, 1] as const, viewSize: 1, positionSize: 2 }
  return { ...sizes, lattice, likelihood }
}

async function build(id: string, task: TaskShape, options: Record<string, unknown> = {}): Promise<Network> {
  const model = (await modelById(id)) as TrainedModel
  return model.build(task, model.options.parse({ width: 6, ...options }))
}

function weights(network: Network): Parameters {
  const random = randomStream('weights')
  return Object.fromEntries(
    Object.entries(network.parameters).map(([name, { shape }]) => {
      const size = shape.reduce((n, side) => n * side, 1)
      return [
        name,
        tf.tensor(
          Float32Array.from({ length: size }, () => 0.3 * random.normal()),
          [...shape],
        ),
      ]
    }),
  )
}

/** Predictions [step][tile] for frames of one number a tile; null where nothing is seen. */
function predict(network: Network, task: TaskShape, frames: (number | null)[][], p = weights(network)): number[][] {
  const { rows, columns } = task.lattice
  const marked = frames.flatMap(frame => frame.flatMap(x => (x === null ? [0, 0, 0.3] : [x, 1, 0])))
  const canvas = tf.tensor(marked, [task.steps, 1, rows, columns, 3])
  const all = unroll(network, task, p, { canvas } as Observations).dataSync()
  return frames.map((frame, t) => Array.from(all.subarray(t * frame.length, (t + 1) * frame.length)))
}

const series = ({ lattice, steps }: TaskShape): number[][] =>
  Array.from({ length: steps }, (_, t) =>
    Array.from({ length: lattice.rows * lattice.columns }, (_, i) => Math.sin(1 + 2 * t + i)),
  )

/**
 * After each step how far away, in rows or columns, a change of the middle tile of the first frame is felt, when nothing
 * is seen afterwards: what is seen overwrites a belief, and the news in it.
 */
async function farthest(id: string, lattice: Lattice, options: Record<string, unknown>): Promise<number[]> {
  const task = taskOf(lattice)
  const network = await build(id, task, { width: 16, ...options })
  const { rows, columns } = lattice
  const [row, column] = [Math.floor(rows / 2), Math.floor(columns / 2)]
  const frames = series(task).map((frame, t) => (t === 0 ? frame : frame.map(() => null)))
  const moved = frames.map(frame => frame.map((x, i) => (i === row * columns + column && x !== null ? x + 30 : x)))
  const [before, after] = [predict(network, task, frames), predict(network, task, moved)]
  return before.map((frame, t) => {
    const changed = frames[0].flatMap((_, i) => (frame[i] === after[t][i] ? [] : [i]))
    return Math.max(
      ...changed.flatMap(i => [Math.abs(Math.floor(i / columns) - row), Math.abs((i % columns) - column)]),
    )
  })
}

describe('reach in tiles, bit for bit: a change of one tile of a frame is felt after that frame and the next two', () => {
  it.each([
    ['conv-lstm', { layers: 1 }, [1, 2, 3]],
    ['conv-lstm', { layers: 3 }, [3, 4, 5]],
    ['nca', { updates: 1 }, [1, 2, 3]],
    ['nca', { updates: 4 }, [4, 8, 12]],
    ['dilated-resnet', { blocks: 1, rates: 1 }, [2, 4, 6]],
    ['dilated-resnet', { blocks: 1, rates: 3 }, [10, 20, 30]],
    ['dilated-resnet', {}, [8, 16, 24]],
    ['dilated-resnet', { history: 1 }, [8, 16, 24]],
  ])('%s %o: %o', async (id, options, reach) => {
    expect(await farthest(id, ring(71), options)).toEqual(reach)
    expect(await farthest(id, box(9, 9), options)).toEqual(reach.map(tiles => Math.min(tiles, 4)))
  })
})

describe.each(['conv-lstm', 'nca', 'dilated-resnet'])('%s', id => {
  it('has the same parameters on every lattice of the same dimensions', async () => {
    const shapes = async (lattice: Lattice) => (await build(id, taskOf(lattice))).parameters
    const small: Lattice = { rows: 6, columns: 6, boundary: 'torus' }
    expect(await shapes(box(24, 12))).toEqual(await shapes(small))
    expect(await shapes(box(1, 9))).toEqual(await shapes(ring(40)))
  })

  it('predicts the same on every engine, with the same gradients', async () => {
    for (const lattice of [ring(4), box(3, 3)]) {
      const task = taskOf(lattice)
      const network = await build(id, task, { width: 3 })
      const drawn = Object.entries(network.parameters).map(([name, { shape }]) => [name, { shape, values: 'unit' }])
      const canvas = { shape: [task.steps, 1, lattice.rows, lattice.columns, 3], values: 'unit' }
      const layer = ({ canvas, ...given }: Record<string, tf.Tensor>) => {
        const p = Object.fromEntries(Object.entries(given).map(([name, x]) => [name, tf.mul(x, 0.4)]))
        return unroll(network, task, p, { canvas } as Observations)
      }
      await expectSameOnEveryEngine({ ...Object.fromEntries(drawn), canvas }, layer)
    }
  })

  it('knows no place on a torus: what is shown shifted is predicted shifted', async () => {
    const task = taskOf({ rows: 4, columns: 5, boundary: 'torus' })
    const shifted = (frame: number[]) => frame.map((_, i) => frame[((Math.floor(i / 5) + 3) % 4) * 5 + ((i + 2) % 5)])
    const network = await build(id, task)
    const plain = predict(network, task, series(task)).map(shifted)
    predict(network, task, series(task).map(shifted)).forEach((frame, t) => {
      frame.forEach((x, i) => {
        expect(x).toBeCloseTo(plain[t][i], 5)
      })
    })
  })
})

describe('neural cellular automaton', () => {
  it('one update of a ring of five cells, written out', async () => {
    const task = taskOf(ring(5), 'gaussian', 1)
    const network = await build('nca', task, { width: 2, memory: 1, updates: 1, decoder: 1, perception: 'fixed' })
    const p = weights(network)
    const at = (name: string) => Array.from(p[name].dataSync())
    const relu = (x: number) => Math.max(0, x)
    const view = [0.3, -0.8, 1.1, 0.6, -0.2]
    const cells = view.map(x => [x, 0, 1, 0]) // shown, hidden, seen, frames since seen
    const filters = [
      [0, 1, 0],
      [-0.5, 0, 0.5],
      [0.25, -0.5, 0.25],
    ]
    const expected = view.map((_, i) => {
      const around = [cells[(i + 4) % 5], cells[i], cells[(i + 1) % 5]]
      const perceived = filters.flatMap(filter =>
        [0, 1, 2, 3].map(c => filter.reduce((sum, w, j) => sum + w * around[j][c], 0)),
      )
      const hidden = [0, 1].map(h =>
        relu(perceived.reduce((sum, x, j) => sum + x * at('rule.weight')[2 * j + h], at('rule.bias')[h])),
      )
      const next = [0, 1].map(c =>
        hidden.reduce((sum, x, h) => sum + x * at('change.weight')[2 * h + c], cells[i][c] + at('change.bias')[c]),
      )
      const decoded = relu(next.reduce((sum, x, c) => sum + x * at('decode1.weight')[c], at('decode1.bias')[0]))
      return decoded * at('decode2.weight')[0] + at('decode2.bias')[0]
    })
    predict(network, task, [view])[0].forEach((x, i) => {
      expect(x).toBeCloseTo(expected[i], 5)
    })
    expect(new Set(expected).size).toBeGreaterThan(1)
  })

  it('starts with a rule that changes nothing: a tile is answered from its own view alone', async () => {
    const task = taskOf(ring(9))
    const network = await build('nca', task)
    const { initialiser } = network.parameters['change.weight']
    expect(initialiser).toEqual({ kind: 'zeros' })
    const p = { ...weights(network), 'change.weight': tf.zeros([6, 33]) }
    const frames = series(task)
    const moved = frames.map(frame => frame.map((x, i) => (i === 4 ? x + 1 : x)))
    const [before, after] = [predict(network, task, frames, p), predict(network, task, moved, p)]
    expect(before[2].flatMap((x, i) => (x === after[2][i] ? [] : [i]))).toEqual([4])
  })
})

describe('dilated residual network', () => {
  it.each(['gaussian', 'bernoulli'] as const)(
    'of a %s world goes on from what it predicted itself',
    async likelihood => {
      const task = taskOf(ring(9), likelihood, 2)
      const network = await build('dilated-resnet', task)
      // Deaf to the marks that tell a view from a belief, it cannot know whether it was shown its own prediction.
      const p = weights(network)
      const [rows, channels] = p['encode.weight'].shape
      const hearing = Float32Array.from({ length: rows * channels }, (_, i) =>
        Math.floor(i / channels) % 3 === 0 ? 1 : 0,
      )
      const deaf = { ...p, 'encode.weight': tf.mul(p['encode.weight'], tf.tensor(hearing, [rows, channels])) }
      const [first] = series(task)
      const blind = predict(network, task, [first, first.map(() => null)], deaf)
      const believed = blind[0].map(x => (likelihood === 'bernoulli' ? 1 / (1 + Math.exp(-x)) : x))
      predict(network, task, [first, believed], deaf)[1].forEach((x, i) => {
        expect(x).toBeCloseTo(blind[1][i], 5)
      })
      expect(blind[1]).not.toEqual(blind[0])
    },
  )
})
