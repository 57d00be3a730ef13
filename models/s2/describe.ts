import * as tf from '../../engine/tf.ts'
import type { Parameters, TaskShape, Tensors } from '../model.ts'
import { tilePositions } from '../positions.ts'
import type { Topology } from '../topologies/topology.ts'
import type { Interaction } from './interaction.ts'

/**
 * Where a network's modules have come to be, and how strongly they act: what the topologies say of themselves; the
 * places of all tiles, row by row, where an address is learned, with the strength of every module there; and
 * what the interaction says of itself.
 */
export function describePlaces(task: TaskShape, address: Topology, interaction: Interaction, p: Parameters): Tensors {
  return {
    ...(Object.keys(address.parameters).length > 0 && describeAddress(task, address, p)),
    ...interaction.describe?.(p),
  }
}

function describeAddress({ lattice, positionSize }: TaskShape, address: Topology, p: Parameters): Tensors {
  const positions = tf.tensor2d(tilePositions(lattice), [lattice.rows * lattice.columns, positionSize])
  const places = address.place(p, positions)
  return {
    ...address.describe?.(p),
    'address.places': places, // [tiles, D]
    'address.strengths': tf.exp(address.logKernel(p, places, address.modules(p))), // [tiles, M]
  }
}
