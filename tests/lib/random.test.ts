import fc from 'fast-check'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../lib/hash.ts'
import { permutation, randomStream, shuffle } from '../../lib/random.ts'

const mask64 = (1n << 64n) - 1n
const rotate = (x: bigint, bits: bigint) => ((x << bits) | (x >> (64n - bits))) & mask64

/** xoroshiro128+ 1.0 of Blackman & Vigna (2018), a = 24, b = 16, c = 37, on 64-bit integers. */
function* xoroshiro128plus(s0: bigint, s1: bigint): Generator<bigint, never> {
  for (;;) {
    yield (s0 + s1) & mask64
    s1 ^= s0
    s0 = rotate(s0, 24n) ^ s1 ^ ((s1 << 16n) & mask64)
    s1 = rotate(s1, 37n)
  }
}

// What the authors' C program gives from the state (1, 2); also in the tests of Rust's rand_xoshiro.
const published = [
  3n,
  412333834243n,
  2360170716294286339n,
  9295852285959843169n,
  2797080929874688578n,
  6019711933173041966n,
  3076529664176959358n,
  3521761819100106140n,
  7493067640054542992n,
  920801338098114767n,
]

describe('the generator', () => {
  it('is xoroshiro128+, of which it hands out the lower 32 bits', () => {
    const reference = xoroshiro128plus(1n, 2n)
    const generator = xoroshiro128plusFromState([0, 1, 0, 2])
    for (const value of published) {
      expect(reference.next().value).toBe(value)
      expect(BigInt(generator.next() >>> 0)).toBe(value & 0xffffffffn)
    }
  })

  it('starts from the first 128 bits of the sha256 of its name, and takes 26 + 27 bits for a number', () => {
    fc.assert(
      fc.property(fc.string(), name => {
        const digest = sha256Hex(name)
        const reference = xoroshiro128plus(BigInt(`0x${digest.slice(0, 16)}`), BigInt(`0x${digest.slice(16, 32)}`))
        const bits = (count: number) => Number(reference.next().value & ((1n << BigInt(count)) - 1n))
        const stream = randomStream(name)
        for (let draw = 0; draw < 10; draw++) expect(stream.uniform()).toBe(bits(26) / 2 ** 26 + bits(27) / 2 ** 53)
      }),
    )
  })
})

describe('distributions', () => {
  const draws = 200_000
  /** Mean of the k-th powers of many draws. */
  const moment = (draw: () => number, k: number) => {
    let sum = 0
    for (let n = 0; n < draws; n++) sum += draw() ** k
    return sum / draws
  }

  it.each([1, 2, 3, 4])('moment %i of the uniform numbers is 1/(k + 1)', k => {
    const deviation = Math.sqrt((1 / (2 * k + 1) - 1 / (k + 1) ** 2) / draws)
    expect(Math.abs(moment(randomStream('uniform').uniform, k) - 1 / (k + 1))).toBeLessThan(4 * deviation)
  })

  it.each([
    [1, 0, 1],
    [2, 1, 2],
    [3, 0, 15],
    [4, 3, 96],
  ])('moment %i of the normal numbers is %i', (k, expected, variance) => {
    const deviation = Math.sqrt(variance / draws)
    expect(Math.abs(moment(randomStream('normal').normal, k) - expected)).toBeLessThan(4 * deviation)
  })

  it('every uniform number is in [0, 1), and pairs fill the square evenly', () => {
    const { uniform } = randomStream('pairs')
    const counts = new Float64Array(256)
    for (let n = 0; n < draws; n++) {
      const [a, b] = [uniform(), uniform()]
      if (Math.min(a, b) < 0 || Math.max(a, b) >= 1) expect.unreachable(`${a} or ${b} is outside [0, 1)`)
      counts[16 * Math.floor(16 * a) + Math.floor(16 * b)]++
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - draws / 256) ** 2 / (draws / 256), 0)
    // χ² with 255 degrees of freedom: mean 255, standard deviation 22.6.
    expect(Math.abs(chiSquare - 255)).toBeLessThan(4 * 22.6)
  })

  it.each([1, 2, 3, 7, 10])('integers below %i are equally likely', n => {
    const stream = randomStream('integers')
    const counts = new Float64Array(n)
    for (let draw = 0; draw < draws; draw++) counts[stream.integer(n)]++
    for (const count of counts) expect(Math.abs(count - draws / n)).toBeLessThan(4 * Math.sqrt(draws / n))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(draws)
  })
})

describe('streams', () => {
  const first = (name: string) => Array.from({ length: 8 }, randomStream(name).uniform)

  it('are what their name says, whatever else was drawn', () => {
    const stream = randomStream('world@1/24/train')
    const early = stream.split('3')
    for (let n = 0; n < 100; n++) stream.normal()
    const late = stream.split('3')
    expect(late.name).toBe('world@1/24/train/3')
    const numbers = Array.from({ length: 8 }, early.uniform)
    expect(Array.from({ length: 8 }, late.uniform)).toEqual(numbers)
    expect(first('world@1/24/train/3')).toEqual(numbers)
  })

  it('of neighbouring names have nothing in common', () => {
    const [streams, length] = [40, 4000]
    const series = Array.from({ length: streams }, (_, n) => {
      const { normal } = randomStream('parent').split(String(n))
      return Float64Array.from({ length }, normal)
    })
    let farthest = 0
    for (let a = 0; a < streams; a++)
      for (let b = 0; b < a; b++)
        farthest = Math.max(farthest, Math.abs(series[a].reduce((sum, x, n) => sum + x * series[b][n], 0)) / length)
    // The largest of 780 correlations with a standard deviation of 1/√4000 = .016.
    expect(farthest).toBeLessThan(0.08)
  })
})

describe('permutations', () => {
  it('hold every number once, and each order is equally likely', () => {
    const counts = new Map<string, number>()
    const stream = randomStream('orders')
    for (let n = 0; n < 24_000; n++) {
      const order = permutation(4, stream)
      expect(order.toSorted()).toEqual(Int32Array.of(0, 1, 2, 3))
      counts.set(order.join(), (counts.get(order.join()) ?? 0) + 1)
    }
    expect(counts.size).toBe(24)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(1000))
  })

  it('a sample without replacement takes each item equally often and loses none', () => {
    const stream = randomStream('samples')
    const counts = new Float64Array(10)
    for (let n = 0; n < 10_000; n++) {
      const items = permutation(10, randomStream('items'))
      shuffle(items, 3, stream)
      expect(items.toSorted()).toEqual(Int32Array.from({ length: 10 }, (_, i) => i))
      for (const item of items.subarray(0, 3)) counts[item]++
    }
    for (const count of counts) expect(Math.abs(count - 3000)).toBeLessThan(4 * Math.sqrt(3000))
  })
})
