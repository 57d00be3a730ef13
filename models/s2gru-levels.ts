import { z } from 'zod'
import { defineModel } from './model.ts'
import { matchedNetwork, source } from './s2/gru-network.ts'
import { coarseToFine } from './s2/levels.ts'
import { moduleCount, sphereOptions, structure } from './s2/options.ts'

/**
 * The matched ablation with `s2/levels.ts`: learned links at L thresholds τ_l = −1 + (τ + 1)·l/L, coarse to fine, the
 * last of them τ. One level is s2gru-links with that threshold: whether more do better is a comparison of these two.
 */
export const s2gruLevels = defineModel({
  id: 's2gru-levels',
  version: 1,
  family: 'learned',
  title: 'exact address, learned interaction at thresholds from coarse to fine',
  source,
  options: structure.extend({
    ...sphereOptions(2),
    threshold: z.number().min(-1).max(1).default(0).describe('cosine τ of the finest level'),
    levels: z.int().min(1).default(2).describe('L: thresholds, coarse to fine'),
    tied: z.boolean().default(false).describe('levels share their queries, keys and values'),
  }),
  reads: 'views',
  build: (task, chosen) => {
    const { dimension, epsilon, threshold, levels, tied } = chosen
    const sphere = { name: 'links', modules: moduleCount(task, chosen), dimension, epsilon, threshold: -1 }
    const thresholds = Array.from({ length: levels }, (_, l) => -1 + ((threshold + 1) * (l + 1)) / levels)
    return matchedNetwork(task, chosen, coarseToFine(sphere, thresholds, tied))
  },
})
