import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf.ts'
import { layerNorm } from '../../models/layers/layer-norm.ts'
import { expectGradientByDifferences, expectSameOnEveryEngine } from './on-engines.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const norm = ({ x, gain, shift }: Record<string, tf.Tensor>) => layerNorm({ 'n.gain': gain, 'n.shift': shift }, 'n', x)

describe('layer normalisation', () => {
  it('of (1, 2, 3, 6) worked by hand: mean 3, variance 3.5', () => {
    const out = norm({
      x: tf.tensor2d([1, 2, 3, 6], [1, 4]),
      gain: tf.tensor1d([1, 2, 3, 4]),
      shift: tf.tensor1d([0.5, 0, 0, -1]),
    }).dataSync()
    const spread = Math.sqrt(3.5 + 1e-5)
    ;[-2 / spread + 0.5, -2 / spread, 0, 12 / spread - 1].forEach((x, i) => {
      expect(out[i]).toBeCloseTo(x, 5)
    })
  })

  it('does not see the scale or the mean of its input', () => {
    const x = tf.randomNormal([5, 16], 0, 1, 'float32', 1)
    const [gain, shift] = [tf.ones([16]), tf.zeros([16])]
    const moved = norm({ x: tf.add(tf.mul(x, 7), 3), gain, shift })
    expect(tf.max(tf.abs(tf.sub(moved, norm({ x, gain, shift })))).dataSync()[0]).toBeLessThan(1e-4)
  })

  it('is the same on every engine, and its gradient is what differences say', async () => {
    await expectSameOnEveryEngine({ x: { shape: [3, 2, 5] }, gain: { shape: [5] }, shift: { shape: [5] } }, norm)
    const [x, gain, shift] = [[3, 2, 5], [5], [5]].map((shape, i) => tf.randomNormal(shape, 0, 1, 'float32', i + 1))
    expectGradientByDifferences({ x, gain, shift }, norm)
  })
})
