import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { dense, denseSpecs } from './layers/dense.ts'
import { latticeConv, latticeConvSpecs } from './layers/lattice-conv.ts'
import { defineModel } from './model.ts'

const options = z.strictObject({
  width: z.int().min(1).default(32).describe('channels between the convolutions of a block'),
  channels: z.int().min(1).default(64).describe('channels of the residual stream'),
  blocks: z.int().min(1).max(8).default(2).describe('residual blocks'),
  rates: z.int().min(1).max(4).default(2).describe('rates of a block: 3 dilates by 1, 2, 4, 2, 1; 1 by 1, 1'),
  decoder: z.int().min(1).default(64).describe('hidden units of the decoder'),
  history: z.int().min(1).max(8).default(2).describe('frames of the canvas that are read'),
})

/**
 * A convolutional network without memory, as surrogates of partial differential equations are: from the last frames it
 * predicts the next, and in blind steps from its own predictions. K_d is a 3 × 3 convolution dilated by d (Yu & Koltun
 * 2016), σ the ramp:
 *
 *   x_t = seen ∘ view + (1 − seen) ∘ x̂_t         the belief canvas: its own prediction, overwritten where seen
 *   u_t = [x_t, seen, frames since seen]
 *   z   = E·[u_t, u_{t−1}, …]                     encode, each tile alone
 *   z  ← z + K_1 ∗ σ(… K_2 ∗ σ(K_1 ∗ σ(z)))       each block; dilations 1, 2, … up and … 2, 1 down again
 *   x̂_{t+1} = x_t + D(σ(z))                       decode, each tile alone; for bernoulli worlds D(σ(z)) are logits
 *
 * A frame moves news by blocks · (the sum of a block's dilations) tiles: 8 with the defaults. Beyond walls σ(z) counts as
 * zero, which biases need not let it be inside: the edge can be told.
 *
 * Changed against the paper (Stachenfeld et al.: four blocks, dilations 1, 2, 4, 8, 4, 2, 1 on 32² cells and more): the
 * rates and the blocks fit lattices of 6 to 24 tiles a side and the common budget; the stream is wider than
 * the convolutions between, and tiles are encoded and decoded alone: a tile holds 16 cells and more, which a narrow
 * stream loses; ramps stand before the convolutions (He et al. 2016), so that the stream can shrink as well as grow; what
 * is not seen is imagined; several frames are read (Gupta & Brandstetter 2022), since one shows no speed.
 *
 * No pooling, as a U-Net has: it would ask for sides that halve, and its levels would depend on the size of the world.
 */
export const dilatedResnet = defineModel({
  id: 'dilated-resnet',
  version: 1,
  family: 'local',
  title: 'dilated residual network over its own belief of the canvas',
  source: 'Stachenfeld et al., Learned Coarse Models for Efficient Turbulence Simulation, ICLR 2022, arXiv:2112.15275',
  options,
  reads: 'canvas',
  transfers: true,
  build: ({ lattice, viewSize, likelihood }, { width, channels, blocks, rates, decoder, history }) => {
    const tiles = lattice.rows * lattice.columns
    const frame = viewSize + 2
    const rising = [1, 2, 4, 8].slice(0, rates)
    const dilations = rates === 1 ? [1, 1] : [...rising, ...rising.slice(0, -1).reverse()]
    const names = (block: number) => dilations.map((_, i) => `block${block}.${i}`)
    const stream = Array.from({ length: blocks }, (_, block) => block)
    const sides = [channels, ...dilations.slice(1).map(() => width), channels]
    return {
      parameters: {
        ...denseSpecs('encode', history * frame, channels),
        ...Object.assign(
          {},
          ...stream.flatMap(block =>
            names(block).map((name, i) => latticeConvSpecs(name, lattice, sides[i], sides[i + 1])),
          ),
        ),
        ...denseSpecs('decode1', channels, decoder),
        ...denseSpecs('decode2', decoder, viewSize),
      },

      encode: (_p, { canvas }) => {
        const [steps, batch] = canvas.shape
        return { steps: { canvas: tf.reshape(canvas, [steps, batch, tiles, frame]) }, whole: {} }
      },

      begin: (_p, batch) => ({
        prediction: tf.zeros([batch, tiles, viewSize]),
        past: tf.zeros([batch, tiles, (history - 1) * frame]),
      }),

      step: (p, { prediction, past }, { canvas }) => {
        const [view, marks] = tf.split(canvas, [viewSize, 2], 2)
        const unseen = tf.sub(1, tf.slice(marks, [0, 0, 0], [-1, -1, 1]))
        const imagined = likelihood === 'bernoulli' ? tf.sigmoid(prediction) : prediction
        const believed = tf.add(view, tf.mul(unseen, imagined)) // views are zero where nothing is seen
        const frames = tf.concat([believed, marks, past], 2)
        let z = dense(p, 'encode', frames)
        for (const block of stream) {
          const branch = names(block).reduce(
            (x, name, i) => latticeConv(p, name, lattice, tf.relu(x), { dilation: dilations[i] }),
            z,
          )
          z = tf.add(z, branch)
        }
        const change = dense(p, 'decode2', tf.relu(dense(p, 'decode1', tf.relu(z))))
        return {
          prediction: likelihood === 'bernoulli' ? change : tf.add(believed, change),
          past: tf.slice(frames, [0, 0, 0], [-1, -1, (history - 1) * frame]),
        }
      },

      decode: (_p, { prediction }) => prediction, // [S, B, tiles, C]
    }
  },
})
