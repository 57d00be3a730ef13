import { elementCode } from './build.ts'
import type { Attribute, Graph, GraphNode, GraphValue } from './graph.ts'
import { bytes, encode, type Field, float, integer, message, text } from './protobuf.ts'

/** Opset 21 is the oldest that has all that the lowerings use; IR version 10 came with it. */
const opset = 21
const irVersion = 10

/** AttributeProto.AttributeType */
const attributeKind = { float: 1, integer: 2, text: 3, integers: 7 }

function attribute(name: string, value: Attribute): Field {
  const field = (kind: number, ...content: Field[]) => message(5, text(1, name), ...content, integer(20, kind))
  if (typeof value === 'number') return field(attributeKind.integer, integer(3, value))
  if (typeof value === 'string') return field(attributeKind.text, text(4, value))
  if ('float' in value) return field(attributeKind.float, float(2, value.float))
  return field(attributeKind.integers, ...value.map(item => integer(8, item)))
}

function valueInfo(field: number, name: string, value: GraphValue): Field {
  const shape = message(2, ...value.shape.map(length => message(1, integer(1, length))))
  const tensorType = message(1, integer(1, elementCode(value.type)), shape)
  return message(field, text(1, name), message(2, tensorType))
}

function initializer(name: string, { data, shape, type }: GraphValue): Field {
  const raw = new Uint8Array(data!.buffer, data!.byteOffset, data!.byteLength)
  const dimensions = shape.map(length => integer(1, length))
  return message(5, ...dimensions, integer(2, elementCode(type)), text(8, name), bytes(9, raw))
}

/** Name of an output in the file: its own, unless an input has it already (a parameter before and after a step). */
export const outputName = (graph: Graph, name: string): string => (graph.inputs.has(name) ? `${name}.next` : name)

/** The graph as an ONNX file (ModelProto, onnx/onnx.proto of ONNX 1.16). */
export function encodeModel(graph: Graph): Uint8Array {
  const names = new Map<GraphValue, string>()
  for (const [name, value] of graph.inputs) names.set(value, name)
  for (const [name, value] of graph.outputs) names.set(value, outputName(graph, name))
  const constants: Field[] = []
  let counter = 0
  const nameOf = (value: GraphValue): string => {
    const known = names.get(value)
    if (known !== undefined) return known
    const name = `#${counter++}`
    names.set(value, name)
    if (value.data) constants.push(initializer(name, value))
    return name
  }
  const node = ({ op, domain, inputs, outputs, attributes }: GraphNode): Field =>
    message(
      1,
      ...inputs.map(value => text(1, nameOf(value))),
      ...outputs.map(value => text(2, nameOf(value))),
      text(4, op),
      ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      ...(domain ? [text(7, domain)] : []),
    )
  const nodes = graph.nodes.map(node)
  const domains = new Set(['', ...graph.nodes.map(({ domain }) => domain)])
  return encode(
    integer(1, irVersion),
    text(2, 'scalespace'),
    message(
      7,
      ...nodes,
      text(2, graph.name),
      ...constants,
      ...[...graph.inputs].map(([name, value]) => valueInfo(11, name, value)),
      ...[...graph.outputs].map(([name, value]) => valueInfo(12, outputName(graph, name), value)),
    ),
    ...[...domains].map(domain => message(8, text(1, domain), integer(2, domain ? 1 : opset))),
  )
}
