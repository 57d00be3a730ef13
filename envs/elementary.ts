/**
 * Elementary cellular automata: the 256 rules of two states and three cells, on a ring.
 *
 *   c_i(t+1) = bit 4·c_{i−1}(t) + 2·c_i(t) + c_{i+1}(t) of the rule's number
 *
 * c  a cell, 0 or 1;  g  generations from one frame to the next. Boundary: a ring of `length` · `size` cells. Shown: c, a
 * field of height 1. A model is asked for the next row: of a field of space × time, all but one row would only have to be
 * remembered. An episode begins 10 frames after random cells, or at once from a single one.
 *
 * Why seven generations a frame. After one generation, no rule of lasting complexity resembles itself: the squared
 * correlation of a cell with its past is 0 for rule 30, .02 for 110, .17 for 54, and above .2 only for rules that soon
 * repeat themselves. But rule 110 covers the ring with a background that returns every 7 generations. Seen in that rhythm
 * it stands still, gliders move over it, and the squared correlation is .39, rising to .69 as gliders meet and vanish.
 * The rule then acts over 7 cells a frame; with `generations` 1 over 1.
 *
 * Why a ring longer than the side. On 24 cells few states are left after the burn-in (2,462 from 4,000 starts), so that
 * episodes of training and of test would be the same; on 72 they are as many as the starts. Every ring is finite, so that
 * its states must return; of 4,000 starts on 72 cells 15 stood still after 1,500 frames, no glider moving any more.
 *
 * 32 cells are computed at a time: the rule is a polynomial modulo 2 in words of left, own and right cells.
 *
 * Source: Wolfram, Statistical mechanics of cellular automata (1983), doi:10.1103/RevModPhys.55.601; the background and
 * the gliders of rule 110: Cook, Universality in elementary cellular automata, Complex Systems 15 (2004).
 */
import { z } from 'zod'
import { defineEnvironment } from './environment.ts'
import { emptyBits, flipBit, lastMask, polynomialOf, readBits, setBit } from './parts/bits.ts'

const parameters = z.object({
  rule: z.int().min(0).max(255).default(110).describe("Wolfram's number of the rule"),
  generations: z.int().min(1).max(64).default(7).describe('generations from one frame to the next'),
  length: z.int().min(1).max(1024).default(3).describe('length of the ring, in sides of the square world'),
  start: z.enum(['random', 'single']).default('random').describe('random cells, or only the middle one alive'),
  density: z.number().min(0).max(1).default(0.5).describe('random: chance that a cell begins alive'),
})

interface State {
  readonly width: number
  /** Coefficients of the next cell in the right, the own and the left cell, bits 1, 2 and 4 of their index. */
  readonly polynomial: readonly number[]
  cells: Int32Array
  /** Room for the next generation. */
  next: Int32Array
}

/** Writes the next generation to `next`. */
function generation({ width, polynomial, cells, next }: State): void {
  const [a, aRight, aOwn, aBoth, b, bRight, bOwn, bBoth] = polynomial
  const last = cells.length - 1
  const lastBit = (width - 1) & 31
  let before = cells[last] >>> lastBit
  for (let i = 0; i <= last; i++) {
    const own = cells[i]
    const left = (own << 1) | (before & 1)
    const right = (own >>> 1) | (i < last ? cells[i + 1] << 31 : (cells[0] & 1) << lastBit)
    const withoutLeft = a ^ (aRight & right) ^ (own & (aOwn ^ (aBoth & right)))
    next[i] = withoutLeft ^ (left & (b ^ (bRight & right) ^ (own & (bOwn ^ (bBoth & right)))))
    before = own >>> 31
  }
  next[last] &= lastMask(width)
}

export const elementary = defineEnvironment<typeof parameters, State>({
  id: 'elementary',
  version: 1,
  title: 'Elementary cellular automata',
  source: 'Wolfram 1983, doi:10.1103/RevModPhys.55.601',
  range: '1 cell a generation',
  parameters,

  field: ({ length, start }, size) => ({
    height: 1,
    width: length * size,
    channels: [{ name: 'alive', unit: '0 or 1' }],
    likelihood: 'bernoulli',
    boundary: 'torus',
    dt: 1,
    burnIn: start === 'random' ? 10 : 0,
  }),

  initial({ rule, length, start, density }, size, random) {
    const width = length * size
    const cells = emptyBits(1, width)
    if (start === 'single') setBit(cells, width, 0, Math.floor(width / 2))
    else for (let i = 0; i < width; i++) if (random.uniform() < density) setBit(cells, width, 0, i)
    const table = Array.from({ length: 8 }, (_, neighbourhood) => (rule >>> neighbourhood) & 1)
    return { width, polynomial: polynomialOf(table), cells, next: emptyBits(1, width) }
  },

  advance(state, { generations }) {
    for (let n = 0; n < generations; n++) {
      generation(state)
      const { cells, next } = state
      state.cells = next
      state.next = cells
    }
  },

  observe: ({ width, cells }, out) => readBits(cells, width, out),

  /** Flips the cell, whatever the amount: there is no smaller disturbance. */
  perturb: ({ width, cells }, row, column) => flipBit(cells, width, row, column),

  reach: ({ generations }) => generations,

  shifts: {
    'mirrored-rule': {
      change: { rule: 124 },
      why: 'rule 110 seen in a mirror: the same statistics, but what came from the left now comes from the right',
    },
    'complemented-rule': {
      change: { rule: 137 },
      why: 'rule 110 with 0 and 1 exchanged: every neighbourhood means what its opposite meant',
    },
    'longer-look-away': {
      change: { generations: 14 },
      why: 'two periods of the background pass unseen: gliders come from twice as far and may have met on the way',
    },
  },
})
