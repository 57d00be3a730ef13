import type { TaskShape } from '../model.ts'
import { everywhereTopology } from '../topologies/everywhere.ts'
import { latticeTopology } from '../topologies/lattice.ts'
import { type Placement, placedByNetwork, placedByTable } from '../topologies/placements.ts'
import { sphereTopology } from '../topologies/sphere.ts'
import type { Topology } from '../topologies/topology.ts'
import { moduleCount, type Structure } from './options.ts'

/** The topology of write and read. */
export interface Address {
  readonly topology: Topology
  /** False where every module has one view at most: there is nothing to choose, and its query would be idle. */
  readonly chooses: boolean
}

interface OnSphere extends Structure {
  readonly dimension: number
  readonly epsilon: number
  readonly threshold: number
}

/** Every module reads its own tiles and answers for them. */
export const exactAddress = ({ lattice }: TaskShape, { block }: Structure): Address => ({
  topology: latticeTopology(lattice, block, 0),
  chooses: block > 1,
})

/** Modules and positions are points of a sphere where a network places them: the paper's. */
export const learnedAddress = (task: TaskShape, chosen: OnSphere & { readonly placement: number }): Address =>
  onSphere(task, chosen, placedByNetwork({ ...placing(task, chosen), hidden: chosen.placement }))

/** A free vector for each tile, no geometry: a control. */
export const tableAddress = (task: TaskShape, chosen: OnSphere): Address =>
  onSphere(task, chosen, placedByTable(placing(task, chosen)))

/** Every module reads and answers all places alike: a control. */
export const flatAddress = (task: TaskShape, chosen: Structure): Address => ({
  topology: everywhereTopology(moduleCount(task, chosen)),
  chooses: true,
})

const name = 'address'
const placing = ({ lattice }: TaskShape, { block, dimension }: OnSphere) => ({ name, lattice, block, dimension })

function onSphere(
  task: TaskShape,
  { dimension, epsilon, threshold, ...chosen }: OnSphere,
  placement: Placement,
): Address {
  const modules = moduleCount(task, chosen)
  return { topology: sphereTopology({ name, modules, dimension, epsilon, threshold, placement }), chooses: true }
}
