import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseParameters } from '../../envs/environment.ts'
import { life, parseRule } from '../../envs/life.ts'
import { parseRle } from '../../envs/parts/rle.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

const glider = 'x = 3, y = 3, rule = B3/S23\nbob$2bo$3o!'
const gun = `#N Gosper glider gun
x = 36, y = 9, rule = B3/S23
24bo11b$22bobo11b$12b2o6b2o12b2o$11bo3bo4b2o12b2o$2o8bo5bo3b2o14b$2o8bo3bob2o4bobo11b$10bo5bo7bo11b$11bo3bo20b$12b2o!`

/** The pictures of a pattern's chosen generations, in rising order. */
function generations(pattern: string, size: number, chosen: readonly number[]): Float32Array[] {
  const parameters = life.parameters.parse({ pattern })
  const state = life.initial(parameters, size, randomStream('unused'))
  let at = 0
  return chosen.map(n => {
    for (; at < n; at++) life.advance(state, parameters)
    const picture = new Float32Array(size * size)
    life.observe(state, picture)
    return picture
  })
}

const count = (picture: Float32Array) => picture.reduce((sum, cell) => sum + cell, 0)

/** The first generation after 0 that is the same picture again. */
function period(pattern: string, size: number): number {
  const [first, ...later] = generations(
    pattern,
    size,
    Array.from({ length: 20 }, (_, n) => n),
  )
  return 1 + later.findIndex(picture => picture.every((cell, i) => cell === first[i]))
}

/** One generation, cell by cell, straight from the definition. */
function naive(picture: Float32Array, size: number, birth: number, survival: number): Float32Array {
  return picture.map((cell, i) => {
    const [row, column] = [Math.floor(i / size), i % size]
    let neighbours = 0
    for (const down of [-1, 0, 1])
      for (const right of [-1, 0, 1])
        if (down !== 0 || right !== 0)
          neighbours += picture[((row + down + size) % size) * size + ((column + right + size) % size)]
    return ((cell ? survival : birth) >>> neighbours) & 1
  })
}

describe('life', () => {
  it('is one step of the definition, for any rule, size and soup', () => {
    const digits = fc.uniqueArray(fc.integer({ min: 0, max: 8 })).map(ns => ns.join(''))
    const sizes = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(31, 32, 33, 63, 64, 65))
    fc.assert(
      fc.property(digits, digits, sizes, fc.double({ min: 0, max: 1, noNaN: true }), (b, s, size, density) => {
        const parameters = life.parameters.parse({ rule: `B${b}/S${s}`, density })
        const state = life.initial(parameters, size, randomStream(`${b}/${s}/${size}`))
        const before = new Float32Array(size * size)
        const after = new Float32Array(size * size)
        for (let n = 0; n < 3; n++) {
          life.observe(state, before)
          life.advance(state, parameters)
          life.observe(state, after)
          expect(after).toEqual(naive(before, size, state.birth, state.survival))
        }
      }),
      { numRuns: 120 },
    )
  })

  it('moves a glider by (1, 1) every 4 generations, around the torus', () => {
    const size = 11
    const moves = [1, 5, 11, 14]
    const start = generations(glider, size, [0])[0]
    const moved = generations(
      glider,
      size,
      moves.map(move => 4 * move),
    )
    moves.forEach((move, n) => {
      const expected = start.map((_, i) => {
        const [row, column] = [Math.floor(i / size) - move, (i % size) - move]
        return start[(((row % size) + size) % size) * size + (((column % size) + size) % size)]
      })
      expect(moved[n]).toEqual(expected)
    })
  })

  it('leaves 116 cells of the R-pentomino from generation 1103 on, where its gliders meet nothing', () => {
    // Gliders fly at a quarter of light speed: in 1,200 generations none crosses half of 700 cells.
    const counts = generations('b2o$2ob$bo!', 700, [1102, 1103, 1104, 1150, 1200]).map(count)
    expect(counts[0]).not.toBe(116)
    expect(counts.slice(1)).toEqual([116, 116, 116, 116])
  })

  it("has 36 + 5k cells at generation 30k of Gosper's gun", () => {
    const ks = Array.from({ length: 9 }, (_, k) => k)
    const pictures = generations(
      gun,
      160,
      ks.map(k => 30 * k),
    )
    expect(pictures.map(count)).toEqual(ks.map(k => 36 + 5 * k))
  })

  it('oscillates: blinker and toad with period 2, pulsar with 3', () => {
    expect(period('3o!', 9)).toBe(2)
    expect(period('b3o$3o!', 9)).toBe(2)
    const pulsar = '2b3o3b3o2$o4bobo4bo$o4bobo4bo$o4bobo4bo$2b3o3b3o2$2b3o3b3o$o4bobo4bo$o4bobo4bo$o4bobo4bo2$2b3o3b3o!'
    expect(period(pulsar, 17)).toBe(3)
  })

  it('acts over 1 cell a generation, across the edges too', () => {
    const parameters = life.parameters.parse({})
    for (const column of [0, 31, 32, 39]) {
      const state = life.initial(parameters, 40, randomStream('reach'))
      const disturbed = structuredClone(state)
      life.perturb(disturbed, 0, column, 1)
      const [before, after] = [new Float32Array(1600), new Float32Array(1600)]
      for (let n = 1; n <= 5; n++) {
        life.advance(state, parameters)
        life.advance(disturbed, parameters)
        life.observe(state, before)
        life.observe(disturbed, after)
        const around = (distance: number) => Math.min(distance, 40 - distance)
        const tooFar = after.findIndex((cell, i) => {
          const away = Math.max(around(Math.floor(i / 40)), around(Math.abs((i % 40) - column)))
          return cell !== before[i] && away > n * life.reach!(parameters, 40)
        })
        expect(tooFar).toBe(-1)
      }
    }
  })

  it('flips exactly the disturbed cell', () => {
    const parameters = life.parameters.parse({})
    const state = life.initial(parameters, 40, randomStream('flip'))
    const [before, after] = [new Float32Array(1600), new Float32Array(1600)]
    life.observe(state, before)
    life.perturb(state, 7, 33, 1)
    life.observe(state, after)
    expect(after.findIndex((cell, i) => cell !== before[i])).toBe(7 * 40 + 33)
    expect(after.filter((cell, i) => cell !== before[i])).toHaveLength(1)
  })
})

describe('rules and patterns', () => {
  it('reads the notations of a rule', () => {
    const conway = { birth: 0b1000, survival: 0b1100 }
    for (const text of ['B3/S23', 'b3s23', '23/3', 'B3/S32']) expect(parseRule(text)).toEqual(conway)
    expect(parseRule('B2/S')).toEqual({ birth: 0b100, survival: 0 })
    for (const text of ['', 'B9/S23', '3', 'B3-S23', 'life']) expect(parseRule(text)).toBeUndefined()
  })

  it('reads comments, headers, runs over lines, and nothing after the end', () => {
    const { width, height, cells, rule } = parseRle('#C a comment\n x=4,y = 3\nb\no$\n3o! ignored')
    expect({ width, height, rule }).toEqual({ width: 4, height: 3, rule: undefined })
    expect(cells).toEqual([
      [0, 1],
      [1, 0],
      [1, 1],
      [1, 2],
    ])
  })

  it.each([
    [{ rule: 'B3/S29' }, /parameter 'rule': expected a rule such as B3\/S23/],
    [{ density: 1.5 }, /parameter 'density'/],
    [{ pattern: 'bob$2bo$3o' }, /ends with '!'/],
    [{ pattern: 'bxb!' }, /unexpected 'x'/],
    [{ pattern: '3b!' }, /no live cell/],
    [{ pattern: 'x = 3\n3o!' }, /malformed RLE header 'x = 3'/],
    [{ pattern: 'x = 2, y = 1\n3o!' }, /3 × 1, its header says 2 × 1/],
    [{ pattern: '99999999999o!' }, /run of 99999999999/],
    [{ pattern: 'x = 3, y = 1, rule = B36/S23\n3o!' }, /header says rule B36\/S23, the world's rule is B3\/S23/],
  ])('refuses %o in one line', (given, message) => {
    expect(() => parseParameters(life, given)).toThrow(UserError)
    expect(() => parseParameters(life, given)).toThrow(message)
    expect(() => parseParameters(life, given)).toThrow(/^.*$/)
  })

  it('refuses a pattern that is larger than the world', () => {
    const parameters = life.parameters.parse({ pattern: gun })
    expect(() => life.field(parameters, 24)).toThrow(
      new UserError('life: a pattern of 36 × 9 does not fit in a world of 24 × 24 cells'),
    )
  })
})
