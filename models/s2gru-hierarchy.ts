import { z } from 'zod'
import { defineModel } from './model.ts'
import { matchedNetwork, source } from './s2/gru-network.ts'
import { hierarchy } from './s2/hierarchy.ts'
import { moduleCount, sphereOptions, structure } from './s2/options.ts'

/** The matched ablation with `s2/hierarchy.ts`: modules interact by way of fewer modules on a topology of their own. */
export const s2gruHierarchy = defineModel({
  id: 's2gru-hierarchy',
  version: 1,
  family: 'learned',
  title: 'exact address, interaction by way of fewer modules on topologies of their own',
  source,
  options: structure.extend({
    ...sphereOptions(2),
    decoder: structure.shape.decoder.default(48),
    depth: z.int().min(1).max(8).default(1).describe('how often the modules are mapped onto fewer'),
    shrink: z.int().min(2).default(2).describe('how many times fewer they are each time'),
  }),
  reads: 'views',
  build: (task, chosen) => {
    const { depth, shrink } = chosen
    const sizes = [moduleCount(task, chosen)]
    while (sizes.length <= depth) sizes.push(Math.ceil(sizes[sizes.length - 1] / shrink))
    return matchedNetwork(task, chosen, hierarchy(sizes, chosen))
  },
})
