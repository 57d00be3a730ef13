import * as tf from '../../engine/tf.ts'
import type { Lattice } from '../model.ts'
import { neighbourhoods } from './lattice-conv.ts'

/** Row by row: the cell itself, its slopes along columns and along rows (Sobel), its Laplacian. */
const filters3x3 = [
  [0, 0, 0, 0, 1, 0, 0, 0, 0],
  [-1, 0, 1, -2, 0, 2, -1, 0, 1].map(w => w / 8),
  [-1, -2, -1, 0, 0, 0, 1, 2, 1].map(w => w / 8),
  [1, 2, 1, 2, -12, 2, 1, 2, 1].map(w => w / 16),
]

/**
 * The filters of a neural cellular automaton (Mordvintsev et al. 2020, with the Laplacian of Niklasson et al. 2021),
 * [filters][neighbours] in the order of `neighbourhoods`. In a 1-D world they act as on a field that does not change
 * along the missing axis, and the slope along it is left out.
 */
export function perceptionFilters({ rows, columns }: Lattice): number[][] {
  const along = (n: number) => (n === 1 ? [[0, 1, 2]] : [[0], [1], [2]])
  const cells = along(rows).flatMap(down => along(columns).map(across => down.flatMap(r => across.map(c => 3 * r + c))))
  const summed = filters3x3.map(filter => cells.map(cell => cell.reduce((sum, i) => sum + filter[i], 0)))
  return summed.filter(filter => filter.some(weight => weight !== 0))
}

/** x [N, tiles, C] → [N, tiles, F·C]: every channel under each of the filters [F, neighbours]. */
export function perceive(lattice: Lattice, filters: tf.Tensor2D, x: tf.Tensor): tf.Tensor {
  const [n, tiles, channels] = x.shape as [number, number, number]
  const [count, size] = filters.shape
  const around = tf.reshape(neighbourhoods(lattice, x), [n * tiles, size, channels])
  const each = tf.add(filters, tf.zeros([n * tiles, 1, 1])) // a broadcast, whose gradient is one sum
  return tf.reshape(tf.matMul(each, around), [n, tiles, count * channels])
}
