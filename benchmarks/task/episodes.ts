import type { Split } from '../../envs/environment.ts'
import { recordEpisodes } from '../../envs/files/record.ts'
import { sha256Hex } from '../../lib/hash.ts'
import type { EpisodeTable } from '../../models/model.ts'
import type { Task } from './task.ts'

/** Episodes as the world shows them. */
export interface Frames {
  /** [episodes, frames, height, width, channels] */
  readonly values: Float32Array
  /** Hashes of the first frames, one an episode: equal ones anywhere prove that splits overlap. */
  readonly initialStates: readonly string[]
}

/** Episodes of one split, cut into tiles. */
export interface EpisodeSet extends EpisodeTable, Pick<Frames, 'initialStates'> {}

/** Frames of an episode that a schedule takes: those of every step, and the last one's target. */
export const framesOf = ({ schedule }: Task): number => schedule.context + schedule.blind + 1

/**
 * Runs the world `count` times and keeps as many frames of each as the schedule takes, burnt in. An episode is named
 * by world, version, size, parameters, split and number: it is the same for every model and every seed.
 */
export function makeFrames(task: Task, split: Split, count: number): Frames {
  const frames = framesOf(task)
  const { values } = recordEpisodes(task, { split, first: 0, episodes: count, frames, most: Infinity })
  const length = values.length / count
  const initialStates = Array.from({ length: count }, (_, episode) => {
    const first = values.subarray(episode * length, episode * length + length / frames)
    return sha256Hex(new Uint8Array(first.buffer, first.byteOffset, first.byteLength))
  })
  return { values, initialStates }
}

/** Moves every number to the tile where it is shown, in place. */
export function cutIntoTiles(task: Task, { values, initialStates }: Frames): EpisodeSet {
  const { tiles, viewSize } = task
  const frames = framesOf(task)
  const frame = new Float32Array(tiles * viewSize)
  const indexOfCell = cellIndices(task)
  for (let start = 0; start < values.length; start += frame.length) {
    frame.set(values.subarray(start, start + frame.length))
    for (let i = 0; i < frame.length; i++) values[start + indexOfCell[i]] = frame[i]
  }
  return { episodes: initialStates.length, frames, tiles, viewSize, values, initialStates }
}

/** Makes episodes of one split and cuts them into tiles. */
export function generateEpisodes(task: Task, split: Split, count: number): EpisodeSet {
  return cutIntoTiles(task, makeFrames(task, split, count))
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
