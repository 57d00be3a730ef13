import type { Graph, GraphNode, GraphValue } from '../graph.ts'
import { rewrite } from './rewrite.ts'

/** Small constants are the same where their contents are; all else is only itself. */
function identity(value: GraphValue): GraphValue | string {
  if (!value.data || value.data.length > 64) return value
  return `${value.type}[${value.shape}]${new Uint8Array(value.data.buffer, value.data.byteOffset, value.data.byteLength)}`
}

/** Common subexpressions: of several nodes that do the same to the same values, keeps the first. */
export function mergeDuplicates(graph: Graph): Graph {
  const numbers = new Map<GraphValue | string, number>()
  const numberOf = (value: GraphValue): number => {
    const key = identity(value)
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, numbers.size)
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
