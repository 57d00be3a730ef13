import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bernoulliFigures,
  correlationTime,
  correlationTimeFigures,
  excessCrossEntropy,
  gaussianFigures,
  isUninformative,
  type Measured,
  occupancyScores,
  skill,
} from '../../benchmarks/evaluation/metrics.ts'
import { bandPowers } from '../../benchmarks/evaluation/spectrum.ts'

const named = (measured: Measured) => Object.fromEntries(measured.figures.map(({ metric, value }) => [metric, value]))
const floats = (...values: number[]) => Float64Array.from(values)

describe('excess cross-entropy', () => {
  test('by hand: a hard target, a soft one, an exact one', () => {
    expect(excessCrossEntropy(0.25, 1)).toBeCloseTo(Math.log(4), 12)
    // KL(.5 ‖ .25) = .5·ln 2 + .5·ln(2/3)
    expect(excessCrossEntropy(0.25, 0.5)).toBeCloseTo(0.5 * Math.log(2) + 0.5 * Math.log(2 / 3), 12)
    expect(excessCrossEntropy(0.3, 0.3)).toBeCloseTo(0, 12)
  })

  test('certainty that is wrong costs 13.8 nats, not infinitely many; NaN stays visible', () => {
    expect(excessCrossEntropy(0, 1)).toBeCloseTo(-Math.log(1e-6), 9)
    expect(excessCrossEntropy(1, 0)).toBeCloseTo(-Math.log(1e-6), 6)
    expect(excessCrossEntropy(Number.NaN, 0)).toBeNaN()
  })

  test('is proper: never negative, least where the prediction is the target', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(unit, unit, (p, y) => {
        expect(excessCrossEntropy(p, y)).toBeGreaterThanOrEqual(0)
        expect(excessCrossEntropy(p, y)).toBeGreaterThanOrEqual(excessCrossEntropy(y, y) - 2e-5)
      }),
    )
  })
})

describe('occupancy', () => {
  test('F1 and balanced accuracy by hand', () => {
    // truth 1 1 1 0 0 0 0 0, predicted 1 1 0 1 0 0 0 0: TP 2, FN 1, FP 1, TN 4
    const scores = occupancyScores(floats(0.9, 0.5, 0.1, 0.8, 0.1, 0, 0, 0.49), floats(1, 1, 0.5, 0, 0, 0, 0.2, 0))
    expect(scores.f1).toBeCloseTo(4 / 6, 12)
    expect(scores.balancedAccuracy).toBeCloseTo((2 / 3 + 4 / 5) / 2, 12)
  })

  test('empty classes', () => {
    expect(occupancyScores(floats(0, 0.2), floats(0, 0))).toEqual({ f1: 1, balancedAccuracy: 1 })
    expect(occupancyScores(floats(0, 0.7), floats(0, 0))).toEqual({ f1: 0, balancedAccuracy: 0.5 })
    expect(occupancyScores(floats(0.9, 0.2), floats(1, 1))).toEqual({ f1: 2 / 3, balancedAccuracy: 0.5 })
  })

  test('the ratio of predicted to true occupancy', () => {
    const ratio = (p: Float64Array, y: Float64Array) => named(bernoulliFigures(p, y, { episodes: 1 })).occupancy_ratio
    expect(ratio(floats(0.5, 0.5), floats(1, 1))).toBe(0.5)
    expect(ratio(floats(0, 0), floats(0, 0))).toBe(1)
    expect(ratio(floats(0.1, 0), floats(0, 0))).toBe(Infinity)
  })
})

test('bernoulli figures keep episodes apart', () => {
  const measured = bernoulliFigures(floats(0.5, 0.5, 0.25, 0.75), floats(1, 0, 1, 1), { episodes: 2 })
  expect(measured.errors[0]).toBeCloseTo(Math.log(2), 12)
  expect(measured.errors[1]).toBeCloseTo((Math.log(4) + Math.log(4 / 3)) / 2, 12)
  expect(named(measured).excess_cross_entropy).toBeCloseTo((measured.errors[0] + measured.errors[1]) / 2, 12)
  expect(named(measured).f1).toBeCloseTo(4 / 6, 12)
  expect(() => bernoulliFigures(floats(0.5), floats(1, 1), { episodes: 1 })).toThrow(RangeError)
  expect(() => bernoulliFigures(floats(1, 1, 1), floats(1, 1, 1), { episodes: 2 })).toThrow(RangeError)
})

describe('gaussian figures', () => {
  test('constant 4 against constant 2: mean squared error 4, normalised 1', () => {
    const shape = { episodes: 1, height: 3, width: 4, channels: 1 }
    const figures = named(gaussianFigures(new Float32Array(12).fill(4), new Float32Array(12).fill(2), shape))
    expect(figures.mean_squared_error).toBe(4)
    expect(figures.nrmse).toBe(1)
    expect(figures.nrmse ** 2).toBe(1)
    expect(figures.correlation).toBe(0)
    // A uniform error is all in the mean, the lowest frequency; a uniform truth has no variance but the floor.
    expect(figures.spectral_error_low).toBeCloseTo(4, 12)
    expect(figures.vrmse).toBeCloseTo(2 / Math.sqrt(1e-7), 6)
  })

  test('by hand, two episodes of two channels', () => {
    // channel 0 of episode 0: truth 1 −1, predicted 2 0; all else exact
    const truth = floats(1, 3, -1, 5, 1, 1, 2, -1)
    const prediction = floats(2, 3, 0, 5, 1, 1, 2, -1)
    const measured = gaussianFigures(prediction, truth, { episodes: 2, height: 1, width: 2, channels: 2 })
    expect([...measured.errors]).toEqual([0.5, 0])
    const figures = named(measured)
    expect(figures.mean_squared_error).toBe(0.25)
    expect(figures.nrmse).toBeCloseTo(1 / 4, 12)
    expect(figures.vrmse).toBeCloseTo(1 / 4, 6)
    expect(figures.correlation).toBeCloseTo(1, 12)
  })

  test('correlation is centred, has a sign, and is 0 for a uniform field', () => {
    const shape = { episodes: 1, height: 2, width: 2, channels: 1 }
    const correlation = (p: Float64Array) => named(gaussianFigures(p, floats(0, 1, 2, 3), shape)).correlation
    expect(correlation(floats(100, 102, 104, 106))).toBeCloseTo(1, 12)
    expect(correlation(floats(3, 2, 1, 0))).toBeCloseTo(-1, 12)
    expect(correlation(floats(1, -1, -1, 1))).toBeCloseTo(0, 12)
    expect(correlation(floats(0.1, 0.1, 0.1, 0.1))).toBe(0)
  })

  test('both zero is no error; what is not finite stays visible', () => {
    const shape = { episodes: 1, height: 1, width: 2, channels: 1 }
    expect(named(gaussianFigures(floats(0, 0), floats(0, 0), shape)).nrmse).toBe(0)
    expect(named(gaussianFigures(floats(1, 0), floats(0, 0), shape)).nrmse).toBe(Infinity)
    expect(gaussianFigures(floats(Number.NaN, 0), floats(0, 0), shape).errors[0]).toBeNaN()
    expect(() => gaussianFigures(floats(0), floats(0), shape)).toThrow(RangeError)
  })
})

describe('spectrum', () => {
  test('single waves land in their bands with power one half', () => {
    const wave = (wavelength: number) =>
      Float64Array.from({ length: 24 * 24 }, (_, i) => {
        return Math.cos((2 * Math.PI * (i % 24)) / wavelength)
      })
    const powers = bandPowers(24, 24)
    expect(powers(wave(12)).low).toBeCloseTo(0.5, 12)
    expect(powers(wave(8)).middle).toBeCloseTo(0.5, 12)
    expect(powers(wave(6)).middle).toBeCloseTo(0.5, 12)
    expect(powers(wave(4)).high).toBeCloseTo(0.5, 12)
    expect(powers(wave(2)).high).toBeCloseTo(1, 12)
  })

  test('rows and columns are treated alike', () => {
    const field = Float64Array.from({ length: 6 * 10 }, (_, i) => Math.sin(i * i))
    const turned = Float64Array.from({ length: 60 }, (_, i) => field[(i % 6) * 10 + Math.floor(i / 6)])
    const [a, b] = [bandPowers(6, 10)(field), bandPowers(10, 6)(turned)]
    for (const band of ['low', 'middle', 'high'] as const) expect(a[band]).toBeCloseTo(b[band], 12)
  })

  test('Parseval: the bands sum to the mean square, whatever the sides', () => {
    const side = fc.integer({ min: 1, max: 9 })
    fc.assert(
      fc.property(
        side,
        side,
        fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 81, maxLength: 81 }),
        (h, w, v) => {
          const field = v.slice(0, h * w)
          const { low, middle, high } = bandPowers(h, w)(field)
          expect(low + middle + high).toBeCloseTo(field.reduce((sum, x) => sum + x * x, 0) / (h * w), 6)
        },
      ),
    )
  })

  test('the spectral errors sum to the mean squared error', () => {
    const prediction = Float64Array.from({ length: 2 * 5 * 6 * 2 }, (_, i) => Math.sin(3 * i * i))
    const truth = prediction.map(Math.cos)
    const shape = { episodes: 2, height: 5, width: 6, channels: 2 }
    const figures = named(gaussianFigures(prediction, truth, shape))
    const sum = figures.spectral_error_low + figures.spectral_error_middle + figures.spectral_error_high
    expect(sum).toBeCloseTo(figures.mean_squared_error, 12)
  })
})

describe('correlation time', () => {
  const at = (horizon: number, correlation: number) => ({ horizon, correlation })

  test('linear between horizons, from 1 at horizon 0', () => {
    expect(correlationTime([at(4, 0.6), at(2, 1)])).toEqual({ value: 3, censored: false })
    expect(correlationTime([at(1, 0.6)]).value).toBeCloseTo(0.5, 12)
  })

  test('a forecast that holds is censored at the last horizon; .8 itself still holds', () => {
    expect(correlationTime([at(1, 0.9), at(5, 0.8)])).toEqual({ value: 5, censored: true })
    expect(correlationTimeFigures([at(3, 0.95)]).map(({ value }) => value)).toEqual([3, 1])
  })

  test('the first fall counts, NaN is a fall, and no horizon is a defect', () => {
    expect(correlationTime([at(1, 0.6), at(2, 0.9)]).value).toBeCloseTo(0.5, 12)
    expect(correlationTime([at(1, 0.9), at(2, Number.NaN)])).toEqual({ value: 1, censored: false })
    expect(() => correlationTime([])).toThrow(RangeError)
  })
})

test('skill: 0 as persistence, 1 perfect, clipped, −1 for a diverged run', () => {
  expect([0.5, 1, 0, 2, 9].map(error => skill(error, 1))).toEqual([0.5, 0, 1, -1, -1])
  expect([Number.NaN, Infinity].map(error => skill(error, 1))).toEqual([-1, -1])
  expect([0, 0.1].map(error => skill(error, 0))).toEqual([0, -1])
})

test('uninformative under 5 % of the error of climatology', () => {
  expect([0.049, 0.05, 1].map(error => isUninformative(error, 1))).toEqual([true, false, false])
})
