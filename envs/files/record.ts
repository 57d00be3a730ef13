import { UserError } from '../../lib/errors.ts'
import type { Json } from '../../lib/hash.ts'
import type { Split } from '../environment.ts'
import { beginEpisode, type EpisodeSource, requireNumbers } from '../episodes.ts'
import type { Recording } from './recording.ts'

/** Which episodes to record, and how long. */
export interface RecordingWish {
  readonly split: Split
  /** Number of the first one. */
  readonly first: number
  readonly episodes: number
  readonly frames: number
  /** Bytes of numbers that may be held: a recording is made in memory, and its file beside it. */
  readonly most: number
}

/**
 * Episodes as the benchmark draws them: episode n of a split is the same here as in a cell of the same world, size and
 * parameters. @throws UserError where they would not fit into memory, or the world shows what is no number
 */
export function recordEpisodes(
  source: EpisodeSource,
  { split, first, episodes, frames, most }: RecordingWish,
  onEpisode: (done: number) => void = () => {},
): Recording {
  const { environment, parameters, size } = source
  const { height, width, channels, likelihood, boundary, dt } = environment.field(parameters, size)
  const frameLength = height * width * channels.length
  const bytes = 4 * episodes * frames * frameLength
  if (bytes > most)
    throw new UserError(
      `${episodes} episodes of ${frames} frames are ${(bytes / 1e9).toFixed(1)} GB of numbers; such a file holds at most ` +
        `${most / 1e9} GB: ask for fewer --episodes or --steps, and for the others with --first`,
    )
  const values = new Float32Array(episodes * frames * frameLength)
  for (let episode = 0; episode < episodes; episode++) {
    const state = beginEpisode(source, { split, episode: first + episode })
    for (let t = 0; t < frames; t++) {
      if (t > 0) environment.advance(state, parameters)
      const start = (episode * frames + t) * frameLength
      const frame = values.subarray(start, start + frameLength)
      environment.observe(state, frame)
      requireNumbers(environment, frame, t)
    }
    onEpisode(episode + 1)
  }
  const { id, version, title, source: paper } = environment
  const made = { world: id, version, size, parameters: parameters as Json, split, first }
  return {
    episodes,
    frames,
    height,
    width,
    values,
    channels,
    likelihood,
    boundary,
    dt,
    origin: { title, source: paper, made },
  }
}
