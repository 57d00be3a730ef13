import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { UserError } from '../lib/errors.ts'
import { offer, type RimsShape, rimsSpecs, rimsStep } from './layers/rims.ts'
import { queriedDecoder, queriedDecoderSpecs, viewSum, viewSumSpecs } from './layers/scene.ts'
import { defineModel } from './model.ts'

const options = z.strictObject({
  width: z.int().min(1).default(24).describe('units of a module (H)'),
  modules: z.int().min(1).default(6).describe('modules (N)'),
  active: z.int().min(1).default(4).describe('modules that act in a frame (K)'),
  keySize: z.int().min(1).default(16).describe('numbers in a key of the attention to what is seen'),
  valueSize: z.int().min(1).default(32).describe('numbers in its value'),
  heads: z.int().min(1).default(2).describe('heads of the attention between modules'),
  headSize: z.int().min(1).default(8).describe('numbers in a key and in a value of one head'),
  embedding: z.int().min(1).default(64).describe('hidden units of the view encoder (E)'),
  decoder: z.int().min(1).default(64).describe('hidden units of the decoder'),
})

/**
 * Recurrent independent mechanisms in the place of `lstm`'s memory: modules without a place compete for what is seen,
 * the winners take a step and hear all others, and a decoder answers from all of their states. The equations stand with
 * the layer. Changed against the paper: GRUs instead of LSTMs, the other of its two choices.
 */
export const rims = defineModel({
  id: 'rims',
  version: 1,
  family: 'global',
  title: 'recurrent independent mechanisms over the sum of embedded views',
  source: 'Goyal et al., Recurrent Independent Mechanisms, ICLR 2021, arXiv:1909.10893',
  options,
  reads: 'views',
  build: (task, { embedding, decoder, ...chosen }) => {
    const { modules, active, width } = chosen
    if (active > modules)
      throw new UserError(`rims has ${modules} modules: at most ${modules} can be active, not ${active}`)
    const shape: RimsShape = { inputs: embedding, ...chosen }
    return {
      parameters: {
        ...viewSumSpecs(task, embedding),
        ...rimsSpecs('rims', shape),
        ...queriedDecoderSpecs(task, modules * width, decoder),
      },

      encode: (p, observations) => ({
        steps: offer(p, 'rims', viewSum(p, observations)),
        whole: { queries: observations.queries },
      }),

      begin: (_p, batch) => ({ hidden: tf.zeros([modules, batch, width]) }),

      step: (p, { hidden }, { key, value }) => ({ hidden: rimsStep(p, 'rims', shape, key, value, hidden) }),

      decode: (p, { hidden }, { queries }) => {
        const [steps, , batch] = hidden.shape as number[]
        const state = tf.reshape(tf.transpose(hidden, [0, 2, 1, 3]), [steps, batch, modules * width])
        return queriedDecoder(p, state, queries)
      },
    }
  },
})
