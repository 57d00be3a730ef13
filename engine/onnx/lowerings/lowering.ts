import type { GraphBuilder } from '../build.ts'
import type { GraphValue } from '../graph.ts'

export type KernelInputs = Readonly<Record<string, GraphValue>>

/** What one tfjs kernel becomes: adds ONNX nodes to the builder and gives the kernel's outputs. */
export type Lowering = (
  builder: GraphBuilder,
  inputs: KernelInputs,
  attributes: unknown,
) => GraphValue | readonly GraphValue[]

/** A lowering that reads its kernel's attributes. */
export const lowering =
  <Attributes>(
    lower: (builder: GraphBuilder, inputs: KernelInputs, attributes: Attributes) => GraphValue | readonly GraphValue[],
  ): Lowering =>
  (builder, inputs, attributes) =>
    lower(builder, inputs, attributes as Attributes)
