import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import { sha256Bytes } from './hash.ts'

/** A stream of random numbers that its name alone determines: no global state, no order of calls elsewhere. */
export interface Random {
  readonly name: string
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number
  /** Uniform integer in [0, n), n ≥ 1. */
  integer(n: number): number
  /** Standard normal (Box–Muller). */
  normal(): number
  /** An independent stream named `<this name>/<name>`; it does not depend on what was drawn here. */
  split(name: string): Random
}

/** The stream of a name: xoroshiro128+ (Blackman & Vigna) from the first 128 bits of the name's sha256. */
export function randomStream(name: string): Random {
  const bits = new DataView(sha256Bytes(name).buffer)
  const words = [0, 4, 8, 12].map(offset => bits.getInt32(offset))
  const generator = xoroshiro128plusFromState(words)
  const uniform = () => uniformFloat64(generator)
  return {
    name,
    uniform,
    integer: n => uniformInt(generator, 0, n - 1),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    split: child => randomStream(`${name}/${child}`),
  }
}

/** A uniformly drawn permutation of 0 … n−1 (Fisher–Yates). */
export function permutation(n: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i)
  shuffle(order, n, random)
  return order
}

/** Puts a uniform sample without replacement into the first `count` places of `items` (partial Fisher–Yates). */
export function shuffle(items: Int32Array, count: number, random: Random): void {
  for (let i = 0; i < Math.min(count, items.length - 1); i++) {
    const j = i + random.integer(items.length - i)
    const kept = items[i]
    items[i] = items[j]
    items[j] = kept
  }
}
