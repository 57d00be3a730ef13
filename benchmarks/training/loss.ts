import * as tf from '../../engine/tf.ts'

/** Most factors of at most 2 whose product no float32 overflows at. */
const FACTORS = 127

/** Σ ln(1 + e^−|x|) over the last axis: the logarithm of a product, because a logarithm costs as much as ten products. */
function sumOfTails(logits: tf.Tensor): tf.Tensor {
  const tails = tf.exp(tf.neg(tf.abs(logits)))
  const count = logits.shape.at(-1) as number
  return count <= FACTORS ? tf.log(tf.prod(tf.add(tails, 1), -1)) : tf.sum(tf.log1p(tails), -1)
}

/**
 * Mean over the last axis of the cross-entropy of probabilities `targets` under `logits`, in nats: softplus(x) − x·y.
 * Its gradient is σ(x) − y in closed form, which costs less than the chain of its parts and never overflows.
 */
export const crossEntropy = tf.customGrad((...inputs) => {
  const [logits, targets, save] = inputs as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc]
  save([logits, targets])
  const count = logits.shape.at(-1) as number
  const linear = tf.sum(tf.sub(tf.relu(logits), tf.mul(logits, targets)), -1)
  return {
    value: tf.div(tf.add(linear, sumOfTails(logits)), count),
    gradFunc: (upstream: tf.Tensor, saved: tf.Tensor[]) => [
      tf.mul(tf.expandDims(tf.div(upstream, count), -1), tf.sub(tf.sigmoid(saved[0]), saved[1])),
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
    likelihood === 'bernoulli'
      ? crossEntropy(predictions, targets)
      : tf.mean(tf.squaredDifference(predictions, targets), -1)
  const weighted = tf.mul(each, weights)
  return tf.div(tf.sum(weighted), tf.sum(weights))
}
