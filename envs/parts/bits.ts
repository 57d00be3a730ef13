/**
 * Fields of ones and zeros, 32 cells a word: cell j of a row is bit j mod 32 of the row's word ⌊j/32⌋, and the bits past
 * the end of a row are 0.
 */
import { type Noise, nextWord } from '../../lib/noise.ts'

/** Words of a row of that many cells. */
export const wordsOf = (width: number) => Math.ceil(width / 32)

export const emptyBits = (height: number, width: number) => new Int32Array(height * wordsOf(width))

/** The bits of a row's last word that are cells. */
export const lastMask = (width: number) => -1 >>> (31 - ((width - 1) & 31))

export function setBit(bits: Int32Array, width: number, row: number, column: number): void {
  bits[row * wordsOf(width) + (column >>> 5)] |= 1 << (column & 31)
}

export function flipBit(bits: Int32Array, width: number, row: number, column: number): void {
  bits[row * wordsOf(width) + (column >>> 5)] ^= 1 << (column & 31)
}

/** Writes every cell as 0 or 1, row-major, to every `stride`-th place of `out` from `start` on. */
export function readBits(bits: Int32Array, width: number, out: Float32Array, start = 0, stride = 1): void {
  const words = wordsOf(width)
  let to = start
  for (let row = 0; row < bits.length; row += words)
    for (let column = 0; column < width; column++, to += stride)
      out[to] = (bits[row + (column >>> 5)] >>> (column & 31)) & 1
}

/**
 * A Boolean function as a polynomial modulo 2 (Zhegalkin): f(x) = ⊕_m a_m·Π_{i ∈ m} x_i, m over all sets of variables,
 * written as numbers whose bit i stands for x_i. What is branches or a table for one cell is so a fixed row of `&` and
 * `^` for 32.
 * @param table f(x) as 0 or 1 for x = 0, 1, 2 …, bit i of x being x_i; as long as a power of two.
 * @returns the coefficients a_m, each as a word that is all ones or all zeros.
 */
export function polynomialOf(table: readonly number[]): number[] {
  const sums = [...table]
  for (let variable = 1; variable < sums.length; variable *= 2)
    for (let m = 0; m < sums.length; m++) if (m & variable) sums[m] ^= sums[m ^ variable]
  return sums.map(a => (a === 0 ? 0 : -1))
}

/**
 * 32 independent bits, each 1 with the chance given, which is rounded to a multiple of 2^−16. The digits of the chance
 * are taken from the last to the first: after each, the bits so far are 1 with the chance that the digits so far spell.
 */
export function chanceBits(noise: Noise, chance: number): number {
  const digits = Math.round(chance * 0x10000)
  if (digits === 0) return 0
  if (digits === 0x10000) return -1
  let bits = 0
  // Zeros at the end need no draw.
  for (let place = 31 - Math.clz32(digits & -digits); place < 16; place++)
    bits = (digits >>> place) & 1 ? bits | nextWord(noise) : bits & nextWord(noise)
  return bits
}
