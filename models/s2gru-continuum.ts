import { z } from 'zod'
import { defineModel } from './model.ts'
import { matchedNetwork, source } from './s2/gru-network.ts'
import { attention } from './s2/interaction.ts'
import { moduleCount, structure } from './s2/options.ts'
import { continuumTopology } from './topologies/continuum.ts'

/** The matched ablation on the line between its ends: λ = 0 is s2gru-self, λ = 1 is s2gru-global, number for number. */
export const s2gruContinuum = defineModel({
  id: 's2gru-continuum',
  version: 1,
  family: 'global',
  title: 'exact address, all others interact with strength λ',
  source,
  options: structure.extend({
    lambda: z.number().min(0).max(1).default(0.1).describe('λ: strength of all others; 0 is self-only, 1 all-to-all'),
  }),
  reads: 'views',
  build: (task, chosen) =>
    matchedNetwork(task, chosen, attention(continuumTopology(moduleCount(task, chosen), chosen.lambda))),
})
