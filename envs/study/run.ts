import { type Random, randomStream } from '../../lib/random.ts'
import type { EpisodeNumber, Field } from '../environment.ts'
import { burntIn, type EpisodeSource } from '../episodes.ts'
import { channelStatistics } from './statistics.ts'

/** A world that is studied. */
export type Subject = EpisodeSource

/** A world that runs: its state, burnt in, and where to look at it. */
export interface Running {
  readonly field: Field
  /** Numbers in a frame. */
  readonly values: number
  state: unknown
}

/** The stream of a study: never one that episodes come from. */
export const studyStream = ({ environment }: Subject, name: string): Random =>
  randomStream(`study/${environment.id}/${name}`)

/** A world of its own, burnt in. Of recorded worlds it is the given episode, where there are so many. */
export function begin(
  subject: Subject,
  random: Random,
  which: EpisodeNumber = { split: 'train', episode: 0 },
): Running {
  const { environment, parameters, size } = subject
  const field = environment.field(parameters, size)
  const values = field.height * field.width * field.channels.length
  return { field, values, state: burntIn(subject, random, which) }
}

/** What is seen; NaN wherever the world did not write. */
export function look({ environment }: Subject, { state, values }: Running): Float32Array {
  const frame = new Float32Array(values).fill(Number.NaN)
  environment.observe(state, frame)
  return frame
}

/** A cell to disturb: where the first channel is highest, there is something to disturb in every world. */
export function liveliest({ field }: Running, frame: Float32Array): { row: number; column: number } {
  const { width, channels } = field
  const seen = frame.filter((_, i) => i % channels.length === 0)
  const cell = seen.indexOf(Math.max(...seen))
  return { row: Math.floor(cell / width), column: cell % width }
}

/** So many frames after the first, or fewer where a recording ends. */
export const within = ({ environment: { recorded } }: Subject, frames: number): number =>
  Math.min(frames, (recorded?.frames ?? Infinity) - 1)

/** Frames of the n-th training episode, the first after the burn-in. */
export function film(subject: Subject, study: string, episode: number, frames: number): Float32Array[] {
  const { environment, parameters } = subject
  const recorded = environment.recorded?.episodes.train ?? Infinity
  const stream = studyStream(subject, `${study}/${episode}`)
  const running = begin(subject, stream, { split: 'train', episode: episode % recorded })
  return Array.from({ length: within(subject, frames - 1) + 1 }, (_, t) => {
    if (t > 0) environment.advance(running.state, parameters)
    return look(subject, running)
  })
}

/** Standard deviations of the channels in a film of that study: the scales of differences. 1 where nothing changes. */
export function scalesOf(subject: Subject, study: string): Float64Array {
  const { environment, parameters, size } = subject
  const { channels } = environment.field(parameters, size)
  return Float64Array.from(
    channelStatistics(film(subject, study, 0, 30), channels.length),
    ({ deviation }) => deviation || 1,
  )
}

/** Distance of two places along one axis, the short way round on a torus. */
export function separation(a: number, b: number, length: number, { boundary }: Field): number {
  const straight = Math.abs(a - b)
  return boundary === 'torus' ? Math.min(straight, length - straight) : straight
}
