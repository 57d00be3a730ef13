import * as tf from '../../engine/tf.ts'
import type { Initialiser, Lattice, ParameterSpecs, Parameters } from '../model.ts'
import { lecunNormal } from './dense.ts'

/** Side of the kernel along an axis of n tiles: 3, or 1 where there is a single tile. */
const reach = (n: number) => (n === 1 ? 1 : 3)

/** A 3 × 3 convolution on the lattice of tiles (1 × 3 in a 1-D world): filter [h, w, inputs, outputs] and bias. */
export function latticeConvSpecs(
  name: string,
  lattice: Lattice,
  inputs: number,
  outputs: number,
  bias: Initialiser = { kind: 'zeros' },
): ParameterSpecs {
  const [height, width] = [reach(lattice.rows), reach(lattice.columns)]
  return {
    [`${name}.filter`]: { shape: [height, width, inputs, outputs], initialiser: lecunNormal(height * width * inputs) },
    [`${name}.bias`]: { shape: [outputs], initialiser: bias },
  }
}

/** x [N, rows, columns, inputs] → [N, rows, columns, outputs]; wraps around a torus, sees zeros beyond walls. */
export function latticeConv(p: Parameters, name: string, lattice: Lattice, x: tf.Tensor): tf.Tensor {
  const filter = p[`${name}.filter`] as tf.Tensor4D
  const torus = lattice.boundary === 'torus'
  const framed = torus ? wrap(wrap(x, 1, reach(lattice.rows) >> 1), 2, reach(lattice.columns) >> 1) : x
  return tf.add(tf.conv2d(framed as tf.Tensor4D, filter, 1, torus ? 'valid' : 'same'), p[`${name}.bias`])
}

/** Frames an axis with what lies beyond its two ends on a torus. */
function wrap(x: tf.Tensor, axis: number, margin: number): tf.Tensor {
  if (margin === 0) return x
  const length = x.shape[axis]
  const part = (start: number) => {
    const begin = x.shape.map((_, i) => (i === axis ? start : 0))
    const size = x.shape.map((side, i) => (i === axis ? margin : side))
    return tf.slice(x, begin, size)
  }
  return tf.concat([part(length - margin), x, part(0)], axis)
}
