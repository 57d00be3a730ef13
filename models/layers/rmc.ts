import * as tf from '../../engine/tf.ts'
import type { ParameterSpecs, Parameters } from '../model.ts'
import type { Affine } from './affine.ts'
import { layerNorm, layerNormSpecs } from './layer-norm.ts'

// The relational memory core (Santoro et al. 2018, §3.2–3.3): a memory M of S slots of F numbers attends to itself and
// to the input x, and takes over what comes out by gates of its own for every unit:
//
//   A    = softmax(Q·Kᵀ/√d)·V       Q = M·W_q,  K = [M; x]·W_k,  V = [M; x]·W_v,  several heads side by side
//   M̃    = norm(M + A·W_o)          then M̃ = norm(M̃ + MLP(M̃)), row by row
//   i, f = U·x + W·tanh(M) + (0, 1)
//   M'   = σ(i) ∘ tanh(M̃) + σ(f) ∘ M
//
// All slots share these maps; what tells them apart is where they start (`firstMemory`). There is no output gate, as in
// the authors' own code. W_o is not theirs: with it F need not be a multiple of the heads.

export interface RmcShape {
  /** Numbers of x, before it is embedded as a row of F. */
  readonly inputs: number
  /** S */
  readonly slots: number
  /** F */
  readonly slotSize: number
  readonly heads: number
  readonly headSize: number
}

/** Parameters named `<name>.…`. Where `maps` are each module's own, modules are the first axis of memory and input. */
export function rmcSpecs(name: string, maps: Affine, shape: RmcShape): ParameterSpecs {
  const { inputs, slotSize, heads, headSize } = shape
  const attended = heads * headSize
  return {
    ...maps.specs(`${name}.input`, inputs, slotSize),
    ...maps.specs(`${name}.attend`, slotSize, 3 * attended),
    ...maps.specs(`${name}.attended`, attended, slotSize),
    ...layerNormSpecs(`${name}.norm1`, slotSize),
    ...maps.specs(`${name}.mlp1`, slotSize, slotSize),
    ...maps.specs(`${name}.mlp2`, slotSize, slotSize),
    ...layerNormSpecs(`${name}.norm2`, slotSize),
    ...maps.specs(`${name}.gates.input`, slotSize, 2 * slotSize, { kind: 'blocks', values: [0, 1] }),
    ...maps.specs(`${name}.gates.memory`, slotSize, 2 * slotSize),
  }
}

/** [..., S, F] before anything was seen: the rows of an identity matrix, again from its first where S > F. */
export function firstMemory(leading: readonly number[], { slots, slotSize }: RmcShape): tf.Tensor {
  const rows = new Float32Array(slots * slotSize)
  for (let slot = 0; slot < slots; slot++) rows[slot * slotSize + (slot % slotSize)] = 1
  return tf.tile(tf.reshape(tf.tensor1d(rows), [...leading.map(() => 1), slots, slotSize]), [...leading, 1, 1])
}

/** One step: input [..., inputs], memory [..., S, F] → the next memory. */
export function rmcStep(
  p: Parameters,
  name: string,
  maps: Affine,
  shape: RmcShape,
  input: tf.Tensor,
  memory: tf.Tensor,
): tf.Tensor {
  const axis = memory.rank - 1
  const row = tf.expandDims(maps.apply(p, `${name}.input`, input), axis - 1) // [..., 1, F]
  const roles = maps.apply(p, `${name}.attend`, tf.concat([memory, row], axis - 1)) // [..., S + 1, 3·heads·d]
  const attended = maps.apply(p, `${name}.attended`, slotsAttend(roles, shape))
  const told = layerNorm(p, `${name}.norm1`, tf.add(memory, attended))
  const thought = maps.apply(p, `${name}.mlp2`, tf.relu(maps.apply(p, `${name}.mlp1`, told)))
  const proposal = layerNorm(p, `${name}.norm2`, tf.add(told, thought))
  const fromMemory = maps.apply(p, `${name}.gates.memory`, tf.tanh(memory))
  const gates = tf.add(fromMemory, maps.apply(p, `${name}.gates.input`, row))
  const [take, keep] = tf.split(tf.sigmoid(gates), 2, axis)
  return tf.add(tf.mul(take, tf.tanh(proposal)), tf.mul(keep, memory))
}

/**
 * Every slot attends to all S + 1 rows: roles [..., S + 1, 3·heads·d] → [..., S, heads·d]. Products of so few rows are
 * sums, which cost less written as such than as a matrix product for each head, episode and module.
 */
function slotsAttend(roles: tf.Tensor, { slots, heads, headSize }: RmcShape): tf.Tensor {
  const leading = roles.shape.slice(0, -2)
  const n = leading.reduce((product, length) => product * length, 1)
  const [rows, size] = [slots + 1, heads * headSize]
  const [query, key, value] = tf.split(tf.reshape(roles, [n, rows, 3 * size]), 3, 2)
  const asked = tf.mul(tf.slice(query, [0, 0, 0], [n, slots, size]), 1 / Math.sqrt(headSize))
  const products = tf.mul(tf.reshape(asked, [n, slots, 1, size]), tf.reshape(key, [n, 1, rows, size]))
  const scores = tf.sum(tf.reshape(products, [n * slots, rows, heads, headSize]), 3)
  const weights = tf.transpose(tf.softmax(tf.transpose(scores, [0, 2, 1])), [0, 2, 1]) // over the rows
  const weighted = tf.mul(
    tf.reshape(weights, [n, slots, rows * heads, 1]),
    tf.reshape(value, [n, 1, rows * heads, headSize]),
  )
  return tf.reshape(tf.sum(tf.reshape(weighted, [n, slots, rows, size]), 2), [...leading, slots, size])
}
