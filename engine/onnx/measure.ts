import type { Signature, TensorProgram } from '../engine.ts'
import { countFlops } from './flops.ts'
import { bytesOf, type Graph, useCounts } from './graph.ts'
import { passIds } from './passes/index.ts'
import { recorded } from './recorded.ts'

/** What a program costs, from its graph alone. */
export interface Measures {
  readonly nodes: number
  /** As `CompiledProgram.flops`. */
  readonly flops: number
  /** Bytes of tensors that are alive at once, where that is most. */
  readonly bytes: number
}

/**
 * Inputs and constants are there throughout; what a node makes lives from there to its last reader, outputs to the end.
 * What a runtime needs beside is not counted: ONNX Runtime's arena was seen to grow by 2 to 4 times as much.
 */
export function peakBytes(graph: Graph): number {
  const lasting = new Set(graph.inputs.values())
  for (const { inputs } of graph.nodes) for (const value of inputs) if (value.data) lasting.add(value)
  const unread = useCounts(graph)
  let alive = [...lasting].reduce((sum, value) => sum + bytesOf(value), 0)
  let most = alive
  for (const { inputs, outputs } of graph.nodes) {
    for (const value of outputs) alive += bytesOf(value)
    most = Math.max(most, alive)
    for (const value of inputs) {
      const readers = (unread.get(value) ?? 0) - 1
      unread.set(value, readers)
      if (readers === 0 && !lasting.has(value)) alive -= bytesOf(value)
    }
  }
  return most
}

/** Records a program as the onnx engine does, and runs nothing. @throws UserError where it cannot be recorded */
export function measureProgram(
  name: string,
  inputs: Readonly<Record<string, Signature>>,
  program: TensorProgram,
): Measures {
  const { graph } = recorded(name, inputs, program, passIds)
  return { nodes: graph.nodes.length, flops: countFlops(graph), bytes: peakBytes(graph) }
}
