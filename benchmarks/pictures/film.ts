import type { Field } from '../../envs/environment.ts'
import { requireNumbers } from '../../envs/episodes.ts'
import { begin, look, type Subject } from '../../envs/study/run.ts'
import { channelStatistics } from '../../envs/study/statistics.ts'
import { oneOf, UserError } from '../../lib/errors.ts'
import type { Random } from '../../lib/random.ts'
import { diverging, grey, HIDDEN, HUES, hue, sequential } from './palette.ts'
import type { Title } from './picture.ts'
import type { Picture } from './pixel-font.ts'

/** Frames of a world one after the other, each height × width × channels numbers. */
export interface Film {
  readonly field: Field
  readonly frames: readonly Float32Array[]
}

/** Numbers that a film may hold: half a gigabyte. */
const MOST_NUMBERS = 2 ** 27

/** So many frames of a world and the one before them, burnt in. @throws UserError where they are too many to hold. */
export function recordFilm(subject: Subject, steps: number, random: Random): Film {
  const { environment, parameters, size } = subject
  const field = environment.field(parameters, size)
  const values = field.height * field.width * field.channels.length
  const most = Math.floor(MOST_NUMBERS / values) - 1
  if (steps > most) throw new UserError(`${steps} frames of ${values} numbers are too many for a film; at most ${most}`)
  const running = begin(subject, random)
  const frames = Array.from({ length: steps + 1 }, (_, step) => {
    if (step > 0) environment.advance(running.state, parameters)
    const frame = look(subject, running)
    requireNumbers(environment, frame, step)
    return frame
  })
  return { field, frames }
}

/** One way to look at a world: a name, and a colour for each cell of a frame. */
export interface View {
  readonly title: Title
  readonly colour: (frame: Float32Array, cell: number) => number
}

/** Standard deviations from the mean at which colours end. */
const REACH = 2.5

/**
 * Colours of a channel, from the film itself: probabilities from black to white; amounts, which are never negative,
 * from dark to pale; all else from blue over white, the mean, to red.
 */
function channelColour({ field, frames }: Film, channel: number): (value: number) => number {
  if (field.likelihood === 'bernoulli') return grey
  const { mean, min, max, deviation } = channelStatistics(frames, field.channels.length)[channel]
  const reach = REACH * deviation || 1
  if (min < 0) return value => diverging(0.5 + (value - mean) / (2 * reach))
  const [low, high] = [Math.max(min, mean - reach), Math.min(max, mean + reach)]
  return value => sequential((value - low) / (high - low || 1))
}

/** Index of the channel with the largest value in a cell. */
function strongest(frame: Float32Array, cell: number, channels: number): number {
  let best = 0
  for (let channel = 1; channel < channels; channel++)
    if (frame[cell * channels + channel] > frame[cell * channels + best]) best = channel
  return best
}

/**
 * What there is to see of a film: one view a channel, or a single one where two or three probabilities share the cells
 * as colours. @param only the one channel that is asked for. @throws UserError where the world has no such channel.
 */
export function viewsOf(film: Film, only?: string): View[] {
  const names = film.field.channels.map(({ name }) => name)
  const stride = names.length
  const wanted = only === undefined ? names : [oneOf('channel', only, names)]
  if (film.field.likelihood === 'bernoulli' && wanted.length > 1 && wanted.length <= HUES) {
    const colour = (frame: Float32Array, cell: number) => {
      const channel = strongest(frame, cell, stride)
      return hue(channel, frame[cell * stride + channel])
    }
    return [{ title: names.map((text, channel) => ({ text, colour: hue(channel, 1) })), colour }]
  }
  return wanted.map(name => {
    const channel = names.indexOf(name)
    const colourOf = channelColour(film, channel)
    return { title: name, colour: (frame, cell) => colourOf(frame[cell * stride + channel]) }
  })
}

/** A frame of a world as it lies, a pixel a cell. */
export function still({ field: { height, width }, frames }: Film, { colour }: View, step: number): Picture {
  const pixels = Uint8Array.from({ length: height * width }, (_, cell) => colour(frames[step], cell))
  return { width, height, pixels }
}

/** Space × time of a 1-D world: the frames up to a step from top to bottom, the last `rows` of them. */
export function spaceTime({ field: { width }, frames }: Film, { colour }: View, step: number, rows: number): Picture {
  const pixels = new Uint8Array(rows * width).fill(HIDDEN)
  const first = Math.max(0, step + 1 - rows)
  for (let t = first; t <= step; t++)
    for (let cell = 0; cell < width; cell++) pixels[(t - first) * width + cell] = colour(frames[t], cell)
  return { width, height: rows, pixels }
}

/** What a view shows at a step: the frame, or for a 1-D world as much of its past as makes a square. */
export function lookAt(film: Film, view: View, step: number): Picture {
  return film.field.height === 1 ? spaceTime(film, view, step, film.field.width) : still(film, view, step)
}
