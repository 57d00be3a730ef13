import * as tf from '../../engine/tf.ts'
import type { ParameterSpecs, Parameters, Tensors } from '../model.ts'
import type { Neighbours } from './neighbours.ts'

/** log of a strength of zero: far enough below any score that its softmax weight is exactly 0 in float32. */
export const OUT_OF_RANGE = -1e9

/**
 * Where locality lives: modules and positions as points of one space, and how strongly one point acts on another.
 * A module is always in range of itself with strength 1 (log 0).
 */
export interface Topology {
  readonly parameters: ParameterSpecs
  /** [M, D] the points of the modules */
  modules(p: Parameters): tf.Tensor
  /** encoded positions [..., P] → points [..., D] */
  place(p: Parameters, positions: tf.Tensor): tf.Tensor
  /** a [..., D], b [M, D] → [..., M]: log of the strength with which b acts on a */
  logKernel(p: Parameters, a: tf.Tensor, b: tf.Tensor): tf.Tensor
  /** Who acts on whom, where that is fixed and every strength between modules is 1 or 0. */
  readonly neighbours?: Neighbours
  /** What is learned of points and of how far they reach, in the kernel's own terms; named as the parameters are. */
  describe?(p: Parameters): Tensors
}

/** 1 where the last axis of a log-kernel holds anything in range, 0 where all is out of range; no gradient. */
export function inRange(logKernel: tf.Tensor): tf.Tensor {
  return tf.step(tf.sub(tf.max(logKernel, -1), OUT_OF_RANGE / 2))
}

/** `<name>.strengths` of named log-kernels. */
export const strengthsOf = (logKernels: Tensors): Tensors =>
  Object.fromEntries(Object.entries(logKernels).map(([name, logKernel]) => [`${name}.strengths`, tf.exp(logKernel)]))
