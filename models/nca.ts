import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { dense, denseSpecs } from './layers/dense.ts'
import { perceive, perceptionFilters } from './layers/perception.ts'
import { defineModel } from './model.ts'

const options = z.strictObject({
  width: z.int().min(1).default(128).describe('hidden units of the rule'),
  memory: z.int().min(1).default(32).describe('hidden channels of a cell, beside those that views are written to'),
  updates: z.int().min(1).max(16).default(3).describe('times the rule is applied in a frame: tiles that news moves'),
  perception: z.enum(['fixed', 'learned']).default('learned').describe('filters: as published, or learned from there'),
  decoder: z.int().min(1).default(64).describe('hidden units of the decoder'),
})

/**
 * A neural cellular automaton (Mordvintsev et al. 2020) with a tile for a cell: one small rule, shared by all cells and
 * applied several times a frame, sees a cell and its neighbours through a few filters and adds to its channels.
 *
 *   c = [seen ∘ view + (1 − seen) ∘ c_shown, c_hidden]              a view overwrites the channels that show it
 *   c ← c + W₂·σ(W₁·[K_1 ∗ c⁺, …, K_F ∗ c⁺] + b₁) + b₂              `updates` times; c⁺ = [c, seen, frames since seen]
 *   prediction = D(c)                                                each cell alone
 *
 * K are the identity, the slopes (Sobel) and the Laplacian, and a correction that is learned, the same for all channels,
 * where `perception` says so; σ is the ramp. W₂ and b₂ start at zero: the automaton begins by changing nothing. A frame
 * moves news by `updates` tiles; writing and reading add none. Beyond walls c⁺ is zero, where inside one of its last two
 * channels is not: the edge can be told.
 *
 * Changed against the paper: every cell is updated every time (there, at random, for a clock that is not shared), and
 * none is dead (there is no outside to grow into): a world's tiles all live, and are forecast together. Cells are read
 * by a decoder, as those of all models on the lattice, since what they show is what was seen, and logits are asked for.
 */
export const nca = defineModel({
  id: 'nca',
  version: 1,
  family: 'local',
  title: 'neural cellular automaton on the lattice of tiles',
  source: 'Mordvintsev et al., Growing Neural Cellular Automata, Distill 2020, doi:10.23915/distill.00023',
  options,
  reads: 'canvas',
  transfers: true,
  build: ({ lattice, viewSize }, { width, memory, updates, perception, decoder }) => {
    const tiles = lattice.rows * lattice.columns
    const filters = perceptionFilters(lattice)
    const channels = viewSize + memory
    return {
      parameters: {
        ...denseSpecs('rule', filters.length * (channels + 2), width),
        'change.weight': { shape: [width, channels], initialiser: { kind: 'zeros' } },
        'change.bias': { shape: [channels], initialiser: { kind: 'zeros' } },
        ...(perception === 'learned' && {
          perception: { shape: [filters.length, filters[0].length], initialiser: { kind: 'zeros' } },
        }),
        ...denseSpecs('decode1', channels, decoder),
        ...denseSpecs('decode2', decoder, viewSize),
      },

      encode: (p, { canvas }) => {
        const [steps, batch] = canvas.shape
        const published = tf.tensor2d(filters)
        return {
          steps: { canvas: tf.reshape(canvas, [steps, batch, tiles, viewSize + 2]) },
          whole: { filters: perception === 'learned' ? tf.add(published, p.perception) : published },
        }
      },

      begin: (_p, batch) => ({ cells: tf.zeros([batch, tiles, channels]) }),

      step: (p, { cells }, { canvas, filters }) => {
        const [view, marks] = tf.split(canvas, [viewSize, 2], 2)
        const [shown, hidden] = tf.split(cells, [viewSize, memory], 2)
        const unseen = tf.sub(1, tf.slice(marks, [0, 0, 0], [-1, -1, 1]))
        let next: tf.Tensor = tf.concat([tf.add(view, tf.mul(unseen, shown)), hidden], 2)
        for (let update = 0; update < updates; update++) {
          const around = perceive(lattice, filters as tf.Tensor2D, tf.concat([next, marks], 2))
          next = tf.add(next, dense(p, 'change', tf.relu(dense(p, 'rule', around))))
        }
        return { cells: next }
      },

      decode: (p, { cells }) => dense(p, 'decode2', tf.relu(dense(p, 'decode1', cells))), // [S, B, tiles, C]
    }
  },
})
