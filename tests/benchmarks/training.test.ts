import { beforeAll, describe, expect, it } from 'vitest'
import { fitScale, generateEpisodes, standardise } from '../../benchmarks/task/episodes.ts'
import type { Task } from '../../benchmarks/task/task.ts'
import { resolveCount, taskShape } from '../../benchmarks/task/task.ts'
import { type Training, train } from '../../benchmarks/training/training.ts'
import type { Engine, Value } from '../../engine/engine.ts'
import { loadEngine } from '../../engine/index.ts'
import type { TrainedModel } from '../../models/model.ts'
import { modelById, modelIds } from '../../models/registry.ts'
import { smallTask } from './small.ts'

const trained: [string, TrainedModel][] = []
for (const id of modelIds) {
  const model = await modelById(id)
  if ('build' in model) trained.push([id, model])
}

let onnx: Engine
beforeAll(async () => {
  onnx = await loadEngine('onnx')
})

interface Wish {
  readonly task: Task
  readonly seed?: number
  readonly steps?: number
  readonly learningRate?: number
  readonly batch?: number
  readonly episodes?: number
  readonly width?: number
  readonly engine?: Engine
}

function trainSmall(model: TrainedModel, wish: Wish): Promise<Training> {
  const { task, seed = 0, steps = 4, learningRate = 1e-3, batch = 3, episodes = 5, width = 8, engine = onnx } = wish
  const views = resolveCount(task.schedule.views, task)
  const shape = taskShape(task, batch, views, resolveCount(task.schedule.queries, task))
  const network = model.build(shape, model.options.parse({ width, decoder: 48 }))
  const data = generateEpisodes(task, 'train', episodes)
  standardise(fitScale(task, data), data.values)
  const budget = { kind: 'steps' as const, parameters: 1, steps, batch, learningRate }
  return train({ engine, task, model, network, budget, seed, data })
}

const part = () =>
  smallTask('bouncing-balls', 12, { tile: 4, views: 3, queries: 4, context: 3, blind: 1 }, { balls: 4, radius: 2 })

describe.each(trained.filter(([id]) => ['lstm', 'conv-gru', 's2gru'].includes(id)))('training %s', (_id, model) => {
  it('twice with the same seed gives the same bits, with another seed others', async () => {
    const a = await trainSmall(model, { task: part() })
    const b = await trainSmall(model, { task: part() })
    const c = await trainSmall(model, { task: part(), seed: 1 })
    expect(b.losses).toEqual(a.losses)
    for (const [name, value] of Object.entries(a.parameters)) expect(b.parameters[name].read()).toEqual(value.read())
    expect(a.divergedAt).toBeNull()
    for (const [step, loss] of c.losses.entries()) expect(loss).not.toBe(a.losses[step])
  })
})

/** An engine that computes nothing and keeps what it is fed. */
function listener(lossAt: (step: number) => number = () => 1, normAt: (step: number) => number = () => 1) {
  const fed: Record<string, Float32Array>[] = []
  const value = (numbers: number[]): Value => ({
    shape: [numbers.length],
    dtype: 'float32',
    read: () => Float32Array.from(numbers),
    dispose: () => {},
  })
  const engine: Engine = {
    id: 'cpu',
    version: '0',
    threads: 1,
    compile: async (name, inputs) => ({
      name,
      nodes: 0,
      flops: 0,
      compileMs: 0,
      savings: [],
      run: async feeds => {
        const step = fed.length
        const batch = Object.keys(feeds).filter(feed => !/^[pmv]\//.test(feed))
        fed.push(Object.fromEntries(batch.map(feed => [feed, Float32Array.from(feeds[feed] as Float32Array)])))
        const parameters = Object.keys(inputs).filter(input => /^[pmv]\//.test(input))
        const kept = Object.fromEntries(parameters.map(input => [input, value([step])]))
        return { ...kept, loss: value([lossAt(step)]), norm: value([normAt(step)]) }
      },
      export: () => new Uint8Array(),
      dispose: () => {},
    }),
  }
  return { engine, fed }
}

describe('the batches', () => {
  const batchesOf = async (id: string, seed = 0, width = 8) => {
    const { engine, fed } = listener()
    await trainSmall((await modelById(id)) as TrainedModel, { task: part(), seed, width, engine })
    return fed
  }

  it('are the same for every model that reads views, whatever its size', async () => {
    const first = await batchesOf('lstm')
    for (const id of ['s2gru', 's2gru-local']) expect(await batchesOf(id, 0, 16)).toEqual(first)
  })

  it('are the same for a model that reads the canvas: its targets are those that were asked for', async () => {
    const [views, canvas] = [await batchesOf('lstm'), await batchesOf('conv-gru')]
    const size = 16
    // A canvas has an order of its own: what is compared is the tiles of one step and episode, in any order.
    const sorted = (tiles: Float32Array[]) => tiles.map(tile => Array.from(tile).join()).sort()
    views.forEach((batch, step) => {
      const { canvas: field, targets, weights } = canvas[step]
      for (let row = 0; row < 4 * 3; row++) {
        const asked = Array.from({ length: 9 }, (_, tile) => row * 9 + tile).filter(slot => weights[slot] === 1)
        const seen = Array.from({ length: 9 }, (_, tile) => row * 9 + tile).filter(slot => field[slot * 18 + 16] === 1)
        const own = (feed: Float32Array, slot: number, width: number) => feed.slice(slot * width, slot * width + size)
        const wanted = Array.from({ length: 4 }, (_, q) => own(batch.targets, row * 4 + q, size))
        const shown = Array.from({ length: 3 }, (_, a) => row * 3 + a).filter(slot => batch.present[slot] === 1)
        expect(sorted(asked.map(slot => own(targets, slot, size)))).toEqual(sorted(wanted))
        expect(sorted(seen.map(slot => own(field, slot, 18)))).toEqual(
          sorted(shown.map(slot => own(batch.views, slot, size))),
        )
      }
    })
  })

  it('are fresh at every step and others for another seed', async () => {
    const [one, other] = [await batchesOf('lstm'), await batchesOf('lstm', 1)]
    const distinct = new Set([...one, ...other].map(({ positions }) => positions.join()))
    expect(distinct.size).toBe(8)
  })
})

describe('a loss or a gradient that is not finite', () => {
  const lstm = async () => (await modelById('lstm')) as TrainedModel

  it.each([
    ['loss', listener(step => (step === 2 ? Number.NaN : 1))],
    ['gradient', listener(undefined, step => (step === 2 ? Infinity : 1))],
  ])('ends the training at once and says when: %s', async (_, { engine, fed }) => {
    expect((await trainSmall(await lstm(), { task: part(), engine, steps: 9 })).divergedAt).toBe(2)
    expect(fed).toHaveLength(3)
  })

  it('comes of an absurd learning rate, and is no crash', async () => {
    const { divergedAt } = await trainSmall(await lstm(), { task: part(), steps: 30, learningRate: 1e30 })
    expect(divergedAt).toBeGreaterThan(0)
  })
})
