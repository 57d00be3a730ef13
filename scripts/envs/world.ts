import { type Environment, environmentLabel, parseParameters } from '../../envs/environment.ts'
import { findEnvironment } from '../../envs/find.ts'
import type { Subject } from '../../envs/study/run.ts'
import { hashJson, type Json } from '../../lib/hash.ts'
import { type Random, randomStream } from '../../lib/random.ts'
import type { Settings } from '../flags.ts'

/** Flags of every command that takes a world. */
export interface WorldFlags {
  readonly size?: number
  readonly set: Settings
}

/** The world that the arguments name, of `usualSize` where no size was asked for. @throws UserError */
export async function worldOf(id: string, { size, set }: WorldFlags, usualSize = 24): Promise<Subject> {
  const environment = await findEnvironment(id)
  const parameters = parseParameters(environment, set)
  const subject = { environment, parameters, size: size ?? environment.recorded?.size ?? usualSize }
  environment.field(parameters, subject.size)
  return subject
}

/** The stream of the episode that `run` and `show` print and draw. */
export function seededStream({ environment, parameters, size }: Subject, seed: number): Random {
  const hash = hashJson(parameters as Json).slice(0, 16)
  return randomStream(`${environment.id}@${environment.version}/${size}/${hash}/run/${seed}`)
}

/** Each parameter as `name=default`. */
export function defaultsOf({ parameters }: Environment): string {
  return Object.entries(parameters.parse({}))
    .map(([name, value]) => `${name}=${value === '' ? "''" : value}`)
    .join(' ')
}

/** A world and its size, for captions: `coupled-maps(range=3) 16`. */
export const labelOf = ({ environment, parameters, size }: Subject): string =>
  `${environmentLabel(environment, parameters)} ${size}`
