import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { elementary } from '../../envs/elementary.ts'
import { parseParameters } from '../../envs/environment.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

/** Rows of a ring of that many cells, one a generation, from the start on. */
function rows(given: Record<string, unknown>, width: number, count: number, stream = 'rows'): Float32Array[] {
  const parameters = elementary.parameters.parse({ generations: 1, length: 1, ...given })
  const state = elementary.initial(parameters, width, randomStream(stream))
  return Array.from({ length: count }, (_, n) => {
    if (n > 0) elementary.advance(state, parameters)
    const row = new Float32Array(width)
    elementary.observe(state, row)
    return row
  })
}

const count = (row: Float32Array) => row.reduce((sum, cell) => sum + cell, 0)

const rules = fc.integer({ min: 0, max: 255 })
const widths = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(31, 32, 33, 63, 64, 65))

describe('the rule', () => {
  it('is the definition, for all 256 rules, on rings of all lengths', () => {
    for (let rule = 0; rule < 256; rule++)
      fc.assert(
        fc.property(widths, fc.nat(), (width, seed) => {
          const [before, after] = rows({ rule }, width, 2, `${seed}`)
          const expected = before.map((own, i) => {
            const [left, right] = [before[(i + width - 1) % width], before[(i + 1) % width]]
            return Math.floor(rule / 2 ** (4 * left + 2 * own + right)) % 2
          })
          expect(after).toEqual(expected)
        }),
        { numRuns: 8 },
      )
  })

  it('many generations a frame are as many frames of one generation', () => {
    fc.assert(
      fc.property(rules, widths, fc.integer({ min: 2, max: 9 }), (rule, width, generations) => {
        const one = rows({ rule }, width, 1 + 3 * generations)
        const many = rows({ rule, generations }, width, 4)
        expect(many).toEqual(one.filter((_, n) => n % generations === 0))
      }),
    )
  })

  // Wolfram 1983: of the 256 rules, 88 are different; the others are theirs in a mirror, with 0 and 1 exchanged, or both.
  it('a mirrored rule runs the mirrored ring, a complemented rule the complemented ring', () => {
    const bit = (rule: number, left: number, own: number, right: number) => (rule >>> (4 * left + 2 * own + right)) & 1
    const ruleOf = (next: (left: number, own: number, right: number) => number) =>
      [0, 1, 2, 3, 4, 5, 6, 7].reduce((rule, n) => rule | (next(n >>> 2, (n >>> 1) & 1, n & 1) << n), 0)
    const mirrored = (rule: number) => ruleOf((left, own, right) => bit(rule, right, own, left))
    const complemented = (rule: number) => ruleOf((left, own, right) => 1 - bit(rule, 1 - left, 1 - own, 1 - right))
    expect([mirrored(110), complemented(110), mirrored(30), complemented(30)]).toEqual([124, 137, 86, 135])

    fc.assert(
      fc.property(rules, widths, fc.nat(), (rule, width, seed) => {
        const stateOf = (other: number, change: (row: Float32Array) => Float32Array) => {
          const parameters = elementary.parameters.parse({ rule: other, generations: 20, length: 1 })
          const state = elementary.initial({ ...parameters, density: 0 }, width, randomStream('empty'))
          change(start).forEach((cell, i) => {
            if (cell === 1) elementary.perturb(state, 0, i, 1)
          })
          elementary.advance(state, parameters)
          const row = new Float32Array(width)
          elementary.observe(state, row)
          return row
        }
        const [start] = rows({}, width, 1, `${seed}`)
        const plain = stateOf(rule, row => row)
        expect(stateOf(mirrored(rule), row => row.toReversed())).toEqual(plain.toReversed())
        const complement = (row: Float32Array) => row.map(cell => 1 - cell)
        expect(stateOf(complemented(rule), complement)).toEqual(complement(plain))
      }),
    )
  })
})

describe('published rows', () => {
  // OEIS A070952.
  it('rule 30 from a single cell has 1, 3, 3, 6, 4, 9, 5, 12, 7, 12, 11, 14, 12 live cells', () => {
    const counts = rows({ rule: 30, start: 'single' }, 40, 13).map(count)
    expect(counts).toEqual([1, 3, 3, 6, 4, 9, 5, 12, 7, 12, 11, 14, 12])
  })

  it("rule 90 from a single cell is Pascal's triangle modulo 2: row n has 2^(ones in n) live cells", () => {
    const ones = (n: number) => n.toString(2).replaceAll('0', '').length
    const counts = rows({ rule: 90, start: 'single' }, 300, 140).map(count)
    expect(counts).toEqual(counts.map((_, n) => 2 ** ones(n)))
  })

  // Boccara & Fukś, Cellular automaton rules conserving the number of active sites (1998), arXiv:adap-org/9712003.
  it('exactly the rules 170, 184, 204, 226 and 240 keep the number of live cells', () => {
    const conserving = Array.from({ length: 256 }, (_, rule) => rule).filter(rule =>
      [0.2, 0.5, 0.8].every(density => new Set(rows({ rule, density }, 97, 30).map(count)).size === 1),
    )
    expect(conserving).toEqual([170, 184, 204, 226, 240])
  })

  // Cook, Universality in elementary cellular automata (2004).
  it('the background of rule 110, 14 cells of 00010011011111, is the same after 7 generations and not before', () => {
    const parameters = elementary.parameters.parse({ rule: 110, generations: 1, length: 1, density: 0 })
    const state = elementary.initial(parameters, 56, randomStream('empty'))
    for (let i = 0; i < 56; i++) if ('00010011011111'[i % 14] === '1') elementary.perturb(state, 0, i, 1)
    const film = Array.from({ length: 8 }, () => {
      const words = state.cells.join()
      elementary.advance(state, parameters)
      return words
    })
    expect(film.lastIndexOf(film[0])).toBe(7)
    expect(new Set(film).size).toBe(7)
  })
})

it.each([1, 3, 7])('%i generations act over as many cells, and rule 90 over no fewer', generations => {
  const size = 40
  for (const rule of [90, 110, 30]) {
    const parameters = elementary.parameters.parse({ rule, generations, length: 1 })
    for (const cell of [0, 19, 31, 32, 39]) {
      const state = elementary.initial(parameters, size, randomStream('reach'))
      const disturbed = structuredClone(state)
      elementary.perturb(disturbed, 0, cell, 1)
      const [row, other] = [new Float32Array(size), new Float32Array(size)]
      elementary.advance(state, parameters)
      elementary.advance(disturbed, parameters)
      elementary.observe(state, row)
      elementary.observe(disturbed, other)
      const distances = Array.from(row.keys())
        .filter(i => row[i] !== other[i])
        .map(i => Math.min(Math.abs(i - cell), size - Math.abs(i - cell)))
      const reach = elementary.reach!(parameters, size)
      expect(reach).toBe(generations)
      expect(Math.max(0, ...distances)).toBeLessThanOrEqual(reach)
      if (rule === 90) expect(Math.max(...distances)).toBe(reach)
    }
  }
})

it('is a ring three times as long as the side, where hardly a start comes to a standstill', () => {
  const parameters = elementary.parameters.parse({})
  expect(elementary.field(parameters, 24)).toMatchObject({ height: 1, width: 72 })
  const still = Array.from({ length: 200 }, (_, start) => {
    const state = elementary.initial(parameters, 24, randomStream(`start/${start}`))
    for (let t = 0; t < 1500; t++) elementary.advance(state, parameters)
    const before = state.cells.join()
    elementary.advance(state, parameters)
    return state.cells.join() === before
  })
  expect(still.filter(Boolean).length).toBeLessThanOrEqual(4)
})

it.each([
  [{ rule: 256 }, /parameter 'rule'/],
  [{ rule: 30.5 }, /parameter 'rule'/],
  [{ density: 2 }, /parameter 'density'/],
  [{ generations: 0 }, /parameter 'generations'/],
  [{ start: 'two' }, /parameter 'start'/],
  [{ length: 0 }, /parameter 'length'/],
])('refuses %o in one line', (given, message) => {
  expect(() => parseParameters(elementary, given)).toThrow(UserError)
  expect(() => parseParameters(elementary, given)).toThrow(message)
  expect(() => parseParameters(elementary, given)).toThrow(/^.*$/)
})
