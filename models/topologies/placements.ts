import * as tf from '../../engine/tf.ts'
import { dense, denseSpecs } from '../layers/dense.ts'
import type { Lattice, ParameterSpecs, Parameters } from '../model.ts'
import { blockPositions } from '../positions.ts'
import { moduleLattice } from './lattice.ts'
import { whichTile } from './tiles.ts'

/** How encoded positions [..., P] find their points [..., D] of a sphere, not yet scaled to length 1. */
export interface Placement {
  readonly parameters: ParameterSpecs
  place(p: Parameters, positions: tf.Tensor): tf.Tensor
  /** [M, D] where the modules are at home: in the middle of their tiles. */
  home(p: Parameters): tf.Tensor
}

export interface PlacementOptions {
  /** Parameters are named `<name>.…`. */
  readonly name: string
  readonly lattice: Lattice
  /** Tiles along each side of the square that a module stands for. */
  readonly block: number
  /** D */
  readonly dimension: number
}

/** A network of one hidden layer maps positions to points, as in the paper: what lies close may be placed close. */
export function placedByNetwork(options: PlacementOptions & { readonly hidden: number }): Placement {
  const { name, lattice, block, dimension, hidden } = options
  const anchors = blockPositions(lattice, block)
  const { rows, columns } = moduleLattice(lattice, block)
  const positionSize = anchors.length / (rows * columns)
  const place = (p: Parameters, positions: tf.Tensor) =>
    dense(p, `${name}.place2`, tf.relu(dense(p, `${name}.place1`, positions)))
  return {
    parameters: {
      ...denseSpecs(`${name}.place1`, positionSize, hidden),
      ...denseSpecs(`${name}.place2`, hidden, dimension),
    },
    place,
    home: p => place(p, tf.tensor2d(anchors, [rows * columns, positionSize])),
  }
}

/** Every tile has a free vector: no geometry, so that nothing learned of one place says anything of the next. */
export function placedByTable({ name, lattice, block, dimension }: PlacementOptions): Placement {
  const { rows, columns } = moduleLattice(lattice, block)
  const tiles = lattice.rows * lattice.columns
  const [down, across] = [lattice.rows / rows, lattice.columns / columns]
  return {
    parameters: { [`${name}.table`]: { shape: [tiles, dimension], initialiser: { kind: 'sphere' } } },
    place: (p, positions) =>
      tf.reshape(tf.matMul(whichTile(lattice, positions), p[`${name}.table`]), [
        ...positions.shape.slice(0, -1),
        dimension,
      ]),
    home: p => {
      const byBlock = tf.reshape(p[`${name}.table`], [rows, down, columns, across * dimension])
      const overRows = tf.reshape(tf.sum(byBlock, 1), [rows * columns, across, dimension])
      return tf.sum(overRows, 1)
    },
  }
}
