import * as tf from '../../engine/tf.ts'
import type { Initialiser } from '../model.ts'

/** A bias of 3H gates that starts by remembering: z is about .7 (after Jozefowicz et al. 2015). */
export const rememberingGru: Initialiser = { kind: 'blocks', values: [0, 1, 0] }

/**
 * The gates of a gated recurrent unit (Cho et al. 2014, with the reset gate after the product as in cuDNN):
 *   r = σ(x_r + h_r)   z = σ(x_z + h_z)   n = tanh(x_n + r ∘ h_n)   h' = n + z ∘ (h − n)
 * `fromInput` and `fromState` are the two products, [..., 3H] in the order r, z, n; `state` is [..., H].
 */
export function gruGates(fromInput: tf.Tensor, fromState: tf.Tensor, state: tf.Tensor): tf.Tensor {
  const axis = state.rank - 1
  const width = state.shape[axis]
  const [inputGates, inputCandidate] = tf.split(fromInput, [2 * width, width], axis)
  const [stateGates, stateCandidate] = tf.split(fromState, [2 * width, width], axis)
  const [reset, update] = tf.split(tf.sigmoid(tf.add(inputGates, stateGates)), 2, axis)
  const candidate = tf.tanh(tf.add(inputCandidate, tf.mul(reset, stateCandidate)))
  return tf.add(candidate, tf.mul(update, tf.sub(state, candidate)))
}
