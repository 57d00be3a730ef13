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

/**
 * Truth from elsewhere: rliable 1.2.0 on numpy 2.4 and scipy 1.17, `metrics.probability_of_improvement` of minus the
 * errors and `library.get_interval_estimates` of `aggregate_mean` with 100,000 resamples (its seeds 0 to 2 differ by .0006
 * at most). The 2.5 % quantile of 20,000 resamples of a mean with deviation σ strays by .02 σ; all here have σ ≤ .04, so
 * that .003 is three times what chance may do.
 */
describe('as rliable has it', () => {
  const resamples = 20_000
  const chance = 0.003
  const x = [
    [0.523, 0.611, 0.702, 0.431],
    [0.487, 0.664, 0.711, 0.402],
    [0.551, 0.583, 0.645, 0.473],
    [0.498, 0.611, 0.689, 0.457],
    [0.462, 0.634, 0.758, 0.411],
  ]
  const y = [
    [0.584, 0.602, 0.741, 0.446],
    [0.531, 0.664, 0.793, 0.494],
    [0.617, 0.711, 0.702, 0.473],
    [0.498, 0.692, 0.735, 0.528],
  ]
  const ones = ({ seeds, episodes }: ErrorTable) => filled(seeds, episodes, () => 1)
  const interval = (errors: ErrorTable, persistence = ones(errors)) =>
    skillInterval(errors, persistence, plan(errors.seeds, errors.episodes, resamples))
  const near = (value: number, truth: number) => expect(Math.abs(value - truth)).toBeLessThan(chance)

  test('probability of improvement, seeds for its runs and episodes for its tasks: five seeds against four, with ties', () => {
    expect(probabilityOfImprovement(table(...x), table(...y))).toBe(0.8125)
    expect(probabilityOfImprovement(table(...y), table(...x))).toBe(0.1875)
  })

  test('stratified bootstrap over runs, where there is one stratum: the seeds of one episode', () => {
    const { score, low, high } = interval(table(...x.map(([first]) => [first])))
    expect(score).toBeCloseTo(0.4958, 12)
    near(low, 0.4674)
    near(high, 0.5208)
  })

  test('the same where its runs are the episodes of one seed', () => {
    const { score, low, high } = interval(table(x.slice(0, 3).flat()))
    expect(score).toBeCloseTo(0.43475, 12)
    near(low, 0.3787)
    near(high, 0.4912)
  })

  test('where it does not resample alike, seeds and episodes crossed and paired: all 3³ · 4⁴ resamples, by numpy', () => {
    // numpy.quantile, linear, of 1 − ΣE/ΣP over every draw of three seeds and four episodes with replacement.
    const seeds = [1, 1.1, 0.95]
    const persistence = table(...seeds.map(factor => [0.9, 1.3, 1.1, 0.7].map(error => factor * error)))
    const { score, low, high } = interval(table(...x.slice(0, 3)), persistence)
    expect(score).toBeCloseTo(0.4440163934, 10)
    near(low, 0.359003)
    near(high, 0.511932)
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

  test('a row reaches the leader whatever stands between them', () => {
    expect(sharedRanks([row(0.9, 0.01), row(0.88, 0.005), row(0.87, 0.002), row(0.8, 0.2)])).toEqual([1, 3, 4, 1])
  })

  test('equal rows share, touching counts, no rows have no ranks', () => {
    expect(sharedRanks([row(0, 0), row(0, 0), row(-1, 0)])).toEqual([1, 1, 3])
    expect(sharedRanks([])).toEqual([])
  })
})
