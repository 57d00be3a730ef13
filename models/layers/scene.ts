import * as tf from '../../engine/tf.ts'
import type { Observations, ParameterSpecs, Parameters, TaskShape } from '../model.ts'
import { dense, denseSpecs } from './dense.ts'

// One vector for a whole scene, in and out, as the Generative Query Network has it (Eslami et al. 2018): what is seen is
// a sum over views, which knows no order, and a decoder answers any position from all of the state. Every model with a
// single memory shares both, so that memories alone differ between them.

export function viewSumSpecs({ viewSize, positionSize }: TaskShape, embedding: number): ParameterSpecs {
  return {
    ...denseSpecs('encode1', viewSize + positionSize, embedding),
    ...denseSpecs('encode2', embedding, embedding),
  }
}

/** [S, B, E] the views of every step, embedded with their positions and summed. */
export function viewSum(p: Parameters, { views, positions, present }: Observations): tf.Tensor {
  const seen = tf.concat([views, positions], 3)
  const each = tf.relu(dense(p, 'encode2', tf.relu(dense(p, 'encode1', seen)))) // [S, B, A, E]
  const sum = tf.sum(tf.mul(each, tf.expandDims(present, 3)), 2)
  // Sums of n independent embeddings grow as √n: scaled, any number of views has the same spread.
  return tf.div(sum, tf.sqrt(tf.add(1, tf.sum(present, 2, true))))
}

export function queriedDecoderSpecs(
  { viewSize, positionSize }: TaskShape,
  state: number,
  decoder: number,
): ParameterSpecs {
  return {
    ...denseSpecs('decode.state', state, decoder),
    ...denseSpecs('decode.query', positionSize, 2 * decoder, { kind: 'blocks', values: [1, 0] }),
    ...denseSpecs('decode1', decoder, decoder),
    ...denseSpecs('decode2', decoder, viewSize),
  }
}

/**
 * state [S, B, H], queries [S, B, Q, P] → [S, B, Q, C]. The place that is asked about scales and shifts the units that
 * look at the state (Perez et al. 2018): it chooses what of the state concerns it, which a mere sum has to learn.
 */
export function queriedDecoder(p: Parameters, state: tf.Tensor, queries: tf.Tensor): tf.Tensor {
  const remembered = tf.expandDims(dense(p, 'decode.state', state), 2) // [S, B, 1, decoder]
  const [scale, shift] = tf.split(dense(p, 'decode.query', queries), 2, 3)
  const asked = tf.relu(tf.add(tf.mul(remembered, scale), shift)) // [S, B, Q, decoder]
  return dense(p, 'decode2', tf.relu(dense(p, 'decode1', asked)))
}
