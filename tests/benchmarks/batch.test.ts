import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  allocateFeeds,
  type BatchFeeds,
  batchSignature,
  drawQueries,
  drawViews,
  fillFeeds,
  observedBatch,
} from '../../benchmarks/task/batch.ts'
import { generateEpisodes } from '../../benchmarks/task/episodes.ts'
import { resolveCount, type Task, taskShape } from '../../benchmarks/task/task.ts'
import { randomStream } from '../../lib/random.ts'
import type { EpisodeTable, TaskShape, TrainedModel } from '../../models/model.ts'
import { modelById, modelIds } from '../../models/registry.ts'
import { numberedTask, numberedTasks, originOf } from './small.ts'

const EPISODES = 3
const BATCH = 4

let byViews: TrainedModel
let byCanvas: TrainedModel
let oracle: TrainedModel
beforeAll(async () => {
  byViews = (await modelById('lstm')) as TrainedModel
  byCanvas = (await modelById('conv-gru')) as TrainedModel
  oracle = (await modelById('time-traveller')) as TrainedModel
})

interface Batch {
  readonly task: Task
  readonly shape: TaskShape
  readonly data: EpisodeTable
  readonly chosen: Int32Array
  readonly plan: Int32Array
  readonly asked: Int32Array
}

/** A batch with room for one view more than are shown; one in two episodes is drawn twice. */
function drawBatch(task: Task, seed: number, spare = 1): Batch {
  const views = resolveCount(task.schedule.views, task)
  const shape = taskShape(task, BATCH, views + spare, resolveCount(task.schedule.queries, task))
  const data = generateEpisodes(task, 'train', EPISODES)
  const random = randomStream(`batch/${seed}`)
  const chosen = Int32Array.from({ length: BATCH }, () => random.integer(EPISODES))
  return {
    task,
    shape,
    data,
    chosen,
    plan: drawViews(task, shape, views, random),
    asked: drawQueries(task, shape, random),
  }
}

function feedsOf(model: TrainedModel, { task, shape, data, chosen, plan, asked }: Batch): BatchFeeds {
  const feeds = allocateFeeds(batchSignature(model, shape))
  // As left behind by an earlier batch: what is not written anew must not count.
  for (const feed of Object.values(feeds)) feed.fill(-7)
  fillFeeds(task, shape, data, chosen, plan, asked, feeds)
  return feeds
}

/** The tile whose encoded position stands at `at`. */
function tileAt({ positions, tiles }: Task, encoded: Float32Array, at: number, size: number): number {
  const found = Array.from({ length: tiles }, (_, tile) => tile).filter(tile =>
    positions.subarray(tile * size, (tile + 1) * size).every((x, i) => x === encoded[at * size + i]),
  )
  expect(found).toHaveLength(1)
  return found[0]
}

/** Step, episode and number of every slot of [S, B, n]. */
function slots({ steps, batch }: TaskShape, n: number) {
  return Array.from({ length: steps * batch * n }, (_, slot) => {
    const row = Math.floor(slot / n)
    return { slot, step: Math.floor(row / batch), b: row % batch, i: slot % n }
  })
}

/** Checks that a tile's C numbers at `at` are those of one tile of one frame of one episode. */
function expectTile(
  batch: Batch,
  values: Float32Array,
  at: number,
  episode: number,
  frame: number,
  tile: number,
): void {
  const { viewSize } = batch.shape
  const start = ((episode * batch.data.frames + frame) * batch.task.tiles + tile) * viewSize
  expect(values.subarray(at * viewSize, (at + 1) * viewSize)).toEqual(
    batch.data.values.subarray(start, start + viewSize),
  )
  expect(originOf(values[at * viewSize])).toMatchObject({ episode, frame })
}

const batches = fc.tuple(numberedTasks, fc.nat(1000)).map(([task, seed]) => drawBatch(task, seed))
const forAllBatches = (check: (batch: Batch) => void) => fc.assert(fc.property(batches, check), { numRuns: 30 })

describe('a batch for models that read views', () => {
  it('shows at step t tiles of frame t of its episode, with their positions, as planned', () => {
    forAllBatches(batch => {
      const { task, shape, plan, chosen } = batch
      const feeds = feedsOf(byViews, batch)
      for (const { slot, step, b } of slots(shape, shape.views)) {
        expect(feeds.present[slot]).toBe(plan[slot] >= 0 ? 1 : 0)
        if (plan[slot] < 0) continue
        expect(tileAt(task, feeds.positions, slot, shape.positionSize)).toBe(plan[slot])
        expectTile(batch, feeds.views, slot, chosen[b], step, plan[slot])
      }
    })
  })

  it('asks at step t for tiles of frame t + 1, which no step so far has shown', () => {
    forAllBatches(batch => {
      const { task, shape, asked, chosen } = batch
      const feeds = feedsOf(byViews, batch)
      for (const { slot, step, b } of slots(shape, shape.queries)) {
        expect(feeds.weights[slot]).toBe(1)
        expect(tileAt(task, feeds.queries, slot, shape.positionSize)).toBe(asked[slot])
        expectTile(batch, feeds.targets, slot, chosen[b], step + 1, asked[slot])
      }
    })
  })

  it('shows nothing at blind steps and in padding: zeros alone, none present', () => {
    forAllBatches(batch => {
      const { task, shape, plan } = batch
      const feeds = feedsOf(byViews, batch)
      for (const { slot, step, i } of slots(shape, shape.views)) {
        const empty = step >= task.schedule.context || i === shape.views - 1
        expect(plan[slot] < 0).toBe(empty)
        if (!empty) continue
        for (const [name, size] of [
          ['views', shape.viewSize],
          ['positions', shape.positionSize],
        ] as const)
          expect(feeds[name].subarray(slot * size, (slot + 1) * size).every(x => x === 0)).toBe(true)
      }
    })
  })
})

describe('a batch for the oracle', () => {
  it('shows the frame that is asked about, whole, and asks as it asks every model', () => {
    forAllBatches(batch => {
      const { shape, chosen, task } = batch
      const feeds = feedsOf(oracle, batch)
      for (const { slot, step, b, i: tile } of slots(shape, task.tiles))
        expectTile(batch, feeds.truth, slot, chosen[b], step + 1, tile)
      const views = feedsOf(byViews, batch)
      for (const name of ['queries', 'targets', 'weights']) expect(feeds[name]).toEqual(views[name])
    })
  })

  it('is made for the oracle alone: no other model of the registry is handed the truth', async () => {
    const { shape } = drawBatch(numberedTask({ height: 1, width: 4 }, { tile: 1 }), 0)
    const told: string[] = []
    for (const id of modelIds) {
      const model = await modelById(id)
      if ('build' in model && 'truth' in batchSignature(model, shape)) told.push(id)
    }
    expect(told).toEqual(['time-traveller'])
  })
})

describe('a batch for models that read a canvas', () => {
  /** The canvas, built from nothing but what a model that reads views is given. */
  function canvasFromViews({ task, shape }: Batch, feeds: BatchFeeds): Float32Array {
    const { steps, batch, views, viewSize, positionSize } = shape
    const canvas = new Float32Array(steps * batch * task.tiles * (viewSize + 2))
    for (const { step, b, i: tile, slot } of slots(shape, task.tiles)) {
      let age = steps
      for (let past = 0; past <= step; past++)
        for (let a = 0; a < views; a++) {
          const seen = (past * batch + b) * views + a
          if (feeds.present[seen] === 0 || tileAt(task, feeds.positions, seen, positionSize) !== tile) continue
          age = step - past
          if (age === 0) canvas.set(feeds.views.subarray(seen * viewSize, (seen + 1) * viewSize), slot * (viewSize + 2))
        }
      canvas[slot * (viewSize + 2) + viewSize] = age === 0 ? 1 : 0
      canvas[slot * (viewSize + 2) + viewSize + 1] = age / steps
    }
    return canvas
  }

  it('holds the same views: the canvas follows from the views alone, mask and ages included', () => {
    fc.assert(
      fc.property(batches, batch => {
        expect(feedsOf(byCanvas, batch).canvas).toEqual(canvasFromViews(batch, feedsOf(byViews, batch)))
      }),
      { numRuns: 15 },
    )
  })

  it('weighs every tile by how often it is asked for, with the target of the same frame', () => {
    forAllBatches(batch => {
      const { task, shape, asked, chosen } = batch
      const feeds = feedsOf(byCanvas, batch)
      for (const { slot, step, b, i: tile } of slots(shape, task.tiles)) {
        const row = Math.floor(slot / task.tiles)
        const own = asked.subarray(row * shape.queries, (row + 1) * shape.queries)
        expect(feeds.weights[slot]).toBe(own.filter(other => other === tile).length)
        if (feeds.weights[slot] > 0) expectTile(batch, feeds.targets, slot, chosen[b], step + 1, tile)
      }
    })
  })

  it('asked twice for the same tile counts it twice', () => {
    const batch = drawBatch(numberedTask({ height: 1, width: 4 }, { tile: 1, queries: 3 }), 0)
    const feeds = feedsOf(byCanvas, { ...batch, asked: batch.asked.fill(2) })
    expect(Array.from(feeds.weights.subarray(0, 4))).toEqual([0, 0, 3, 0])
  })

  it('ages: 1 where never seen, 0 where seen now, 1/S more with every step without a view', () => {
    const batch = drawBatch(numberedTask({ height: 1, width: 2 }, { tile: 1, views: 1, context: 3, blind: 1 }), 0, 0)
    batch.plan.fill(-1)
    batch.plan[1 * BATCH] = 1 // step 1, first episode: the second tile
    const { canvas } = feedsOf(byCanvas, batch)
    const age = (step: number, tile: number) => canvas[((step * BATCH + 0) * 2 + tile) * 3 + 2]
    expect([0, 1, 2, 3].map(step => age(step, 0))).toEqual([1, 1, 1, 1])
    expect([0, 1, 2, 3].map(step => age(step, 1))).toEqual([1, 0, 0.25, 0.5])
  })
})

it('what a fitted reference observes is the mask and the values of the canvas', () => {
  forAllBatches(batch => {
    const { task, shape, data, chosen, plan } = batch
    const observed = observedBatch(task, shape, data, chosen, plan)
    const { canvas } = feedsOf(byCanvas, batch)
    const channels = shape.viewSize + 2
    expect(observed).toMatchObject({ steps: shape.steps, context: task.schedule.context, tiles: task.tiles })
    expect(Array.from(observed.seen)).toEqual(Array.from(canvas).filter((_, i) => i % channels === shape.viewSize))
    expect(observed.values).toEqual(canvas.filter((_, i) => i % channels < shape.viewSize))
  })
})

describe('views and queries are drawn', () => {
  it('without repetition within a frame, within the lattice, all of them where all are meant', () => {
    forAllBatches(({ task, shape, plan, asked }) => {
      const views = shape.views - 1
      for (let row = 0; row < shape.steps * shape.batch; row++) {
        const seen = plan.subarray(row * shape.views, row * shape.views + views)
        const wanted = asked.subarray(row * shape.queries, (row + 1) * shape.queries)
        const drawn = row < task.schedule.context * shape.batch ? [seen, wanted] : [wanted]
        for (const tiles of drawn) {
          expect(new Set(tiles).size).toBe(tiles.length)
          expect(tiles.every(tile => tile >= 0 && tile < task.tiles)).toBe(true)
        }
      }
    })
  })

  it('alike whatever room a plan has, so that other circumstances do not change what is seen', () => {
    fc.assert(
      fc.property(numberedTasks, fc.nat(5), (task, spare) => {
        const views = resolveCount(task.schedule.views, task)
        const draw = (room: number) => {
          const shape = taskShape(task, BATCH, room, 1)
          const plan = drawViews(task, shape, views, randomStream('room'))
          return Array.from(plan).filter((_, slot) => slot % room < views)
        }
        expect(draw(views + spare)).toEqual(draw(views))
      }),
      { numRuns: 20 },
    )
  })

  it('uniformly: every tile is seen in A / tiles of all frames, every pair of frames alike', () => {
    const task = numberedTask({ height: 2, width: 3 }, { tile: 1, views: 2, context: 4, blind: 0 })
    const rows = 4 * 2500
    const plan = drawViews(task, taskShape(task, 2500, 2, 1), 2, randomStream('uniform'))
    const seen = new Float64Array(6)
    for (const tile of plan) seen[tile]++
    // 10,000 frames, p = 1/3: standard deviation 47.
    for (const count of seen) expect(Math.abs(count - rows / 3)).toBeLessThan(5 * 47)
    let again = 0
    for (let b = 0; b < 2500; b++) if (plan.subarray(2 * b, 2 * b + 2).includes(plan[2 * (2500 + b)])) again++
    // A tile of the second frame was seen in the first with probability 1/3: standard deviation 24.
    expect(Math.abs(again - 2500 / 3)).toBeLessThan(5 * 24)
    const asked = new Float64Array(6)
    for (const tile of drawQueries(task, taskShape(task, 2500, 2, 2), randomStream('asked'))) asked[tile]++
    for (const count of asked) expect(Math.abs(count - rows / 3)).toBeLessThan(5 * 47)
  })
})
