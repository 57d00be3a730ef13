import { integers, newBuilder } from '../build.ts'
import { type Graph, type GraphNode, type GraphValue, producers, sizeOf, useCounts } from '../graph.ts'
import { inOrder } from './order.ts'
import { addUp, sumsOf, termsOf } from './sums.ts'

// Backpropagation through time sums one weight gradient a step, Σ_t x_tᵀ·dy_t: as many small products and additions of
// whole weight arrays as there are steps. One product over the concatenated rows of all steps is the same sum. A bias's
// gradient, Σ_t Σ_rows dy_t, is then the sum over the rows that are concatenated already.

/** Fewest products that are worth a concatenation. */
const FEWEST = 3

/** Numbers of both operands that lie in the cache when they are copied. */
const CACHED = 1 << 17

/**
 * Joining copies the rows of both operands, and saves additions of the product and short products. Measured: memories
 * of a few rows gain up to a tenth of a step, convolutions of pictures of 64 × 64 would lose a quarter.
 */
function joiningPays({ inputs, outputs: [product] }: GraphNode): boolean {
  const copied = inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  return copied <= CACHED || copied <= 4 * sizeOf(product.shape)
}

/** x_tᵀ·dy_t with the rows of both on one axis; nothing for any other node. */
function isGradientProduct(node: GraphNode | undefined): node is GraphNode {
  return node?.op === 'FusedMatMul' && node.attributes.transA === 1 && node.attributes.transB === 0
}

/** The axis of rows of an operand: the last but one, or the first where the batch lies behind it. */
const rowAxis = ({ shape }: GraphValue, rowsFirst: unknown) => (rowsFirst === 1 ? 0 : shape.length - 2)

/** Products can be joined where all lengths but the rows', the way they are read, and the scale are the same. */
function kind({ inputs: [x, dy], attributes }: GraphNode): string {
  const { transBatchA, transBatchB } = attributes
  const rest = [x.shape.with(rowAxis(x, transBatchA), 0), dy.shape.with(rowAxis(dy, transBatchB), 0)]
  return JSON.stringify([rest, attributes])
}

function concatenate(parts: readonly GraphValue[], axis: number): GraphNode {
  const [{ shape, type }] = parts
  const rows = parts.reduce((sum, part) => sum + part.shape[axis], 0)
  const outputs = [{ shape: shape.with(axis, rows), type }]
  return { op: 'Concat', domain: '', inputs: parts, outputs, attributes: { axis } }
}

/** Rows of several steps in one array, and the values that they come from, whatever shape those were given. */
interface Rows {
  readonly node: GraphNode
  readonly origins: readonly GraphValue[]
}

interface Context {
  readonly makers: Map<GraphValue, GraphNode>
  readonly uses: Map<GraphValue, number>
  /** By each of their origins. */
  readonly joined: Map<GraphValue, Rows[]>
}

/** Where the numbers of a value were made: Reshapes leave them where they lie. */
function originOf(value: GraphValue, makers: Context['makers']): GraphValue {
  let origin = value
  for (let maker = makers.get(origin); maker?.op === 'Reshape'; maker = makers.get(origin)) origin = maker.inputs[0]
  return origin
}

/** The nodes that add up the products of one kind as one; nothing where that does not pay. */
function joinProducts(root: GraphNode, context: Context): GraphNode[] | undefined {
  const { makers, uses, joined } = context
  const [output] = root.outputs
  const terms = termsOf(root, makers, uses)
  const groups = new Map<string, GraphNode[]>()
  for (const term of terms) {
    const maker = makers.get(term)
    if (uses.get(term) !== 1 || !isGradientProduct(maker)) continue
    const group = groups.get(kind(maker))
    if (group) group.push(maker)
    else groups.set(kind(maker), [maker])
  }
  const worthwhile = [...groups.values()].filter(products => products.length >= FEWEST && joiningPays(products[0]))
  if (worthwhile.length === 0) return undefined
  const replaced = new Set(worthwhile.flat().map(({ outputs }) => outputs[0]))
  const kept = terms.filter(term => !replaced.has(term))
  const alone = worthwhile.length === 1 && kept.length === 0
  const nodes: GraphNode[] = []
  for (const products of worthwhile) {
    const [{ attributes }] = products
    const sides = [attributes.transBatchA, attributes.transBatchB].map((rowsFirst, side) => {
      const parts = products.map(({ inputs }) => inputs[side])
      const node = concatenate(parts, rowAxis(parts[0], rowsFirst))
      const origins = parts.map(part => originOf(part, makers))
      for (const origin of origins) joined.set(origin, [...(joined.get(origin) ?? []), { node, origins }])
      return node
    })
    const value: GraphValue = alone ? output : { shape: output.shape, type: output.type }
    nodes.push(...sides, { ...products[0], inputs: sides.map(({ outputs }) => outputs[0]), outputs: [value] })
    kept.push(value)
  }
  return [...nodes, ...addUp(kept, output)]
}

/** Whether a ReduceSum takes every row of a step together, and nothing else: what a sum over `rows` would. */
function sumsRows({ inputs: [{ shape }, list] }: GraphNode, { node, origins }: Rows): boolean {
  const axes = Array.from(list.data ?? [], Number)
  const [all] = node.outputs
  const axis = node.attributes.axis as number
  const adjacent = axes.every((at, k) => k === 0 || at === axes[k - 1] + 1) && axes.at(-1) === shape.length - 2
  const sameLead = sizeOf(shape.slice(0, axes[0])) === sizeOf(all.shape.slice(0, axis))
  const sameRows = shape.at(-1) === all.shape.at(-1) && sizeOf(shape) * origins.length === sizeOf(all.shape)
  return adjacent && sameLead && axis === all.shape.length - 2 && sameRows
}

/** Σ_t Σ_rows dy_t, where rows are concatenated already; nothing where they are not. */
function joinRowSums(root: GraphNode, { makers, uses, joined }: Context): GraphNode[] | undefined {
  const [output] = root.outputs
  const terms = termsOf(root, makers, uses)
  // What is summed may stand in another shape among the terms.
  const sums = new Map<GraphValue, { term: GraphValue; sum: GraphNode }>()
  for (const term of terms) {
    const maker = makers.get(term)
    const sum = maker?.op === 'Reshape' && uses.get(maker.inputs[0]) === 1 ? makers.get(maker.inputs[0]) : maker
    if (sum?.op === 'ReduceSum' && uses.get(term) === 1) sums.set(originOf(sum.inputs[0], makers), { term, sum })
  }
  const candidates = [...sums.keys()].slice(0, FEWEST).flatMap(origin => joined.get(origin) ?? [])
  const rows = candidates.find(found =>
    found.origins.every(origin => sums.has(origin) && sumsRows(sums.get(origin)!.sum, found)),
  )
  if (rows === undefined) return undefined
  const [all] = rows.node.outputs
  const axis = rows.node.attributes.axis as number
  const covered = new Set(rows.origins.map(origin => sums.get(origin)!.term))
  const kept = terms.filter(term => !covered.has(term))
  const sum: GraphValue = { shape: all.shape.toSpliced(axis, 1), type: output.type }
  const shaped: GraphValue = kept.length === 0 ? output : { shape: output.shape, type: output.type }
  const [axes, shape] = [[axis], output.shape].map(list => integers(newBuilder(), list))
  return [
    { op: 'ReduceSum', domain: '', inputs: [all, axes], outputs: [sum], attributes: { keepdims: 0 } },
    { op: 'Reshape', domain: '', inputs: [sum, shape], outputs: [shaped], attributes: {} },
    ...addUp([...kept, shaped], output),
  ]
}

/** Sums of matrix products and of rows over time → one product and one sum over all steps. */
export function joinSumsOverTime(graph: Graph): Graph {
  const [makers, uses] = [producers(graph.nodes), useCounts(graph)]
  const context: Context = { makers, uses, joined: new Map() }
  const roots = sumsOf(graph, uses)
  const replacements = new Map<GraphNode, readonly GraphNode[]>()
  for (const join of [joinProducts, joinRowSums]) {
    for (const root of roots) {
      const nodes = replacements.has(root) ? undefined : join(root, context)
      if (nodes !== undefined) replacements.set(root, nodes)
    }
  }
  if (replacements.size === 0) return graph
  return inOrder({ ...graph, nodes: graph.nodes.flatMap(node => replacements.get(node) ?? [node]) })
}
