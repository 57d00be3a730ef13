import { describe, expect, it } from 'vitest'
import { randomStream } from '../../lib/random.ts'
import { climatology } from '../../models/climatology.ts'
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
