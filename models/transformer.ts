import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { UserError } from '../lib/errors.ts'
import { joinHeads, kernelAttention, splitHeads } from './layers/attention.ts'
import { dense, denseSpecs } from './layers/dense.ts'
import { layerNorm, layerNormSpecs } from './layers/layer-norm.ts'
import { defineModel, type Tensors } from './model.ts'
import { tilePositions } from './positions.ts'
import { latticeTopology } from './topologies/lattice.ts'
import { OUT_OF_RANGE } from './topologies/topology.ts'

const options = z.strictObject({
  width: z.int().min(1).default(192).describe('hidden units of the feed-forward blocks'),
  model: z.int().min(1).default(40).describe('numbers in a token (d); a multiple of heads'),
  heads: z.int().min(1).default(4).describe('heads of every attention'),
  layers: z.int().min(1).default(2).describe('blocks within a frame (L)'),
  embedding: z.int().min(1).default(64).describe('hidden units of the view encoder (E)'),
  decoder: z.int().min(1).default(64).describe('hidden units of the decoder'),
})

/**
 * A transformer over views (Vaswani et al. 2017, pre-normalised as its users train it: Xiong et al. 2020) that remembers
 * by a token for every place. Everything attends to everything, and nothing in it knows what is near: positions enter as
 * Fourier features alone. With m the memory, e(x) the embedded places and s the embedded views, one frame is
 *
 *   x ← m + e
 *   x ← x + Attention(norm(x); norm(x), s)      in the first of L blocks tokens attend to tokens and views alike
 *   x ← x + W₂·relu(W₁·norm(x))
 *   n, z = U·norm(x)      m ← n + σ(z) ∘ (m − n)
 *   prediction(x) = ψ(m at x, x)
 *
 * Changed against the paper: memory is not the list of all past tokens, which would grow with time, but a state that a
 * gate carries on (as in Parisotto et al. 2020, arXiv:1910.06764), so that blind frames are stepped through like seen
 * ones. A query reads the token of its place: on the control, attention by learned positions erred four times as much.
 * Its learning rate is warmed up, as that of every model here.
 */
export const transformer = defineModel({
  id: 'transformer',
  version: 1,
  family: 'global',
  title: 'transformer over views and a memory of one token a place',
  source: 'Vaswani et al., Attention Is All You Need, NeurIPS 2017, arXiv:1706.03762',
  options,
  reads: 'views',
  build: ({ lattice, viewSize, positionSize }, { width, model, heads, layers, embedding, decoder }) => {
    if (model % heads !== 0)
      throw new UserError(`transformer: ${model} numbers in a token are not a multiple of ${heads} heads`)
    const tokens = lattice.rows * lattice.columns
    const address = latticeTopology(lattice, 1, 0)
    const depth = Array.from({ length: layers }, (_, i) => i + 1)
    return {
      parameters: {
        ...denseSpecs('place', positionSize, model),
        ...denseSpecs('encode1', viewSize + positionSize, embedding),
        ...denseSpecs('encode2', embedding, model),
        ...layerNormSpecs('view.norm', model),
        ...denseSpecs('view.keys', model, 2 * model),
        ...Object.assign(
          {},
          ...depth.map(l => ({
            ...layerNormSpecs(`block${l}.attend.norm`, model),
            ...denseSpecs(`block${l}.attend`, model, 3 * model),
            ...denseSpecs(`block${l}.attended`, model, model),
            ...layerNormSpecs(`block${l}.forward.norm`, model),
            ...denseSpecs(`block${l}.forward1`, model, width),
            ...denseSpecs(`block${l}.forward2`, width, model),
          })),
        ),
        ...layerNormSpecs('update.norm', model),
        ...denseSpecs('update', model, 2 * model, { kind: 'blocks', values: [0, 1] }),
        ...denseSpecs('decode1', model + positionSize, decoder),
        ...denseSpecs('decode2', decoder, viewSize),
      },

      encode: (p, { views, positions, present, queries }) => {
        const [steps, batch, count] = present.shape as [number, number, number]
        const places = dense(p, 'place', tf.tensor3d(tilePositions(lattice), [tokens, 1, positionSize])) // [tokens, 1, d]
        const hidden = tf.relu(dense(p, 'encode1', tf.concat([views, positions], 3)))
        const seen = layerNorm(p, 'view.norm', dense(p, 'encode2', hidden))
        const roles = dense(p, 'view.keys', seen) // [S, B, A, 2d]
        const byHead = (x: tf.Tensor) =>
          tf.reshape(tf.transpose(tf.reshape(x, [steps, batch, count, heads, model / heads]), [0, 1, 3, 2, 4]), [
            steps,
            batch * heads,
            count,
            model / heads,
          ])
        const [keys, values] = tf.split(roles, 2, 3).map(byHead)
        const reach = address.logKernel(p, address.place(p, queries), address.modules(p)) // [S, B, Q, tokens]
        const absent = tf.mul(tf.sub(1, present), OUT_OF_RANGE)
        const inMemory = tf.zeros([steps, batch, tokens])
        const range = tf.reshape(tf.concat([inMemory, absent], 2), [steps, batch, 1, 1, tokens + count])
        return {
          steps: { keys, values, range },
          whole: { places, read: tf.softmax(reach), queries },
        }
      },

      begin: (_p, batch) => ({ memory: tf.zeros([tokens, batch, model]) }),

      step: (p, { memory }, input) => {
        let x = tf.add(memory, input.places) // [tokens, B, d]
        for (const l of depth) {
          const roles = dense(p, `block${l}.attend`, layerNorm(p, `block${l}.attend.norm`, x))
          const heard = attend(roles, heads, l === 1 ? input : null)
          x = tf.add(x, dense(p, `block${l}.attended`, heard))
          const inner = tf.relu(dense(p, `block${l}.forward1`, layerNorm(p, `block${l}.forward.norm`, x)))
          x = tf.add(x, dense(p, `block${l}.forward2`, inner))
        }
        const [candidate, gate] = tf.split(dense(p, 'update', layerNorm(p, 'update.norm', x)), 2, 2)
        return { memory: tf.add(candidate, tf.mul(tf.sigmoid(gate), tf.sub(memory, candidate))) }
      },

      decode: (p, { memory }, { read, queries }) => {
        const byPlace = tf.transpose(memory, [0, 2, 1, 3]) // [S, B, tokens, d]
        const answer = tf.concat([tf.matMul(read, byPlace), queries], 3)
        return dense(p, 'decode2', tf.relu(dense(p, 'decode1', answer)))
      },
    }
  },
})

/** Tokens attend to all tokens and, in the first block, to all views: [tokens, B, 3d] → [tokens, B, d]. */
function attend(roles: tf.Tensor, heads: number, views: Tensors | null): tf.Tensor {
  const [query, key, value] = splitHeads(roles, heads, 3)
  if (views === null) return joinHeads(kernelAttention(query, key, value, tf.scalar(0), heads), heads)
  const keys = tf.concat([key, views.keys], 1)
  const values = tf.concat([value, views.values], 1)
  return joinHeads(kernelAttention(query, keys, values, views.range, heads), heads)
}
