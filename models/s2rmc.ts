import { z } from 'zod'
import { moduleMaps } from './layers/affine.ts'
import { defineModel } from './model.ts'
import { learnedAddress } from './s2/addresses.ts'
import { source } from './s2/gru-network.ts'
import { attention } from './s2/interaction.ts'
import { relationalMemory } from './s2/memory.ts'
import { structuredNetwork } from './s2/network.ts'
import { attendedSize, moduleCount, placementOption, sphereOptions, structure } from './s2/options.ts'

/**
 * Spatially structured relational memories (S2RMC, Rahaman et al., ICLR 2021, §4): the four movements of
 * `s2/network.ts` with a relational memory core (`layers/rmc.ts`) in every module, in place of the GRU. What a module has
 * seen and heard is the one input that its slots attend to; what it says and what is read of it are all its slots.
 */
export const s2rmc = defineModel({
  id: 's2rmc',
  version: 1,
  family: 'learned',
  title: 'relational memories; address and interaction learned, as published',
  source: `${source}; Santoro et al., Relational recurrent neural networks, NeurIPS 2018, arXiv:1806.01822`,
  options: structure.extend({
    ...sphereOptions(4),
    placement: placementOption,
    decoder: structure.shape.decoder.default(48),
    width: z.int().min(1).default(12).describe('numbers in a slot (F)'),
    slots: z.int().min(1).default(2).describe('slots of a module’s memory (S)'),
  }),
  reads: 'views',
  build: (task, chosen) => {
    const { width: slotSize, slots, heads, headSize } = chosen
    const address = learnedAddress(task, chosen)
    const maps = moduleMaps(moduleCount(task, chosen))
    const attended = attendedSize(chosen)
    return structuredNetwork(task, chosen, {
      address,
      interaction: attention(address.topology)(maps, { inputs: slots * slotSize + attended, heads, headSize }),
      memory: relationalMemory(maps, { inputs: 2 * attended, slots, slotSize, heads, headSize }),
    })
  },
})
