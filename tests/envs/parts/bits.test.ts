import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chanceBits, emptyBits, flipBit, lastMask, polynomialOf, readBits, setBit } from '../../../envs/parts/bits.ts'
import { noiseFrom } from '../../../lib/noise.ts'
import { randomStream } from '../../../lib/random.ts'

describe('rows of bits', () => {
  it('show exactly the cells that were set, at every stride, and nothing past the end of a row', () => {
    const picture = fc.integer({ min: 1, max: 70 }).chain(width =>
      fc.tuple(
        fc.constant(width),
        fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: width - 1 })), {
          selector: ([row, column]) => row * width + column,
        }),
      ),
    )
    fc.assert(
      fc.property(picture, ([width, cells]) => {
        const bits = emptyBits(3, width)
        const expected = new Float32Array(3 * width)
        cells.forEach(([row, column], i) => {
          ;(i % 2 === 0 ? setBit : flipBit)(bits, width, row, column)
          expected[row * width + column] = 1
        })
        const [plain, strided] = [new Float32Array(3 * width), new Float32Array(6 * width).fill(-1)]
        readBits(bits, width, plain)
        readBits(bits, width, strided, 1, 2)
        expect(plain).toEqual(expected)
        expect(strided).toEqual(Float32Array.from(strided, (_, i) => (i % 2 === 0 ? -1 : expected[(i - 1) / 2])))
        const words = bits.length / 3
        for (let end = words - 1; end < bits.length; end += words) expect(bits[end] & ~lastMask(width)).toBe(0)
      }),
    )
  })
})

describe('Boolean functions', () => {
  it('every function of four variables is its polynomial', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1), { minLength: 16, maxLength: 16 }), table => {
        const coefficients = polynomialOf(table)
        for (let x = 0; x < 16; x++) {
          // A product of variables is 1 where x has all of them.
          const value = coefficients.reduce((sum, a, m) => sum ^ ((x & m) === m ? a : 0), 0)
          expect(value).toBe(table[x] === 0 ? 0 : -1)
        }
      }),
    )
  })

  it('known polynomials: and, or, exclusive or, majority', () => {
    expect(polynomialOf([0, 0, 0, 1])).toEqual([0, 0, 0, -1])
    expect(polynomialOf([0, 1, 1, 1])).toEqual([0, -1, -1, -1])
    expect(polynomialOf([0, 1, 1, 0])).toEqual([0, -1, -1, 0])
    expect(polynomialOf([0, 0, 0, 1, 0, 1, 1, 1])).toEqual([0, 0, 0, -1, 0, -1, -1, 0])
  })
})

describe('random bits', () => {
  it.each([0, 0.375, 0.5, 0.1, 1 / 65536, 0.999, 1])('are 1 with chance %d, each place for itself', chance => {
    const noise = noiseFrom(randomStream('bits'))
    const draws = 20_000
    const counts = new Int32Array(32)
    let pairs = 0
    for (let i = 0; i < draws; i++) {
      const bits = chanceBits(noise, chance)
      for (let place = 0; place < 32; place++) counts[place] += (bits >>> place) & 1
      for (let both = bits & (bits >>> 1) & 0x55555555; both !== 0; both &= both - 1) pairs++
    }
    // Five standard deviations.
    const tolerance = (p: number, n: number) => 5 * Math.sqrt((p * (1 - p)) / n) + 1e-9
    for (const count of counts)
      expect(Math.abs(count / draws - chance)).toBeLessThan(tolerance(chance, draws) + 2 ** -17)
    expect(Math.abs(pairs / draws / 16 - chance ** 2)).toBeLessThan(tolerance(chance ** 2, draws * 16) + 2 ** -16)
  })
})
