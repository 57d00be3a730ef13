import * as tf from '../../engine/tf.ts'
import type { Initialiser, Lattice, ParameterSpecs, Parameters } from '../model.ts'
import { denseSpecs, project } from './dense.ts'

// A convolution on a lattice of a few tiles is a gather of every tile's neighbourhood and one matrix product: at these
// sizes faster than convolution kernels, which lay out pictures, and its weight gradients can be joined over time.

/** Side of the kernel along an axis of n tiles: 3, or 1 where there is a single tile. */
const side = (n: number) => (n === 1 ? 1 : 3)

const modulo = (i: number, n: number) => ((i % n) + n) % n

/** Tiles in a neighbourhood. */
const kernelSize = ({ rows, columns }: Lattice) => side(rows) * side(columns)

/** A 3 × 3 convolution on the lattice of tiles (1 × 3 in a 1-D world): weight [9·inputs, outputs] and bias. */
export function latticeConvSpecs(
  name: string,
  lattice: Lattice,
  inputs: number,
  outputs: number,
  bias?: Initialiser,
): ParameterSpecs {
  return denseSpecs(name, kernelSize(lattice) * inputs, outputs, bias)
}

/**
 * x [N, tiles, inputs] → [N, tiles, outputs]; wraps around a torus, sees zeros beyond walls. Dilated by d it sees tiles
 * that are d apart (Yu & Koltun 2016).
 */
export function latticeConv(p: Parameters, name: string, lattice: Lattice, x: tf.Tensor, dilation = 1): tf.Tensor {
  return tf.add(project(p, `${name}.weight`, neighbourhoods(lattice, x, dilation)), p[`${name}.bias`])
}

/**
 * x [N, tiles, C] → [N, tiles, 9·C]: each tile with its neighbours, row by row, itself in the middle. The gradient is
 * a gather as well: tile i is neighbour k of tile j where j is neighbour 8 − k of i.
 */
export function neighbourhoods(lattice: Lattice, x: tf.Tensor, dilation = 1): tf.Tensor {
  const size = kernelSize(lattice)
  const [n, tiles, channels] = x.shape as [number, number, number]
  const indices = neighbourIndices(lattice, dilation)
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
function neighbourIndices({ rows, columns, boundary }: Lattice, dilation: number): Int32Array {
  const [down, across] = [rows, columns].map(n => (side(n) >> 1) * dilation)
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
