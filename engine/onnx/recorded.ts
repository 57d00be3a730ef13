import type { Signature, TensorProgram } from '../engine.ts'
import type { Graph } from './graph.ts'
import { fusions, optimise, type PassId, type Saving, simplifications } from './passes/index.ts'
import { record } from './trace.ts'

export interface Recorded {
  /** In operators of ONNX alone. */
  readonly standard: Graph
  /** What runs: with operators of ONNX Runtime. */
  readonly graph: Graph
}

/** A program as the onnx engine makes it ready, `passes` run over it. @throws UserError where it cannot be recorded */
export function recorded(
  name: string,
  inputs: Readonly<Record<string, Signature>>,
  program: TensorProgram,
  passes: readonly PassId[],
  onRun?: (saving: Saving) => void,
): Recorded {
  const chosen = (stage: readonly PassId[]) => stage.filter(pass => passes.includes(pass))
  const standard = optimise(record(name, inputs, program), chosen(simplifications), onRun)
  return { standard, graph: optimise(standard, chosen(fusions), onRun) }
}
