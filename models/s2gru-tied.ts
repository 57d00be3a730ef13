import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { sharedMaps } from './layers/affine.ts'
import { dense, denseSpecs } from './layers/dense.ts'
import { neighbourAttention } from './layers/neighbour-attention.ts'
import { defineModel } from './model.ts'
import { source } from './s2/gru-network.ts'
import { gruMemory } from './s2/memory.ts'
import { attendedSize, structure } from './s2/options.ts'
import { latticeNeighbours } from './topologies/neighbours.ts'
import { relativeKernel, relativeKernelSpecs } from './topologies/relative-kernel.ts'

/**
 * S2GRU that can change the size of its world: one module a tile, so that their number grows with the area; one set of
 * weights for all of them; and a learned kernel of displacement (`topologies/relative-kernel.ts`) in place of points. No
 * position enters anywhere, so that no parameter's shape, and nothing that a module does, depends on where it is or on
 * how many there are: to move the world on a torus is to move the prediction. The movements are those of
 * `s2/network.ts`, with an exact address; a module sees its own tile, whether it was seen, and since when not.
 */
export const s2gruTied = defineModel({
  id: 's2gru-tied',
  version: 1,
  family: 'learned',
  title: 'one set of weights for all modules, learned kernel of displacement; runs at any size',
  source,
  options: structure.omit({ block: true }).extend({
    radius: z.int().min(0).default(1).describe('largest displacement of the kernel, in tiles'),
  }),
  reads: 'canvas',
  transfers: true,
  build: ({ lattice, viewSize }, chosen) => {
    const { width, heads, embedding, decoder, radius } = chosen
    const attended = attendedSize(chosen)
    const modules = lattice.rows * lattice.columns
    const neighbours = latticeNeighbours(lattice, radius)
    const memory = gruMemory(sharedMaps, 2 * attended, width)
    return {
      modules,
      parameters: {
        ...relativeKernelSpecs('links', neighbours.count, heads),
        ...denseSpecs('encode1', viewSize + 2, embedding),
        ...denseSpecs('encode.value', embedding, attended),
        ...denseSpecs('interact', width + attended, 3 * attended),
        ...memory.parameters,
        ...denseSpecs('decode1', width, decoder),
        ...denseSpecs('decode2', decoder, viewSize),
      },

      encode: (p, { canvas }) => {
        const [steps, batch, , , channels] = canvas.shape as number[]
        const tiles = tf.reshape(canvas, [steps, batch, modules, channels])
        const values = dense(p, 'encode.value', tf.relu(dense(p, 'encode1', tiles)))
        const whole = { links: relativeKernel(p, 'links', heads) } // [k, heads]
        return { steps: { seen: tf.transpose(values, [0, 2, 1, 3]) }, whole }
      },

      begin: (_p, batch) => ({ hidden: memory.begin(modules, batch) }),

      step: (p, { hidden }, { seen, links }) => {
        const roles = dense(p, 'interact', tf.concat([hidden, seen], 2))
        const heard = neighbourAttention(roles, neighbours, tf.expandDims(links, 1), heads) // [M, B, heads·d]
        return { hidden: memory.update(p, tf.concat([seen, heard], 2), hidden) }
      },

      decode: (p, { hidden }) => {
        const answers = dense(p, 'decode2', tf.relu(dense(p, 'decode1', hidden))) // [S, M, B, C]
        return tf.transpose(answers, [0, 2, 1, 3])
      },

      describe: p => ({ 'links.strengths': tf.exp(relativeKernel(p, 'links', heads)) }), // [k, heads]
    }
  },
})
