import type { Random } from './random.ts'

/**
 * Random numbers for worlds that draw while they run: the generator is four words of plain data, which a state may hold
 * and `structuredClone` copies, so that a copy continues identically. xoshiro128** 1.1 (Blackman & Vigna 2021,
 * doi:10.1145/3460772), period 2^128 − 1.
 */
export type Noise = Uint32Array

/** A generator seeded by 128 bits of a stream. */
export function noiseFrom(random: Random): Noise {
  const noise = Uint32Array.from({ length: 4 }, () => random.integer(0x100000000))
  // All zero is the one state that never leaves itself.
  if (noise.every(word => word === 0)) noise[0] = 1
  return noise
}

/** 32 random bits as an integer in [0, 2^32). */
export function nextWord(noise: Noise): number {
  const second = noise[1]
  const product = Math.imul(second, 5)
  const word = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
  noise[2] ^= noise[0]
  noise[3] ^= second
  noise[1] ^= noise[2]
  noise[0] ^= noise[3]
  noise[2] ^= second << 9
  noise[3] = (noise[3] << 11) | (noise[3] >>> 21)
  return word
}

/** Uniform in [0, 1), 32 bits. */
export const nextUniform = (noise: Noise): number => nextWord(noise) / 0x100000000

/** Standard normal (Box–Muller). */
export function nextNormal(noise: Noise): number {
  const radius = Math.sqrt(-2 * Math.log(1 - nextUniform(noise)))
  return radius * Math.cos(2 * Math.PI * nextUniform(noise))
}
