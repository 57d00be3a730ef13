import * as tf from '../../engine/tf.ts'
import { type Neighbours, whereHeard } from '../topologies/neighbours.ts'
import { OUT_OF_RANGE } from '../topologies/topology.ts'

// Attention of M modules to k others each, at a cost of O(M·k) where the dense form has O(M²). Modules lead all axes, so
// that a neighbour's keys and values are one stretch of memory, copied whole; heads need no rearranging.

/**
 * Kernel-modulated attention within neighbour lists: as `attend`, which it equals where the dense kernel is out of range
 * outside the lists. roles [M, B, 3·heads·d] (queries, keys and values), logKernel broadcastable to [M, k, B, heads]
 * → [M, B, heads·d].
 */
export function neighbourAttention(
  roles: tf.Tensor,
  neighbours: Neighbours,
  logKernel: tf.Tensor,
  heads: number,
): tf.Tensor {
  const { count, indices } = neighbours
  const gather = (x: tf.Tensor) => gatherModules(x, indices, whereHeard(neighbours))
  return attendTo(roles, count, gather, tf.add(logKernel, absence(neighbours)), heads)
}

/**
 * The same where the lists, [M, k] numbers of modules, are themselves computed: for networks that are trained already,
 * since no gradient flows. logKernel [M, k].
 */
export function chosenAttention(roles: tf.Tensor, chosen: tf.Tensor, logKernel: tf.Tensor, heads: number): tf.Tensor {
  const [modules, count] = chosen.shape as [number, number]
  const gather = (x: tf.Tensor) => tf.gather(x, tf.reshape(chosen, [modules * count]), 0)
  return attendTo(roles, count, gather, tf.reshape(logKernel, [modules, count, 1, 1]), heads)
}

function attendTo(
  roles: tf.Tensor,
  count: number,
  gather: (x: tf.Tensor) => tf.Tensor,
  logKernel: tf.Tensor,
  heads: number,
): tf.Tensor {
  const [modules, batch, size] = roles.shape as [number, number, number]
  const d = size / (3 * heads)
  const rows = batch * heads
  const [query, key, value] = tf.split(roles, 3, 2)
  const ofNeighbours = (x: tf.Tensor) =>
    tf.reshape(gather(tf.reshape(x, [modules, rows * d])), [modules, count, rows, d])
  const scaled = tf.reshape(tf.mul(query, 1 / Math.sqrt(d)), [modules, 1, rows, d])
  const scores = tf.reshape(tf.sum(tf.mul(scaled, ofNeighbours(key)), 3), [modules, count, batch, heads])
  const modulated = tf.reshape(tf.add(scores, logKernel), [modules, count, rows])
  const weights = tf.transpose(tf.softmax(tf.transpose(modulated, [0, 2, 1])), [0, 2, 1]) // over the neighbours
  const attended = tf.sum(tf.mul(tf.expandDims(weights, 3), ofNeighbours(value)), 1)
  return tf.reshape(attended, [modules, batch, heads * d])
}

/** [M, k, 1, 1] log of the strength of what is not there. */
function absence({ modules, count, present }: Neighbours): tf.Tensor {
  return tf.tensor4d(
    Float32Array.from(present, here => (here === 1 ? 0 : OUT_OF_RANGE)),
    [modules, count, 1, 1],
  )
}

/**
 * Rows of x [M, R] by number → [M·k, R]. The gradient is a gather as well: a module's is the sum over the places where it
 * is heard.
 */
function gatherModules(x: tf.Tensor, indices: Int32Array, heardAt: Int32Array): tf.Tensor {
  const [modules, size] = x.shape as [number, number]
  const forward = tf.customGrad((...inputs) => ({
    value: tf.gather(inputs[0] as tf.Tensor, tf.tensor1d(indices, 'int32'), 0),
    gradFunc: (upstream: tf.Tensor) => {
      const heard = tf.gather(upstream, tf.tensor1d(heardAt, 'int32'), 0)
      return tf.sum(tf.reshape(heard, [modules, indices.length / modules, size]), 1)
    },
  }))
  return forward(x)
}
