import { broadcastShape } from '../build.ts'
import { type ConstantData, type Graph, type GraphNode, type GraphValue, sizeOf } from '../graph.ts'
import { isAll } from './identities.ts'
import { rewrite } from './rewrite.ts'

/** Largest constant that folding may make: beyond it the file would grow by more than the run saves. */
const LARGEST = 1 << 16

/** Single operations of float32, rounded as ONNX Runtime rounds them: the same bits. */
const binaries: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
}
const unaries: Readonly<Record<string, (x: number) => number>> = {
  Neg: x => -x,
  Abs: Math.abs,
  Sqrt: Math.sqrt,
  Reciprocal: x => 1 / x,
}

/** Strides of a value read at the places of a larger shape: 0 along axes that repeat. */
function stridesWithin(shape: readonly number[], within: readonly number[]): number[] {
  const strides = new Array<number>(within.length).fill(0)
  for (let axis = shape.length - 1, stride = 1; axis >= 0; stride *= shape[axis--])
    if (shape[axis] > 1) strides[axis + within.length - shape.length] = stride
  return strides
}

/** For every place of `shape`, row by row, where its value lies in data with these strides. */
function* places(shape: readonly number[], strides: readonly number[]): Generator<number> {
  const index = new Array<number>(shape.length).fill(0)
  let at = 0
  for (let left = sizeOf(shape); left > 0; left--) {
    yield at
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]
      if (++index[axis] < shape[axis]) break
      at -= shape[axis] * strides[axis]
      index[axis] = 0
    }
  }
}

function rearranged(data: ConstantData, shape: readonly number[], strides: readonly number[]): ConstantData {
  const made = data.slice(0, 0).constructor as new (size: number) => ConstantData
  const out = new made(sizeOf(shape))
  let i = 0
  for (const at of places(shape, strides)) out[i++] = data[at]
  return out
}

function combined(op: (a: number, b: number) => number, a: GraphValue, b: GraphValue): ConstantData {
  const shape = broadcastShape(a.shape, b.shape)
  const [left, right] = [a, b].map(({ data, shape: own }) => rearranged(data!, shape, stridesWithin(own, shape)))
  return Float32Array.from({ length: left.length }, (_, i) => op(Number(left[i]), Number(right[i])))
}

/** Whether a node gives nothing but zeros because a factor does, as the first state of a memory makes its products. */
function vanishes({ op, inputs, outputs: [{ shape, type }] }: GraphNode): boolean {
  const product = op === 'Mul' || op === 'MatMul' || op === 'FusedMatMul'
  return product && type === 'float32' && sizeOf(shape) <= LARGEST && inputs.some(input => isAll(input, 0))
}

/** What a node gives whose inputs are all constants; nothing where it is left to run. */
function folded({ op, inputs, outputs, attributes }: GraphNode): ConstantData | undefined {
  const [a, b] = inputs
  const [{ shape, type }] = outputs
  if (op === 'Reshape') return a.data
  if (sizeOf(shape) > LARGEST) return undefined
  if (op === 'Transpose') {
    const strides = stridesWithin(a.shape, a.shape)
    return rearranged(
      a.data!,
      shape,
      (attributes.perm as readonly number[]).map(axis => strides[axis]),
    )
  }
  if (type !== 'float32' || a.type !== 'float32') return undefined
  if (op in binaries) return combined(binaries[op], a, b)
  return op in unaries ? Float32Array.from(a.data as Float32Array, unaries[op]) : undefined
}

/** Pieces of zeros are zeros. */
const splitsZeros = ({ op, inputs }: GraphNode) => op === 'Split' && isAll(inputs[0], 0)

/** Computes while compiling what depends on constants alone, or on a factor that is zero. */
export function foldConstants(graph: Graph): Graph {
  const zeros = new Map<string, Float32Array>()
  const zerosLike = ({ shape }: GraphValue) => {
    const size = String(sizeOf(shape))
    const known = zeros.get(size) ?? new Float32Array(sizeOf(shape))
    zeros.set(size, known)
    return known
  }
  return rewrite(graph, (node, replace) => {
    const [output] = node.outputs
    if (vanishes(node) || splitsZeros(node)) {
      for (const value of node.outputs) replace(value, { ...value, data: zerosLike(value) })
      return []
    }
    const known = node.inputs.length > 0 && node.inputs.every(({ data }) => data !== undefined)
    const data = known ? folded(node) : undefined
    if (data === undefined) return [node]
    replace(output, { ...output, data })
    return []
  })
}
