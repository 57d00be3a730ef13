import * as tf from '../../engine/tf.ts'
import type { Initialiser } from '../model.ts'

/** A bias of 4H gates whose forget gate starts at 1 (Jozefowicz et al. 2015). */
export const rememberingLstm: Initialiser = { kind: 'blocks', values: [0, 1, 0, 0] }

/**
 * The gates of a long short-term memory (Hochreiter & Schmidhuber 1997, forget gate of Gers et al. 2000):
 *   c' = σ(f) ∘ c + σ(i) ∘ tanh(g)   h' = σ(o) ∘ tanh(c')
 * `gates` [..., 4H] holds i, f, o, g before their nonlinearities; `cell` is [..., H].
 */
export function lstmGates(gates: tf.Tensor, cell: tf.Tensor): { hidden: tf.Tensor; cell: tf.Tensor } {
  const axis = cell.rank - 1
  const width = cell.shape[axis]
  const [sigmoids, proposal] = tf.split(gates, [3 * width, width], axis)
  const [input, forget, output] = tf.split(tf.sigmoid(sigmoids), 3, axis)
  const next = tf.add(tf.mul(forget, cell), tf.mul(input, tf.tanh(proposal)))
  return { hidden: tf.mul(output, tf.tanh(next)), cell: next }
}
