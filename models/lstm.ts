import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { dense, denseSpecs, lecunNormal, project } from './layers/dense.ts'
import { lstmGates, rememberingLstm } from './layers/lstm.ts'
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
  version: 1,
  family: 'global',
  title: 'one LSTM over the sum of embedded views',
  source: 'Hochreiter & Schmidhuber 1997; baseline of Rahaman et al., ICLR 2021',
  options,
  reads: 'views',
  build: ({ viewSize, positionSize }, { width, embedding, decoder }) => ({
    parameters: {
      ...denseSpecs('encode1', viewSize + positionSize, embedding),
      ...denseSpecs('encode2', embedding, embedding),
      ...denseSpecs('input', embedding, 4 * width, rememberingLstm),
      'state.weight': { shape: [width, 4 * width], initialiser: lecunNormal(width) },
      ...denseSpecs('decode.state', width, decoder),
      'decode.query': { shape: [positionSize, decoder], initialiser: lecunNormal(positionSize) },
      ...denseSpecs('decode1', decoder, decoder),
      ...denseSpecs('decode2', decoder, viewSize),
    },

    encode: (p, observations) => {
      const seen = tf.concat([observations.views, observations.positions], 3)
      const each = tf.relu(dense(p, 'encode2', tf.relu(dense(p, 'encode1', seen)))) // [S, B, A, E]
      const sum = tf.sum(tf.mul(each, tf.expandDims(observations.present, 3)), 2) // [S, B, E]
      // Sums of n independent embeddings grow as √n: scaled, any number of views has the same spread.
      const spread = tf.sqrt(tf.add(1, tf.sum(observations.present, 2, true)))
      const fromInput = dense(p, 'input', tf.div(sum, spread))
      return { steps: { fromInput }, whole: { queries: observations.queries } }
    },

    begin: (_p, batch) => ({ hidden: tf.zeros([batch, width]), cell: tf.zeros([batch, width]) }),

    step: (p, { hidden, cell }, { fromInput }) =>
      lstmGates(tf.add(fromInput, tf.matMul(hidden, p['state.weight'])), cell),

    decode: (p, { hidden }, { queries }) => {
      const state = tf.expandDims(dense(p, 'decode.state', hidden), 2) // [S, B, 1, decoder]
      const asked = tf.relu(tf.add(state, project(p, 'decode.query', queries))) // [S, B, Q, decoder]
      return dense(p, 'decode2', tf.relu(dense(p, 'decode1', asked)))
    },
  }),
})
