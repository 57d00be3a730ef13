import type { Split } from '../../envs/environment.ts'
import { beginEpisode } from '../../envs/episodes.ts'
import { sha256Hex } from '../../lib/hash.ts'
import type { EpisodeTable } from '../../models/model.ts'
import type { Task } from './task.ts'

/** Episodes of one split, cut into tiles, and the hashes of the states that they began with. */
export interface EpisodeSet extends EpisodeTable {
  /** Hashes of the first frames' states, one an episode: equal states anywhere prove that splits overlap. */
  readonly initialStates: readonly string[]
}

/**
 * Runs the world `count` times and keeps context + blind + 1 frames of each, burnt in. An episode is named by world,
 * version, size, parameters, split and number: it is the same for every model and every seed.
 */
export function generateEpisodes(task: Task, split: Split, count: number): EpisodeSet {
  const { environment, parameters, tiles, viewSize, schedule } = task
  const frames = schedule.context + schedule.blind + 1
  const values = new Float32Array(count * frames * tiles * viewSize)
  const frame = new Float32Array(tiles * viewSize)
  const indexOfCell = cellIndices(task)
  const initialStates: string[] = []
  for (let episode = 0; episode < count; episode++) {
    const state = beginEpisode(task, { split, episode })
    for (let t = 0; t < frames; t++) {
      if (t > 0) environment.advance(state, parameters)
      environment.observe(state, frame)
      if (t === 0) initialStates.push(sha256Hex(new Uint8Array(frame.buffer)))
      const start = (episode * frames + t) * frame.length
      for (let i = 0; i < frame.length; i++) values[start + indexOfCell[i]] = frame[i]
    }
  }
  return { episodes: count, frames, tiles, viewSize, values, initialStates }
}

/** For every number of a frame (row-major, channels last) its place in [tiles, C], the tiles where they are shown. */
export function cellIndices({ field, tileHeight, tileWidth, lattice, viewSize, placeOf }: Task): Int32Array {
  const channels = field.channels.length
  return Int32Array.from({ length: field.height * field.width * channels }, (_, i) => {
    const cell = Math.floor(i / channels)
    const [row, column] = [Math.floor(cell / field.width), cell % field.width]
    const tile = Math.floor(row / tileHeight) * lattice.columns + Math.floor(column / tileWidth)
    const within = (row % tileHeight) * tileWidth + (column % tileWidth)
    return placeOf[tile] * viewSize + within * channels + (i % channels)
  })
}

/** Mean and standard deviation of every channel over the training split. */
export interface Scale {
  readonly mean: Float64Array
  readonly deviation: Float64Array
}

/** Bernoulli worlds are left as they are. */
export function fitScale(task: Task, { values }: EpisodeTable): Scale {
  const channels = task.field.channels.length
  const mean = new Float64Array(channels)
  const deviation = new Float64Array(channels).fill(1)
  if (task.field.likelihood === 'bernoulli') return { mean, deviation }
  const count = values.length / channels
  for (let i = 0; i < values.length; i++) mean[i % channels] += values[i] / count
  const variance = new Float64Array(channels)
  for (let i = 0; i < values.length; i++) variance[i % channels] += (values[i] - mean[i % channels]) ** 2 / count
  for (let c = 0; c < channels; c++) deviation[c] = Math.sqrt(variance[c]) || 1
  return { mean, deviation }
}

/** Subtracts the mean and divides by the deviation of every channel, in place. */
export function standardise({ mean, deviation }: Scale, values: Float32Array): void {
  const channels = mean.length
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - mean[i % channels]) / deviation[i % channels]
}
