import * as tf from '../../engine/tf.ts'
import type { Parameters } from '../model.ts'
import type { Placement } from './placements.ts'
import { OUT_OF_RANGE, type Topology } from './topology.ts'

export interface SphereOptions {
  /** Parameters are named `<name>.…`. */
  readonly name: string
  readonly modules: number
  /** D: the sphere is S^{D−1}. */
  readonly dimension: number
  /** Where the learned sharpness ε starts. */
  readonly epsilon: number
  /** Cosine τ below which nothing acts; −1 cuts nothing off. */
  readonly threshold: number
  /** How positions find their points; absent where only modules live on this sphere, which then start anywhere. */
  readonly placement?: Placement
}

/**
 * The learned locality of Rahaman et al. 2021, eq. 2: modules are free points on the unit sphere S^{D−1}, positions are
 * placed there, and Z(a, b) = exp(−2ε(1 − a·b)) where a·b ≥ τ, else 0. ε is learned, as exp of a parameter.
 * Where positions are placed a module is a free displacement from its own: it starts at a place that is its own, not at
 * random as in the paper, and may move anywhere. Which places lie close is learned all the same.
 */
export function sphereTopology(options: SphereOptions): Topology {
  const { name, modules, dimension, epsilon, threshold, placement } = options
  const points = (p: Parameters) => {
    const free = p[`${name}.modules`]
    return normalise(placement ? tf.add(placement.home(p), free) : free)
  }
  const sharpness = (p: Parameters) => tf.exp(p[`${name}.logEpsilon`])
  return {
    parameters: {
      [`${name}.modules`]: { shape: [modules, dimension], initialiser: { kind: placement ? 'zeros' : 'sphere' } },
      [`${name}.logEpsilon`]: { shape: [], initialiser: { kind: 'blocks', values: [Math.log(epsilon)] } },
      ...placement?.parameters,
    },
    modules: points,
    place: (p, positions) => {
      if (placement === undefined) throw new Error(`no position is ever placed on the sphere '${name}'`)
      return normalise(placement.place(p, positions))
    },
    logKernel: (p: Parameters, a, b) => {
      const cosine = cosines(a, b)
      const strength = sphereKernel(cosine, sharpness(p))
      return threshold <= -1 ? strength : cutOff(strength, cosine, threshold)
    },
    describe: p => ({
      [`${name}.modules`]: points(p), // [M, D]
      [`${name}.epsilon`]: sharpness(p),
      [`${name}.threshold`]: tf.scalar(threshold),
    }),
  }
}

/** log of exp(−2ε(1 − a·b)). */
export function sphereKernel(cosine: tf.Tensor, epsilon: tf.Tensor): tf.Tensor {
  return tf.mul(tf.sub(cosine, 1), tf.mul(epsilon, 2))
}

/** Nothing acts below the cosine τ. The margin keeps a module in range of itself when rounding takes it below 1. */
export function cutOff(logKernel: tf.Tensor, cosine: tf.Tensor, threshold: number): tf.Tensor {
  return tf.add(logKernel, tf.mul(tf.step(tf.sub(threshold - 1e-5, cosine)), OUT_OF_RANGE))
}

/** Points a [..., D] and b [M, D] of the unit sphere → a·b [..., M]. */
export function cosines(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const [modules, dimension] = b.shape as [number, number]
  const rows = tf.reshape(a, [-1, dimension])
  return tf.reshape(tf.matMul(rows, b, false, true), [...a.shape.slice(0, -1), modules])
}

/** Scales the last axis to length 1. */
export function normalise(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-12)))
}
