import type * as tf from '../../tf.ts'
import { binary, cast, constant, emit, filled, integers, reshape, scalar, transpose, where } from '../build.ts'
import type { ElementType } from '../graph.ts'
import { type Lowering, lowering } from './lowering.ts'

/** x[.., indices, ..] along `axis`; the first `batchDims` axes of both go together. */
const gather = lowering<tf.GatherV2Attrs>((builder, { x, indices }, { axis, batchDims }) => {
  const rank = x.shape.length
  const position = axis < 0 ? axis + rank : axis
  const batch = batchDims < 0 ? batchDims + indices.shape.length : (batchDims ?? 0)
  if (batch === 0) {
    const shape = x.shape.toSpliced(position, 1, ...indices.shape)
    return emit(builder, 'Gather', [x, indices], shape, x.type, { axis: position })
  }
  // GatherND takes the axis right after the batch: bring it there, and its neighbours back afterwards.
  const axes = x.shape.map((_, index) => index)
  const front = transpose(builder, x, axes.toSpliced(position, 1).toSpliced(batch, 0, position))
  const rows = reshape(builder, cast(builder, indices, 'int64'), [...indices.shape, 1])
  const picked = indices.shape.slice(batch)
  const shape = [...indices.shape, ...front.shape.slice(batch + 1)]
  const taken = emit(builder, 'GatherND', [front, rows], shape, x.type, { batch_dims: batch })
  const between = position - batch
  const order = shape.map((_, index) => index)
  const moved = order.splice(batch + picked.length, between)
  return transpose(builder, taken, order.toSpliced(batch, 0, ...moved))
})

const gatherNd: Lowering = (builder, { params, indices }) => {
  const depth = indices.shape.at(-1)!
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)]
  return emit(builder, 'GatherND', [params, cast(builder, indices, 'int64')], shape, params.type)
}

/** Adds `updates` at `indices` into zeros; repeated indices sum. */
const scatterNd = lowering<tf.ScatterNdAttrs>((builder, { indices, updates }, { shape }) => {
  const zero = scalar(builder, 0, updates.type)
  const empty = emit(builder, 'Expand', [zero, integers(builder, shape)], shape, updates.type)
  const inputs = [empty, cast(builder, indices, 'int64'), updates]
  return emit(builder, 'ScatterND', inputs, shape, updates.type, { reduction: 'add' })
})

/** An index outside 0 … depth − 1 has no hot entry (ONNX's own OneHot would wrap negative ones). */
const oneHot = lowering<tf.OneHotAttrs>((builder, { indices }, { depth, onValue, offValue, dtype }) => {
  const column = reshape(builder, indices, [...indices.shape, 1])
  const labels = constant(
    builder,
    Int32Array.from({ length: depth }, (_, label) => label),
    [depth],
    'int32',
  )
  const hit = binary(builder, 'Equal', column, labels, 'bool')
  const type = dtype as ElementType
  if (onValue === 1 && offValue === 0) return cast(builder, hit, type)
  return where(builder, hit, scalar(builder, onValue, type), scalar(builder, offValue, type))
})

const range = lowering<tf.RangeAttrs>((builder, _, { start, stop, step, dtype }) => {
  const length = Math.max(0, Math.ceil((stop - start) / step))
  const list = Array.from({ length }, (_unused, position) => start + position * step)
  return constant(builder, dtype === 'int32' ? Int32Array.from(list) : Float32Array.from(list), [length], dtype)
})

const linearSpace = lowering<tf.LinSpaceAttrs>((builder, _, { start, stop, num }) => {
  const step = (stop - start) / (num - 1)
  return constant(
    builder,
    Float32Array.from({ length: num }, (_unused, i) => start + i * step),
    [num],
    'float32',
  )
})

/** Kernels that look up by index, and those that make constants while recording. */
export const indexing: Readonly<Record<string, Lowering>> = {
  GatherV2: gather,
  GatherNd: gatherNd,
  ScatterNd: scatterNd,
  OneHot: oneHot,
  Range: range,
  LinSpace: linearSpace,
  Fill: lowering<tf.FillAttrs>((builder, _, { shape, value, dtype }) =>
    filled(builder, Number(value), shape, (dtype ?? 'float32') as ElementType),
  ),
  ZerosLike: (builder, { x }) => filled(builder, 0, x.shape, x.type),
  OnesLike: (builder, { x }) => filled(builder, 1, x.shape, x.type),
}
