import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { dense, denseSpecs } from './layers/dense.ts'
import { defineModel } from './model.ts'
import { tilePositions } from './positions.ts'
import { latticeTopology } from './topologies/lattice.ts'

const options = z.strictObject({
  width: z.int().min(1).default(96).describe('units that carry a tile (H)'),
  embedding: z.int().min(1).default(96).describe('hidden units of the view encoder (E)'),
  decoder: z.int().min(1).default(96).describe('hidden units of the decoder'),
})

/**
 * The time-travelling oracle of Rahaman et al. 2021: it is shown the frame that it is asked about, all of its lattice,
 * and forecasts nothing. What is left of its error is what an encoder of views and a queried decoder lose, a bound for
 * every model that shares them.
 *
 *   h_a = W·relu(φ(view_a, x_a))   for every tile a of frame t + 1
 *   r(x) = Σ_a Z(x, x_a)·h_a       Z the exact address: 1 for the tile at x, else 0
 *   prediction(x) = ψ(r(x), x)
 *
 * Changed against the paper: the address is exact, since a learned one would only loosen the bound; no recurrence.
 */
export const timeTraveller = defineModel({
  id: 'time-traveller',
  version: 1,
  family: 'reference',
  title: 'sees the frame that it is asked about: what encoder and decoder can carry',
  source: 'Rahaman et al., Spatially Structured Recurrent Modules, ICLR 2021, arXiv:2007.06533',
  options,
  reads: 'truth',
  build: ({ viewSize, positionSize, lattice }, { width, embedding, decoder }) => {
    const tiles = lattice.rows * lattice.columns
    const address = latticeTopology(lattice, 1, 0)
    return {
      parameters: {
        ...denseSpecs('encode1', viewSize + positionSize, embedding),
        ...denseSpecs('encode2', embedding, width),
        ...denseSpecs('decode1', width + positionSize, decoder),
        ...denseSpecs('decode2', decoder, viewSize),
      },

      encode: (p, { truth, queries }) => {
        const [steps, batch] = truth.shape
        const places = tf.tensor4d(tilePositions(lattice), [1, 1, tiles, positionSize])
        const seen = tf.concat([truth, tf.tile(places, [steps, batch, 1, 1])], 3)
        const carried = dense(p, 'encode2', tf.relu(dense(p, 'encode1', seen))) // [S, B, tiles, H]
        const reach = address.logKernel(p, address.place(p, queries), address.modules(p)) // [S, B, Q, tiles]
        return { steps: {}, whole: { read: tf.matMul(tf.softmax(reach), carried), queries } }
      },

      begin: () => ({}),

      step: () => ({}),

      decode: (p, _states, { read, queries }) =>
        dense(p, 'decode2', tf.relu(dense(p, 'decode1', tf.concat([read, queries], 3)))),
    }
  },
})
