import * as tf from '../../engine/tf.ts'
import type { ParameterSpecs, Parameters } from '../model.ts'

// A kernel of displacement: Z_h(d) for every displacement d of a lattice up to a radius and every head h, learned freely
// between 0 and 1, and 1 at d = 0. It starts at one half. Every module has the same.

export function relativeKernelSpecs(name: string, displacements: number, heads: number): ParameterSpecs {
  return displacements === 1
    ? {}
    : { [`${name}.kernel`]: { shape: [displacements - 1, heads], initialiser: { kind: 'zeros' } } }
}

/** log Z [displacements, heads], row by row as `displacements` lists them: log σ(w), and 0 in the middle. */
export function relativeKernel(p: Parameters, name: string, heads: number): tf.Tensor {
  const free = p[`${name}.kernel`]
  if (free === undefined) return tf.zeros([1, heads])
  const [before, after] = tf.split(tf.neg(tf.softplus(tf.neg(free))), 2, 0)
  return tf.concat([before, tf.zeros([1, heads]), after], 0)
}
