import type { Graph, GraphNode, GraphValue } from '../graph.ts'

/** Drops nodes that no output depends on. */
export function dropUnused(graph: Graph): Graph {
  const needed = new Set<GraphValue>(graph.outputs.values())
  const kept: GraphNode[] = []
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some(output => needed.has(output))) continue
    for (const input of node.inputs) needed.add(input)
    kept.push(node)
  }
  return { ...graph, nodes: kept.reverse() }
}
