import * as tf from '../../engine/tf.ts'

/**
 * Kernel-modulated attention (Vaswani et al. 2017, Rahaman et al. 2021): the weight of b for a is
 * Z(a, b)·softmax_b(q_a·k_b / √d), renormalised; in one operation softmax_b(q_a·k_b / √d + log Z(a, b)).
 * query [N, A, d], key [N, B, d], value [N, B, v], logKernel broadcastable to [N / heads, heads, A, B] → [N, A, v].
 * A row with nothing in range gets a uniform mean: the caller blanks it (`inRange`).
 */
export function kernelAttention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  logKernel: tf.Tensor,
  heads: number,
): tf.Tensor {
  const [n, rows, size] = query.shape as [number, number, number]
  const columns = key.shape[1] as number
  const scores = tf.matMul(tf.mul(query, 1 / Math.sqrt(size)), key, false, true)
  const modulated = tf.add(tf.reshape(scores, [n / heads, heads, rows, columns]), logKernel)
  return tf.matMul(tf.reshape(tf.softmax(modulated), [n, rows, columns]), value)
}

/**
 * [M, B, roles·heads·d] → as many tensors [B·heads, M, d] as there are roles: modules become the rows of one attention
 * for each episode and head. Queries, keys and values are moved together, because moving costs by the piece.
 */
export function splitHeads(x: tf.Tensor, heads: number, roles: number): tf.Tensor[] {
  const [modules, batch, size] = x.shape as [number, number, number]
  const d = size / (roles * heads)
  const rows = tf.transpose(tf.reshape(x, [modules, batch * roles * heads, d]), [1, 0, 2])
  if (roles === 1) return [rows]
  const perRole = tf.split(tf.reshape(rows, [batch, roles, heads * modules * d]), roles, 1)
  return perRole.map(role => tf.reshape(role, [batch * heads, modules, d]))
}

/** [B·heads, M, d] → [M, B, heads·d], the way back. */
export function joinHeads(x: tf.Tensor, heads: number): tf.Tensor {
  const [n, modules, size] = x.shape
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [modules, n / heads, heads * size])
}
