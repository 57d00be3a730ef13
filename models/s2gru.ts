import { z } from 'zod'
import { defineModel } from './model.ts'
import { flatAddress, learnedAddress, tableAddress } from './s2/addresses.ts'
import { gruNetwork, matchedNetwork, source } from './s2/gru-network.ts'
import { attention } from './s2/interaction.ts'
import { moduleCount, placementOption, sphereOptions, structure } from './s2/options.ts'
import { everywhereTopology } from './topologies/everywhere.ts'
import { latticeTopology } from './topologies/lattice.ts'
import { sphereTopology } from './topologies/sphere.ts'

// Spatially structured gated recurrent units (Rahaman et al., ICLR 2021): the four movements of `s2/network.ts` with a
// GRU in every module, and two ablations that change nothing but where locality comes from. In the first the
// interaction is the paper's, by the address's own kernel, and the address differs; in the second, the matched one,
// the address is exact and the interaction differs.

const onSphere = structure.extend(sphereOptions(4))

export const s2gru = defineModel({
  id: 's2gru',
  version: 1,
  family: 'learned',
  title: 'address and interaction learned, as published',
  source,
  options: onSphere.extend({ placement: placementOption }),
  reads: 'views',
  build: (task, chosen) => {
    const address = learnedAddress(task, chosen)
    return gruNetwork(task, chosen, address, attention(address.topology))
  },
})

export const s2gruTable = defineModel({
  id: 's2gru-table',
  version: 1,
  family: 'learned',
  title: 'control: a free vector for each place, no geometry',
  source,
  options: onSphere,
  reads: 'views',
  build: (task, chosen) => {
    const address = tableAddress(task, chosen)
    return gruNetwork(task, chosen, address, attention(address.topology))
  },
})

export const s2gruFlat = defineModel({
  id: 's2gru-flat',
  version: 1,
  family: 'global',
  title: 'control: every module reads and answers all places alike',
  source,
  // What an address without parameters leaves of the budget goes to the decoder.
  options: structure.extend({ decoder: structure.shape.decoder.default(80) }),
  reads: 'views',
  build: (task, chosen) => {
    const address = flatAddress(task, chosen)
    return gruNetwork(task, chosen, address, attention(address.topology))
  },
})

// The matched ablation of interaction.

export const s2gruSelf = defineModel({
  id: 's2gru-self',
  version: 1,
  family: 'local',
  title: 'exact address, no interaction',
  source,
  options: structure,
  reads: 'views',
  build: (task, chosen) => matchedNetwork(task, chosen, attention(latticeTopology(task.lattice, chosen.block, 0))),
})

export const s2gruLocal = defineModel({
  id: 's2gru-local',
  version: 1,
  family: 'local',
  title: 'exact address, lattice interaction',
  source,
  options: structure.extend({
    radius: z.int().min(0).default(1).describe('reach of the interaction, in modules'),
  }),
  reads: 'views',
  build: (task, chosen) =>
    matchedNetwork(task, chosen, attention(latticeTopology(task.lattice, chosen.block, chosen.radius))),
})

export const s2gruLinks = defineModel({
  id: 's2gru-links',
  version: 1,
  family: 'learned',
  title: 'exact address, learned interaction',
  source,
  // Points that serve no address may start wider: partners are then found from wherever they are.
  options: structure.extend(sphereOptions(2)),
  reads: 'views',
  build: (task, chosen) => {
    const { dimension, epsilon, threshold } = chosen
    const links = { name: 'links', modules: moduleCount(task, chosen), dimension, epsilon, threshold }
    return matchedNetwork(task, chosen, attention(sphereTopology(links)))
  },
})

export const s2gruGlobal = defineModel({
  id: 's2gru-global',
  version: 1,
  family: 'global',
  title: 'exact address, all interact',
  source,
  options: structure,
  reads: 'views',
  build: (task, chosen) => matchedNetwork(task, chosen, attention(everywhereTopology(moduleCount(task, chosen)))),
})
