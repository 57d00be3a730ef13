import { type Graph, type GraphNode, type GraphValue, producers, sameShape, useCounts } from '../graph.ts'

// Backpropagation through time sums one weight gradient a step, Σ_t x_tᵀ·dy_t: as many small products and additions of
// whole weight arrays as there are steps. One product over the concatenated rows of all steps is the same sum.

/** Fewest products that are worth a concatenation. */
const FEWEST = 3

/** x_tᵀ·dy_t with the rows of both on their last axis but one; nothing for any other node. */
function isGradientProduct(node: GraphNode | undefined): node is GraphNode {
  return node?.op === 'FusedMatMul' && node.attributes.transA === 1 && node.attributes.transB === 0
}

/** Products can be joined where weights, rows' lengths, leading axes and scale are the same. */
function kind({ inputs: [x, dy], attributes }: GraphNode): string {
  const lead = x.shape.slice(0, -2)
  return JSON.stringify([lead, x.shape.at(-1), dy.shape.slice(0, -2), dy.shape.at(-1), attributes])
}

/** The terms of a sum that is made by additions of equal shapes whose results nothing else reads. */
function termsOf(root: GraphNode, makers: Map<GraphValue, GraphNode>, uses: Map<GraphValue, number>): GraphValue[] {
  const terms: GraphValue[] = []
  const pending = [...root.inputs].reverse()
  while (pending.length > 0) {
    const value = pending.pop()!
    const maker = makers.get(value)
    if (maker !== undefined && uses.get(value) === 1 && isPlainAddition(maker))
      pending.push(...[...maker.inputs].reverse())
    else terms.push(value)
  }
  return terms
}

function isPlainAddition({ op, inputs, outputs }: GraphNode): boolean {
  return op === 'Add' && inputs.every(({ shape }) => sameShape(shape, outputs[0].shape))
}

function concatenateRows(parts: readonly GraphValue[]): { node: GraphNode; value: GraphValue } {
  const [{ shape, type }] = parts
  const axis = shape.length - 2
  const rows = parts.reduce((sum, part) => sum + part.shape[axis], 0)
  const value: GraphValue = { shape: shape.with(axis, rows), type }
  return { value, node: { op: 'Concat', domain: '', inputs: parts, outputs: [value], attributes: { axis } } }
}

/** The nodes that add up `terms` into `output`, products of one kind joined; nothing where joining does not pay. */
function joined(
  terms: readonly GraphValue[],
  output: GraphValue,
  makers: Map<GraphValue, GraphNode>,
  uses: Map<GraphValue, number>,
): GraphNode[] | undefined {
  const groups = new Map<string, GraphNode[]>()
  for (const term of terms) {
    const maker = makers.get(term)
    if (uses.get(term) !== 1 || !isGradientProduct(maker)) continue
    groups.set(kind(maker), [...(groups.get(kind(maker)) ?? []), maker])
  }
  const worthwhile = [...groups.values()].filter(products => products.length >= FEWEST)
  if (worthwhile.length === 0) return undefined
  const replaced = new Set(worthwhile.flat().map(({ outputs }) => outputs[0]))
  const nodes: GraphNode[] = []
  const sums = terms.filter(term => !replaced.has(term))
  for (const products of worthwhile) {
    const [x, dy] = [0, 1].map(side => concatenateRows(products.map(({ inputs }) => inputs[side])))
    const value: GraphValue = { shape: output.shape, type: output.type }
    nodes.push(x.node, dy.node, { ...products[0], inputs: [x.value, dy.value], outputs: [value] })
    sums.push(value)
  }
  // The last node of the sum takes the place of the root's own output.
  let total = sums[0]
  for (const [i, term] of sums.slice(1).entries()) {
    const value = i === sums.length - 2 ? output : { shape: output.shape, type: output.type }
    nodes.push({ op: 'Add', domain: '', inputs: [total, term], outputs: [value], attributes: {} })
    total = value
  }
  if (sums.length === 1) nodes[nodes.length - 1] = { ...nodes[nodes.length - 1], outputs: [output] }
  return nodes
}

/** Sums of matrix products over time → one product over all steps. */
export function joinSumsOverTime(graph: Graph): Graph {
  const makers = producers(graph.nodes)
  const uses = useCounts(graph)
  const inner = new Set<GraphValue>()
  for (const node of graph.nodes)
    if (isPlainAddition(node)) for (const input of node.inputs) if (uses.get(input) === 1) inner.add(input)
  const nodes = graph.nodes.flatMap(node => {
    if (!isPlainAddition(node) || inner.has(node.outputs[0])) return [node]
    return joined(termsOf(node, makers, uses), node.outputs[0], makers, uses) ?? [node]
  })
  return { ...graph, nodes }
}
