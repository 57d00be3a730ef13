import { z } from 'zod'
import { UserError } from '../../lib/errors.ts'
import { sha256Hex } from '../../lib/hash.ts'
import { defineEnvironment, type Environment, type Split, splits } from '../environment.ts'
import type { Recording } from './recording.ts'

/** Where an episode is: plain data, the numbers themselves are the world's. */
interface State {
  episode: number
  frame: number
}

/**
 * A world that shows the episodes of a recording, and knows nothing beyond them: it ends with its last frame, and
 * cannot be disturbed. An episode belongs to one split for good; see `assignSplits`.
 * @param content identity of the file's content: another content is another world
 */
export function recordedWorld(id: string, recording: Recording, content: string): Environment {
  const { frames, height, width, values, channels, likelihood, boundary, dt, origin } = recording
  const size = Math.max(height, width)
  const frameLength = height * width * channels.length
  const assigned = recording.splits ?? assignSplits(recording)
  const own = Object.fromEntries(
    splits.map(split => [split, assigned.flatMap((name, episode) => (name === split ? [episode] : []))]),
  ) as Record<Split, number[]>
  const parameters = z.object({ content: contentParameter(content) })
  const environment = defineEnvironment<typeof parameters, State>({
    id,
    version: 1,
    title: origin.title,
    source: origin.source,
    range: 'not known',
    parameters,
    recorded: {
      size,
      frames,
      episodes: { train: own.train.length, validation: own.validation.length, test: own.test.length },
    },

    field(_parameters, asked) {
      if (asked !== size)
        throw new UserError(`${id} was recorded at size ${size} (${height} × ${width} cells), and has no size ${asked}`)
      return { height, width, channels, likelihood, boundary, dt, burnIn: 0 }
    },

    /** The numbered episode of a split; without a number, any. */
    initial(_parameters, _size, random, which) {
      if (which === undefined) return { episode: random.integer(assigned.length), frame: 0 }
      const { split, episode } = which
      if (episode >= own[split].length)
        throw new UserError(
          `${id} has ${own[split].length} ${split} episodes of ${assigned.length} in all, so there is no number ${episode}`,
        )
      return { episode: own[split][episode], frame: 0 }
    },

    advance(state) {
      if (state.frame + 1 >= frames)
        throw new UserError(`${id} ends here: its episodes have ${frames} frames, ${frames - 1} after the first`)
      state.frame++
    },

    observe({ episode, frame }, out) {
      const start = (episode * frames + frame) * frameLength
      out.set(values.subarray(start, start + frameLength))
    },

    perturb() {
      throw new UserError(`${id} is a recording: it cannot be disturbed, since nobody knows what would have followed`)
    },

    shifts: {},
  })
  return environment as unknown as Environment
}

/** The parameter by which a world in a file tells which content it means; it has one value. */
export function contentParameter(content: string) {
  return z
    .literal(content, { error: `the file has changed: its content is ${content} now` })
    .default(content)
    .describe('first digits of the sha256 of the file, which cannot be chosen')
}

/**
 * Which split an episode is in where nobody said: one of ten is for validation and one for test (at least one each, of
 * three episodes or more), the others are for training. They are chosen by the hash of their numbers, so that neither
 * the order of a file nor what its author varied along it tells the splits apart, and equal episodes stay together.
 */
export function assignSplits({ episodes, values }: Pick<Recording, 'episodes' | 'values'>): Split[] {
  const length = values.length / episodes
  const hashes = Array.from({ length: episodes }, (_, episode) =>
    sha256Hex(new Uint8Array(values.buffer, values.byteOffset + 4 * episode * length, 4 * length)),
  )
  const different = [...new Set(hashes)].sort()
  const held = different.length < 3 ? 0 : Math.max(1, Math.round(different.length / 10))
  const test = new Set(different.slice(0, held))
  const validation = new Set(different.slice(held, 2 * held))
  return hashes.map(hash => (test.has(hash) ? 'test' : validation.has(hash) ? 'validation' : 'train'))
}
