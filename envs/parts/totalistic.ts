/**
 * Outer totalistic rules of two states on a square torus of bits: a cell's next state depends on its own and on how many
 * of its eight neighbours are 1.
 *
 * The counts are added in binary across words, so that bit j of four words spells the count at cell j. They are counts
 * of all nine cells, which are cheaper: the sum of three rows, each the sum of three cells, computed once and used three
 * times on the way down. A 1 counts itself. Every rule takes the same time: it is a polynomial modulo 2 in the bits of
 * the count and of the cell.
 */
import { lastMask, polynomialOf, wordsOf } from './bits.ts'

/** Numbers of neighbours that make a 0 a 1, and that let a 1 be: bit n of each. */
export interface Rule {
  readonly birth: number
  readonly survival: number
}

/**
 * The rule's coefficients. With x = cell + 2n, n the count of nine, the first 16 are the polynomial in the bits of x for
 * n ≤ 7. For n = 8 and 9 the bits of 2 and 4 are 0, so that four more do: what is added there, in the cell and bit 1.
 */
export function totalisticPolynomial({ birth, survival }: Rule): readonly number[] {
  const next = (x: number) => (x & 1 ? (survival << 1) >>> (x >>> 1) : birth >>> (x >>> 1)) & 1
  const low = Array.from({ length: 16 }, (_, x) => next(x))
  const high = Array.from({ length: 4 }, (_, x) => next(16 + x) ^ next(x))
  return [...polynomialOf(low), ...polynomialOf(high)]
}

/** Writes the next generation of a world of `size` × `size` cells to `to`. */
export function totalisticStep(polynomial: readonly number[], size: number, from: Int32Array, to: Int32Array): void {
  const [a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3, e0, e1, e2, e3] = polynomial
  const words = wordsOf(size)
  const lastBit = (size - 1) & 31
  for (let top = 0; top < words; top++) {
    // Down a column of words. Where the words to its sides are, and the bit there or here that the edge cell crosses to.
    const left = top === 0 ? words - 1 : -1
    const leftBit = top === 0 ? lastBit : 31
    const right = top === words - 1 ? 1 - words : 1
    const rightBit = top === words - 1 ? lastBit : 31
    const mask = top === words - 1 ? lastMask(size) : -1
    const bottom = top + (size - 1) * words
    let [cell, onesHere, twosHere, onesAbove, twosAbove] = [0, 0, 0, 0, 0]
    // Rows size − 1, 0, 1 … size − 1, 0 are read, each once; the row read before is written. Until two rows have been
    // read, what is written is wrong, and written again at the end.
    for (let steps = size + 2, at = bottom, below = bottom; steps > 0; steps--) {
      const next = from[below]
      const west = (next << 1) | ((from[below + left] >>> leftBit) & 1)
      const east = (next >>> 1) | ((from[below + right] & 1) << rightBit)
      const either = west ^ east
      const onesBelow = either ^ next
      const twosBelow = (west & east) | (either & next)

      const outerOnes = onesAbove ^ onesBelow
      const ones = outerOnes ^ onesHere
      const carry = (onesAbove & onesBelow) | (outerOnes & onesHere)
      const outerTwos = twosAbove ^ twosBelow
      const rowTwos = outerTwos ^ twosHere
      const twos = rowTwos ^ carry
      const rowFours = (twosAbove & twosBelow) | (outerTwos & twosHere)
      const carryTwos = rowTwos & carry
      const fours = rowFours ^ carryTwos
      const eights = rowFours & carryTwos

      const a = a0 ^ (a1 & cell) ^ (ones & (a2 ^ (a3 & cell)))
      const b = b0 ^ (b1 & cell) ^ (ones & (b2 ^ (b3 & cell)))
      const c = c0 ^ (c1 & cell) ^ (ones & (c2 ^ (c3 & cell)))
      const d = d0 ^ (d1 & cell) ^ (ones & (d2 ^ (d3 & cell)))
      const e = e0 ^ (e1 & cell) ^ (ones & (e2 ^ (e3 & cell)))
      to[at] = (a ^ (twos & b) ^ (fours & (c ^ (twos & d))) ^ (eights & e)) & mask

      at = below
      below = below === bottom ? top : below + words
      cell = next
      onesAbove = onesHere
      twosAbove = twosHere
      onesHere = onesBelow
      twosHere = twosBelow
    }
  }
}
