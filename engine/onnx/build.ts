import {
  type Attribute,
  type ConstantData,
  type ElementType,
  type GraphNode,
  type GraphValue,
  sameShape,
  sizeOf,
} from './graph.ts'

/** A graph while it grows. Small constants are made once and shared. */
export interface GraphBuilder {
  readonly nodes: GraphNode[]
  readonly constants: Map<string, GraphValue>
}

export const newBuilder = (): GraphBuilder => ({ nodes: [], constants: new Map() })

const sharedConstantSize = 64

/** Adds a node with one output of the given shape and type. */
export function emit(
  builder: GraphBuilder,
  op: string,
  inputs: readonly GraphValue[],
  shape: readonly number[],
  type: ElementType,
  attributes: Readonly<Record<string, Attribute>> = {},
): GraphValue {
  return emitMany(builder, op, inputs, [{ shape, type }], attributes)[0]
}

/** Adds a node with several outputs. */
export function emitMany(
  builder: GraphBuilder,
  op: string,
  inputs: readonly GraphValue[],
  outputs: readonly GraphValue[],
  attributes: Readonly<Record<string, Attribute>> = {},
): readonly GraphValue[] {
  builder.nodes.push({ op, domain: '', inputs, outputs, attributes })
  return outputs
}

/** A constant of the graph. */
export function constant(
  builder: GraphBuilder,
  data: ConstantData,
  shape: readonly number[],
  type: ElementType,
): GraphValue {
  if (data.length > sharedConstantSize) return { data, shape, type }
  // -0 and 0 print alike but divide differently.
  const values = Array.from<number | bigint, string>(data, value => (Object.is(value, -0) ? '-0' : String(value)))
  const key = `${type}[${shape}]${values}`
  const known = builder.constants.get(key)
  if (known) return known
  const made = { data: data.slice(), shape, type }
  builder.constants.set(key, made)
  return made
}

/** A scalar constant of type float32, int32 or bool. */
export function scalar(builder: GraphBuilder, value: number, type: ElementType = 'float32'): GraphValue {
  return filled(builder, value, [], type)
}

/** A constant with the same value everywhere, of type float32, int32 or bool. */
export function filled(builder: GraphBuilder, value: number, shape: readonly number[], type: ElementType): GraphValue {
  const size = sizeOf(shape)
  const empty =
    type === 'bool' ? new Uint8Array(size) : type === 'int32' ? new Int32Array(size) : new Float32Array(size)
  return constant(builder, empty.fill(value), shape, type)
}

/** A vector of int64, as ONNX wants its axes, shapes and bounds. */
export function integers(builder: GraphBuilder, values: readonly number[]): GraphValue {
  return constant(builder, BigInt64Array.from(values, BigInt), [values.length], 'int64')
}

export const unary = (
  builder: GraphBuilder,
  op: string,
  x: GraphValue,
  attributes?: Readonly<Record<string, Attribute>>,
): GraphValue => emit(builder, op, [x], x.shape, x.type, attributes)

/** Shape of an elementwise operation on two shapes, by numpy's rule. @throws Error where they do not fit. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    if (left !== right && left !== 1 && right !== 1) throw new Error(`shapes [${a}] and [${b}] do not broadcast`)
    return left === 1 ? right : left
  })
}

/** Elementwise operation on two values that broadcast; `type` where the result's is not that of `a`. */
export const binary = (
  builder: GraphBuilder,
  op: string,
  a: GraphValue,
  b: GraphValue,
  type: ElementType = a.type,
): GraphValue => emit(builder, op, [a, b], broadcastShape(a.shape, b.shape), type)

/** condition ? a : b. */
export const where = (builder: GraphBuilder, condition: GraphValue, a: GraphValue, b: GraphValue): GraphValue =>
  emit(builder, 'Where', [condition, a, b], broadcastShape(condition.shape, broadcastShape(a.shape, b.shape)), a.type)

const elementCodes: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 }

/** ONNX's number of an element type (TensorProto.DataType). */
export const elementCode = (type: ElementType): number => elementCodes[type]

export const cast = (builder: GraphBuilder, x: GraphValue, type: ElementType): GraphValue =>
  x.type === type ? x : emit(builder, 'Cast', [x], x.shape, type, { to: elementCode(type) })

export const reshape = (builder: GraphBuilder, x: GraphValue, shape: readonly number[]): GraphValue =>
  sameShape(x.shape, shape) ? x : emit(builder, 'Reshape', [x, integers(builder, shape)], shape, x.type)

export function transpose(builder: GraphBuilder, x: GraphValue, permutation: readonly number[]): GraphValue {
  if (permutation.every((axis, position) => axis === position)) return x
  const shape = permutation.map(axis => x.shape[axis])
  return emit(builder, 'Transpose', [x], shape, x.type, { perm: permutation })
}

/** x[begin : begin + count·step : step] on every axis; axes that are taken whole cost nothing. */
export function slice(
  builder: GraphBuilder,
  x: GraphValue,
  begin: readonly number[],
  counts: readonly number[],
  steps: readonly number[] = counts.map(() => 1),
): GraphValue {
  const axes = counts.flatMap((count, axis) => (count === x.shape[axis] && steps[axis] === 1 ? [] : [axis]))
  if (axes.length === 0) return x
  const ends = axes.map(axis => begin[axis] + (counts[axis] - 1) * steps[axis] + 1)
  const bounds = [axes.map(axis => begin[axis]), ends, axes, axes.map(axis => steps[axis])]
  return emit(builder, 'Slice', [x, ...bounds.map(list => integers(builder, list))], counts, x.type)
}

export function concat(builder: GraphBuilder, values: readonly GraphValue[], axis: number): GraphValue {
  if (values.length === 1) return values[0]
  const shape = values[0].shape.map((length, position) =>
    position === axis ? values.reduce((sum, value) => sum + value.shape[axis], 0) : length,
  )
  return emit(builder, 'Concat', values, shape, values[0].type, { axis })
}

/** Matrix product of the last two axes [.., m, k] × [.., k, n]; the others broadcast. */
export function matmul(builder: GraphBuilder, a: GraphValue, b: GraphValue): GraphValue {
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  return emit(builder, 'MatMul', [a, b], [...batch, a.shape.at(-2)!, b.shape.at(-1)!], a.type)
}

/** One of ONNX's Reduce operators over `axes`. */
export function reduce(
  builder: GraphBuilder,
  op: string,
  x: GraphValue,
  axes: readonly number[],
  keepDims: boolean,
): GraphValue {
  const shape = x.shape.flatMap((length, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [length]))
  return emit(builder, op, [x, integers(builder, axes)], shape, x.type, { keepdims: keepDims ? 1 : 0 })
}

/** Pads every axis with a constant, [before, after] each. */
export function pad(
  builder: GraphBuilder,
  x: GraphValue,
  paddings: readonly (readonly [number, number])[],
  value = 0,
): GraphValue {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x
  const amounts = integers(builder, [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)])
  const shape = x.shape.map((length, axis) => length + paddings[axis][0] + paddings[axis][1])
  return emit(builder, 'Pad', [x, amounts, scalar(builder, value, x.type)], shape, x.type, { mode: 'constant' })
}
