import * as tf from '../../engine/tf.ts'
import type { Initialiser } from '../model.ts'

/** A bias of 3H gates that starts by remembering: z is about .7 (after Jozefowicz et al. 2015). */
export const rememberingGru: Initialiser = { kind: 'blocks', values: [0, 1, 0] }

const thirds = (gates: tf.Tensor): tf.Tensor[] => tf.split(gates, 3, gates.rank - 1)

/**
 * The gates of a gated recurrent unit (Cho et al. 2014, with the reset gate after the product as in cuDNN):
 *   r = σ(x_r + h_r)   z = σ(x_z + h_z)   n = tanh(x_n + r ∘ h_n)   h' = n + z ∘ (h − n)
 * `fromInput` and `fromState` are the two products, [..., 3H] in the order r, z, n; `state` is [..., H].
 *
 * With u for what comes from above, k = r ∘ h_n and m = z ∘ (h − n), which were there before, and
 *   e = u − u ∘ z   d_n = e ∘ (1 − n²)   q = d_n ∘ r
 * the gradients before the nonlinearities are d_z = e ∘ m, d_r = q ∘ (h_n − k), d_n, and q of h_n: σ' = σ(1 − σ) is
 * never written out, which saves the chain of the parts a third of what it writes.
 */
export const gruGates: (fromInput: tf.Tensor, fromState: tf.Tensor, state: tf.Tensor) => tf.Tensor = tf.customGrad(
  (...inputs) => {
    const [fromInput, fromState, state, save] = inputs as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc]
    const [inputReset, inputUpdate, inputCandidate] = thirds(fromInput)
    const [stateReset, stateUpdate, stateCandidate] = thirds(fromState)
    const reset = tf.sigmoid(tf.add(inputReset, stateReset))
    const update = tf.sigmoid(tf.add(inputUpdate, stateUpdate))
    const recalled = tf.mul(reset, stateCandidate)
    const candidate = tf.tanh(tf.add(inputCandidate, recalled))
    const kept = tf.mul(update, tf.sub(state, candidate))
    save([reset, update, stateCandidate, recalled, candidate, kept])
    return {
      value: tf.add(candidate, kept),
      gradFunc: (upstream: tf.Tensor, saved: tf.Tensor[]) => {
        const [r, z, h, k, n, m] = saved
        const toState = tf.mul(upstream, z)
        const toCandidate = tf.sub(upstream, toState)
        const toSum = tf.mul(toCandidate, tf.sub(1, tf.square(n)))
        const toRecalled = tf.mul(toSum, r)
        const toReset = tf.mul(toRecalled, tf.sub(h, k))
        const toUpdate = tf.mul(toCandidate, m)
        const axis = n.rank - 1
        return [tf.concat([toReset, toUpdate, toSum], axis), tf.concat([toReset, toUpdate, toRecalled], axis), toState]
      },
    }
  },
)
