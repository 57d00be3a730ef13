import { type Graph, type GraphNode, type GraphValue, sameShape } from '../graph.ts'

/** An addition that repeats neither operand. */
export function isPlainAddition({ op, inputs, outputs }: GraphNode): boolean {
  return op === 'Add' && inputs.every(({ shape }) => sameShape(shape, outputs[0].shape))
}

/** The last addition of every sum: additions whose result no other addition alone reads. */
export function sumsOf(graph: Graph, uses: ReadonlyMap<GraphValue, number>): GraphNode[] {
  const additions = graph.nodes.filter(isPlainAddition)
  const inner = new Set(additions.flatMap(({ inputs }) => inputs.filter(input => uses.get(input) === 1)))
  return additions.filter(({ outputs: [output] }) => !inner.has(output))
}

/** The terms of a sum, from the first to the last, where nothing else reads the sums between. */
export function termsOf(
  root: GraphNode,
  makers: ReadonlyMap<GraphValue, GraphNode>,
  uses: ReadonlyMap<GraphValue, number>,
): GraphValue[] {
  const terms: GraphValue[] = []
  const pending = root.inputs.toReversed()
  while (pending.length > 0) {
    const value = pending.pop()!
    const maker = makers.get(value)
    if (maker !== undefined && uses.get(value) === 1 && isPlainAddition(maker))
      pending.push(...maker.inputs.toReversed())
    else terms.push(value)
  }
  return terms
}

/** Adds up `terms`, the last addition into `output`. */
export function addUp(terms: readonly GraphValue[], output: GraphValue): GraphNode[] {
  let total = terms[0]
  return terms.slice(1).map((term, i) => {
    const value = i === terms.length - 2 ? output : { shape: output.shape, type: output.type }
    const node: GraphNode = { op: 'Add', domain: '', inputs: [total, term], outputs: [value], attributes: {} }
    total = value
    return node
  })
}
