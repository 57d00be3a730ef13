import { bandPowers } from './spectrum.ts'

/** One measured number, before it is known where it was measured. */
export interface MetricValue {
  readonly metric: string
  readonly direction: 'lower' | 'higher' | 'none'
  readonly value: number
}

/** What one set of predictions is worth: the proper score's error E of every episode, and all figures. */
export interface Measured {
  readonly errors: Float64Array
  readonly figures: readonly MetricValue[]
}

type Values = Float32Array | Float64Array

/** How the rows of predictions [episodes, height · width · channels] are laid out: row-major, channels last. */
export interface FieldShape {
  readonly episodes: number
  readonly height: number
  readonly width: number
  readonly channels: number
}

/** Probabilities are kept this far from 0 and 1: float32 resolves 1 − p to 6e-8, and no cell costs over 13.8 nats. */
const smallestProbability = 1e-6

/** What keeps VRMSE finite on uniform fields, as in The Well. */
const varianceFloor = 1e-7

/** Correlation at which a forecast counts as lost. */
const lostCorrelation = 0.8

const mean = (values: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  return sum / values.length
}

function checkShapes(predictions: Values, targets: Values, episodes: number, perEpisode: number): void {
  const whole = Number.isInteger(perEpisode) && perEpisode > 0
  if (whole && predictions.length === targets.length && targets.length === episodes * perEpisode) return
  throw new RangeError(
    `${predictions.length} predictions, ${targets.length} targets, ${episodes} × ${perEpisode} meant`,
  )
}

const entropyTerm = (p: number): number => (p > 0 ? -p * Math.log(p) : 0)

/**
 * −y·ln p − (1−y)·ln(1−p) less the entropy of y itself, in nats: the Kullback–Leibler divergence of Bernoulli(p) from
 * Bernoulli(y). 0 for p = y; p is clipped to [1e-6, 1 − 1e-6]. NaN where p is.
 */
export function excessCrossEntropy(p: number, y: number): number {
  const q = Math.min(Math.max(p, smallestProbability), 1 - smallestProbability)
  const floor = entropyTerm(y) + entropyTerm(1 - y)
  // Clipping and rounding can leave −1e-17 where the prediction is exact.
  return Math.max(0, -y * Math.log(q) - (1 - y) * Math.log(1 - q) - floor)
}

/**
 * F1 = 2TP / (2TP + FP + FN) of "occupied" (≥ .5 in both), and balanced accuracy, the mean recall of the two classes.
 * Empty classes: where neither truth nor prediction has an occupied cell, F1 is 1; balanced accuracy is the mean over
 * the classes that the truth has. All values count alike, whichever episode they come from. A NaN counts as empty.
 */
export function occupancyScores(predictions: Values, targets: Values): { f1: number; balancedAccuracy: number } {
  const counts = [0, 0, 0, 0] // true negatives, false positives, false negatives, true positives
  for (let i = 0; i < targets.length; i++) counts[(targets[i] >= 0.5 ? 2 : 0) + (predictions[i] >= 0.5 ? 1 : 0)]++
  const [trueNegatives, falsePositives, falseNegatives, truePositives] = counts
  const wrong = falsePositives + falseNegatives
  const recalls: number[] = []
  if (truePositives + falseNegatives > 0) recalls.push(truePositives / (truePositives + falseNegatives))
  if (trueNegatives + falsePositives > 0) recalls.push(trueNegatives / (trueNegatives + falsePositives))
  return {
    f1: truePositives + wrong === 0 ? 1 : (2 * truePositives) / (2 * truePositives + wrong),
    balancedAccuracy: mean(recalls),
  }
}

/**
 * Figures of a bernoulli world. `predictions` are probabilities and `targets` values in [0, 1], both [episodes, values].
 * E of an episode is its mean excess cross-entropy in nats a value. `occupancy_ratio` is Σp / Σy: 1 where both are
 * empty, infinite where the truth alone is. @throws RangeError where lengths do not fit
 */
export function bernoulliFigures(predictions: Values, targets: Values, shape: { episodes: number }): Measured {
  const perEpisode = targets.length / shape.episodes
  checkShapes(predictions, targets, shape.episodes, perEpisode)
  const errors = new Float64Array(shape.episodes)
  for (let i = 0; i < targets.length; i++)
    errors[Math.floor(i / perEpisode)] += excessCrossEntropy(predictions[i], targets[i]) / perEpisode
  const { f1, balancedAccuracy } = occupancyScores(predictions, targets)
  const [predicted, occupied] = [mean(predictions), mean(targets)]
  return {
    errors,
    figures: [
      { metric: 'excess_cross_entropy', direction: 'lower', value: mean(errors) },
      { metric: 'f1', direction: 'higher', value: f1 },
      { metric: 'balanced_accuracy', direction: 'higher', value: balancedAccuracy },
      { metric: 'occupancy_ratio', direction: 'none', value: predicted === occupied ? 1 : predicted / occupied },
    ],
  }
}

/** Moments of one predicted field against its truth, over space. */
interface Moments {
  readonly squaredError: number
  readonly truthSquare: number
  readonly truthVariance: number
  readonly correlation: number
}

/** All means over the N values of one field. A field without variance (to rounding) has correlation 0 with any other. */
function moments(prediction: Float64Array, truth: Float64Array): Moments {
  const [predictionMean, truthMean] = [mean(prediction), mean(truth)]
  const sums = { error: 0, square: 0, truth: 0, prediction: 0, both: 0, predictionSquare: 0 }
  for (let i = 0; i < truth.length; i++) {
    const p = prediction[i] - predictionMean
    const t = truth[i] - truthMean
    sums.error += (prediction[i] - truth[i]) ** 2
    sums.square += truth[i] ** 2
    sums.predictionSquare += prediction[i] ** 2
    sums.truth += t * t
    sums.prediction += p * p
    sums.both += p * t
  }
  const flat = sums.truth <= 1e-20 * sums.square || sums.prediction <= 1e-20 * sums.predictionSquare
  return {
    squaredError: sums.error / truth.length,
    truthSquare: sums.square / truth.length,
    truthVariance: sums.truth / truth.length,
    correlation: flat ? 0 : sums.both / Math.sqrt(sums.truth * sums.prediction),
  }
}

/**
 * Figures of a gaussian world. Values are standardised per channel by the training split, so E, the mean squared error
 * of an episode, is in units of its variance: climatology scores about 1. Every other figure is worked out for each
 * episode and channel over space, then averaged:
 * - `nrmse` = ‖p − t‖ / ‖t‖ (PDEBench, Takamoto et al. 2022); 0 where both are zero, infinite where the truth alone is;
 * - `vrmse` = √(mean (p − t)² / (var t + 1e-7)) (The Well, Ohana et al. 2024);
 * - `correlation`: centred (anomalies from each field's own mean); 0 where either field is uniform;
 * - `spectral_error_low|middle|high`: the part of the mean squared error at wavelengths over 8, 4 to 8, and up to 4
 *   cells; the three sum to it (Parseval).
 * A value that is not finite makes E, and most figures, so. @throws RangeError where lengths do not fit
 */
export function gaussianFigures(predictions: Values, targets: Values, shape: FieldShape): Measured {
  const { episodes, height, width, channels } = shape
  const cells = height * width
  checkShapes(predictions, targets, episodes, cells * channels)
  const powers = bandPowers(height, width)
  const [prediction, truth, difference] = [new Float64Array(cells), new Float64Array(cells), new Float64Array(cells)]
  const errors = new Float64Array(episodes)
  const sums = { nrmse: 0, vrmse: 0, correlation: 0, low: 0, middle: 0, high: 0 }
  for (let episode = 0; episode < episodes; episode++)
    for (let channel = 0; channel < channels; channel++) {
      for (let cell = 0; cell < cells; cell++) {
        const at = (episode * cells + cell) * channels + channel
        prediction[cell] = predictions[at]
        truth[cell] = targets[at]
        difference[cell] = predictions[at] - targets[at]
      }
      const { squaredError, truthSquare, truthVariance, correlation } = moments(prediction, truth)
      errors[episode] += squaredError / channels
      sums.nrmse += squaredError === 0 ? 0 : Math.sqrt(squaredError / truthSquare)
      sums.vrmse += Math.sqrt(squaredError / (truthVariance + varianceFloor))
      sums.correlation += correlation
      const { low, middle, high } = powers(difference)
      sums.low += low
      sums.middle += middle
      sums.high += high
    }
  const average = (sum: number) => sum / (episodes * channels)
  return {
    errors,
    figures: [
      { metric: 'mean_squared_error', direction: 'lower', value: mean(errors) },
      { metric: 'nrmse', direction: 'lower', value: average(sums.nrmse) },
      { metric: 'vrmse', direction: 'lower', value: average(sums.vrmse) },
      { metric: 'correlation', direction: 'higher', value: average(sums.correlation) },
      { metric: 'spectral_error_low', direction: 'lower', value: average(sums.low) },
      { metric: 'spectral_error_middle', direction: 'lower', value: average(sums.middle) },
      { metric: 'spectral_error_high', direction: 'lower', value: average(sums.high) },
    ],
  }
}

/**
 * The time, in frames, until a forecast's correlation falls below .8: `curve` holds the mean correlation at each
 * horizon, which is taken as 1 at horizon 0 and linear in between. A forecast that never falls that far is censored:
 * `value` is then the last horizon, and the true time is at least that. A correlation that is NaN counts as lost from
 * the horizon before. @throws RangeError for an empty curve
 */
export function correlationTime(curve: readonly { horizon: number; correlation: number }[]): {
  value: number
  censored: boolean
} {
  if (curve.length === 0) throw new RangeError('a correlation time needs at least one horizon')
  let before = { horizon: 0, correlation: 1 }
  for (const point of [...curve].sort((a, b) => a.horizon - b.horizon)) {
    if (Number.isNaN(point.correlation)) return { value: before.horizon, censored: false }
    if (point.correlation < lostCorrelation) {
      const part = (before.correlation - lostCorrelation) / (before.correlation - point.correlation)
      return { value: before.horizon + part * (point.horizon - before.horizon), censored: false }
    }
    before = point
  }
  return { value: before.horizon, censored: true }
}

/** `correlationTime` as figures of all horizons joined: the time, and 1 where it is censored, else 0. */
export function correlationTimeFigures(curve: readonly { horizon: number; correlation: number }[]): MetricValue[] {
  const { value, censored } = correlationTime(curve)
  return [
    { metric: 'correlation_time', direction: 'higher', value },
    { metric: 'correlation_time_censored', direction: 'none', value: censored ? 1 : 0 },
  ]
}

/**
 * 1 − E / E_persistence, clipped to [−1, 1]: 0 = no better than honest remembering, 1 = perfect. A diverged run (an E
 * that is not finite) scores −1. Where persistence makes no error, equalling it scores 0 and anything else −1.
 */
export function skill(error: number, persistenceError: number): number {
  if (!Number.isFinite(error)) return -1
  if (persistenceError === 0) return error === 0 ? 0 : -1
  return Math.min(1, Math.max(-1, 1 - error / persistenceError))
}

/** True where persistence is so good (under 5 % of climatology's error) that skill over it says little. */
export function isUninformative(persistenceError: number, climatologyError: number): boolean {
  return persistenceError < 0.05 * climatologyError
}
