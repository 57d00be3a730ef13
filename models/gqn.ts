import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { dense, denseSpecs } from './layers/dense.ts'
import { queriedDecoder, queriedDecoderSpecs } from './layers/scene.ts'
import { defineModel } from './model.ts'

const options = z.strictObject({
  width: z.int().min(1).default(192).describe('numbers in the representation of the scene (R)'),
  embedding: z.int().min(1).default(96).describe('hidden units of the view encoder (E)'),
  decoder: z.int().min(1).default(96).describe('hidden units of the decoder'),
})

/**
 * The aggregator of the Generative Query Network (Eslami et al. 2018): a scene is the sum of what each view says of it,
 * and whoever asks gets an answer from the sum alone.
 *
 *   ψ(v, x) = relu(W₂·[relu(W₁·[v, x]), x])        the pose enters twice, as in the paper's tower
 *   r_t = λ ∘ r_{t−1} + Σ_a ψ(v_a, x_a) / √(1 + A)  λ ∈ (0, 1), one learned for each number
 *   prediction(x) = g(r_t, x)
 *
 * Changed against the paper: its scenes stand still, and λ is 1 there; where they move, what is old must count less, and
 * numbers that fade at different rates tell old from new. (Kumar et al. 2018, arXiv:1807.02033, sum over time as well.)
 * g is a network that answers with a mean; the paper's draws pictures through latent variables, which a likelihood of
 * single cells does not ask for.
 */
export const gqn = defineModel({
  id: 'gqn',
  version: 1,
  family: 'global',
  title: 'a fading sum of view representations',
  source: 'Eslami et al., Neural scene representation and rendering, Science 360, 2018, doi:10.1126/science.aar6170',
  options,
  reads: 'views',
  build: (task, { width, embedding, decoder }) => ({
    parameters: {
      ...denseSpecs('encode1', task.viewSize + task.positionSize, embedding),
      ...denseSpecs('encode2', embedding + task.positionSize, width),
      'fading.logit': { shape: [width], initialiser: { kind: 'normal', deviation: 2 } },
      ...queriedDecoderSpecs(task, width, decoder),
    },

    encode: (p, { views, positions, present, queries }) => {
      const hidden = tf.relu(dense(p, 'encode1', tf.concat([views, positions], 3)))
      const each = tf.relu(dense(p, 'encode2', tf.concat([hidden, positions], 3))) // [S, B, A, R]
      const sum = tf.sum(tf.mul(each, tf.expandDims(present, 3)), 2)
      const spread = tf.sqrt(tf.add(1, tf.sum(present, 2, true)))
      return { steps: { sum: tf.div(sum, spread) }, whole: { kept: tf.sigmoid(p['fading.logit']), queries } }
    },

    begin: (_p, batch) => ({ scene: tf.zeros([batch, width]) }),

    step: (_p, { scene }, { sum, kept }) => ({ scene: tf.add(tf.mul(scene, kept), sum) }),

    decode: (p, { scene }, { queries }) => queriedDecoder(p, scene, queries),
  }),
})
