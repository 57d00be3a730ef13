import type { Graph, GraphNode, GraphValue } from '../graph.ts'

/** Lets every later reader of `from` read `to` instead. */
export type Replace = (from: GraphValue, to: GraphValue) => void

/**
 * Walks the nodes in order and builds a new graph from what `visit` gives for each. Inputs of a visited node are already
 * replaced. An output of the graph keeps its own node: `visit` is not asked about the nodes that make one.
 */
export function rewrite(graph: Graph, visit: (node: GraphNode, replace: Replace) => readonly GraphNode[]): Graph {
  const replacements = new Map<GraphValue, GraphValue>()
  const results = new Set(graph.outputs.values())
  const nodes: GraphNode[] = []
  const replace: Replace = (from, to) => void replacements.set(from, to)
  for (const node of graph.nodes) {
    const changed = node.inputs.some(input => replacements.has(input))
    const current = changed ? { ...node, inputs: node.inputs.map(input => replacements.get(input) ?? input) } : node
    if (node.outputs.some(output => results.has(output))) nodes.push(current)
    else nodes.push(...visit(current, replace))
  }
  return { ...graph, nodes }
}
