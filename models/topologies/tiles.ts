import * as tf from '../../engine/tf.ts'
import type { Lattice } from '../model.ts'
import { positionSize, tilePositions } from '../positions.ts'

/** Encoded positions [..., P] → one row a position, [rows, tiles]: 1 at the tile whose centre it is, else 0. */
export function whichTile(lattice: Lattice, positions: tf.Tensor): tf.Tensor {
  const size = positionSize(lattice)
  // Encodings of one tile have the scalar product P/2; those of two tiles have less.
  const codes = tf.tensor2d(tilePositions(lattice), [lattice.rows * lattice.columns, size])
  const products = tf.matMul(tf.reshape(positions, [-1, size]), codes, false, true)
  return tf.step(tf.sub(products, size / 2 - 1e-3))
}
