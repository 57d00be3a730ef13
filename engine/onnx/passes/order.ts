import { type Graph, type GraphNode, producers } from '../graph.ts'

/** The same nodes, each after those that it reads from, otherwise in the order in which they stand. */
export function inOrder(graph: Graph): Graph {
  const makers = producers(graph.nodes)
  const placed = new Set<GraphNode>()
  const nodes: GraphNode[] = []
  // A stack of its own: a chain over time is longer than the call stack is deep.
  for (const root of graph.nodes) {
    const pending = [root]
    while (pending.length > 0) {
      const node = pending.at(-1)!
      const before = placed.has(node) ? [] : unplaced(node, makers, placed)
      pending.push(...before)
      if (before.length > 0) continue
      pending.pop()
      if (!placed.has(node)) nodes.push(node)
      placed.add(node)
    }
  }
  return { ...graph, nodes }
}

function unplaced(node: GraphNode, makers: ReturnType<typeof producers>, placed: ReadonlySet<GraphNode>): GraphNode[] {
  const found: GraphNode[] = []
  for (const input of node.inputs) {
    const maker = makers.get(input)
    if (maker !== undefined && !placed.has(maker)) found.push(maker)
  }
  return found
}
