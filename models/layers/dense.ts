import * as tf from '../../engine/tf.ts'
import type { Initialiser, ParameterSpecs, Parameters } from '../model.ts'

const zeros: Initialiser = { kind: 'zeros' }

/** LeCun et al. 1998: the variance of a unit's input stays that of its parts. */
export const lecunNormal = (inputs: number): Initialiser => ({ kind: 'normal', deviation: 1 / Math.sqrt(inputs) })

/** An affine map: weights [inputs, outputs] and a bias. */
export function denseSpecs(name: string, inputs: number, outputs: number, bias: Initialiser = zeros): ParameterSpecs {
  return {
    [`${name}.weight`]: { shape: [inputs, outputs], initialiser: lecunNormal(inputs) },
    [`${name}.bias`]: { shape: [outputs], initialiser: bias },
  }
}

/** x [..., inputs] → [..., outputs] */
export function dense(p: Parameters, name: string, x: tf.Tensor): tf.Tensor {
  return tf.add(project(p, `${name}.weight`, x), p[`${name}.bias`])
}

/** x [..., inputs] times the matrix `weight` [inputs, outputs], as one product over all leading axes. */
export function project(p: Parameters, weight: string, x: tf.Tensor): tf.Tensor {
  const [inputs, outputs] = p[weight].shape
  const rows = tf.reshape(x, [-1, inputs])
  return tf.reshape(tf.matMul(rows, p[weight]), [...x.shape.slice(0, -1), outputs])
}

/** An affine map of its own for each of M modules: weights [M, inputs, outputs], bias [M, 1, outputs]. */
export function moduleDenseSpecs(
  name: string,
  modules: number,
  inputs: number,
  outputs: number,
  bias: Initialiser = zeros,
): ParameterSpecs {
  return {
    [`${name}.weight`]: { shape: [modules, inputs, outputs], initialiser: lecunNormal(inputs) },
    [`${name}.bias`]: { shape: [modules, 1, outputs], initialiser: bias },
  }
}

/** x [M, ..., inputs] → [M, ..., outputs], every module by its own weights. */
export function moduleDense(p: Parameters, name: string, x: tf.Tensor): tf.Tensor {
  const [modules, inputs, outputs] = p[`${name}.weight`].shape
  const rows = tf.reshape(x, [modules, -1, inputs])
  const mapped = tf.add(tf.matMul(rows, p[`${name}.weight`]), p[`${name}.bias`])
  return tf.reshape(mapped, [...x.shape.slice(0, -1), outputs])
}
