import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf.ts'
import { randomStream } from '../../lib/random.ts'
import { BUDGET_TOLERANCE, fitWidth } from '../../models/fit-width.ts'
import {
  type Network,
  type Observations,
  type Parameters,
  parameterCount,
  type TaskShape,
  type TrainedModel,
} from '../../models/model.ts'
import { tilePositions } from '../../models/positions.ts'
import { modelById, modelIds } from '../../models/registry.ts'
import { unroll } from '../../models/unroll.ts'

const trained: [string, TrainedModel][] = []
for (const id of modelIds) {
  const model = await modelById(id)
  if ('build' in model) trained.push([id, model])
}

const ring: TaskShape = {
  steps: 4,
  batch: 2,
  views: 9,
  queries: 9,
  tile: [1, 1],
  viewSize: 1,
  positionSize: 0,
  lattice: { rows: 1, columns: 9, boundary: 'torus' },
  likelihood: 'gaussian',
}
const codes = tilePositions(ring.lattice)
const task: TaskShape = { ...ring, positionSize: codes.length / 9 }

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

function weights(network: Network): Parameters {
  const random = randomStream('weights')
  return Object.fromEntries(
    Object.entries(network.parameters).map(([name, { shape }]) => {
      const size = shape.reduce((n, side) => n * side, 1)
      return [
        name,
        tf.tensor(
          Float32Array.from({ length: size }, () => 0.15 * random.normal()),
          [...shape],
        ),
      ]
    }),
  )
}

type Views = { values: number[][]; order?: number[]; seen?: (step: number, tile: number) => boolean }

/** Full field of a ring: values[step][tile], shown in the given order of tiles, the same for both episodes. */
function observe({ values, order = [0, 1, 2, 3, 4, 5, 6, 7, 8], seen = () => true }: Views): Observations {
  const each = <T>(make: (step: number, place: number) => T) =>
    values.flatMap((_, step) => [0, 1].flatMap(() => order.map(tile => make(step, tile))))
  const code = (tile: number) => Array.from(codes.subarray(tile * task.positionSize, (tile + 1) * task.positionSize))
  const all = values.flatMap(() => [0, 1].flatMap(() => Array.from({ length: 9 }, (_, tile) => code(tile)).flat()))
  const shape = (...sides: number[]) => [values.length, 2, ...sides]
  const shown = each((step, tile) => (seen(step, tile) ? values[step][tile] : 0))
  const lattice = values.flatMap((row, step) =>
    [0, 1].flatMap(() => row.flatMap((x, tile) => (seen(step, tile) ? [x, 1, 0] : [0, 0, 1]))),
  )
  return {
    views: tf.tensor(shown, shape(9, 1)),
    positions: tf.tensor(each((_, tile) => code(tile)).flat(), shape(9, task.positionSize)),
    present: tf.tensor(
      each((step, tile) => (seen(step, tile) ? 1 : 0)),
      shape(9),
    ),
    queries: tf.tensor(all, shape(9, task.positionSize)),
    canvas: tf.tensor(lattice, shape(1, 9, 3)),
    truth: tf.tensor(
      values.flatMap((_, step) => [0, 1].flatMap(() => values[step + 1] ?? Array(9).fill(0))),
      shape(9, 1),
    ),
  }
}

const series = Array.from({ length: 4 }, (_, t) => Array.from({ length: 9 }, (_, i) => Math.sin(1 + 2 * t + i)))
const predict = (network: Network, views: Views) =>
  unroll(network, { ...task, steps: views.values.length }, weights(network), observe(views)).dataSync()

/** Which tiles' predictions after step t change, when tile 4 of the first frame changes. */
function influenced(network: Network): number[][] {
  const moved = series.map((row, t) => row.map((x, i) => (t === 0 && i === 4 ? x + 1 : x)))
  const [before, after] = [predict(network, { values: series }), predict(network, { values: moved })]
  return series.map((_, t) =>
    Array.from({ length: 9 }, (_, i) => i).filter(i => before[t * 18 + i] !== after[t * 18 + i]),
  )
}

describe.each(trained)('%s', (_id, model) => {
  const network = model.build(task, model.options.parse({ width: 6 }))

  it('gives one finite prediction for everything that is asked', () => {
    const predictions = predict(network, { values: series })
    expect(predictions).toHaveLength(4 * 2 * 9)
    expect(predictions.every(Number.isFinite)).toBe(true)
  })

  it('is given 60,000 parameters to within 3 %', () => {
    const { parameters, network: fitted } = fitWidth(model, task, {}, 60_000)
    expect(Math.abs(parameters - 60_000)).toBeLessThanOrEqual(BUDGET_TOLERANCE * 60_000)
    expect(parameterCount(fitted.parameters)).toBe(parameters)
  })

  it('stays finite when it sees nothing, and every parameter that it counts takes part in the gradient', () => {
    expect(predict(network, { values: series, seen: () => false }).every(Number.isFinite)).toBe(true)
    const names = Object.keys(network.parameters)
    const start = weights(network)
    const loss = (...tensors: tf.Tensor[]) =>
      tf.sum(
        tf.square(
          unroll(
            network,
            task,
            Object.fromEntries(names.map((name, i) => [name, tensors[i]])),
            observe({ values: series, seen: (t, i) => (t + i) % 3 > 0 }),
          ),
        ),
      ) as tf.Scalar
    const gradients = tf.grads(loss)(names.map(name => start[name]))
    names.forEach((name, i) => {
      expect(tf.max(tf.abs(gradients[i])).dataSync()[0], name).toBeGreaterThan(0)
    })
  })

  it('does not care about the order of views', () => {
    const one = predict(network, { values: series })
    const other = predict(network, { values: series, order: [3, 1, 8, 0, 2, 7, 5, 6, 4] })
    one.forEach((x, i) => {
      expect(Math.abs(x - other[i])).toBeLessThan(1e-5)
    })
  })

  it('does not look ahead: a later frame changes no earlier prediction', () => {
    const changed = series.map((row, t) => (t === 3 ? row.map(x => x + 1) : row))
    const [before, after] = [predict(network, { values: series }), predict(network, { values: changed })]
    const from = model.reads === 'truth' ? 2 : 3 // the oracle is shown frame 3 when it is asked about it
    expect(before.subarray(0, from * 18)).toEqual(after.subarray(0, from * 18))
    expect(before.subarray(from * 18)).not.toEqual(after.subarray(from * 18))
  })
})

describe('reach: a change of one tile is felt, after n steps,', () => {
  const within = (r: number, n: number) => [0, 1, 2, 3, 4, 5, 6, 7, 8].filter(i => Math.abs(i - 4) <= r * n)
  const build = async (id: string, options: Record<string, unknown> = {}) => {
    const model = (await modelById(id)) as TrainedModel
    return model.build(task, model.options.parse({ width: 6, ...options }))
  }

  it('s2gru-self: by its own module alone, all others bit for bit the same', async () => {
    for (const felt of influenced(await build('s2gru-self'))) expect(felt).toEqual([4])
  })

  it.each([1, 2])('s2gru-local of radius %i: within n·radius and no further', async radius => {
    influenced(await build('s2gru-local', { radius })).forEach((felt, t) => {
      expect(felt).toEqual(within(radius, t + 1))
    })
  })

  it('s2gru-global and s2gru-links: everywhere at once', async () => {
    for (const id of ['s2gru-global', 's2gru-links']) expect(influenced(await build(id))[0]).toEqual(within(9, 1))
  })

  it.each(['lstm', 'gru', 'rmc', 'rims', 'gqn', 'transformer', 'fno'])('%s: everywhere at once', async id => {
    expect(influenced(await build(id))[0]).toEqual(within(9, 1))
  })

  it('conv-gru: one tile a convolution, on input and on state', async () => {
    influenced(await build('conv-gru')).forEach((felt, t) => {
      expect(felt).toEqual(within(1, t + 1))
    })
  })
})

it('options that do not fit each other are refused in one line', async () => {
  const build = async (id: string, options: Record<string, unknown>) => {
    const model = (await modelById(id)) as TrainedModel
    return model.build(task, model.options.parse(options))
  }
  await expect(build('rims', { modules: 3, active: 4 })).rejects.toThrow(
    'rims has 3 modules: at most 3 can be active, not 4',
  )
  await expect(build('transformer', { model: 30, heads: 4 })).rejects.toThrow(
    'transformer: 30 numbers in a token are not a multiple of 4 heads',
  )
})

it('a budget that no width meets is refused with the nearest that exists', async () => {
  const model = (await modelById('s2gru-self')) as TrainedModel
  expect(() => fitWidth(model, task, {}, 5000)).toThrow(/nearest is \d+ at width \d+/)
})
