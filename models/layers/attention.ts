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
 * for each episode and head. Roles are cut apart first, so that each is one plain transposition, which a matrix product
 * reads without a copy.
 */
export function splitHeads(x: tf.Tensor, heads: number, roles: number): tf.Tensor[] {
  const [modules, batch, size] = x.shape as [number, number, number]
  const perRole = roles === 1 ? [x] : tf.split(x, roles, 2)
  const rows = [modules, batch * heads, size / (roles * heads)]
  return perRole.map(role => tf.transpose(tf.reshape(role, rows), [1, 0, 2]))
}

/** [B·heads, M, d] → [M, B, heads·d], the way back. */
export function joinHeads(x: tf.Tensor, heads: number): tf.Tensor {
  const [n, modules, size] = x.shape
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [modules, n / heads, heads * size])
}
