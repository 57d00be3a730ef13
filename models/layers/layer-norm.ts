import * as tf from '../../engine/tf.ts'
import type { ParameterSpecs, Parameters } from '../model.ts'

const EPSILON = 1e-5

export function layerNormSpecs(name: string, size: number): ParameterSpecs {
  return {
    [`${name}.gain`]: { shape: [size], initialiser: { kind: 'blocks', values: [1] } },
    [`${name}.shift`]: { shape: [size], initialiser: { kind: 'zeros' } },
  }
}

/** Layer normalisation (Ba et al. 2016) of the last axis: gain ∘ (x − mean) / √(variance + ε) + shift. */
export function layerNorm(p: Parameters, name: string, x: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(normalised(x), p[`${name}.gain`]), p[`${name}.shift`])
}

/**
 * (x − mean) / √(variance + ε). With y for the result and u for what comes from above, its gradient is
 * (u − mean(u) − y·mean(u ∘ y)) / √(variance + ε): a third of the operations of the chain of its parts.
 */
const normalised = tf.customGrad((...inputs) => {
  const [x, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc]
  const centred = tf.sub(x, tf.mean(x, -1, true))
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), EPSILON))
  const value = tf.mul(centred, scale)
  save([value, scale])
  return {
    value,
    gradFunc: (upstream: tf.Tensor, saved: tf.Tensor[]) => {
      const [y, factor] = saved
      const along = tf.mul(y, tf.mean(tf.mul(upstream, y), -1, true))
      return tf.mul(tf.sub(tf.sub(upstream, tf.mean(upstream, -1, true)), along), factor)
    },
  }
})
