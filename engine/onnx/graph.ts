/** Element types of ONNX tensors that the lowerings use. */
export type ElementType = 'float32' | 'int32' | 'bool' | 'int64' | 'float64'
export type ConstantData = Float32Array | Int32Array | Uint8Array | BigInt64Array

/** One edge of the graph; identity is the object itself. `data` makes it a constant, row-major. */
export interface GraphValue {
  readonly shape: readonly number[]
  readonly type: ElementType
  readonly data?: ConstantData
}

/** A plain number is an integer attribute; `{ float }` a float one. */
export type Attribute = number | string | readonly number[] | { readonly float: number }

export interface GraphNode {
  readonly op: string
  /** '' is ONNX itself; `com.microsoft` holds ONNX Runtime's own operators. */
  readonly domain: '' | 'com.microsoft'
  readonly inputs: readonly GraphValue[]
  readonly outputs: readonly GraphValue[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** A program as data: nodes in an order in which every value is made before it is used. */
export interface Graph {
  readonly name: string
  readonly inputs: ReadonlyMap<string, GraphValue>
  readonly outputs: ReadonlyMap<string, GraphValue>
  readonly nodes: readonly GraphNode[]
}

/** Number of elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)

const elementBytes: Readonly<Record<ElementType, number>> = { float32: 4, int32: 4, bool: 1, int64: 8, float64: 8 }

export const bytesOf = ({ shape, type }: GraphValue): number => elementBytes[type] * sizeOf(shape)

/** Whether two shapes are the same. */
export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis])

/** Maps every value to the node that makes it; inputs and constants have none. */
export function producers(nodes: readonly GraphNode[]): Map<GraphValue, GraphNode> {
  const made = new Map<GraphValue, GraphNode>()
  for (const node of nodes) for (const output of node.outputs) made.set(output, node)
  return made
}

/** How many nodes and graph outputs read each value. */
export function useCounts(graph: Graph): Map<GraphValue, number> {
  const uses = new Map<GraphValue, number>()
  const count = (value: GraphValue) => uses.set(value, (uses.get(value) ?? 0) + 1)
  for (const node of graph.nodes) node.inputs.forEach(count)
  for (const output of graph.outputs.values()) count(output)
  return uses
}

/** Length of every label of an Einsum without ellipsis. */
export function labelLengths(equation: string, operands: readonly GraphValue[]): Map<string, number> {
  const lengths = new Map<string, number>()
  const labels = equation.split('->')[0].split(',')
  labels.forEach((axes, operand) => {
    for (const [axis, label] of [...axes].entries()) lengths.set(label, operands[operand].shape[axis])
  })
  return lengths
}
