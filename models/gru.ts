import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { dense, denseSpecs } from './layers/dense.ts'
import { gruGates, rememberingGru } from './layers/gru.ts'
import { queriedDecoder, queriedDecoderSpecs, viewSum, viewSumSpecs } from './layers/scene.ts'
import { defineModel } from './model.ts'

const options = z.strictObject({
  width: z.int().min(1).default(96).describe('units of the memory (H)'),
  embedding: z.int().min(1).default(64).describe('hidden units of the view encoder (E)'),
  decoder: z.int().min(1).default(96).describe('hidden units of the decoder'),
})

/**
 * One memory for the whole world, as `lstm`, with the gated recurrent unit in its place:
 *   s = Σ_a φ(view_a, x_a) / √(1 + A)   h ← GRU(s, h)   prediction(x) = ψ(h, x)
 */
export const gru = defineModel({
  id: 'gru',
  version: 1,
  family: 'global',
  title: 'one GRU over the sum of embedded views',
  source: 'Cho et al., EMNLP 2014, arXiv:1406.1078',
  options,
  reads: 'views',
  build: (task, { width, embedding, decoder }) => ({
    parameters: {
      ...viewSumSpecs(task, embedding),
      ...denseSpecs('input', embedding, 3 * width, rememberingGru),
      ...denseSpecs('state', width, 3 * width),
      ...queriedDecoderSpecs(task, width, decoder),
    },

    encode: (p, observations) => ({
      steps: { fromInput: dense(p, 'input', viewSum(p, observations)) },
      whole: { queries: observations.queries },
    }),

    begin: (_p, batch) => ({ hidden: tf.zeros([batch, width]) }),

    step: (p, { hidden }, { fromInput }) => ({ hidden: gruGates(fromInput, dense(p, 'state', hidden), hidden) }),

    decode: (p, { hidden }, { queries }) => queriedDecoder(p, hidden, queries),
  }),
})
