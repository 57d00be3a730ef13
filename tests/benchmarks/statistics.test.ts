import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ErrorTable,
  probabilityOfImprovement,
  resamplingPlan,
  sharedRanks,
  skillInterval,
} from '../../benchmarks/board/statistics.ts'
import { randomStream } from '../../lib/random.ts'

const table = (...rows: number[][]): ErrorTable => ({
  seeds: rows.length,
  episodes: rows[0].length,
  errors: Float64Array.from(rows.flat()),
})
const filled = (seeds: number, episodes: number, error: (seed: number, episode: number) => number): ErrorTable =>
  table(...Array.from({ length: seeds }, (_, s) => Array.from({ length: episodes }, (_, e) => error(s, e))))
const plan = (seeds: number, episodes: number, resamples = 2000) =>
  resamplingPlan(seeds, episodes, randomStream('test'), resamples)

describe('resampling', () => {
  test('every resample draws as many as there are', () => {
    const { seedCounts, episodeCounts } = plan(4, 7, 50)
    for (let i = 0; i < 50; i++) {
      expect(seedCounts.subarray(i * 4, i * 4 + 4).reduce((sum, n) => sum + n)).toBe(4)
      expect(episodeCounts.subarray(i * 7, i * 7 + 7).reduce((sum, n) => sum + n)).toBe(7)
    }
    expect(plan(4, 7, 50)).toEqual(plan(4, 7, 50))
  })

  test('under three seeds each counts once', () => {
    expect(new Set(plan(2, 7, 50).seedCounts)).toEqual(new Set([1]))
    expect(new Set(plan(3, 7, 50).seedCounts).size).toBeGreaterThan(1)
  })
})

describe('skill with its interval', () => {
  test('a constant share of persistence has no spread', () => {
    const persistence = filled(3, 20, (s, e) => 1 + s + e)
    const model = filled(3, 20, (s, e) => (1 + s + e) / 4)
    const { score, low, high } = skillInterval(model, persistence, plan(3, 20))
    expect([score, low, high]).toEqual([0.75, 0.75, 0.75])
    expect(skillInterval(persistence, persistence, plan(3, 20))).toEqual({ score: 0, low: 0, high: 0 })
  })

  test('the ratio is of sums, not a mean of ratios', () => {
    expect(skillInterval(table([1, 1]), table([1, 9]), plan(1, 2)).score).toBeCloseTo(0.8, 12)
  })

  test('two episodes by hand: a quarter of the resamples at each end', () => {
    // Skills of the pairs of draws: (a,a) .5, (b,b) 0, mixed .25; so 2.5 % and 97.5 % are the ends.
    const interval = skillInterval(table([0.5, 1]), table([1, 1]), plan(1, 2))
    expect(interval).toEqual({ score: 0.25, low: 0, high: 0.5 })
  })

  test('over many episodes it is the normal interval of a mean', () => {
    const random = randomStream('errors')
    const model = filled(1, 400, () => 0.5 + 0.1 * random.normal())
    const mean = model.errors.reduce((sum, error) => sum + error) / 400
    const deviation = Math.sqrt(model.errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / 400)
    const half = (1.96 * deviation) / Math.sqrt(400)
    const { score, low, high } = skillInterval(
      model,
      filled(1, 400, () => 1),
      plan(1, 400, 4000),
    )
    expect(score).toBeCloseTo(1 - mean, 12)
    expect(Math.abs((score - low) / half - 1)).toBeLessThan(0.06)
    expect(Math.abs((high - score) / half - 1)).toBeLessThan(0.06)
  })

  test('pairing: what is hard for both does not widen the interval; seeds do', () => {
    const hard = (_: number, e: number) => 1 + 50 * (e % 2)
    const paired = skillInterval(
      filled(5, 40, (s, e) => 0.5 * hard(s, e)),
      filled(5, 40, hard),
      plan(5, 40),
    )
    expect(paired.high - paired.low).toBeLessThan(1e-12)
    const seeds = skillInterval(
      filled(5, 40, s => 0.1 * s),
      filled(5, 40, () => 1),
      plan(5, 40),
    )
    // The mean of five draws from {0, .1, .2, .3, .4}: deviation √(.02/5) = .063
    expect(Math.abs((seeds.high - seeds.low) / (2 * 1.96 * 0.0632) - 1)).toBeLessThan(0.06)
  })

  test('clipped to [−1, 1], low never above high', () => {
    expect(skillInterval(table([9, 7]), table([1, 1]), plan(1, 2))).toEqual({ score: -1, low: -1, high: -1 })
    const errors = fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 12, maxLength: 12 })
    const resampling = plan(3, 4, 200)
    fc.assert(
      fc.property(errors, errors, (a, b) => {
        const [model, persistence] = [a, b].map(list => ({ seeds: 3, episodes: 4, errors: Float64Array.from(list) }))
        const { score, low, high } = skillInterval(model, persistence, resampling)
        expect(low).toBeLessThanOrEqual(high)
        for (const value of [score, low, high]) expect(Math.abs(value)).toBeLessThanOrEqual(1)
      }),
    )
    expect(() => skillInterval(table([1, 1]), table([1]), plan(1, 2))).toThrow(RangeError)
  })
})

describe('probability of improvement', () => {
  test('by hand', () => {
    // One episode: X errs 1, 3 and Y errs 2, 3. Pairs: 1<2, 1<3, 3>2, 3=3 → 2.5 of 4.
    expect(probabilityOfImprovement(table([1], [3]), table([2], [3]))).toBe(0.625)
    // Two episodes, one seed each: a win and a loss.
    expect(probabilityOfImprovement(table([1, 5]), table([2, 4]))).toBe(0.5)
    expect(probabilityOfImprovement(table([Infinity]), table([2]))).toBe(0)
    expect(probabilityOfImprovement(table([Infinity]), table([Infinity]))).toBe(0.5)
    expect(() => probabilityOfImprovement(table([1]), table([1, 2]))).toThrow(RangeError)
  })

  test('P(X > Y) + P(Y > X) = 1', () => {
    const errors = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(errors, errors, (a, b) => {
        const x = { seeds: 2, episodes: 3, errors: Float64Array.from(a) }
        const y = { seeds: 2, episodes: 3, errors: Float64Array.from(b) }
        expect(probabilityOfImprovement(x, y) + probabilityOfImprovement(y, x)).toBeCloseTo(1, 12)
      }),
    )
  })
})

describe('shared ranks', () => {
  const row = (score: number, half: number) => ({ score, low: score - half, high: score + half })

  test('a rank is shared while the interval reaches the leader', () => {
    expect(sharedRanks([row(0.9, 0.01), row(0.88, 0.02), row(0.5, 0.1), row(0.1, 0.01)])).toEqual([1, 1, 3, 4])
  })

  test('a chain of overlaps does not tie the best with the worst', () => {
    expect(sharedRanks([row(0.9, 0.06), row(0.8, 0.06), row(0.7, 0.06), row(0.6, 0.06)])).toEqual([1, 1, 3, 3])
  })

  test('equal rows share, touching counts, no rows have no ranks', () => {
    expect(sharedRanks([row(0, 0), row(0, 0), row(-1, 0)])).toEqual([1, 1, 3])
    expect(sharedRanks([])).toEqual([])
  })
})
