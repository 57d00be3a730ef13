import * as tf from '../../engine/tf.ts'
import { UserError } from '../../lib/errors.ts'
import type { Lattice } from '../model.ts'
import { latticeNeighbours } from './neighbours.ts'
import { whichTile } from './tiles.ts'
import { OUT_OF_RANGE, type Topology } from './topology.ts'

/**
 * Modules on the world's own lattice, one for each block of `block` × `block` tiles; a point is (row, column) in units
 * of modules. b acts on a with strength 1 up to Chebyshev distance `radius` (around the torus where there is one) and
 * not at all beyond. Radius 0 is self-only between modules, and the exact address between positions and modules.
 */
export function latticeTopology(lattice: Lattice, block: number, radius: number): Topology {
  const { rows, columns } = moduleLattice(lattice, block)
  const coordinates = (tilesPerModule: number, height: number, width: number) =>
    Float32Array.from({ length: height * width * 2 }, (_, i) => {
      const place = i >> 1
      return Math.floor((i % 2 === 0 ? Math.floor(place / width) : place % width) / tilesPerModule)
    })
  const tiles = lattice.rows * lattice.columns
  // A torus so small that one displacement leads where another does has no list without doubles.
  const distinct = lattice.boundary === 'walls' || [rows, columns].every(side => side === 1 || side > 2 * radius)
  return {
    parameters: {},
    ...(distinct && { neighbours: latticeNeighbours({ rows, columns, boundary: lattice.boundary }, radius) }),
    modules: () => tf.tensor2d(coordinates(1, rows, columns), [rows * columns, 2]),
    place: (_p, positions) => {
      const owners = tf.tensor2d(coordinates(block, lattice.rows, lattice.columns), [tiles, 2])
      return tf.reshape(tf.matMul(whichTile(lattice, positions), owners), [...positions.shape.slice(0, -1), 2])
    },
    logKernel: (_p, a, b) => {
      const distance = (axis: number, length: number) => {
        const of = (points: tf.Tensor) =>
          tf.slice(points, [...points.shape.slice(0, -1).map(() => 0), axis], [...points.shape.slice(0, -1), 1])
        const apart = tf.abs(tf.sub(of(a), tf.transpose(of(b))))
        return lattice.boundary === 'torus' ? tf.minimum(apart, tf.sub(length, apart)) : apart
      }
      const chebyshev = tf.maximum(distance(0, rows), distance(1, columns))
      return tf.mul(tf.step(tf.sub(chebyshev, radius + 0.5)), OUT_OF_RANGE)
    },
  }
}

/** The lattice of modules over a lattice of tiles. @throws UserError where blocks do not divide it. */
export function moduleLattice({ rows, columns }: Lattice, block: number): { rows: number; columns: number } {
  const per = (tiles: number) => (tiles === 1 ? 1 : tiles / block)
  if (!Number.isInteger(per(rows)) || !Number.isInteger(per(columns)))
    throw new UserError(`modules of ${block} tiles a side do not divide the lattice of ${rows} × ${columns} tiles`)
  return { rows: per(rows), columns: per(columns) }
}
