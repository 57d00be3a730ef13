import { type Environment, environmentLabel, parseParameters } from '../../envs/environment.ts'
import { sourceStream } from '../../envs/episodes.ts'
import { findEnvironment } from '../../envs/find.ts'
import type { Subject } from '../../envs/study/run.ts'
import { UserError } from '../../lib/errors.ts'
import type { Random } from '../../lib/random.ts'
import type { Settings } from '../flags.ts'

/** Flags of every command that takes a world. */
export interface WorldFlags {
  readonly size?: number
  readonly set: Settings
}

/** Numbers that a frame may have: 4096 × 4096 cells of one channel. More do not fit into the memory of every world. */
const MOST_NUMBERS = 2 ** 24

/** The world that the arguments name, of `usualSize` where no size was asked for. @throws UserError */
export async function worldOf(id: string, { size, set }: WorldFlags, usualSize = 24): Promise<Subject> {
  const environment = await findEnvironment(id)
  const parameters = parseParameters(environment, set)
  const subject = { environment, parameters, size: size ?? environment.recorded?.size ?? usualSize }
  const { height, width, channels } = environment.field(parameters, subject.size)
  const numbers = height * width * channels.length
  if (numbers > MOST_NUMBERS)
    throw new UserError(
      `${labelOf(subject)} has ${numbers} numbers in a frame, more than ${MOST_NUMBERS}: ask for a smaller --size`,
    )
  return subject
}

/** The stream of the episode that `run` and `show` print and draw. */
export const seededStream = (subject: Subject, seed: number): Random => sourceStream(subject, `run/${seed}`)

/** Each parameter as `name=default`. */
export function defaultsOf({ parameters }: Environment): string {
  return Object.entries(parameters.parse({}))
    .map(([name, value]) => `${name}=${value === '' ? "''" : value}`)
    .join(' ')
}

/** A world and its size, for captions: `coupled-maps(range=3) 16`. */
export const labelOf = ({ environment, parameters, size }: Subject): string =>
  `${environmentLabel(environment, parameters)} ${size}`
