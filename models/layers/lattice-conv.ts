import * as tf from '../../engine/tf.ts'
import type { Initialiser, Lattice, ParameterSpecs, Parameters } from '../model.ts'
import { denseSpecs, project } from './dense.ts'

// A convolution on a lattice of a few tiles is a gather of every tile's neighbourhood and one matrix product: at these
// sizes faster than convolution kernels, which lay out pictures, and its weight gradients can be joined over time.

/** Which tiles around it a tile is given. */
export interface Window {
  /** Tiles to each side; 1 makes kernels of 3 × 3. */
  readonly radius?: number
  /** From one of them to the next (Yu & Koltun 2016). */
  readonly dilation?: number
}

/** Side of the kernel along an axis of n tiles: 1 where there is a single tile. */
const side = (n: number, radius: number) => (n === 1 ? 1 : 2 * radius + 1)

const modulo = (i: number, n: number) => ((i % n) + n) % n

/** Tiles in a neighbourhood. */
const kernelSize = ({ rows, columns }: Lattice, { radius = 1 }: Window) => side(rows, radius) * side(columns, radius)

/** A convolution on the lattice of tiles, 3 × 3 (1 × 3 in a 1-D world) by default: weight [9·inputs, outputs] and bias. */
export function latticeConvSpecs(
  name: string,
  lattice: Lattice,
  inputs: number,
  outputs: number,
  bias?: Initialiser,
  window: Window = {},
): ParameterSpecs {
  return denseSpecs(name, kernelSize(lattice, window) * inputs, outputs, bias)
}

/** x [N, tiles, inputs] → [N, tiles, outputs]; wraps around a torus, sees zeros beyond walls. */
export function latticeConv(p: Parameters, name: string, lattice: Lattice, x: tf.Tensor, window?: Window): tf.Tensor {
  return tf.add(project(p, `${name}.weight`, neighbourhoods(lattice, x, window)), p[`${name}.bias`])
}

/**
 * x [N, tiles, C] → [N, tiles, 9·C]: each tile with its neighbours, row by row, itself in the middle. The gradient is
 * a gather as well: tile i is neighbour k of tile j where j is neighbour 8 − k of i.
 */
export function neighbourhoods(lattice: Lattice, x: tf.Tensor, window: Window = {}): tf.Tensor {
  const size = kernelSize(lattice, window)
  const [n, tiles, channels] = x.shape as [number, number, number]
  const indices = neighbourIndices(lattice, window)
  const forward = tf.customGrad((...inputs) => {
    const [values] = inputs as tf.Tensor[]
    return {
      value: tf.reshape(gatherTiles(values, indices), [n, tiles, size * channels]),
      gradFunc: (upstream: tf.Tensor) => {
        const parts = tf.reshape(upstream, [n, tiles * size, channels])
        const mirrored = indices.map((tile, i) => (tile === tiles ? tiles * size : tile * size + size - 1 - (i % size)))
        return tf.sum(tf.reshape(gatherTiles(parts, mirrored), [n, tiles, size, channels]), 2)
      },
    }
  })
  return forward(x)
}

/** Rows of x [N, R, C] by number; number R is a row of zeros. */
function gatherTiles(x: tf.Tensor, indices: Int32Array): tf.Tensor {
  const [n, rows, channels] = x.shape as [number, number, number]
  const framed = indices.includes(rows) ? tf.concat([x, tf.zeros([n, 1, channels])], 1) : x
  return tf.gather(framed, tf.tensor1d(indices, 'int32'), 1)
}

/** For every tile its neighbours, row by row; the number of tiles stands for what lies beyond a wall. */
function neighbourIndices({ rows, columns, boundary }: Lattice, { radius = 1, dilation = 1 }: Window): Int32Array {
  const [down, across] = [rows, columns].map(n => (side(n, radius) >> 1) * dilation)
  const indices: number[] = []
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let r = row - down; r <= row + down; r += dilation)
        for (let c = column - across; c <= column + across; c += dilation) {
          const inside = r >= 0 && r < rows && c >= 0 && c < columns
          const wrapped = modulo(r, rows) * columns + modulo(c, columns)
          indices.push(inside || boundary === 'torus' ? wrapped : rows * columns)
        }
  return Int32Array.from(indices)
}
