import { UserError } from '../../lib/errors.ts'
import type { ExportOptions } from '../engine.ts'
import { elementCode } from './build.ts'
import { type Attribute, type Graph, type GraphNode, type GraphValue, sizeOf } from './graph.ts'
import { bytes, float, integer, message, newWriter, text, type Writer, written } from './protobuf.ts'

/** Opset 21 is the oldest that has all that the lowerings use; IR version 10 came with it. */
export const opset = 21
const irVersion = 10

/** AttributeProto.AttributeType */
const attributeKind = { float: 1, integer: 2, text: 3, integers: 7 }

function attribute(writer: Writer, name: string, value: Attribute): void {
  const field = (kind: number, content: () => void) =>
    message(writer, 5, () => {
      text(writer, 1, name)
      content()
      integer(writer, 20, kind)
    })
  if (typeof value === 'number') field(attributeKind.integer, () => integer(writer, 3, value))
  else if (typeof value === 'string') field(attributeKind.text, () => text(writer, 4, value))
  else if ('float' in value) field(attributeKind.float, () => float(writer, 2, value.float))
  else {
    field(attributeKind.integers, () => {
      for (const item of value) integer(writer, 8, item)
    })
  }
}

function valueInfo(writer: Writer, field: number, name: string, value: GraphValue): void {
  const shape = () => {
    for (const length of value.shape) message(writer, 1, () => integer(writer, 1, length))
  }
  const tensorType = () => {
    integer(writer, 1, elementCode(value.type))
    message(writer, 2, shape)
  }
  message(writer, field, () => {
    text(writer, 1, name)
    message(writer, 2, () => message(writer, 1, tensorType))
  })
}

function initializer(writer: Writer, name: string, { data, shape, type }: GraphValue): void {
  if (!data) return
  message(writer, 5, () => {
    for (const length of shape) integer(writer, 1, length)
    integer(writer, 2, elementCode(type))
    text(writer, 8, name)
    bytes(writer, 9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  })
}

/** Name of an output in the file: its own, unless an input has it already (a parameter before and after a step). */
export const outputName = (graph: Graph, name: string): string => (graph.inputs.has(name) ? `${name}.next` : name)

/** Names for all values: inputs and outputs keep theirs, the others are numbered. */
function namesOf(graph: Graph): Map<GraphValue, string> {
  const names = new Map<GraphValue, string>()
  for (const [name, value] of graph.inputs) names.set(value, name)
  for (const [name, value] of graph.outputs) names.set(value, outputName(graph, name))
  for (const { inputs, outputs } of graph.nodes) {
    for (const value of [...inputs, ...outputs]) if (!names.has(value)) names.set(value, `#${names.size}`)
  }
  return names
}

/** @throws UserError where a constant is no input of the graph or does not fit it. */
function checkConstants({ name, inputs }: Graph, constants: NonNullable<ExportOptions['constants']>): void {
  for (const [input, { length }] of Object.entries(constants)) {
    const size = inputs.has(input) ? sizeOf(inputs.get(input)!.shape) : undefined
    if (size === undefined) throw new UserError(`'${name}' has no input '${input}' that could become a constant`)
    if (size !== length) throw new UserError(`'${name}': input '${input}' takes ${size} numbers, not ${length}`)
  }
}

/**
 * The graph as an ONNX file (ModelProto of onnx/onnx.proto, ONNX 1.16). Inputs with a constant value are initialisers
 * of the file instead. @throws UserError where constants do not fit
 */
export function encodeModel(graph: Graph, { constants = {}, metadata = {} }: ExportOptions = {}): Uint8Array {
  checkConstants(graph, constants)
  const writer = newWriter()
  const names = namesOf(graph)
  const node = ({ op, domain, inputs, outputs, attributes }: GraphNode) =>
    message(writer, 1, () => {
      for (const value of inputs) text(writer, 1, names.get(value)!)
      for (const value of outputs) text(writer, 2, names.get(value)!)
      text(writer, 4, op)
      for (const [name, value] of Object.entries(attributes)) attribute(writer, name, value)
      if (domain) text(writer, 7, domain)
    })
  integer(writer, 1, irVersion)
  text(writer, 2, 'scalespace')
  message(writer, 7, () => {
    graph.nodes.forEach(node)
    text(writer, 2, graph.name)
    for (const [value, name] of names) initializer(writer, name, value)
    for (const [name, value] of graph.inputs) {
      if (name in constants) initializer(writer, name, { ...value, data: constants[name] })
      else valueInfo(writer, 11, name, value)
    }
    for (const [name, value] of graph.outputs) valueInfo(writer, 12, outputName(graph, name), value)
  })
  for (const domain of new Set(['', ...graph.nodes.map(({ domain }) => domain)])) {
    message(writer, 8, () => {
      text(writer, 1, domain)
      integer(writer, 2, domain ? 1 : opset)
    })
  }
  for (const [key, value] of Object.entries(metadata)) {
    message(writer, 14, () => {
      text(writer, 1, key)
      text(writer, 2, value)
    })
  }
  return written(writer)
}
