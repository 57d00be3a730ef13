import * as tf from '../../tf.ts'
import {
  concat,
  constant,
  emit,
  emitMany,
  type GraphBuilder,
  integers,
  pad,
  reshape,
  slice,
  transpose,
} from '../build.ts'
import { type GraphValue, sizeOf } from '../graph.ts'
import { type Lowering, lowering } from './lowering.ts'

const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

/** Cuts x along one axis into pieces of the given lengths. */
function split(builder: GraphBuilder, x: GraphValue, axis: number, lengths: readonly number[]): readonly GraphValue[] {
  if (lengths.length === 1) return [x]
  const pieces = lengths.map(length => ({ shape: x.shape.with(axis, length), type: x.type }))
  return emitMany(builder, 'Split', [x, integers(builder, lengths)], pieces, { axis })
}

const joined = lowering<tf.ConcatAttrs>((builder, inputs, { axis }) => {
  const values = Object.values(inputs)
  const nonEmpty = values.filter(value => sizeOf(value.shape) > 0)
  if (nonEmpty.length === 0) return values[0]
  return concat(builder, nonEmpty, axisOf(axis, values[0].shape.length))
})

const stacked = lowering<tf.PackAttrs>((builder, inputs, { axis }) => {
  const values = Object.values(inputs)
  const position = axisOf(axis, values[0].shape.length + 1)
  const shape = values[0].shape.toSpliced(position, 0, 1)
  return concat(
    builder,
    values.map(value => reshape(builder, value, shape)),
    position,
  )
})

const unstacked = lowering<tf.UnpackAttrs>((builder, { value }, { axis }) => {
  const position = axisOf(axis, value.shape.length)
  const ones = new Array<number>(value.shape[position]).fill(1)
  const shape = value.shape.toSpliced(position, 1)
  return split(builder, value, position, ones).map(piece => reshape(builder, piece, shape))
})

const splitV = lowering<tf.SplitVAttrs>((builder, { x }, { numOrSizeSplits, axis }) => {
  const position = axisOf(axis, x.shape.length)
  const like = { shape: [...x.shape] } as tf.Tensor
  return split(builder, x, position, tf.backend_util.prepareSplitSize(like, numOrSizeSplits, position))
})

const sliced = lowering<tf.SliceAttrs>((builder, { x }, { begin, size }) => {
  const like = { shape: [...x.shape], rank: x.shape.length } as tf.Tensor
  const [starts, counts] = tf.slice_util.parseSliceParams(like, begin, size)
  return slice(builder, x, starts, counts)
})

const expanded = lowering<tf.ExpandDimsAttrs>((builder, { input }, { dim }) =>
  reshape(builder, input, input.shape.toSpliced(axisOf(dim, input.shape.length + 1), 0, 1)),
)

/** Reflects at the edge; `symmetric` repeats the edge itself and needs a gather, `reflect` does not. */
const mirrored = lowering<tf.MirrorPadAttrs>((builder, { x }, { paddings, mode }) => {
  const edge = mode === 'reflect' ? 1 : 0
  return paddings.reduce((value, [before, after], axis) => {
    if (before === 0 && after === 0) return value
    const length = x.shape[axis]
    const index = Int32Array.from({ length: before + length + after }, (_, position) => {
      const source = position - before
      if (source < 0) return edge - source - 1
      return source < length ? source : 2 * length - source - 1 - edge
    })
    const where = constant(builder, index, [index.length], 'int32')
    return emit(builder, 'Gather', [value, where], value.shape.with(axis, index.length), x.type, { axis })
  }, x)
})

const tiled = lowering<tf.TileAttrs>((builder, { x }, { reps }) => {
  if (reps.every(count => count === 1)) return x
  const shape = x.shape.map((length, axis) => length * reps[axis])
  // Repeating axes of length 1 is a broadcast, which ONNX Runtime does faster.
  const broadcast = x.shape.every((length, axis) => length === 1 || reps[axis] === 1)
  return emit(builder, broadcast ? 'Expand' : 'Tile', [x, integers(builder, broadcast ? shape : reps)], shape, x.type)
})

const lowestInteger = -(2 ** 31)

const reversed = lowering<tf.ReverseAttrs>((builder, { x }, { dims }) => {
  const axes = tf.util.parseAxisParam(dims, [...x.shape])
  if (axes.length === 0) return x
  const lists = [axes.map(() => -1), axes.map(() => lowestInteger), axes, axes.map(() => -1)]
  return emit(builder, 'Slice', [x, ...lists.map(list => integers(builder, list))], x.shape, x.type)
})

/** Kernels that move numbers without changing them. */
export const shapes: Readonly<Record<string, Lowering>> = {
  Identity: (_, { x }) => x,
  Reshape: lowering<tf.ReshapeAttrs>((builder, { x }, { shape }) =>
    reshape(builder, x, tf.util.inferFromImplicitShape([...shape], sizeOf(x.shape))),
  ),
  ExpandDims: expanded,
  Transpose: lowering<tf.TransposeAttrs>((builder, { x }, { perm }) => transpose(builder, x, perm)),
  Concat: joined,
  Pack: stacked,
  Unpack: unstacked,
  SplitV: splitV,
  Slice: sliced,
  PadV2: lowering<tf.PadV2Attrs>((builder, { x }, { paddings, constantValue }) =>
    pad(builder, x, paddings, constantValue),
  ),
  MirrorPad: mirrored,
  Tile: tiled,
  Reverse: reversed,
}
