import { describe, expect, it } from 'vitest'
import { nextNormal, nextUniform, nextWord, noiseFrom } from '../../lib/noise.ts'
import { randomStream } from '../../lib/random.ts'

describe('noise', () => {
  // What the authors' xoshiro128starstar.c gives: from 1, 2, 3, 4 in the tests of Rust's rand_xoshiro, from the other
  // state in those of edorfaus/xoshiro-6502.
  it.each([
    [
      [1, 2, 3, 4],
      [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849],
    ],
    [
      [0x964d4a0c, 0xd40ab895, 0xad7fdecb, 0x3006f0f0],
      [0xf1391922, 0x6fe53806, 0xa5be2840],
    ],
  ])('is xoshiro128**: its published outputs from %o', (state, published) => {
    const noise = Uint32Array.from(state)
    expect(published.map(() => nextWord(noise))).toEqual(published)
  })

  it('continues identically from a copy', () => {
    const noise = noiseFrom(randomStream('test/noise'))
    for (let i = 0; i < 10; i++) nextWord(noise)
    const copy = structuredClone(noise)
    expect(Array.from({ length: 10 }, () => nextWord(copy))).toEqual(Array.from({ length: 10 }, () => nextWord(noise)))
  })

  it('is uniform, and normal, in mean and variance', () => {
    const noise = noiseFrom(randomStream('test/noise/moments'))
    const moments = (draw: () => number) => {
      const values = Array.from({ length: 100_000 }, draw)
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length
      return [mean, values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length]
    }
    const [mean, variance] = moments(() => nextUniform(noise))
    expect(mean).toBeCloseTo(1 / 2, 2)
    expect(variance).toBeCloseTo(1 / 12, 2)
    const [normalMean, normalVariance] = moments(() => nextNormal(noise))
    expect(Math.abs(normalMean)).toBeLessThan(0.015)
    expect(Math.abs(normalVariance - 1)).toBeLessThan(0.02)
  })
})
