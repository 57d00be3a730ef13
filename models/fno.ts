import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { dense, denseSpecs, lecunNormal, project } from './layers/dense.ts'
import { gruGates, rememberingGru } from './layers/gru.ts'
import { latticeWaves, spectralConv, spectralSpecs } from './layers/spectral.ts'
import { defineModel } from './model.ts'

const options = z.strictObject({
  width: z.int().min(1).default(32).describe('channels of the field and of the state (H)'),
  spectral: z.int().min(1).default(16).describe('channels that are transformed'),
  modes: z.int().min(0).default(8).describe('highest wave number along each axis'),
  layers: z.int().min(1).default(2).describe('Fourier layers within a frame (L)'),
  decoder: z.int().min(1).default(64).describe('hidden units of the decoder'),
})

/**
 * The Fourier neural operator (Li et al. 2021) on the lattice of tiles, made recurrent: what is believed of the world is
 * a field h of H channels, and one frame takes it through L Fourier layers together with the canvas u.
 *
 *   v₀ = P·u + Q·h
 *   v_l = gelu(W_l·v_{l−1} + b_l + F⁻¹(R_l·F(S_l·v_{l−1})))     F the discrete Fourier transform over the lattice
 *   h ← GRU(v_L, h)
 *   prediction = ψ(h), tile by tile
 *
 * Changed against the paper: time runs through a gated state instead of a window of past frames, because most frames are
 * partly seen; 2 layers a frame instead of 4, since the layers of all frames stand one behind the other; S_l thins the
 * channels before the transform, so that R_l, a matrix for every wave, grows as H and not as H².
 */
export const fno = defineModel({
  id: 'fno',
  version: 1,
  family: 'global',
  title: 'recurrent Fourier neural operator on the lattice of tiles',
  source: 'Li et al., Fourier Neural Operator, ICLR 2021, arXiv:2010.08895',
  options,
  reads: 'canvas',
  build: ({ lattice, viewSize }, { width, spectral, modes, layers, decoder }) => {
    const waves = latticeWaves(lattice, modes)
    const tiles = lattice.rows * lattice.columns
    const depth = Array.from({ length: layers }, (_, i) => i + 1)
    return {
      parameters: {
        ...denseSpecs('lift', viewSize + 2, width),
        'believe.weight': { shape: [width, width], initialiser: lecunNormal(width) },
        ...Object.assign(
          {},
          ...depth.map(l => ({
            ...denseSpecs(`layer${l}.thin`, width, spectral),
            ...spectralSpecs(`layer${l}.waves`, waves, spectral, width),
            ...denseSpecs(`layer${l}.point`, width, width),
          })),
        ),
        ...denseSpecs('update.input', width, 3 * width, rememberingGru),
        ...denseSpecs('update.state', width, 3 * width),
        ...denseSpecs('decode1', width, decoder),
        ...denseSpecs('decode2', decoder, viewSize),
      },

      encode: (p, { canvas }) => {
        const [steps, batch, , , channels] = canvas.shape as number[]
        const field = tf.transpose(tf.reshape(canvas, [steps, batch, tiles, channels]), [0, 2, 1, 3])
        return { steps: { lifted: dense(p, 'lift', field) }, whole: {} } // [S, tiles, B, H]
      },

      begin: (_p, batch) => ({ hidden: tf.zeros([tiles, batch, width]) }),

      step: (p, { hidden }, { lifted }) => {
        let field = tf.add(lifted, project(p, 'believe.weight', hidden))
        for (const l of depth) {
          const everywhere = spectralConv(p, `layer${l}.waves`, waves, dense(p, `layer${l}.thin`, field))
          field = gelu(tf.add(dense(p, `layer${l}.point`, field), everywhere))
        }
        return { hidden: gruGates(dense(p, 'update.input', field), dense(p, 'update.state', hidden), hidden) }
      },

      decode: (p, { hidden }) => {
        const answers = dense(p, 'decode2', tf.relu(dense(p, 'decode1', hidden))) // [S, tiles, B, C]
        return tf.transpose(answers, [0, 2, 1, 3])
      },
    }
  },
})

/** x·Φ(x) by its logistic approximation (Hendrycks & Gimpel 2016, §2); the authors' code has it where the paper says relu. */
function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.sigmoid(tf.mul(x, 1.702)))
}
