import { type Graph, type GraphNode, sizeOf } from './graph.ts'

/** Product of the lengths of all labels of an Einsum. */
function einsumVolume({ inputs, attributes }: GraphNode): number {
  const lengths = new Map<string, number>()
  const operands = String(attributes.equation).replaceAll(' ', '').split('->')[0].split(',')
  operands.forEach((labels, operand) => {
    for (const [axis, label] of [...labels].entries()) lengths.set(label, inputs[operand].shape[axis])
  })
  return sizeOf([...lengths.values()])
}

function nodeFlops(node: GraphNode): number {
  const [a, b] = node.inputs
  switch (node.op) {
    case 'MatMul':
      return 2 * sizeOf(node.outputs[0].shape) * a.shape.at(-1)!
    case 'FusedMatMul':
      return 2 * sizeOf(node.outputs[0].shape) * a.shape.at(node.attributes.transA === 1 ? -2 : -1)!
    case 'Conv':
      return 2 * sizeOf(node.outputs[0].shape) * sizeOf(b.shape.slice(1))
    case 'ConvTranspose':
      return 2 * sizeOf(a.shape) * sizeOf(b.shape.slice(1))
    case 'Einsum':
      return 2 * (node.inputs.length - 1) * einsumVolume(node)
    default:
      return 0
  }
}

/**
 * Multiplications and additions of all matrix products and convolutions: 2·m·k·n for [m,k] × [k,n]; 2 for every weight
 * that a cell of a convolution's output reads, padding included. Elementwise work is not counted.
 */
export const countFlops = (graph: Graph): number => graph.nodes.reduce((sum, node) => sum + nodeFlops(node), 0)
