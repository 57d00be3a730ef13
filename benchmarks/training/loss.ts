import * as tf from '../../engine/tf.ts'

/**
 * Cross-entropy of probabilities `targets` under `logits`, elementwise, in nats: softplus(x) − x·y. Its gradient is
 * σ(x) − y in closed form, which costs less than the chain of its parts and never overflows.
 */
export const crossEntropy = tf.customGrad((...inputs) => {
  const [logits, targets, save] = inputs as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc]
  save([logits, targets])
  const magnitude = tf.log1p(tf.exp(tf.neg(tf.abs(logits))))
  return {
    value: tf.add(tf.sub(tf.relu(logits), tf.mul(logits, targets)), magnitude),
    gradFunc: (upstream: tf.Tensor, saved: tf.Tensor[]) => [
      tf.mul(upstream, tf.sub(tf.sigmoid(saved[0]), saved[1])),
      tf.zerosLike(saved[1]),
    ],
  }
})

/**
 * Mean over all that is asked for, and over the C numbers of each: cross-entropy in nats for bernoulli worlds, squared
 * error in training variances for gaussian ones. predictions, targets [S, B, Q, C]; weights [S, B, Q].
 */
export function meanLoss(
  likelihood: 'bernoulli' | 'gaussian',
  predictions: tf.Tensor,
  targets: tf.Tensor,
  weights: tf.Tensor,
): tf.Scalar {
  const each =
    likelihood === 'bernoulli' ? crossEntropy(predictions, targets) : tf.squaredDifference(predictions, targets)
  const weighted = tf.mul(tf.mean(each, -1), weights)
  return tf.div(tf.sum(weighted), tf.sum(weights))
}
