import type { Signature } from '../../engine/engine.ts'
import { type Random, shuffle } from '../../lib/random.ts'
import type { EpisodeTable, ObservedBatch, TaskShape, TrainedModel } from '../../models/model.ts'
import type { Task } from './task.ts'

/** Which tiles are seen, for every step and episode: [S, B, A] tile numbers, −1 for padding. */
export type ViewPlan = Int32Array

/** The feeds of a graph. Reused from batch to batch: fill, run, fill again. */
export type BatchFeeds = Readonly<Record<string, Float32Array>>

/** The inputs that a trained model's graph takes: its observations, the targets and the weight of each of them. */
export function batchSignature(model: TrainedModel, shape: TaskShape): Record<string, Signature> {
  const { steps, batch, views, viewSize, positionSize, lattice } = shape
  const input = (...sides: number[]): Signature => ({ shape: [steps, batch, ...sides], dtype: 'float32' })
  const asked = model.reads === 'canvas' ? lattice.rows * lattice.columns : shape.queries
  const answers = { targets: input(asked, viewSize), weights: input(asked) }
  if (model.reads === 'canvas') return { canvas: input(lattice.rows, lattice.columns, viewSize + 2), ...answers }
  const questions = { queries: input(asked, positionSize), ...answers }
  if (model.reads === 'truth') return { truth: input(lattice.rows * lattice.columns, viewSize), ...questions }
  return {
    views: input(views, viewSize),
    positions: input(views, positionSize),
    present: input(views),
    ...questions,
  }
}

export function allocateFeeds(signature: Record<string, Signature>): BatchFeeds {
  const size = (shape: readonly number[]) => shape.reduce((n, side) => n * side, 1)
  return Object.fromEntries(Object.entries(signature).map(([name, { shape }]) => [name, new Float32Array(size(shape))]))
}

/** Draws which tiles are seen: `views` of them at every context step, none afterwards. The plan has room for A. */
export function drawViews(task: Task, shape: TaskShape, views: number, random: Random): ViewPlan {
  const { steps, batch, views: room } = shape
  const plan = new Int32Array(steps * batch * room).fill(-1)
  const order = Int32Array.from({ length: task.tiles }, (_, tile) => tile)
  for (let row = 0; row < task.schedule.context * batch; row++) {
    if (views < task.tiles) shuffle(order, views, random)
    for (let i = 0; i < views; i++) plan[row * room + i] = order[i]
  }
  return plan
}

/** Draws what is asked for: [S, B, Q] tile numbers; all tiles in order where Q is their number. */
export function drawQueries(task: Task, shape: TaskShape, random: Random): Int32Array {
  const { steps, batch, queries } = shape
  const asked = new Int32Array(steps * batch * queries)
  const order = Int32Array.from({ length: task.tiles }, (_, tile) => tile)
  for (let row = 0; row < steps * batch; row++) {
    if (queries < task.tiles) shuffle(order, queries, random)
    asked.set(order.subarray(0, queries), row * queries)
  }
  return asked
}

/** Writes one batch into the feeds: `chosen` are the numbers of B episodes. */
export function fillFeeds(
  task: Task,
  shape: TaskShape,
  data: EpisodeTable,
  chosen: Int32Array,
  plan: ViewPlan,
  asked: Int32Array,
  feeds: BatchFeeds,
): void {
  const { steps, batch, views, queries, viewSize, positionSize } = shape
  const tileAt = (episode: number, frame: number, tile: number) =>
    ((episode * data.frames + frame) * data.tiles + tile) * viewSize
  const copy = (from: Float32Array, start: number, length: number, to: Float32Array, at: number) => {
    for (let i = 0; i < length; i++) to[at + i] = from[start + i]
  }
  for (const name of ['views', 'positions', 'present', 'weights']) feeds[name]?.fill(0)
  for (let step = 0; step < steps; step++)
    for (let b = 0; b < batch; b++) {
      const row = step * batch + b
      for (let a = 0; feeds.views !== undefined && a < views; a++) {
        const tile = plan[row * views + a]
        if (tile < 0) continue
        const slot = row * views + a
        feeds.present[slot] = 1
        copy(data.values, tileAt(chosen[b], step, tile), viewSize, feeds.views, slot * viewSize)
        copy(task.positions, tile * positionSize, positionSize, feeds.positions, slot * positionSize)
      }
      for (let q = 0; q < queries; q++) {
        const tile = asked[row * queries + q]
        // A canvas answers for the whole lattice: what is asked for weighs there, the rest counts nothing.
        const slot = feeds.canvas === undefined ? row * queries + q : row * task.tiles + tile
        feeds.weights[slot] += 1
        copy(data.values, tileAt(chosen[b], step + 1, tile), viewSize, feeds.targets, slot * viewSize)
        if (feeds.queries === undefined) continue
        copy(task.positions, tile * positionSize, positionSize, feeds.queries, slot * positionSize)
      }
    }
  if (feeds.canvas !== undefined) fillCanvas(task, shape, data, chosen, plan, feeds.canvas)
  if (feeds.truth !== undefined) fillTruth(shape, data, chosen, feeds.truth)
}

/** At every step the next frame, whole. */
function fillTruth({ steps, batch }: TaskShape, data: EpisodeTable, chosen: Int32Array, truth: Float32Array): void {
  const size = data.tiles * data.viewSize
  for (let row = 0; row < steps * batch; row++) {
    const start = (chosen[row % batch] * data.frames + Math.floor(row / batch) + 1) * size
    truth.set(data.values.subarray(start, start + size), row * size)
  }
}

/** The same views on the lattice: values where seen, then 1 where seen, then the age of the last view in units of S. */
function fillCanvas(
  task: Task,
  { steps, batch, views, viewSize }: TaskShape,
  data: EpisodeTable,
  chosen: Int32Array,
  plan: ViewPlan,
  canvas: Float32Array,
): void {
  const channels = viewSize + 2
  canvas.fill(0)
  const age = new Float32Array(batch * task.tiles).fill(steps)
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < age.length; i++) age[i] = Math.min(steps, age[i] + 1)
    for (let b = 0; b < batch; b++)
      for (let a = 0; a < views; a++) {
        const tile = plan[(step * batch + b) * views + a]
        if (tile < 0) continue
        age[b * task.tiles + tile] = 0
        const at = ((step * batch + b) * task.tiles + tile) * channels
        const start = ((chosen[b] * data.frames + step) * data.tiles + tile) * viewSize
        for (let i = 0; i < viewSize; i++) canvas[at + i] = data.values[start + i]
        canvas[at + viewSize] = 1
      }
    for (let i = 0; i < age.length; i++) canvas[(step * age.length + i) * channels + viewSize + 1] = age[i] / steps
  }
}

/** What a fitted reference sees of the same batch. */
export function observedBatch(
  task: Task,
  { steps, batch, views, viewSize }: TaskShape,
  data: EpisodeTable,
  chosen: Int32Array,
  plan: ViewPlan,
): ObservedBatch {
  const { tiles } = task
  const seen = new Uint8Array(steps * batch * tiles)
  const values = new Float32Array(steps * batch * tiles * viewSize)
  for (let slot = 0; slot < plan.length; slot++) {
    if (plan[slot] < 0) continue
    const row = Math.floor(slot / views)
    const place = row * tiles + plan[slot]
    seen[place] = 1
    const start = ((chosen[row % batch] * data.frames + Math.floor(row / batch)) * tiles + plan[slot]) * viewSize
    for (let i = 0; i < viewSize; i++) values[place * viewSize + i] = data.values[start + i]
  }
  return { steps, context: task.schedule.context, batch, tiles, viewSize, seen, values }
}
