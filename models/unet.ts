import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { dense, denseSpecs, lecunNormal, project } from './layers/dense.ts'
import { fold, type Sides, unfold } from './layers/folding.ts'
import { latticeConv, latticeConvSpecs } from './layers/lattice-conv.ts'
import { defineModel, type Lattice, type ParameterSpecs, type Parameters } from './model.ts'

const options = z.strictObject({
  width: z.int().min(1).default(152).describe('8 × the channels of a level, of coarser ones up to one more'),
  levels: z.int().min(0).max(3).default(3).describe('times that the field is halved, where its sides allow it'),
  history: z.int().min(1).max(8).default(2).describe('frames of the field that are read'),
})

/**
 * A U-Net (Ronneberger et al. 2015) as it is trained for partial differential equations (Gupta & Brandstetter 2022):
 * from the last frames it predicts the next, and in blind steps from its own predictions. It works on cells, not on
 * tiles, so that sides can be halved. K is a 3 × 3 convolution, σ the GELU, B(z) = z + K ∗ σ(K ∗ σ(z)):
 *
 *   x_t = seen ∘ view + (1 − seen) ∘ x̂_t         the belief: its own prediction, overwritten where seen
 *   u_t = [x_t, seen, frames since seen]
 *   z_0 = K ∗ [u_t, u_{t−1}, …]
 *   s_l = B(z_l),  z_{l+1} = P_l s_l               down: the four cells of a block become one
 *   y_L = B(z_L)
 *   y_l = B(Q_l y_{l+1} + S_l s_l)                 up again: one cell becomes four, beside what skipped
 *   x̂_{t+1} = x_t + D(σ(y_0))                      for bernoulli worlds D(σ(y_0)) are logits
 *
 * P is a convolution of kernel and stride 2, Q its transpose; [Q S] is a 1 × 1 convolution of the concatenation.
 * 24 × 24 cells are halved to 12, 6 and 3, where a convolution sees all: news is everywhere within a frame. Sides that
 * are odd end it earlier; without any halving a frame moves news by 3 cells. Beyond walls σ(z) counts as zero, which
 * biases need not let it be inside: the edge can be told.
 *
 * Changed against the papers: one block a level on each side, for the common budget, and as many channels on coarse
 * levels as on the finest: times 2, 2 and 4 would leave that one 8, and three fifths of the skill on `fluid`. What
 * skips is added through S before the block and not concatenated into it, which is half the work on the finest level;
 * blocks of 2 × 2 cells merge without overlap (there, kernels of 3 and 4); D starts at zero, as persistence, since what
 * a dozen blind frames make of a random network is too large to learn from. As there, nothing is normalised.
 */
export const unet = defineModel({
  id: 'unet',
  version: 1,
  family: 'local',
  title: 'U-Net over its own belief of the field, cell by cell',
  source:
    'Ronneberger et al., U-Net, MICCAI 2015, arXiv:1505.04597; ' +
    'Gupta & Brandstetter, Towards Multi-spatiotemporal-scale Generalized PDE Modeling, TMLR 2023, arXiv:2209.15616',
  options,
  reads: 'canvas',
  build: ({ lattice, tile, viewSize, likelihood }, { width, levels, history }) => {
    const tiles = lattice.rows * lattice.columns
    const tileCells = tile[0] * tile[1]
    const channels = viewSize / tileCells
    const frame = channels + 2
    const grids = pyramid({ ...lattice, rows: lattice.rows * tile[0], columns: lattice.columns * tile[1] }, levels)
    const sides = grids.map(({ rows, columns }): Sides => [rows, columns])
    const cells = tiles * tileCells
    const halved: Sides = [grids[0].rows === 1 ? 1 : 2, 2]
    const merged = halved[0] * halved[1]
    const coarsest = grids.length - 1
    const finer = Array.from({ length: coarsest }, (_, level) => level)
    // Streams and what lies between their convolutions widen in turn, so that the number of parameters rises smoothly.
    const share = (level: number, ahead: number) => Math.max(1, Math.floor((width + 2 * level + ahead) / 8))
    const streams = grids.map((_, level) => share(level, 0))
    const between = grids.map((_, level) => share(level, 4))

    const blockSpecs = (name: string, level: number): ParameterSpecs => ({
      ...latticeConvSpecs(`${name}.1`, grids[level], streams[level], between[level]),
      ...latticeConvSpecs(`${name}.2`, grids[level], between[level], streams[level]),
    })
    const block = (p: Parameters, name: string, level: number, z: tf.Tensor) => {
      const inside = latticeConv(p, `${name}.1`, grids[level], gelu(z))
      return tf.add(z, latticeConv(p, `${name}.2`, grids[level], gelu(inside)))
    }
    // Both without a bias, which the blocks before them have, and each one of two parts of the sum.
    const joinSpecs = (level: number): ParameterSpecs => ({
      [`double${level}.weight`]: {
        shape: [streams[level + 1], merged * streams[level]],
        initialiser: lecunNormal(2 * streams[level + 1]),
      },
      [`skip${level}.weight`]: {
        shape: [streams[level], streams[level]],
        initialiser: lecunNormal(2 * streams[level]),
      },
    })

    return {
      parameters: {
        ...latticeConvSpecs('encode', grids[0], history * frame, streams[0]),
        ...Object.assign(
          {},
          ...finer.map(level => ({
            ...blockSpecs(`down${level}`, level),
            ...denseSpecs(`halve${level}`, merged * streams[level], streams[level + 1]),
            ...joinSpecs(level),
            ...blockSpecs(`up${level}`, level),
          })),
        ),
        ...blockSpecs('bottom', coarsest),
        'decode.weight': { shape: [streams[0], channels], initialiser: { kind: 'zeros' } },
        'decode.bias': { shape: [channels], initialiser: { kind: 'zeros' } },
      },

      encode: (_p, { canvas }) => {
        const [steps, batch] = canvas.shape
        const frames = steps * batch
        const [views, marks] = tf.split(tf.reshape(canvas, [frames, tiles, viewSize + 2]), [viewSize, 2], 2)
        const ofCells = tf.mul(tf.reshape(marks, [frames, tiles, 1, 2]), tf.ones([tileCells, 1]))
        const marked = unfold(tf.reshape(ofCells, [frames, tiles, tileCells * 2]), sides[0], tile)
        const field = tf.concat([unfold(views, sides[0], tile), marked], 2)
        return { steps: { field: tf.reshape(field, [steps, batch, cells, frame]) }, whole: {} }
      },

      begin: (_p, batch) => ({
        prediction: tf.zeros([batch, cells, channels]),
        past: tf.zeros([batch, cells, (history - 1) * frame]),
      }),

      step: (p, { prediction, past }, { field }) => {
        const [view, marks] = tf.split(field, [channels, 2], 2)
        const unseen = tf.sub(1, tf.slice(marks, [0, 0, 0], [-1, -1, 1]))
        const imagined = likelihood === 'bernoulli' ? tf.sigmoid(prediction) : prediction
        const believed = tf.add(view, tf.mul(unseen, imagined)) // views are zero where nothing is seen
        const frames = tf.concat([believed, marks, past], 2)
        let z = latticeConv(p, 'encode', grids[0], frames)
        const skipping: tf.Tensor[] = []
        for (const level of finer) {
          skipping[level] = block(p, `down${level}`, level, z)
          z = dense(p, `halve${level}`, fold(skipping[level], sides[level], halved))
        }
        z = block(p, 'bottom', coarsest, z)
        for (const level of finer.toReversed()) {
          const raised = unfold(project(p, `double${level}.weight`, z), sides[level], halved)
          z = block(p, `up${level}`, level, tf.add(raised, project(p, `skip${level}.weight`, skipping[level])))
        }
        const change = dense(p, 'decode', gelu(z))
        return {
          prediction: likelihood === 'bernoulli' ? change : tf.add(believed, change),
          past: tf.slice(frames, [0, 0, 0], [-1, -1, (history - 1) * frame]),
        }
      },

      decode: (_p, { prediction }) => {
        const [steps, batch] = prediction.shape
        const fields = tf.reshape(prediction, [steps * batch, cells, channels])
        return tf.reshape(fold(fields, sides[0], tile), [steps, batch, tiles, viewSize])
      },
    }
  },
})

/** x·Φ(x) by its logistic approximation (Hendrycks & Gimpel 2016, §2). */
function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.sigmoid(tf.mul(x, 1.702)))
}

/** The lattice and what it is halved to, as often as asked and as both sides allow. */
function pyramid(finest: Lattice, levels: number): Lattice[] {
  const { rows, columns } = finest
  const even = (rows === 1 || rows % 2 === 0) && columns % 2 === 0
  if (levels === 0 || !even) return [finest]
  return [finest, ...pyramid({ ...finest, rows: Math.ceil(rows / 2), columns: columns / 2 }, levels - 1)]
}
