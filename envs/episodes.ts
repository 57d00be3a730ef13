import { UserError } from '../lib/errors.ts'
import { hashJson, type Json } from '../lib/hash.ts'
import { type Random, randomStream } from '../lib/random.ts'
import type { Environment, EpisodeNumber, Split } from './environment.ts'

type Parameters = Readonly<Record<string, unknown>>

/** A world as an episode is drawn from it. */
export interface EpisodeSource {
  readonly environment: Environment
  readonly parameters: Parameters
  readonly size: number
}

/** A stream whose name holds all that an episode depends on: `life@1/24/<hash of the parameters>/<name>`. */
export function sourceStream({ environment, parameters, size }: EpisodeSource, name: string): Random {
  const hash = hashJson(parameters as Json).slice(0, 16)
  return randomStream(`${environment.id}@${environment.version}/${size}/${hash}/${name}`)
}

/** The stream of a split; its child `<n>` is the stream of episode n. */
export const splitStream = (source: EpisodeSource, split: Split): Random => sourceStream(source, split)

/** A state with which an episode begins, burnt in. @throws UserError where a recorded world has no such episode. */
export function burntIn({ environment, parameters, size }: EpisodeSource, random: Random, which: EpisodeNumber) {
  const state = environment.initial(parameters, size, random, which)
  const { burnIn } = environment.field(parameters, size)
  for (let t = 0; t < burnIn; t++) environment.advance(state, parameters)
  return state
}

/** The state with which a numbered episode begins. @throws UserError where a recorded world has no such episode. */
export function beginEpisode(source: EpisodeSource, which: EpisodeNumber): unknown {
  return burntIn(source, splitStream(source, which.split).split(String(which.episode)), which)
}

/** @throws UserError where a frame holds what is no number. No world of the registry shows that; one from a file may. */
export function requireNumbers({ id }: Environment, frame: Float32Array, t: number): void {
  for (let i = 0; i < frame.length; i++)
    if (!Number.isFinite(frame[i])) throw new UserError(`${id} shows ${frame[i]} in frame ${t}: it must show numbers`)
}
