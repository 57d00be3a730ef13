import { describe, expect, it } from 'vitest'
import { randomStream } from '../../lib/random.ts'
import { climatology } from '../../models/climatology.ts'
import { linearExtrapolation } from '../../models/linear-extrapolation.ts'
import type { EpisodeTable, ObservedBatch, Protocol } from '../../models/model.ts'
import { persistence } from '../../models/persistence.ts'

function table(episodes: number, frames: number, places: number, value: (e: number, t: number, i: number) => number) {
  const values = new Float32Array(episodes * frames * places)
  for (let e = 0; e < episodes; e++)
    for (let t = 0; t < frames; t++)
      for (let i = 0; i < places; i++) values[(e * frames + t) * places + i] = value(e, t, i)
  return { episodes, frames, tiles: places, viewSize: 1, values } satisfies EpisodeTable
}

/** One tile, seen at the given steps of the one episode. */
function observe(steps: number, seenAt: Record<number, number>): ObservedBatch {
  const seen = Uint8Array.from({ length: steps }, (_, t) => (t in seenAt ? 1 : 0))
  const values = Float32Array.from({ length: steps }, (_, t) => seenAt[t] ?? 0)
  return { steps, context: steps, batch: 1, tiles: 1, viewSize: 1, seen, values }
}

const protocol = (likelihood: 'bernoulli' | 'gaussian'): Protocol => ({ context: 5, blind: 1, views: 1, likelihood })

describe('persistence', () => {
  it('of a two-state Markov chain predicts its n-step transition probability', () => {
    // P(stay) = .9 for both states, hence P(same after n) = (1 + .8ⁿ) / 2.
    const random = randomStream('markov')
    const states = table(4000, 7, 1, () => 0)
    for (let e = 0; e < 4000; e++)
      for (let t = 0, state = random.integer(2); t < 7; t++, state = random.uniform() < 0.9 ? state : 1 - state)
        states.values[e * 7 + t] = state
    const constants = persistence.fit(states, protocol('bernoulli'), {})
    const out = new Float32Array(6)
    persistence.predict(constants, observe(6, { 1: 1 }), out)
    expect(out[0]).toBeCloseTo(0.5, 1) // never seen: climate
    for (let n = 1; n <= 5; n++) expect(Math.abs(out[n] - (1 + 0.8 ** n) / 2)).toBeLessThan(0.02)
  })

  it('of an autoregressive process decays towards the climate as its correlation does', () => {
    const random = randomStream('ar1')
    const values = table(4000, 7, 1, () => 0)
    for (let e = 0; e < 4000; e++)
      for (let t = 0, x = random.normal(); t < 7; t++, x = 0.7 * x + Math.sqrt(1 - 0.49) * random.normal())
        values.values[e * 7 + t] = x
    const constants = persistence.fit(values, protocol('gaussian'), {})
    const out = new Float32Array(6)
    persistence.predict(constants, observe(6, { 0: 1 }), out)
    for (let n = 1; n <= 6; n++) expect(Math.abs(out[n - 1] - 0.7 ** n)).toBeLessThan(0.12)
  })

  it('of a chaotic map follows the map itself, which a straight line cannot', () => {
    // x' = 1 − 2x² has correlation 0 between a value and the next; a table of values remembers it all the same.
    const random = randomStream('logistic')
    const values = table(4000, 7, 1, () => 0)
    for (let e = 0; e < 4000; e++)
      for (let t = 0, x = Math.cos(Math.PI * random.uniform()); t < 7; t++, x = 1 - 2 * x * x)
        values.values[e * 7 + t] = x
    const constants = persistence.fit(values, protocol('gaussian'), {})
    const out = new Float32Array(6)
    for (const x of [-0.9, -0.3, 0.1, 0.6]) {
      persistence.predict(constants, observe(6, { 0: x }), out)
      expect(Math.abs(out[0] - (1 - 2 * x * x))).toBeLessThan(0.3)
    }
  })

  it('forgets what is seen again: only the last view counts', () => {
    const alternating = table(8, 7, 1, (e, t) => (e + t) % 2)
    const constants = persistence.fit(alternating, protocol('bernoulli'), {})
    const out = new Float32Array(6)
    persistence.predict(constants, observe(6, { 0: 1, 1: 0, 2: 1 }), out)
    expect(out[2]).toBeLessThan(0.2)
    expect(out[3]).toBeGreaterThan(0.8)
  })
})

describe('linear extrapolation', () => {
  const { context, blind } = protocol('gaussian')
  const span = context + blind
  const predictions = (values: EpisodeTable, seenAt: Record<number, number>) => {
    const constants = linearExtrapolation.fit(values, protocol('gaussian'), {})
    const out = new Float32Array(span)
    linearExtrapolation.predict(constants, observe(span, seenAt), out)
    return out
  }
  /** Waves of one frequency ω and any amplitude and phase: x(t+1) = 2·cos ω·x(t) − x(t−1). */
  const omega = 0.9
  // Every wave with its mirror image, so that the climate is zero.
  const waves = table(60, span + 1, 1, (e, t) => (e % 2 === 0 ? 1 : -1) * Math.sin(omega * t + 2.4 * (e >> 1)))

  it('of a wave finds its recurrence x(t+1) = 2·cos ω·x(t) − x(t−1), whatever the gap and the spacing', () => {
    const wave = (t: number) => 1.7 * Math.sin(omega * t + 0.3)
    for (const times of [
      [0, 1],
      [0, 2],
      [1, 4],
    ]) {
      const out = predictions(waves, Object.fromEntries(times.map(t => [t, wave(t)])))
      for (let step = times[1]; step < span; step++) expect(out[step]).toBeCloseTo(wave(step + 1), 3)
    }
  })

  it('of straight lines goes straight on', () => {
    const random = randomStream('lines')
    const lines = table(200, span + 1, 1, () => 0)
    for (let e = 0; e < 200; e++) {
      const [start, slope] = [random.normal(), random.normal()]
      for (let t = 0; t <= span; t++) lines.values[e * (span + 1) + t] = start + slope * t
    }
    const out = predictions(lines, { 1: 0.5, 3: 1.1 })
    for (let step = 3; step < span; step++) expect(out[step]).toBeCloseTo(1.1 + 0.3 * (step + 1 - 3), 3)
  })

  it('with one view says what persistence says, with none what climate says', () => {
    const remembered = persistence.fit(waves, protocol('gaussian'), {})
    const expected = new Float32Array(span)
    persistence.predict(remembered, observe(span, { 2: 0.8 }), expected)
    expect(predictions(waves, { 2: 0.8 })).toEqual(expected)
  })

  it('fits every number of a tile for itself', () => {
    // A tile of two numbers: one alternates, one grows by a half.
    const values = Float32Array.from({ length: 40 * (span + 1) * 2 }, (_, i) => {
      const [e, t] = [Math.floor(i / 2 / (span + 1)), (i >> 1) % (span + 1)]
      return (e % 2 === 0 ? 1 : -1) * (1 + e / 40) * (i % 2 === 0 ? (-1) ** t : 1.5 ** t)
    })
    const two = { episodes: 40, frames: span + 1, tiles: 1, viewSize: 2, values }
    const constants = linearExtrapolation.fit(two, protocol('gaussian'), {})
    const seen = Uint8Array.from({ length: span }, (_, t) => (t < 2 ? 1 : 0))
    const shown = new Float32Array(span * 2)
    shown.set([1, 1, -1, 1.5])
    const out = new Float32Array(span * 2)
    linearExtrapolation.predict(
      constants,
      { steps: span, context, batch: 1, tiles: 1, viewSize: 2, seen, values: shown },
      out,
    )
    expect(out[2]).toBeCloseTo(1, 3)
    expect(out[3]).toBeCloseTo(2.25, 2)
  })
})

describe('climatology', () => {
  it('keeps the means of places that really differ', () => {
    const random = randomStream('walls')
    const world = table(200, 5, 4, (_e, _t, i) => (i < 2 ? 0 : 1) * 0.8 + 0.1 * random.normal())
    const means = climatology.fit(world, protocol('gaussian'), {}) as Float32Array
    expect(means[0]).toBeCloseTo(0, 1)
    expect(means[3]).toBeCloseTo(0.8, 1)
  })

  it('of a homogeneous world comes closer to the truth than the means of single places', () => {
    const random = randomStream('homogeneous')
    const world = table(20, 5, 64, () => random.normal())
    const means = climatology.fit(world, protocol('gaussian'), {}) as Float32Array
    const spread = means.reduce((sum, mean) => sum + mean * mean, 0) / 64
    expect(spread).toBeLessThan(0.5 / 100)
  })
})
