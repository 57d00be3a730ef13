import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { crossEntropy, meanLoss } from '../../benchmarks/training/loss.ts'
import * as tf from '../../engine/tf.ts'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

/** −y·ln p − (1−y)·ln(1−p) for p = σ(x), as it is defined, in float64. */
function direct(x: number, y: number): number {
  const p = 1 / (1 + Math.exp(-x))
  return -y * Math.log(p) - (1 - y) * Math.log(1 - p)
}

const each = (x: number, y: number) => crossEntropy(tf.tensor1d([x]), tf.tensor1d([y])).dataSync()[0]
const slope = (x: number, y: number) =>
  tf
    .grad(logits => tf.sum(crossEntropy(logits, tf.tensor1d([y]))))(tf.tensor1d([x]))
    .dataSync()[0]

const logits = fc.double({ min: -15, max: 15, noNaN: true })
const targets = fc.double({ min: 0, max: 1, noNaN: true })

describe('cross-entropy', () => {
  it('equals −y·ln p − (1−y)·ln(1−p) for any logit and any soft target', () => {
    fc.assert(
      fc.property(logits, targets, (x, y) => {
        expect(Math.abs(each(x, y) - direct(x, y))).toBeLessThan(1e-5 * (1 + Math.abs(direct(x, y))))
      }),
    )
  })

  it('has the gradient that finite differences of its definition give', () => {
    const h = 1e-4
    fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), targets, (x, y) => {
        expect(Math.abs(slope(x, y) - (direct(x + h, y) - direct(x - h, y)) / (2 * h))).toBeLessThan(1e-5)
      }),
    )
  })

  it('neither overflows nor loses its slope at logits of ±100', () => {
    expect(each(100, 1)).toBeCloseTo(0, 30)
    expect(each(-100, 0)).toBeCloseTo(0, 30)
    expect(each(100, 0)).toBe(100)
    expect(each(-100, 1)).toBe(100)
    expect(slope(100, 0)).toBe(1)
    expect(slope(-100, 1)).toBe(-1)
  })

  it('is least where p = y, and there it is the entropy of y', () => {
    const y = 0.3
    const best = Math.log(y / (1 - y))
    expect(each(best, y)).toBeCloseTo(-0.3 * Math.log(0.3) - 0.7 * Math.log(0.7), 6)
    expect(slope(best, y)).toBeCloseTo(0, 6)
  })
})

describe('the mean loss', () => {
  // One step, one episode, three queries of two numbers.
  const predictions = tf.tensor4d([1, 2, 5, 5, -1, 0], [1, 1, 3, 2])
  const truth = tf.tensor4d([0, 0, 100, -100, 1, 1], [1, 1, 3, 2])
  const weighted = (...weights: number[]) =>
    meanLoss('gaussian', predictions, truth, tf.tensor3d(weights, [1, 1, 3])).dataSync()[0]

  it('of a gaussian world is the squared error, each query counted by its weight', () => {
    // Means of squares: (1 + 4) / 2, (95² + 105²) / 2, (4 + 1) / 2.
    expect(weighted(1, 1, 1)).toBeCloseTo((2.5 + 10_025 + 2.5) / 3, 2)
    expect(weighted(1, 0, 1)).toBeCloseTo(2.5, 6)
    expect(weighted(2, 0, 2)).toBeCloseTo(2.5, 6)
    expect(weighted(0, 1, 3)).toBeCloseTo((10_025 + 7.5) / 4, 2)
  })

  it('of a bernoulli world is the cross-entropy in nats a number', () => {
    const y = tf.tensor4d([0, 1, 0.5, 0.25, 1, 1], [1, 1, 3, 2])
    const mean = meanLoss('bernoulli', predictions, y, tf.ones([1, 1, 3])).dataSync()[0]
    const sum = direct(1, 0) + direct(2, 1) + direct(5, 0.5) + direct(5, 0.25) + direct(-1, 1) + direct(0, 1)
    expect(mean).toBeCloseTo(sum / 6, 5)
  })

  it('sends no gradient to what weighs nothing', () => {
    const gradient = tf
      .grad(x => meanLoss('gaussian', x, truth, tf.tensor3d([1, 0, 1], [1, 1, 3])))(predictions)
      .dataSync()
    // 2·(p − t) / 2 numbers / 2 queries
    expect(Array.from(gradient, x => x + 0)).toEqual([0.5, 1, 0, 0, -1, -0.5])
  })
})
