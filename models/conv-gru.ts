import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { dense, denseSpecs } from './layers/dense.ts'
import { gruGates, rememberingGru } from './layers/gru.ts'
import { latticeConv, latticeConvSpecs } from './layers/lattice-conv.ts'
import { defineModel } from './model.ts'

const options = z.strictObject({
  width: z.int().min(1).default(32).describe('channels of the state (H)'),
  decoder: z.int().min(1).default(64).describe('hidden units of the decoder'),
  radius: z.int().min(0).default(1).describe('tiles to each side of a kernel; 1 makes kernels of 3 × 3'),
})

/**
 * A gated recurrent unit whose products are 3 × 3 convolutions on the lattice of tiles (Ballas et al. 2016): every
 * tile holds H units, all tiles share their weights, and one step moves news by `radius` tiles, one unless wider kernels
 * are asked for. The decoder reads a tile's own units alone.
 */
export const convGru = defineModel({
  id: 'conv-gru',
  version: 1,
  family: 'local',
  title: 'convolutional GRU on the lattice of tiles',
  source: 'Ballas et al., Delving Deeper into Convolutional Networks, ICLR 2016, arXiv:1511.06432',
  options,
  reads: 'canvas',
  transfers: true,
  build: ({ lattice, viewSize }, { width, decoder, radius }) => ({
    parameters: {
      ...latticeConvSpecs('input', lattice, viewSize + 2, 3 * width, rememberingGru, { radius }),
      ...latticeConvSpecs('state', lattice, width, 3 * width, undefined, { radius }),
      ...denseSpecs('decode1', width, decoder),
      ...denseSpecs('decode2', decoder, viewSize),
    },

    encode: (p, { canvas }) => {
      const [steps, batch, rows, columns, channels] = canvas.shape as number[]
      const frames = tf.reshape(canvas, [steps * batch, rows * columns, channels])
      const fromInput = latticeConv(p, 'input', lattice, frames, { radius })
      return { steps: { fromInput: tf.reshape(fromInput, [steps, batch, rows * columns, 3 * width]) }, whole: {} }
    },

    begin: (_p, batch) => ({ hidden: tf.zeros([batch, lattice.rows * lattice.columns, width]) }),

    step: (p, { hidden }, { fromInput }) => ({
      hidden: gruGates(fromInput, latticeConv(p, 'state', lattice, hidden, { radius }), hidden),
    }),

    decode: (p, { hidden }) => dense(p, 'decode2', tf.relu(dense(p, 'decode1', hidden))), // [S, B, tiles, C]
  }),
})
