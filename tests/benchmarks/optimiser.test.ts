import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { adam, adamFactors, CLIP_NORM, clipping, learningRateAt } from '../../benchmarks/training/optimiser.ts'
import * as tf from '../../engine/tf.ts'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

/** Parameters after every update by the gradients handed in, one number. */
function updates(start: number, gradients: readonly number[], rateAt: (step: number) => number): number[] {
  let state = { parameter: tf.tensor1d([start]), first: tf.zeros([1]), second: tf.zeros([1]) } as {
    parameter: tf.Tensor
    first: tf.Tensor
    second: tf.Tensor
  }
  return gradients.map((gradient, step) => {
    const { rate, epsilon } = adamFactors(step, rateAt(step))
    // What is scaled down before comes in as it was.
    const [g, scale] = [tf.tensor1d([4 * gradient]), tf.scalar(0.25)]
    state = adam(state.parameter, g, state.first, state.second, tf.scalar(rate), tf.scalar(epsilon), scale)
    return state.parameter.dataSync()[0]
  })
}

/** Algorithm 1 of Kingma & Ba 2015, line by line, in float64. */
function algorithm1(start: number, gradients: readonly number[], rateAt: (step: number) => number): number[] {
  let [theta, m, v] = [start, 0, 0]
  return gradients.map((g, i) => {
    const t = i + 1
    m = 0.9 * m + (1 - 0.9) * g
    v = 0.999 * v + (1 - 0.999) * g * g
    const mHat = m / (1 - 0.9 ** t)
    const vHat = v / (1 - 0.999 ** t)
    theta -= (rateAt(i) * mHat) / (Math.sqrt(vHat) + 1e-8)
    return theta
  })
}

describe('Adam', () => {
  it('moves by exactly the learning rate while the gradient is constant, whatever its size', () => {
    // m̂ = g and v̂ = g² at every step.
    for (const g of [1e-3, 1, 1000])
      updates(1, [g, g, g], () => 0.1).forEach((theta, i) => {
        expect(theta).toBeCloseTo(1 - 0.1 * (i + 1), 4)
      })
  })

  it('three steps worked by hand: gradients 1, −1, 2', () => {
    // m̂: 1, (.09 − .1)/.19 = −.0526316, (−.009 + .2)/.271 = .7047970
    // v̂: 1, 1, (.001·.999² + .001·.999 + .004)/(1 − .999³) = 2.0010005
    const [a, b, c] = updates(0, [1, -1, 2], () => 1)
    expect(a).toBeCloseTo(-1, 6)
    expect(b).toBeCloseTo(-1 + 0.0526316, 5)
    expect(c).toBeCloseTo(-1 + 0.0526316 - 0.704797 / Math.sqrt(2.0010005), 4)
  })

  it('is algorithm 1 of Kingma & Ba for any gradients and any schedule of rates', () => {
    const gradients = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(gradients, fc.double({ min: 1e-4, max: 0.1, noNaN: true }), (series, peak) => {
        // Gradients as float32 has them, and none so small that their squares underflow there.
        const exact = series.map(g => Math.fround(Math.abs(g) < 1e-3 ? 0 : g))
        const rateAt = (step: number) => learningRateAt(step, 30, peak)
        const expected = algorithm1(0.5, exact, rateAt)
        updates(0.5, exact, rateAt).forEach((theta, i) => {
          expect(Math.abs(theta - expected[i])).toBeLessThan(1e-5 * (1 + peak * i))
        })
      }),
      { numRuns: 50 },
    )
  })
})

describe('the learning rate', () => {
  it('warms up linearly over the first 5 %, reaches its peak, is half of it half-way down, and ends near 0', () => {
    const at = (step: number) => learningRateAt(step, 1000, 2e-3)
    expect(at(0)).toBeCloseTo(2e-3 / 50, 12)
    expect(at(24)).toBeCloseTo(1e-3, 12)
    expect(at(49)).toBeCloseTo(2e-3, 12)
    expect(at(50)).toBeCloseTo(2e-3, 12)
    expect(at(525)).toBeCloseTo(1e-3, 12)
    // 1 − cos of the last of 950 parts of π: (π/950)²/4 of the peak.
    expect(at(999)).toBeCloseTo((2e-3 * (Math.PI / 950) ** 2) / 4, 10)
    expect(at(1000)).toBeCloseTo(0, 12)
  })

  it('never exceeds its peak, never falls to 0 before the end, rises and then falls', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), steps => {
        const rates = Array.from({ length: steps }, (_, step) => learningRateAt(step, steps, 1))
        const top = rates.indexOf(Math.max(...rates))
        expect(rates[top]).toBeCloseTo(1, 12)
        expect(Math.min(...rates)).toBeGreaterThan(0)
        rates.slice(1).forEach((rate, i) => {
          if (i < top) expect(rate).toBeGreaterThan(rates[i])
          else expect(rate).toBeLessThanOrEqual(rates[i])
        })
      }),
    )
  })
})

describe('clipping by the global norm', () => {
  const clip = (...gradients: number[][]) => {
    const { norm, factor } = clipping(gradients.map(gradient => tf.tensor1d(gradient)))
    return { norm: norm.dataSync()[0], factor: factor.dataSync()[0] }
  }

  it('scales all gradients together to norm 1 where their joint norm is larger', () => {
    const { norm, factor } = clip([3, 0], [0, 4]) // 5, by Pythagoras
    expect(norm).toBeCloseTo(5, 5)
    expect(factor).toBeCloseTo(0.2, 6)
  })

  it('leaves smaller gradients as they are, and none at all', () => {
    expect(clip([0.3, 0.4]).factor).toBe(1)
    expect(clip([0], [0, 0])).toEqual({ norm: 0, factor: 1 })
  })

  it('never leaves a norm over 1 nor changes one under it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 20 }), values => {
        const { factor } = clip(values)
        const before = Math.hypot(...values)
        expect(before * factor).toBeCloseTo(Math.min(before, CLIP_NORM), 4)
      }),
    )
  })

  it('shows a gradient that is not finite in the norm', () => {
    expect(Number.isFinite(clip([1, Number.NaN]).norm)).toBe(false)
    expect(Number.isFinite(clip([Infinity]).norm)).toBe(false)
  })
})
