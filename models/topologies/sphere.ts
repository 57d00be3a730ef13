import * as tf from '../../engine/tf.ts'
import { dense, denseSpecs } from '../layers/dense.ts'
import type { Parameters } from '../model.ts'
import { OUT_OF_RANGE, type Topology } from './topology.ts'

export interface SphereOptions {
  /** Parameters are named `<name>.…`. */
  readonly name: string
  readonly modules: number
  /** P, or 0 where only modules live on this sphere and no position is ever placed. */
  readonly positionSize: number
  /** D: the sphere is S^{D−1}. */
  readonly dimension: number
  /** Hidden units of the map from positions to the sphere. */
  readonly hidden: number
  /** Where the learned sharpness ε starts. */
  readonly epsilon: number
  /** [M, P] the encoded positions where the modules start; without them they start anywhere. */
  readonly anchors?: Float32Array
  /** Cosine τ below which nothing acts; −1 cuts nothing off. */
  readonly threshold: number
}

/**
 * The learned locality of Rahaman et al. 2021, eq. 2: modules are free points on the unit sphere S^{D−1}, a network
 * places positions there, and Z(a, b) = exp(−2ε(1 − a·b)) where a·b ≥ τ, else 0. ε is learned, as exp of a parameter.
 * With anchors a module is a free displacement from where its anchor is placed: it starts at a place of its own, not at
 * random as in the paper, and may move anywhere. Which places lie close is learned all the same.
 */
export function sphereTopology(options: SphereOptions): Topology {
  const { name, modules, positionSize, dimension, hidden, epsilon, threshold, anchors } = options
  const placing = positionSize > 0
  const place = (p: Parameters, positions: tf.Tensor) =>
    dense(p, `${name}.place2`, tf.relu(dense(p, `${name}.place1`, positions)))
  return {
    parameters: {
      [`${name}.modules`]: {
        shape: [modules, dimension],
        initialiser: anchors === undefined ? { kind: 'sphere' } : { kind: 'zeros' },
      },
      [`${name}.logEpsilon`]: { shape: [], initialiser: { kind: 'blocks', values: [Math.log(epsilon)] } },
      ...(placing && denseSpecs(`${name}.place1`, positionSize, hidden)),
      ...(placing && denseSpecs(`${name}.place2`, hidden, dimension)),
    },
    modules: p => {
      const free = p[`${name}.modules`]
      if (anchors === undefined) return normalise(free)
      return normalise(tf.add(place(p, tf.tensor2d(anchors, [modules, positionSize])), free))
    },
    place: (p, positions) => normalise(place(p, positions)),
    logKernel: (p: Parameters, a, b) => {
      const rows = tf.reshape(a, [-1, dimension])
      const cosine = tf.reshape(tf.matMul(rows, b, false, true), [...a.shape.slice(0, -1), modules])
      const strength = tf.mul(tf.sub(cosine, 1), tf.mul(tf.exp(p[`${name}.logEpsilon`]), 2))
      if (threshold <= -1) return strength
      // The margin keeps a module in range of itself when rounding takes its cosine below 1.
      return tf.add(strength, tf.mul(tf.step(tf.sub(threshold - 1e-5, cosine)), OUT_OF_RANGE))
    },
  }
}

/** Scales the last axis to length 1. */
function normalise(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-12)))
}
