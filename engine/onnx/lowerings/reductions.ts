import * as tf from '../../tf.ts'
import { cast, emit, emitMany, type GraphBuilder, integers, reduce, scalar } from '../build.ts'
import type { GraphValue } from '../graph.ts'
import { type Lowering, lowering } from './lowering.ts'

interface ReductionAttributes {
  readonly axis?: number | number[] | null
  /** What tfjs calls the axes of Max, and of Max alone. */
  readonly reductionIndices?: number | number[] | null
  readonly keepDims?: boolean
}

function axesOf(x: GraphValue, axis: number | number[] | null | undefined): number[] {
  const all = x.shape.map((_, position) => position)
  return axis === undefined || axis === null ? all : tf.util.parseAxisParam(axis, [...x.shape])
}

const reduction = (
  op: string,
  before: (builder: GraphBuilder, x: GraphValue) => GraphValue = (_, x) => x,
  after: (builder: GraphBuilder, y: GraphValue) => GraphValue = (_, y) => y,
): Lowering =>
  lowering<ReductionAttributes>((builder, { x }, { axis, reductionIndices, keepDims }) => {
    const axes = axesOf(x, axis ?? reductionIndices)
    const ready = before(builder, x)
    return after(builder, axes.length === 0 ? ready : reduce(builder, op, ready, axes, keepDims ?? false))
  })

const toInteger = (builder: GraphBuilder, x: GraphValue) => cast(builder, x, 'int32')
const toBool = (builder: GraphBuilder, x: GraphValue) => cast(builder, x, 'bool')
const toNumber = (builder: GraphBuilder, x: GraphValue) => (x.type === 'bool' ? cast(builder, x, 'int32') : x)

/** Position of the extreme along one axis, the first where several tie. */
const argument = (op: string): Lowering =>
  lowering<tf.ArgMaxAttrs>((builder, { x }, { axis }) => {
    const position = axesOf(x, axis)[0]
    const shape = x.shape.filter((_, index) => index !== position)
    const found = emit(builder, op, [x], shape, 'int64', { axis: position, keepdims: 0 })
    return cast(builder, found, 'int32')
  })

const cumulativeSum = lowering<tf.CumsumAttrs>((builder, { x }, { axis, exclusive, reverse }) => {
  const options = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 }
  const numbers = toNumber(builder, x)
  const along = integers(builder, [axesOf(x, axis)[0]])
  return emit(builder, 'CumSum', [numbers, along], numbers.shape, numbers.type, options)
})

/** Sums the rows of x [n, ..] into the segments that `segmentIds` [n] names: [numSegments, ..]. */
const segmentSum = lowering<tf.UnsortedSegmentSumAttrs>((builder, { x, segmentIds }, { numSegments }) => {
  const shape = [numSegments, ...x.shape.slice(1)]
  const empty = emit(builder, 'Expand', [scalar(builder, 0, x.type), integers(builder, shape)], shape, x.type)
  const rows = emit(
    builder,
    'Reshape',
    [cast(builder, segmentIds, 'int64'), integers(builder, [-1, 1])],
    [x.shape[0], 1],
    'int64',
  )
  return emit(builder, 'ScatterND', [empty, rows, x], shape, x.type, { reduction: 'add' })
})

const softmax = lowering<tf.SoftmaxAttrs>((builder, { logits }, { dim }) =>
  emit(builder, 'Softmax', [logits], logits.shape, logits.type, { axis: axesOf(logits, dim)[0] }),
)

/** The k largest along the last axis, the largest first, and where they stand. */
const topK = lowering<tf.TopKAttrs>((builder, { x }, { k }) => {
  const shape = [...x.shape.slice(0, -1), k]
  const outputs = [
    { shape, type: x.type },
    { shape, type: 'int64' as const },
  ]
  const [values, places] = emitMany(builder, 'TopK', [x, integers(builder, [k])], outputs, { axis: -1 })
  return [values, cast(builder, places, 'int32')]
})

/** Kernels that gather along axes: sums, extremes, running sums, normalised exponentials. */
export const reductions: Readonly<Record<string, Lowering>> = {
  Sum: reduction('ReduceSum', toNumber),
  Mean: reduction('ReduceMean', (builder, x) => cast(builder, x, 'float32')),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd', toNumber),
  All: reduction('ReduceMin', toInteger, toBool),
  Any: reduction('ReduceMax', toInteger, toBool),
  ArgMax: argument('ArgMax'),
  ArgMin: argument('ArgMin'),
  Cumsum: cumulativeSum,
  UnsortedSegmentSum: segmentSum,
  Softmax: softmax,
  TopK: topK,
}
