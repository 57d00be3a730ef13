import type { Graph, GraphNode, GraphValue } from '../graph.ts'
import { rewrite } from './rewrite.ts'

/** Common subexpressions: of several nodes that do the same to the same values, keeps the first. */
export function mergeDuplicates(graph: Graph): Graph {
  const numbers = new Map<GraphValue, number>()
  const numberOf = (value: GraphValue): number => {
    const known = numbers.get(value)
    if (known !== undefined) return known
    numbers.set(value, numbers.size)
    return numbers.size - 1
  }
  const first = new Map<string, GraphNode>()
  return rewrite(graph, (node, replace) => {
    const attributes = Object.keys(node.attributes).length === 0 ? '' : JSON.stringify(node.attributes)
    const key = `${node.domain}${node.op} ${node.inputs.map(numberOf)} ${attributes} ${node.outputs.length}`
    const same = first.get(key)
    if (!same) {
      first.set(key, node)
      return [node]
    }
    node.outputs.forEach((output, position) => {
      replace(output, same.outputs[position])
    })
    return []
  })
}
