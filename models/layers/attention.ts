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

/** [M, B, heads·d] → [B·heads, M, d]: modules become the rows of one attention for each episode and head. */
export function splitHeads(x: tf.Tensor, heads: number): tf.Tensor {
  const [modules, batch, size] = x.shape
  return tf.transpose(tf.reshape(x, [modules, batch * heads, size / heads]), [1, 0, 2])
}

/** [B·heads, M, d] → [M, B, heads·d], the way back. */
export function joinHeads(x: tf.Tensor, heads: number): tf.Tensor {
  const [n, modules, size] = x.shape
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [modules, n / heads, heads * size])
}
