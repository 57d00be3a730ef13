import * as tf from '../../engine/tf.ts'

const BETA1 = 0.9
const BETA2 = 0.999
const EPSILON = 1e-8
/** Global norm that a gradient is clipped to (Pascanu et al. 2013). */
export const CLIP_NORM = 1

/** Learning rate at a step (from 0): linear warm-up over the first 5 %, then a cosine that would reach 0 at `steps`. */
export function learningRateAt(step: number, steps: number, peak: number): number {
  const warmUp = Math.max(1, Math.round(0.05 * steps))
  if (step < warmUp) return (peak * (step + 1)) / warmUp
  return peak * 0.5 * (1 + Math.cos((Math.PI * (step - warmUp)) / Math.max(1, steps - warmUp)))
}

/** How far what sets in during training has set in at a step (from 0): it rises over the first half. */
export function shareAt(step: number, steps: number): number {
  return Math.min(1, (2 * step) / steps)
}

/** The factors of Adam's bias correction at a step (from 0), folded into one learning rate and one ε (Kingma & Ba, §2). */
export function adamFactors(step: number, rate: number): { rate: number; epsilon: number } {
  const second = Math.sqrt(1 - BETA2 ** (step + 1))
  return { rate: (rate * second) / (1 - BETA1 ** (step + 1)), epsilon: EPSILON * second }
}

/** The factor that brings gradients of this global norm to at most CLIP_NORM, and the norm. */
export function clipping(gradients: readonly tf.Tensor[]): { norm: tf.Tensor; factor: tf.Tensor } {
  const squares = gradients.map(gradient => tf.sum(tf.square(gradient)))
  const norm = tf.sqrt(tf.addN(squares as tf.Scalar[]))
  return { norm, factor: tf.minimum(1, tf.div(CLIP_NORM, tf.add(norm, 1e-12))) }
}

/**
 * One update of one parameter and of its two moments (Kingma & Ba 2015) by `scale`, a scalar, times the gradient: the
 * scalar factors meet before they meet an array. All others have the parameter's shape.
 */
export function adam(
  parameter: tf.Tensor,
  gradient: tf.Tensor,
  first: tf.Tensor,
  second: tf.Tensor,
  rate: tf.Tensor,
  epsilon: tf.Tensor,
  scale: tf.Tensor,
): { parameter: tf.Tensor; first: tf.Tensor; second: tf.Tensor } {
  const m = tf.add(tf.mul(first, BETA1), tf.mul(gradient, tf.mul(scale, 1 - BETA1)))
  const v = tf.add(tf.mul(second, BETA2), tf.mul(tf.square(gradient), tf.mul(tf.square(scale), 1 - BETA2)))
  const update = tf.div(tf.mul(m, rate), tf.add(tf.sqrt(v), epsilon))
  return { parameter: tf.sub(parameter, update), first: m, second: v }
}
