import { integers, newBuilder } from '../build.ts'
import { type Graph, type GraphNode, type GraphValue, sameShape } from '../graph.ts'
import { rewrite } from './rewrite.ts'

/** Whether a value is a constant that is `wanted` everywhere. */
export const isAll = ({ data }: GraphValue, wanted: number): boolean =>
  data !== undefined && data.length > 0 && data.every((value: number | bigint) => Number(value) === wanted)

/** The input that a node hands on unchanged, where it does. */
function unchanged(node: GraphNode): GraphValue | undefined {
  const [a, b] = node.inputs
  const [output] = node.outputs
  const same = (value: GraphValue) => value.type === output.type && sameShape(value.shape, output.shape)
  switch (node.op) {
    case 'Identity':
      return a
    case 'Cast':
    case 'Reshape':
    case 'Expand':
      return same(a) ? a : undefined
    case 'Mul':
      if (isAll(b, 1) && same(a)) return a
      return isAll(a, 1) && same(b) ? b : undefined
    case 'Add':
      if (isAll(b, 0) && same(a)) return a
      return isAll(a, 0) && same(b) ? b : undefined
    case 'Sub':
      return isAll(b, 0) && same(a) ? a : undefined
    case 'Div':
      return isAll(b, 1) && same(a) ? a : undefined
    default:
      return undefined
  }
}

/** Axes of length 1 may move freely: such a Transpose changes no order in memory. */
function keepsOrder({ inputs: [x], attributes }: GraphNode): boolean {
  const moved = (attributes.perm as readonly number[]).filter(axis => x.shape[axis] !== 1)
  return moved.every((axis, position) => position === 0 || moved[position - 1] < axis)
}

/** a + (−b) → a − b; a − (−b) → a + b; 0 − a → −a: the same bits with an operation less. */
function withSign(node: GraphNode, makers: ReadonlyMap<GraphValue, GraphNode>): GraphNode | undefined {
  const [a, b] = node.inputs
  const negated = (value: GraphValue) => {
    const maker = makers.get(value)
    return maker?.op === 'Neg' ? maker.inputs[0] : undefined
  }
  if (node.op === 'Sub') {
    const from = negated(b)
    if (from !== undefined) return { ...node, op: 'Add', inputs: [a, from] }
    return isAll(a, 0) && sameShape(b.shape, node.outputs[0].shape) ? { ...node, op: 'Neg', inputs: [b] } : undefined
  }
  if (node.op !== 'Add') return undefined
  const [fromA, fromB] = [negated(a), negated(b)]
  if (fromB !== undefined) return { ...node, op: 'Sub', inputs: [a, fromB] }
  return fromA === undefined ? undefined : { ...node, op: 'Sub', inputs: [b, fromA] }
}

/**
 * Drops what does nothing: Cast, Reshape and Expand to what is there already, ×1, +0, ÷1; joins a Reshape of a Reshape and
 * a Transpose of a Transpose; makes a Reshape of a Transpose or a sum that leaves the order in
 * memory as it is, and a difference of a sum with what was negated.
 */
export function dropIdentities(graph: Graph): Graph {
  const makers = new Map<GraphValue, GraphNode>()
  const builder = newBuilder()
  const simplify = (node: GraphNode): GraphNode => {
    const [x] = node.inputs
    const [output] = node.outputs
    const maker = makers.get(x)
    const reshaped = (from: GraphValue): GraphNode => {
      const inputs = [from, integers(builder, output.shape)]
      return { op: 'Reshape', domain: '', inputs, outputs: node.outputs, attributes: {} }
    }
    const signed = withSign(node, makers)
    if (signed !== undefined) return signed
    if (node.op === 'Reshape' && maker?.op === 'Reshape') return reshaped(maker.inputs[0])
    if (node.op === 'Transpose' && maker?.op === 'Transpose') {
      const inner = maker.attributes.perm as readonly number[]
      const perm = (node.attributes.perm as readonly number[]).map(axis => inner[axis])
      return { ...node, inputs: maker.inputs, attributes: { perm } }
    }
    if (node.op === 'Transpose' && keepsOrder(node)) return reshaped(x)
    const summed = node.op === 'ReduceSum' || node.op === 'ReduceMean' || node.op === 'ReduceMax'
    if (summed && x.shape.length > 0 && node.inputs[1].data) {
      const axes = Array.from(node.inputs[1].data, Number)
      if (axes.every(axis => x.shape[axis] === 1)) return reshaped(x)
    }
    return node
  }
  return rewrite(graph, (node, replace) => {
    let current = simplify(node)
    if (current !== node) current = simplify(current)
    const same = unchanged(current)
    if (same) {
      replace(node.outputs[0], same)
      return []
    }
    for (const output of current.outputs) makers.set(output, current)
    return [current]
  })
}
