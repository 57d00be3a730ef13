import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { sharedMaps } from './layers/affine.ts'
import { firstMemory, type RmcShape, rmcSpecs, rmcStep } from './layers/rmc.ts'
import { queriedDecoder, queriedDecoderSpecs, viewSum, viewSumSpecs } from './layers/scene.ts'
import { defineModel } from './model.ts'

const options = z.strictObject({
  width: z.int().min(1).default(48).describe('numbers in a slot of the memory (F)'),
  slots: z.int().min(1).default(4).describe('slots of the memory'),
  heads: z.int().min(1).default(4).describe('heads of the attention between slots'),
  headSize: z.int().min(1).default(8).describe('numbers in a key and in a value of one head'),
  embedding: z.int().min(1).default(64).describe('hidden units of the view encoder (E)'),
  decoder: z.int().min(1).default(96).describe('hidden units of the decoder'),
})

/**
 * A relational memory core in the place of `lstm`'s memory: a few slots attend to each other and to what is seen, and a
 * decoder answers from all of them. The equations stand with the layer.
 */
export const rmc = defineModel({
  id: 'rmc',
  version: 1,
  family: 'global',
  title: 'relational memory core over the sum of embedded views',
  source: 'Santoro et al., Relational recurrent neural networks, NeurIPS 2018, arXiv:1806.01822',
  options,
  reads: 'views',
  build: (task, { width, slots, heads, headSize, embedding, decoder }) => {
    const shape: RmcShape = { inputs: embedding, slots, slotSize: width, heads, headSize }
    return {
      parameters: {
        ...viewSumSpecs(task, embedding),
        ...rmcSpecs('rmc', sharedMaps, shape),
        ...queriedDecoderSpecs(task, slots * width, decoder),
      },

      encode: (p, observations) => ({
        steps: { seen: viewSum(p, observations) },
        whole: { queries: observations.queries },
      }),

      begin: (_p, batch) => ({ memory: firstMemory([batch], shape) }),

      step: (p, { memory }, { seen }) => ({ memory: rmcStep(p, 'rmc', sharedMaps, shape, seen, memory) }),

      decode: (p, { memory }, { queries }) => {
        const [steps, batch] = memory.shape as number[]
        return queriedDecoder(p, tf.reshape(memory, [steps, batch, slots * width]), queries)
      },
    }
  },
})
