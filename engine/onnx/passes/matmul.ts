import { type Graph, type GraphNode, type GraphValue, producers, useCounts } from '../graph.ts'
import { rewrite } from './rewrite.ts'

// FusedMatMul (com.microsoft) reads its operands as they lie, transposed or with a batch axis that is not the first, and
// scales the result: what a Transpose would have copied and a Mul would have passed over once more costs nothing.

interface Operand {
  readonly from: GraphValue
  /** The last two axes are swapped. */
  readonly swapped: boolean
  /** Rows lie on the first axis, before the axes of the batch. */
  readonly rowsFirst: boolean
}

const isProduct = ({ op }: GraphNode) => op === 'MatMul' || op === 'FusedMatMul'

/** How a product reads a Transpose's input without it; nothing where it cannot. */
function readAs(perm: readonly number[]): Omit<Operand, 'from'> | undefined {
  const order = perm.join()
  const axes = perm.map((_, axis) => axis)
  const batch = axes.slice(0, -2)
  const [last, lastButOne] = [perm.length - 1, perm.length - 2]
  if (order === [...batch, last, lastButOne].join()) return { swapped: true, rowsFirst: false }
  if (perm.length < 3) return undefined
  const middle = axes.slice(1, -1)
  if (order === [...middle, 0, last].join()) return { swapped: false, rowsFirst: true }
  return order === [...middle, last, 0].join() ? { swapped: true, rowsFirst: true } : undefined
}

/** Transposed operands of a product → FusedMatMul, which reads them as they lie. */
export function fuseTransposes(graph: Graph): Graph {
  const makers = producers(graph.nodes)
  const operand = (value: GraphValue): Operand => {
    const maker = makers.get(value)
    const as = maker?.op === 'Transpose' ? readAs(maker.attributes.perm as readonly number[]) : undefined
    return as ? { from: maker!.inputs[0], ...as } : { from: value, swapped: false, rowsFirst: false }
  }
  const nodes = graph.nodes.map(node => {
    if (!isProduct(node) || node.attributes.transA !== undefined || node.inputs[0].type !== 'float32') return node
    const [a, b] = node.inputs.map(operand)
    if (a.from === node.inputs[0] && b.from === node.inputs[1]) return node
    const attributes = {
      ...node.attributes,
      transA: Number(a.swapped),
      transB: Number(b.swapped),
      ...((a.rowsFirst || b.rowsFirst) && { transBatchA: Number(a.rowsFirst), transBatchB: Number(b.rowsFirst) }),
    }
    return { ...node, op: 'FusedMatMul', domain: 'com.microsoft' as const, inputs: [a.from, b.from], attributes }
  })
  return { ...graph, nodes }
}

const scaled = (node: GraphNode, factor: number): GraphNode => ({
  ...node,
  op: 'FusedMatMul',
  domain: 'com.microsoft',
  attributes: { ...node.attributes, alpha: { float: factor * alphaOf(node) } },
})

function alphaOf({ attributes: { alpha } }: GraphNode): number {
  return typeof alpha === 'object' && 'float' in alpha ? alpha.float : 1
}

/** x and c of x·c with a constant scalar c; nothing for any other node. */
function scaling(node: GraphNode | undefined): { readonly x: GraphValue; readonly factor: number } | undefined {
  if (node?.op !== 'Mul' || node.outputs[0].type !== 'float32') return undefined
  const [left, right] = node.inputs
  const [x, factor] = right.data ? [left, right] : [right, left]
  if (factor.data?.length !== 1 || x.data || x.shape.length < factor.shape.length) return undefined
  return { x, factor: Number(factor.data[0]) }
}

/** Constant factors of a product, or of its operands where nothing else reads them, become its alpha. */
export function fuseScales(graph: Graph): Graph {
  return scaleResults(scaleOperands(graph))
}

/** (A·c) × B, where products alone read A·c. */
function scaleOperands(graph: Graph): Graph {
  const makers = producers(graph.nodes)
  const elsewhere = new Set<GraphValue>(graph.outputs.values())
  for (const node of graph.nodes) if (!isProduct(node)) for (const input of node.inputs) elsewhere.add(input)
  const nodes = graph.nodes.map(node => {
    if (!isProduct(node)) return node
    return [0, 1].reduce<GraphNode>((current, side) => {
      const value = current.inputs[side]
      const found = elsewhere.has(value) ? undefined : scaling(makers.get(value))
      return found ? { ...scaled(current, found.factor), inputs: current.inputs.with(side, found.x) } : current
    }, node)
  })
  return { ...graph, nodes }
}

/** (A × B)·c, where nothing else reads A × B. */
function scaleResults(graph: Graph): Graph {
  const makers = producers(graph.nodes)
  const uses = useCounts(graph)
  return rewrite(graph, node => {
    const found = scaling(node)
    if (found === undefined || uses.get(found.x) !== 1) return [node]
    const product = makers.get(found.x)
    return product !== undefined && isProduct(product)
      ? [{ ...scaled(product, found.factor), outputs: node.outputs }]
      : [node]
  })
}
