import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { dense, denseSpecs, lecunNormal } from './layers/dense.ts'
import { lstmGates, rememberingLstm } from './layers/lstm.ts'
import { queriedDecoder, queriedDecoderSpecs, viewSum, viewSumSpecs } from './layers/scene.ts'
import { defineModel } from './model.ts'

const options = z.strictObject({
  width: z.int().min(1).default(96).describe('units of the memory (H)'),
  embedding: z.int().min(1).default(64).describe('hidden units of the view encoder (E)'),
  decoder: z.int().min(1).default(96).describe('hidden units of the decoder'),
})

/**
 * One memory for the whole world: views and their positions are embedded and summed (as the Generative Query Network
 * aggregates them, Eslami et al. 2018), an LSTM remembers, and a decoder answers any position from all of its state.
 */
export const lstm = defineModel({
  id: 'lstm',
  version: 2,
  family: 'global',
  title: 'one LSTM over the sum of embedded views',
  source: 'Hochreiter & Schmidhuber 1997; baseline of Rahaman et al., ICLR 2021',
  options,
  reads: 'views',
  build: (task, { width, embedding, decoder }) => ({
    parameters: {
      ...viewSumSpecs(task, embedding),
      ...denseSpecs('input', embedding, 4 * width, rememberingLstm),
      'state.weight': { shape: [width, 4 * width], initialiser: lecunNormal(width) },
      ...queriedDecoderSpecs(task, width, decoder),
    },

    encode: (p, observations) => ({
      steps: { fromInput: dense(p, 'input', viewSum(p, observations)) },
      whole: { queries: observations.queries },
    }),

    begin: (_p, batch) => ({ hidden: tf.zeros([batch, width]), cell: tf.zeros([batch, width]) }),

    step: (p, { hidden, cell }, { fromInput }) =>
      lstmGates(tf.add(fromInput, tf.matMul(hidden, p['state.weight'])), cell),

    decode: (p, { hidden }, { queries }) => queriedDecoder(p, hidden, queries),
  }),
})
