/**
 * Life: two-state cellular automata of the Life family on a square torus.
 *
 *   c′ = 1 if n ∈ B and c = 0, or n ∈ S and c = 1, else 0
 *
 * c a cell (0 dead, 1 alive), n the number of its eight neighbours that are alive, B and S the rule's numbers for birth
 * and survival. Boundary: torus. Shown: c, in {0, 1}. A frame is a generation. An episode begins 50 generations after
 * a random soup, or at once from a pattern in the middle of the world. Soups settle: on 24 × 24 cells half of them do
 * nothing but stand and blink after 200 generations, three quarters after 450.
 *
 * 32 cells are computed at a time (parts/totalistic.ts), every rule at the same speed.
 *
 * Source: M. Gardner, Mathematical Games, Scientific American 223 (October 1970); rules in the B/S notation and
 * patterns in the run-length format of the community, https://conwaylife.com/wiki
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'
import { defineEnvironment } from './environment.ts'
import { emptyBits, flipBit, readBits, setBit } from './parts/bits.ts'
import { type Pattern, parseRle } from './parts/rle.ts'
import { type Rule, totalisticPolynomial, totalisticStep } from './parts/totalistic.ts'

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
  readonly polynomial: readonly number[]
  /** Alive or dead. */
  cells: Int32Array
  /** Room for the next generation. */
  next: Int32Array
}

function patternFor({ pattern }: Parameters, size: number): Pattern | undefined {
  if (pattern === '') return undefined
  const parsed = parseRle(pattern)
  if (Math.max(parsed.width, parsed.height) > size)
    throw new UserError(
      `life: a pattern of ${parsed.width} × ${parsed.height} does not fit in a world of ${size} × ${size} cells`,
    )
  return parsed
}

function sow(cells: Int32Array, size: number, density: number, random: Random): void {
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) if (random.uniform() < density) setBit(cells, size, row, column)
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
    const rule = parseRule(given.rule)!
    const pattern = patternFor(given, size)
    const cells = emptyBits(size, size)
    if (pattern === undefined) sow(cells, size, given.density, random)
    else {
      const [top, left] = [Math.floor((size - pattern.height) / 2), Math.floor((size - pattern.width) / 2)]
      for (const [row, column] of pattern.cells) setBit(cells, size, top + row, left + column)
    }
    return { ...rule, size, polynomial: totalisticPolynomial(rule), cells, next: emptyBits(size, size) }
  },

  advance(state) {
    const { polynomial, size, cells, next } = state
    totalisticStep(polynomial, size, cells, next)
    state.cells = next
    state.next = cells
  },

  observe: ({ size, cells }, out) => readBits(cells, size, out),

  /** Flips the cell, whatever the amount: there is no smaller disturbance. */
  perturb: ({ size, cells }, row, column) => flipBit(cells, size, row, column),

  reach: () => 1,

  shifts: {
    'dense-soup': {
      change: { density: 0.65 },
      why: 'overcrowding kills most at once: remains a third emptier than seen',
    },
    'sparse-soup': {
      change: { density: 0.15 },
      why: 'few things, far apart: most of the world is empty and must stay so',
    },
    'high-life': { change: { rule: 'B36/S23' }, why: 'one more birth: the same look under another law' },
  },
})
