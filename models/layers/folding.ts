import * as tf from '../../engine/tf.ts'

// Where cells merge, the values of a block of them become the channels of one: a convolution with that block for its
// kernel and its stride is a fold and a matrix product, its transpose a product and an unfold.

/** Rows and columns: of a lattice, or of the block of its cells that is one. */
export type Sides = readonly [rows: number, columns: number]

/** x [N, rows·columns, C] → [N, blocks, cells of a block·C]; blocks and their cells row by row. */
export function fold(x: tf.Tensor, [rows, columns]: Sides, [high, wide]: Sides): tf.Tensor {
  const [n, , channels] = x.shape as [number, number, number]
  const cells = tf.reshape(x, [n, rows / high, high, columns / wide, wide, channels])
  const blocks = tf.transpose(cells, [0, 1, 3, 2, 4, 5])
  return tf.reshape(blocks, [n, (rows * columns) / (high * wide), high * wide * channels])
}

/** The inverse: x [N, blocks, cells of a block·C] → [N, rows·columns, C]. */
export function unfold(x: tf.Tensor, [rows, columns]: Sides, [high, wide]: Sides): tf.Tensor {
  const [n, , values] = x.shape as [number, number, number]
  const channels = values / (high * wide)
  const blocks = tf.reshape(x, [n, rows / high, columns / wide, high, wide, channels])
  return tf.reshape(tf.transpose(blocks, [0, 1, 3, 2, 4, 5]), [n, rows * columns, channels])
}
