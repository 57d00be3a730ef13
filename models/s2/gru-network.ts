import { type Affine, moduleMaps } from '../layers/affine.ts'
import type { Network, TaskShape } from '../model.ts'
import { type Address, exactAddress } from './addresses.ts'
import type { AttentionShape, Interaction } from './interaction.ts'
import { gruMemory } from './memory.ts'
import { structuredNetwork } from './network.ts'
import { attendedSize, moduleCount, type Structure } from './options.ts'

export const source = 'Rahaman et al., Spatially Structured Recurrent Modules, ICLR 2021, arXiv:2007.06533'

/** An interaction that still has to be told its sizes. */
export type Interacting = (maps: Affine, shape: AttentionShape) => Interaction

/** A GRU of its own in every module. */
export function gruNetwork(task: TaskShape, chosen: Structure, address: Address, interacting: Interacting): Network {
  const { width, heads, headSize } = chosen
  const maps = moduleMaps(moduleCount(task, chosen))
  const attended = attendedSize(chosen)
  return structuredNetwork(task, chosen, {
    address,
    interaction: interacting(maps, { inputs: width + attended, heads, headSize }),
    memory: gruMemory(maps, 2 * attended, width),
  })
}

/** The matched ablation of interaction: the address is exact, so that locality can come from nowhere else. */
export const matchedNetwork = (task: TaskShape, chosen: Structure, interacting: Interacting): Network =>
  gruNetwork(task, chosen, exactAddress(task, chosen), interacting)
