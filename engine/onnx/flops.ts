import { type Graph, type GraphNode, labelLengths, sizeOf } from './graph.ts'

export function nodeFlops(node: GraphNode): number {
  const [a, b] = node.inputs
  switch (node.op) {
    case 'MatMul':
      return 2 * sizeOf(node.outputs[0].shape) * a.shape.at(-1)!
    case 'FusedMatMul':
    case 'Gemm':
      return 2 * sizeOf(node.outputs[0].shape) * a.shape.at(node.attributes.transA === 1 ? -2 : -1)!
    case 'Conv':
      return 2 * sizeOf(node.outputs[0].shape) * sizeOf(b.shape.slice(1))
    case 'ConvTranspose':
      return 2 * sizeOf(a.shape) * sizeOf(b.shape.slice(1))
    case 'Einsum':
      return (
        2 * (node.inputs.length - 1) * sizeOf([...labelLengths(String(node.attributes.equation), node.inputs).values()])
      )
    default:
      return 0
  }
}

/**
 * Multiplications and additions of all matrix products and convolutions: 2·m·k·n for [m,k] × [k,n]; 2 for every weight
 * that a cell of a convolution's output reads, padding included. Elementwise work is not counted.
 */
export const countFlops = (graph: Graph): number => graph.nodes.reduce((sum, node) => sum + nodeFlops(node), 0)
