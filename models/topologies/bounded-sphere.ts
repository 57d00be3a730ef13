import * as tf from '../../engine/tf.ts'
import type { Parameters } from '../model.ts'
import { cosines, normalise, sphereKernel } from './sphere.ts'
import { OUT_OF_RANGE, type Topology } from './topology.ts'

export interface BoundedSphereOptions {
  /** Parameters are named `<name>.…`. */
  readonly name: string
  readonly modules: number
  /** D: the sphere is S^{D−1}. */
  readonly dimension: number
  /** Where every module's sharpness ε starts. */
  readonly epsilon: number
  /** Where every module's threshold τ starts, a cosine. */
  readonly threshold: number
  /** δ: how far above its threshold a module hears at full strength. */
  readonly ramp: number
}

/**
 * Points of modules on a sphere, each with bounds of its own: how much of the others module a hears is
 *   Z_a(a, b) = exp(−2ε_a(1 − a·b)) · clamp((a·b − τ_a)/δ, 0, 1),    ε_a = exp(e_a),    τ_a = −1 + (2 − 2δ)·σ(t_a),
 * with e and t learned. Rahaman et al. 2021 have one ε, and one hard τ that has no gradient. Here the step is a ramp of
 * width δ: below τ_a a pair has exactly no weight, within the ramp the gradient moves τ_a, above it the kernel is theirs.
 * What lies outside has no gradient to come back by: it returns when the pairs in the ramp, or a move of the points,
 * bring it there. τ_a stays below 1 − 2δ, so that a module always hears itself in full.
 */
export function boundedSphereTopology(options: BoundedSphereOptions): Topology {
  const { name, modules, dimension, epsilon, threshold, ramp } = options
  const share = (threshold + 1) / (2 - 2 * ramp)
  const each = (value: number) => ({ shape: [modules], initialiser: { kind: 'blocks', values: [value] } }) as const
  const points = (p: Parameters) => normalise(p[`${name}.modules`])
  const sharpness = (p: Parameters) => tf.exp(p[`${name}.logEpsilon`])
  const bounds = (p: Parameters) => tf.sub(tf.mul(tf.sigmoid(p[`${name}.threshold`]), 2 - 2 * ramp), 1)
  return {
    parameters: {
      [`${name}.modules`]: { shape: [modules, dimension], initialiser: { kind: 'sphere' } },
      [`${name}.logEpsilon`]: each(Math.log(epsilon)),
      [`${name}.threshold`]: each(Math.log(share / (1 - share))),
    },
    modules: points,
    place: () => {
      throw new Error(`no position is ever placed on the sphere '${name}'`)
    },
    // a are the modules themselves: a's bounds are those of its row.
    logKernel: (p, a, b) => {
      const column = (x: tf.Tensor) => tf.reshape(x, [modules, 1])
      const cosine = cosines(a, b)
      const strength = sphereKernel(cosine, column(sharpness(p)))
      const open = tf.clipByValue(tf.div(tf.sub(cosine, column(bounds(p))), ramp), 0, 1)
      const shut = tf.mul(tf.sub(1, tf.step(open)), OUT_OF_RANGE)
      return tf.add(tf.add(strength, tf.log(tf.maximum(open, 1e-30))), shut)
    },
    describe: p => ({
      [`${name}.modules`]: points(p), // [M, D]
      [`${name}.epsilon`]: sharpness(p), // [M]
      [`${name}.threshold`]: bounds(p), // [M]
    }),
  }
}
