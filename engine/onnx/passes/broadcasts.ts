import { broadcastShape } from '../build.ts'
import { type Graph, type GraphNode, type GraphValue, sameShape } from '../graph.ts'
import { isAll } from './identities.ts'
import { rewrite } from './rewrite.ts'

const elementwise = new Set(['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Pow'])

/** What a node repeats to a larger shape and otherwise leaves as it is. */
function repeated({ op, inputs: [a, b] }: GraphNode): GraphValue | undefined {
  if (op === 'Expand') return a
  if (op === 'Mul' && isAll(b, 1)) return a
  return op === 'Mul' && isAll(a, 1) ? b : undefined
}

/** Operations that repeat short operands themselves read the short one: it need not be written out before. */
export function repeatLate(graph: Graph): Graph {
  const sources = new Map<GraphValue, GraphValue>()
  return rewrite(graph, node => {
    const [output] = node.outputs
    const source = repeated(node)
    if (source !== undefined && source.type === output.type) sources.set(output, sources.get(source) ?? source)
    if (!elementwise.has(node.op)) return [node]
    const [a, b] = node.inputs
    const [shortA, shortB] = [sources.get(a) ?? a, sources.get(b) ?? b]
    const fits = (x: GraphValue, y: GraphValue) => sameShape(broadcastShape(x.shape, y.shape), output.shape)
    if (shortA !== a && fits(shortA, b)) return [{ ...node, inputs: [shortA, b] }]
    if (shortB !== b && fits(a, shortB)) return [{ ...node, inputs: [a, shortB] }]
    return [node]
  })
}
