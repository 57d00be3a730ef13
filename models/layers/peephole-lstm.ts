import * as tf from '../../engine/tf.ts'
import type { ParameterSpecs, Parameters } from '../model.ts'

const zeros = { kind: 'zeros' } as const

/** The peepholes of H units: one number a unit and gate. */
export function peepholeSpecs(name: string, width: number): ParameterSpecs {
  return {
    [`${name}.input`]: { shape: [width], initialiser: zeros },
    [`${name}.forget`]: { shape: [width], initialiser: zeros },
    [`${name}.output`]: { shape: [width], initialiser: zeros },
  }
}

/**
 * The gates of a long short-term memory that see its cell (Gers & Schmidhuber 2000), p_i, p_f, p_o the peepholes:
 *   c' = σ(f + p_f ∘ c) ∘ c + σ(i + p_i ∘ c) ∘ tanh(g)   h' = σ(o + p_o ∘ c') ∘ tanh(c')
 * `gates` [..., 4H] holds i, f, o, g before their nonlinearities; `cell` is [..., H].
 */
export function peepholeLstm(
  p: Parameters,
  name: string,
  gates: tf.Tensor,
  cell: tf.Tensor,
): { hidden: tf.Tensor; cell: tf.Tensor } {
  const [i, f, o, g] = tf.split(gates, 4, cell.rank - 1)
  const seeing = (gate: tf.Tensor, which: string, seen: tf.Tensor) =>
    tf.sigmoid(tf.add(gate, tf.mul(seen, p[`${name}.${which}`])))
  const kept = tf.mul(seeing(f, 'forget', cell), cell)
  const next = tf.add(kept, tf.mul(seeing(i, 'input', cell), tf.tanh(g)))
  return { hidden: tf.mul(seeing(o, 'output', next), tf.tanh(next)), cell: next }
}
