/**
 * Life: two-state cellular automata of the Life family on a square torus.
 *
 *   c′ = 1 if n ∈ B and c = 0, or n ∈ S and c = 1, else 0
 *
 * c a cell (0 dead, 1 alive), n the number of its eight neighbours that are alive, B and S the rule's numbers for birth
 * and survival. Boundary: torus. Shown: c, in {0, 1}. A frame is a generation. An episode begins 50 generations after
 * a random soup, or at once from a pattern in the middle of the world.
 *
 * 32 cells are computed at a time: a row is words of 32 bits, cell j being bit j mod 32 of word ⌊j/32⌋, and the numbers
 * of neighbours are added in binary across bit planes.
 *
 * Source: M. Gardner, Mathematical Games, Scientific American 223 (October 1970); rules in the B/S notation and
 * patterns in the run-length format of the community, https://conwaylife.com/wiki
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'
import { defineEnvironment } from './environment.ts'
import { type Pattern, parseRle } from './parts/rle.ts'

/** Numbers of neighbours that give birth, and that let live: bit n of each. */
interface Rule {
  readonly birth: number
  readonly survival: number
}

/** Reads `B3/S23`, `b3s23` or the older `23/3` (survival first); undefined where it is none of them. */
export function parseRule(text: string): Rule | undefined {
  const bits = (digits: string) => [...digits].reduce((mask, digit) => mask | (1 << Number(digit)), 0)
  const named = /^B([0-8]*)\/?S([0-8]*)$/i.exec(text)
  if (named !== null) return { birth: bits(named[1]), survival: bits(named[2]) }
  const bare = /^([0-8]*)\/([0-8]*)$/.exec(text)
  return bare === null ? undefined : { birth: bits(bare[2]), survival: bits(bare[1]) }
}

const sameRule = (a: Rule | undefined, b: Rule | undefined) => a?.birth === b?.birth && a?.survival === b?.survival

/** What is wrong with a pattern for a world of this rule, in one line; undefined where nothing is. */
function patternProblem(text: string, rule: string): string | undefined {
  if (text === '') return undefined
  try {
    const named = parseRle(text).rule
    if (named !== undefined && !sameRule(parseRule(named), parseRule(rule)))
      return `the pattern's header says rule ${named}, the world's rule is ${rule}`
    return undefined
  } catch (error) {
    if (error instanceof SyntaxError) return error.message
    throw error
  }
}

const parameters = z
  .object({
    rule: z
      .string()
      .refine(text => parseRule(text) !== undefined, 'expected a rule such as B3/S23 (digits 0 to 8)')
      .default('B3/S23')
      .describe('numbers of neighbours for birth and survival, B/S notation'),
    density: z.number().min(0).max(1).default(0.35).describe('chance that a cell of the soup is alive'),
    pattern: z.string().default('').describe('an RLE pattern put in the middle instead of a soup'),
  })
  .check(({ value, issues }) => {
    const message = patternProblem(value.pattern, value.rule)
    if (message !== undefined) issues.push({ code: 'custom', message, path: ['pattern'], input: value.pattern })
  })
type Parameters = z.output<typeof parameters>

interface State extends Rule {
  readonly size: number
  /** One bit a cell; the bits past the end of a row are 0. */
  readonly cells: Int32Array
  /** Bits 1 and 2 of the number of live cells among a cell and its neighbours to the left and right. */
  readonly rowOnes: Int32Array
  readonly rowTwos: Int32Array
  readonly next: Int32Array
}

const wordsOf = (size: number) => Math.ceil(size / 32)

function patternFor({ pattern }: Parameters, size: number): Pattern | undefined {
  if (pattern === '') return undefined
  const parsed = parseRle(pattern)
  if (Math.max(parsed.width, parsed.height) > size)
    throw new UserError(
      `life: a pattern of ${parsed.width} × ${parsed.height} does not fit in a world of ${size} × ${size} cells`,
    )
  return parsed
}

function set(cells: Int32Array, size: number, row: number, column: number): void {
  cells[row * wordsOf(size) + (column >>> 5)] |= 1 << (column & 31)
}

function sow(cells: Int32Array, size: number, density: number, random: Random): void {
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) if (random.uniform() < density) set(cells, size, row, column)
}

/** For every cell, the number of live cells among itself, its left and its right neighbour, in two bit planes. */
function sumRows({ size, cells, rowOnes, rowTwos }: State): void {
  const words = wordsOf(size)
  const lastBit = (size - 1) & 31
  for (let start = 0; start < cells.length; start += words) {
    const end = start + words - 1
    let carry = (cells[end] >>> lastBit) & 1
    for (let i = start; i <= end; i++) {
      const cell = cells[i]
      const west = (cell << 1) | carry
      const east = i < end ? (cell >>> 1) | (cells[i + 1] << 31) : (cell >>> 1) | ((cells[start] & 1) << lastBit)
      const either = west ^ east
      rowOnes[i] = either ^ cell
      rowTwos[i] = (west & east) | (either & cell)
      carry = cell >>> 31
    }
  }
}

/** The next generation from the sums of rows. The counts are those of all nine cells: a live cell counts itself. */
function applyRule({ size, birth, survival, cells, rowOnes, rowTwos, next }: State): void {
  const words = wordsOf(size)
  const total = cells.length
  const lastMask = -1 >>> (31 - ((size - 1) & 31))
  const [survivalOfNine, eitherRule] = [survival << 1, birth | (survival << 1)]
  for (let i = 0; i < total; i++) {
    const above = i < words ? i + total - words : i - words
    const below = i + words < total ? i + words : i + words - total
    const onesXor = rowOnes[above] ^ rowOnes[below]
    const ones = onesXor ^ rowOnes[i]
    const carryOfOnes = (rowOnes[above] & rowOnes[below]) | (onesXor & rowOnes[i])
    const twosXor = rowTwos[above] ^ rowTwos[below]
    const twosOfRows = twosXor ^ rowTwos[i]
    const twos = twosOfRows ^ carryOfOnes
    const firstFours = (rowTwos[above] & rowTwos[below]) | (twosXor & rowTwos[i])
    const secondFours = twosOfRows & carryOfOnes
    const fours = firstFours ^ secondFours
    const eights = firstFours & secondFours
    const cell = cells[i]
    let alive = 0
    for (let n = 0; eitherRule >>> n !== 0; n++) {
      if (((eitherRule >>> n) & 1) === 0) continue
      const equal =
        (n & 1 ? ones : ~ones) & (n & 2 ? twos : ~twos) & (n & 4 ? fours : ~fours) & (n & 8 ? eights : ~eights)
      if ((birth >>> n) & 1) alive |= equal & ~cell
      if ((survivalOfNine >>> n) & 1) alive |= equal & cell
    }
    next[i] = alive
  }
  for (let end = words - 1; end < total; end += words) next[end] &= lastMask
}

export const life = defineEnvironment<typeof parameters, State>({
  id: 'life',
  version: 1,
  title: 'Life',
  source: 'Gardner, Scientific American 223 (1970)',
  range: '1 cell',
  parameters,

  field(given, size) {
    const pattern = patternFor(given, size)
    return {
      height: size,
      width: size,
      channels: [{ name: 'alive', unit: '0 or 1' }],
      likelihood: 'bernoulli',
      boundary: 'torus',
      dt: 1,
      burnIn: pattern === undefined ? 50 : 0,
    }
  },

  initial(given, size, random) {
    const { birth, survival } = parseRule(given.rule)!
    const pattern = patternFor(given, size)
    const plane = () => new Int32Array(size * wordsOf(size))
    const cells = plane()
    if (pattern === undefined) sow(cells, size, given.density, random)
    else {
      const [top, left] = [Math.floor((size - pattern.height) / 2), Math.floor((size - pattern.width) / 2)]
      for (const [row, column] of pattern.cells) set(cells, size, top + row, left + column)
    }
    return { birth, survival, size, cells, rowOnes: plane(), rowTwos: plane(), next: plane() }
  },

  advance(state) {
    sumRows(state)
    applyRule(state)
    state.cells.set(state.next)
  },

  observe({ size, cells }, out) {
    const words = wordsOf(size)
    let at = 0
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++)
        out[at++] = (cells[row * words + (column >>> 5)] >>> (column & 31)) & 1
  },

  /** Flips the cell, whatever the amount: there is no smaller disturbance. */
  perturb({ size, cells }, row, column) {
    cells[row * wordsOf(size) + (column >>> 5)] ^= 1 << (column & 31)
  },

  shifts: {
    'dense-soup': {
      change: { density: 0.65 },
      why: 'overcrowding kills most at once: remains a third emptier than seen',
    },
    'sparse-soup': {
      change: { density: 0.1 },
      why: 'few things, far apart: most of the world is empty and must stay so',
    },
    'high-life': { change: { rule: 'B36/S23' }, why: 'one more birth: the same look under another law' },
  },
})
