import { type Graph, type GraphNode, type GraphValue, producers, sizeOf, useCounts } from '../graph.ts'
import { inOrder } from './order.ts'
import { addUp, sumsOf, termsOf } from './sums.ts'

// The gradient of slices is a sum of arrays that are zero but for one piece each: as much memory as there are pieces,
// passed over as often. Pieces that do not overlap are one concatenation.

/** Largest gap between pieces that is filled with zeros of the file. */
const LARGEST_GAP = 1 << 16

interface Piece {
  readonly term: GraphValue
  readonly value: GraphValue
  readonly axis: number
  readonly start: number
}

/** What a Pad with zeros along one axis puts where; nothing for any other node. */
function pieceOf(term: GraphValue, maker: GraphNode | undefined): Piece | undefined {
  if (maker?.op !== 'Pad') return undefined
  const [value, amounts, fill] = maker.inputs
  if (!amounts.data || fill?.data?.length !== 1 || Number(fill.data[0]) !== 0) return undefined
  const changed = value.shape.flatMap((length, axis) => (length === term.shape[axis] ? [] : [axis]))
  return changed.length === 1 ? { term, value, axis: changed[0], start: Number(amounts.data[changed[0]]) } : undefined
}

const endOf = ({ value, axis, start }: Piece) => start + value.shape[axis]

/** Pieces along one axis that do not overlap, in order; the others stay terms. */
function disjoint(pieces: readonly Piece[]): Piece[] {
  const [first] = pieces
  const along = pieces.filter(({ axis }) => axis === first?.axis).sort((a, b) => a.start - b.start)
  return along.filter((piece, i) => along.slice(0, i).every(other => endOf(other) <= piece.start))
}

/** The pieces with zeros between them, along their axis. */
function filled(pieces: readonly Piece[], whole: GraphValue): GraphValue[] | undefined {
  const [{ axis }] = pieces
  const parts: GraphValue[] = []
  let at = 0
  for (const { start, value } of [...pieces, { start: whole.shape[axis], value: undefined }]) {
    if (start > at) {
      const shape = whole.shape.with(axis, start - at)
      if (sizeOf(shape) > LARGEST_GAP) return undefined
      parts.push({ shape, type: whole.type, data: new Float32Array(sizeOf(shape)) })
    }
    if (value === undefined) break
    parts.push(value)
    at = start + value.shape[axis]
  }
  return parts
}

/** Sums of arrays that hold one piece each → a concatenation of the pieces. */
export function concatenatePads(graph: Graph): Graph {
  const [makers, uses] = [producers(graph.nodes), useCounts(graph)]
  const replacements = new Map<GraphNode, readonly GraphNode[]>()
  for (const root of sumsOf(graph, uses)) {
    const [output] = root.outputs
    const terms = termsOf(root, makers, uses)
    const pieces = disjoint(
      terms.flatMap(term =>
        uses.get(term) === 1 && term.type === 'float32' ? (pieceOf(term, makers.get(term)) ?? []) : [],
      ),
    )
    const inputs = pieces.length > 1 ? filled(pieces, output) : undefined
    if (inputs === undefined) continue
    const taken = new Set(pieces.map(({ term }) => term))
    const kept = terms.filter(term => !taken.has(term))
    const joined: GraphValue = kept.length === 0 ? output : { shape: output.shape, type: output.type }
    const attributes = { axis: pieces[0].axis }
    const concat: GraphNode = { op: 'Concat', domain: '', inputs, outputs: [joined], attributes }
    replacements.set(root, [concat, ...addUp([...kept, joined], output)])
  }
  if (replacements.size === 0) return graph
  return inOrder({ ...graph, nodes: graph.nodes.flatMap(node => replacements.get(node) ?? [node]) })
}
