import { integers, newBuilder } from '../build.ts'
import { type Graph, type GraphNode, type GraphValue, producers, sameShape } from '../graph.ts'

// Stacking makes an axis: every part is reshaped to length 1 along it, and the parts are concatenated. The numbers lie
// in memory as if the parts had been concatenated along the axis that follows, so one Reshape of the whole does for all.
// Unstacking is the same backwards.

const reshapeOf = (x: GraphValue, output: GraphValue): GraphNode => ({
  op: 'Reshape',
  domain: '',
  inputs: [x, integers(newBuilder(), output.shape)],
  outputs: [output],
  attributes: {},
})

/** x [.., d, ..] in place of [.., 1, d, ..], where a Reshape has put the axis in. */
function unframed(maker: GraphNode | undefined, axis: number): GraphValue | undefined {
  if (maker?.op !== 'Reshape') return undefined
  const [x] = maker.inputs
  const [{ shape }] = maker.outputs
  return axis < x.shape.length && sameShape(shape, x.shape.toSpliced(axis, 0, 1)) ? x : undefined
}

/** Concat of parts that were framed one by one → Concat of the parts and one Reshape. */
function stackAtOnce(graph: Graph): Graph {
  const makers = producers(graph.nodes)
  const nodes = graph.nodes.flatMap(node => {
    if (node.op !== 'Concat') return [node]
    const axis = node.attributes.axis as number
    const parts = node.inputs.map(input => unframed(makers.get(input), axis))
    if (!parts.every(part => part !== undefined)) return [node]
    const [output] = node.outputs
    const [{ shape, type }] = parts
    const joined: GraphValue = { shape: shape.with(axis, shape[axis] * parts.length), type }
    return [{ ...node, inputs: parts, outputs: [joined] }, reshapeOf(joined, output)]
  })
  return { ...graph, nodes }
}

/** Split into pieces of length 1 that are all reshaped to do without that axis → one Reshape and a Split. */
function unstackAtOnce(graph: Graph): Graph {
  const readers = new Map<GraphValue, GraphNode[]>()
  for (const node of graph.nodes) if (node.op === 'Split') for (const piece of node.outputs) readers.set(piece, [])
  for (const node of graph.nodes) for (const input of node.inputs) readers.get(input)?.push(node)
  const results = new Set(graph.outputs.values())
  const gone = new Set<GraphNode>()
  const nodes = graph.nodes.flatMap(node => {
    if (gone.has(node)) return []
    if (node.op !== 'Split') return [node]
    const axis = node.attributes.axis as number
    const [x] = node.inputs
    const length = x.shape[axis + 1]
    if (x.shape[axis] !== node.outputs.length || length === undefined) return [node]
    const bare = node.outputs.map(piece => {
      const [reader, ...others] = readers.get(piece) ?? []
      const alone = reader?.op === 'Reshape' && others.length === 0 && !results.has(piece)
      return alone && sameShape(reader.outputs[0].shape, piece.shape.toSpliced(axis, 1)) ? reader : undefined
    })
    if (!bare.every(reader => reader !== undefined)) return [node]
    for (const reader of bare) gone.add(reader)
    const merged: GraphValue = { shape: x.shape.toSpliced(axis, 2, x.shape[axis] * length), type: x.type }
    const lengths = integers(
      newBuilder(),
      node.outputs.map(() => length),
    )
    const outputs = bare.map(({ outputs: [output] }) => output)
    return [reshapeOf(x, merged), { ...node, inputs: [merged, lengths], outputs }]
  })
  return { ...graph, nodes }
}

export const stackWhole = (graph: Graph): Graph => unstackAtOnce(stackAtOnce(graph))
