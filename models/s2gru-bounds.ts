import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import { defineModel } from './model.ts'
import { matchedNetwork, source } from './s2/gru-network.ts'
import { attention } from './s2/interaction.ts'
import { moduleCount, sphereOptions, structure } from './s2/options.ts'
import { boundedSphereTopology } from './topologies/bounded-sphere.ts'

/** The matched ablation with `topologies/bounded-sphere.ts`: every module learns how sharply and how far it hears. */
export const s2gruBounds = defineModel({
  id: 's2gru-bounds',
  version: 1,
  family: 'learned',
  title: 'exact address, learned interaction with bounds of its own for every module',
  source,
  options: structure.extend({
    ...sphereOptions(2),
    threshold: z.number().min(-1).max(1).default(-0.5).describe('where every module’s cosine τ starts'),
    ramp: z.number().positive().max(0.9).default(0.5).describe('δ: a module hears in full from τ + δ on'),
  }),
  reads: 'views',
  build: (task, chosen) => {
    const { dimension, epsilon, threshold, ramp } = chosen
    if (!(threshold > -1 && threshold < 1 - 2 * ramp))
      throw new UserError(
        `s2gru-bounds: threshold ${threshold} must lie between −1 and 1 − 2·ramp = ${1 - 2 * ramp}, ends excluded`,
      )
    const links = { name: 'links', modules: moduleCount(task, chosen), dimension, epsilon, threshold, ramp }
    return matchedNetwork(task, chosen, attention(boundedSphereTopology(links)))
  },
})
