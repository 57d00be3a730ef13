import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { dense, denseSpecs, project } from './layers/dense.ts'
import { latticeConv, latticeConvSpecs, neighbourhoods } from './layers/lattice-conv.ts'
import { rememberingLstm } from './layers/lstm.ts'
import { peepholeLstm, peepholeSpecs } from './layers/peephole-lstm.ts'
import { defineModel, type ParameterSpecs } from './model.ts'

const options = z.strictObject({
  width: z.int().min(1).default(32).describe('channels of the state of each layer (H)'),
  layers: z
    .int()
    .min(1)
    .max(4)
    .default(1)
    .describe('memories above each other: tiles that a view reaches in its frame'),
  decoder: z.int().min(1).default(64).describe('hidden units of the decoder'),
})

/**
 * A long short-term memory whose products are 3 × 3 convolutions (∗) on the lattice of tiles (Shi et al. 2015):
 *   i = σ(W_xi ∗ x + W_hi ∗ h + p_i ∘ c + b_i)    f = σ(W_xf ∗ x + W_hf ∗ h + p_f ∘ c + b_f)
 *   c' = f ∘ c + i ∘ tanh(W_xc ∗ x + W_hc ∗ h + b_c)
 *   o = σ(W_xo ∗ x + W_ho ∗ h + p_o ∘ c' + b_o)   h' = o ∘ tanh(c')
 * x is the canvas for the first layer and the h' below for each other one; the decoder reads the states of all layers,
 * a tile's own alone. What is seen is felt one tile away for each layer in the same frame, and one more in each frame
 * after; beyond walls x and h are zero.
 *
 * Changed against the paper: the peepholes p are shared by all tiles, as all other weights are, where the paper has
 * one for every place (parameters that grow with the world, and no translation invariance); f starts at remembering; the
 * encoding network also forecasts, since the answers are asked for at every step.
 */
export const convLstm = defineModel({
  id: 'conv-lstm',
  version: 1,
  family: 'local',
  title: 'convolutional LSTM with peepholes on the lattice of tiles',
  source: 'Shi et al., Convolutional LSTM Network, NeurIPS 2015, arXiv:1506.04214',
  options,
  reads: 'canvas',
  transfers: true,
  build: ({ lattice, viewSize }, { width, layers, decoder }) => {
    const tiles = lattice.rows * lattice.columns
    const stack = Array.from({ length: layers }, (_, layer) => layer)
    const memorySpecs = (layer: number): ParameterSpecs => {
      const inputs = layer === 0 ? viewSize + 2 : width
      const neighbourhood = latticeConvSpecs('', lattice, width, 4 * width)['.weight']
      return {
        ...latticeConvSpecs(`input${layer}`, lattice, inputs, 4 * width, rememberingLstm),
        [`state${layer}`]: neighbourhood, // one bias is enough for both
        ...peepholeSpecs(`peephole${layer}`, width),
      }
    }
    return {
      parameters: {
        ...Object.assign({}, ...stack.map(memorySpecs)),
        ...denseSpecs('decode1', layers * width, decoder),
        ...denseSpecs('decode2', decoder, viewSize),
      },

      encode: (p, { canvas }) => {
        const [steps, batch, rows, columns, channels] = canvas.shape as number[]
        const frames = tf.reshape(canvas, [steps * batch, rows * columns, channels])
        const fromCanvas = tf.reshape(latticeConv(p, 'input0', lattice, frames), [steps, batch, tiles, 4 * width])
        return { steps: { fromCanvas }, whole: {} }
      },

      begin: (_p, batch) => {
        const empty = tf.zeros([batch, tiles, width])
        return Object.fromEntries(stack.flatMap(i => [`hidden${i}`, `cell${i}`]).map(name => [name, empty]))
      },

      step: (p, state, { fromCanvas }) => {
        const next: Record<string, tf.Tensor> = {}
        for (const layer of stack) {
          const fromBelow =
            layer === 0 ? fromCanvas : latticeConv(p, `input${layer}`, lattice, next[`hidden${layer - 1}`])
          const fromState = project(p, `state${layer}`, neighbourhoods(lattice, state[`hidden${layer}`]))
          const memory = peepholeLstm(p, `peephole${layer}`, tf.add(fromBelow, fromState), state[`cell${layer}`])
          next[`hidden${layer}`] = memory.hidden
          next[`cell${layer}`] = memory.cell
        }
        return next
      },

      decode: (p, states) => {
        const hidden = stack.map(layer => states[`hidden${layer}`])
        const all = tf.concat(hidden, 3) // [S, B, tiles, layers · H]
        return dense(p, 'decode2', tf.relu(dense(p, 'decode1', all)))
      },
    }
  },
})
