import * as tf from '../../engine/tf.ts'
import type { ParameterSpecs, Parameters } from '../model.ts'
import { joinHeads, kernelAttention, splitHeads } from './attention.ts'
import { lecunNormal, moduleDense, moduleDenseSpecs, project } from './dense.ts'
import { gruGates, rememberingGru } from './gru.ts'

// Recurrent independent mechanisms (Goyal et al. 2021, §2): N modules with a GRU each compete for the input x.
//
//   s_n = h_n·W_n^q · (x·W^k) / √d     attention to x against a null row, whose key and value are zero: the softmax over
//   u_n = σ(s_n)·x·W^v                 both is σ(s_n)
//   active: the K modules that attend most to x
//   h̃_n = GRU_n(u_n, h_n) where active, else h_n
//   h'_n = h̃_n + Σ_l softmax_l(q_n·k_l / √d)·v_l·W_n^o where active, else h_n      l runs over all modules
//
// Who is active is a step and has no gradient; gradients reach the competition through σ(s_n), and flow through modules
// that are not active, whose state goes on as it is.

export interface RimsShape {
  /** Numbers of x. */
  readonly inputs: number
  /** N */
  readonly modules: number
  /** H, units of a module. */
  readonly width: number
  /** K */
  readonly active: number
  /** d and the numbers of a value, of the attention to x. */
  readonly keySize: number
  readonly valueSize: number
  /** Of the attention between modules. */
  readonly heads: number
  readonly headSize: number
}

export function rimsSpecs(name: string, shape: RimsShape): ParameterSpecs {
  const { inputs, modules, width, keySize, valueSize, heads, headSize } = shape
  const spoken = heads * headSize
  return {
    [`${name}.query`]: { shape: [modules, width, keySize], initialiser: lecunNormal(width) },
    [`${name}.key`]: { shape: [inputs, keySize], initialiser: lecunNormal(inputs) },
    [`${name}.value`]: { shape: [inputs, valueSize], initialiser: lecunNormal(inputs) },
    ...moduleDenseSpecs(`${name}.input`, modules, valueSize, 3 * width, rememberingGru),
    ...moduleDenseSpecs(`${name}.state`, modules, width, 3 * width),
    [`${name}.speak`]: { shape: [modules, width, 3 * spoken], initialiser: lecunNormal(width) },
    [`${name}.heard`]: { shape: [modules, spoken, width], initialiser: lecunNormal(spoken) },
  }
}

/** x [..., inputs] → keys and values [..., d + values], for all steps at once. */
export function offer(p: Parameters, name: string, x: tf.Tensor): { key: tf.Tensor; value: tf.Tensor } {
  return { key: project(p, `${name}.key`, x), value: project(p, `${name}.value`, x) }
}

/** One step: key [B, d] and value [B, values] of the input, hidden [N, B, H] → the next hidden. */
export function rimsStep(
  p: Parameters,
  name: string,
  { keySize, active, heads }: RimsShape,
  key: tf.Tensor,
  value: tf.Tensor,
  hidden: tf.Tensor,
): tf.Tensor {
  const query = tf.matMul(hidden, p[`${name}.query`]) // [N, B, d]
  const scores = tf.mul(tf.sum(tf.mul(query, key), 2), 1 / Math.sqrt(keySize)) // [N, B]
  const taken = tf.mul(tf.expandDims(tf.sigmoid(scores), 2), value) // [N, B, values]
  const acts = tf.expandDims(largest(scores, active), 2) // [N, B, 1]
  const fromState = moduleDense(p, `${name}.state`, hidden)
  const moved = gruGates(moduleDense(p, `${name}.input`, taken), fromState, hidden)
  const thought = tf.add(hidden, tf.mul(acts, tf.sub(moved, hidden)))
  const [asking, offered, told] = splitHeads(tf.matMul(thought, p[`${name}.speak`]), heads, 3)
  const heard = joinHeads(kernelAttention(asking, offered, told, tf.scalar(0), heads), heads)
  return tf.add(thought, tf.mul(acts, tf.matMul(heard, p[`${name}.heard`])))
}

/** scores [N, B] → [N, B]: 1 for the `count` largest of each column, 0 else; of equal ones the first. No gradient. */
export function largest(scores: tf.Tensor, count: number): tf.Tensor {
  const n = scores.shape[0]
  const other = tf.expandDims(scores, 0) // [1, N, B]
  const own = tf.expandDims(scores, 1) // [N, 1, B]
  const greater = tf.step(tf.sub(other, own)) // [own, other, B]
  const atLeast = tf.sub(1, tf.step(tf.sub(own, other)))
  // Ranks of earlier ones count where equal, of later ones only where greater.
  const earlier = tf.tensor3d(
    Float32Array.from({ length: n * n }, (_, i) => (i % n < Math.floor(i / n) ? 1 : 0)),
    [n, n, 1],
  )
  const ahead = tf.sum(tf.add(greater, tf.mul(earlier, tf.sub(atLeast, greater))), 1)
  return tf.step(tf.sub(count - 0.5, ahead))
}
