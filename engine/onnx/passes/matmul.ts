import { type Graph, type GraphNode, type GraphValue, producers, useCounts } from '../graph.ts'
import { rewrite } from './rewrite.ts'

/** What a Transpose of the last two axes turns around; nothing for any other node. */
function swapped(maker: GraphNode | undefined): GraphValue | undefined {
  if (maker?.op !== 'Transpose') return undefined
  const perm = maker.attributes.perm as readonly number[]
  const rank = perm.length
  const swapsLast = perm.every((axis, position) => {
    if (position === rank - 1) return axis === rank - 2
    return axis === (position === rank - 2 ? rank - 1 : position)
  })
  return swapsLast ? maker.inputs[0] : undefined
}

/** MatMul of transposed operands → FusedMatMul, which reads them as they lie; a scalar factor becomes its alpha. */
export function fuseMatrixProducts(graph: Graph): Graph {
  const makers = producers(graph.nodes)
  const withoutCopies = rewriteAll(graph, node => {
    if (node.op !== 'MatMul') return node
    const [a, b] = node.inputs
    const fromA = swapped(makers.get(a))
    const fromB = swapped(makers.get(b))
    if (!fromA && !fromB) return node
    const attributes = { transA: fromA ? 1 : 0, transB: fromB ? 1 : 0 }
    return {
      ...node,
      op: 'FusedMatMul',
      domain: 'com.microsoft' as const,
      inputs: [fromA ?? a, fromB ?? b],
      attributes,
    }
  })
  return scaleProducts(withoutCopies)
}

const rewriteAll = (graph: Graph, change: (node: GraphNode) => GraphNode): Graph => ({
  ...graph,
  nodes: graph.nodes.map(change),
})

/** (A × B)·c with a constant scalar c, where nothing else reads A × B. */
function scaleProducts(graph: Graph): Graph {
  const makers = producers(graph.nodes)
  const uses = useCounts(graph)
  return rewrite(graph, node => {
    if (node.op !== 'Mul') return [node]
    const [left, right] = node.inputs
    const [product, factor] = right.data ? [left, right] : [right, left]
    const maker = makers.get(product)
    const isProduct = maker?.op === 'MatMul' || maker?.op === 'FusedMatMul'
    if (!isProduct || factor.data?.length !== 1 || product.shape.length < factor.shape.length) return [node]
    if (uses.get(product) !== 1 || product.type !== 'float32') return [node]
    const attributes = { ...maker.attributes, alpha: { float: Number(factor.data[0]) } }
    return [{ ...maker, op: 'FusedMatMul', domain: 'com.microsoft' as const, outputs: node.outputs, attributes }]
  })
}
