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

/**
 * The stream of a split; its child `<n>` is the stream of episode n. The name holds all that an episode depends on:
 * `life@1/24/<hash of the parameters>/test`.
 */
export function splitStream({ environment, parameters, size }: EpisodeSource, split: Split): Random {
  const hash = hashJson(parameters as Json).slice(0, 16)
  return randomStream(`${environment.id}@${environment.version}/${size}/${hash}/${split}`)
}

/** The state with which an episode begins, burnt in. @throws UserError where a recorded world has no such episode. */
export function beginEpisode(source: EpisodeSource, which: EpisodeNumber): unknown {
  const { environment, parameters, size } = source
  const random = splitStream(source, which.split).split(String(which.episode))
  const state = environment.initial(parameters, size, random, which)
  const { burnIn } = environment.field(parameters, size)
  for (let t = 0; t < burnIn; t++) environment.advance(state, parameters)
  return state
}
