import Table from 'cli-table3'
import { firstFeeds } from '../../benchmarks/speed/steps.ts'
import { trainingProgram, trainingSignature } from '../../benchmarks/training/training-step.ts'
import type { Graph } from '../../engine/onnx/graph.ts'
import { encodeModel, opset } from '../../engine/onnx/model.ts'
import { chosenPasses } from '../../engine/onnx/passes/index.ts'
import { type OperatorCost, profileGraph } from '../../engine/onnx/profile.ts'
import { recorded } from '../../engine/onnx/recorded.ts'
import { UserError } from '../../lib/errors.ts'
import { writeFileAtomic } from '../../lib/files.ts'
import { parseOptions } from '../../models/model.ts'
import { modelById } from '../../models/registry.ts'
import { usePasses } from '../engine-passes.ts'
import { type Settings, writeLine } from '../flags.ts'
import { checkFile } from './export.ts'
import { modelTask, networkAt } from './measure.ts'
import type { TaskName } from './tasks.ts'

export interface GraphFlags {
  readonly task: TaskName
  readonly out: string
  readonly width?: number
  readonly set?: Settings
  readonly steps: number
  readonly enginePasses?: string
  readonly force?: true
  readonly json?: true
}

/** Writes the training step of a model as the onnx engine runs it, and prints what its operators cost. @throws UserError */
export async function showGraph(id: string, flags: GraphFlags): Promise<void> {
  const { task: name, out, width, set = {}, steps, json } = flags
  checkFile(out, '.onnx', flags.force === true)
  usePasses(flags.enginePasses)
  const model = await modelById(id)
  if ('fit' in model) throw new UserError(`${id} is fitted in closed form: it has no graph`)
  const asked = { ...set, ...(width !== undefined && { width }) }
  parseOptions(model, asked)
  const there = modelTask(name)
  const { task, shape } = there
  const { chosen, network } = networkAt(model, there, asked)
  const signature = trainingSignature(model, network, shape)
  const { graph } = recorded(`${id}.train`, signature, trainingProgram(network, shape), chosenPasses())
  const own = ownOperators(graph)
  const onnx = encodeModel(graph, {
    metadata: {
      holds: 'one training step: forward, backward, clipping and Adam; p/ parameters, m/ and v/ their moments',
      model: `${id}@${model.version} ${JSON.stringify(chosen)}`,
      task: `${name} of suite quick, batch ${shape.batch}`,
      operators: `opset ${opset}${own.length > 0 ? ` and com.microsoft, ONNX Runtime's own: ${own.join(', ')}` : ''}`,
    },
  })
  writeFileAtomic(out, onnx)
  const operators = await profileGraph(graph, firstFeeds(task, shape, model, network), steps)
  if (json) return writeLine(JSON.stringify({ file: out, bytes: onnx.length, opset, chosen, operators }))
  await writeLine(
    `${out}: a training step of ${id} on task ${name} of suite quick, batch ${shape.batch}; ONNX opset ${opset}` +
      `${own.length > 0 ? ' and operators of ONNX Runtime (*)' : ''}, ${(onnx.length / 1e6).toFixed(2)} MB`,
  )
  await writeLine(
    `${operatorTable(operators)}\nms: median of ${steps} steps by ONNX Runtime's clock, whole µs of each node`,
  )
}

/** Operators that ONNX itself does not have. */
const ownOperators = ({ nodes }: Graph): string[] =>
  [...new Set(nodes.flatMap(({ domain, op }) => (domain === '' ? [] : [op])))].sort()

function operatorTable(operators: readonly OperatorCost[]): string {
  const sum = (of: (cost: OperatorCost) => number) => operators.reduce((total, cost) => total + of(cost), 0)
  const whole = sum(({ milliseconds }) => milliseconds)
  const table = new Table({
    head: ['operator', 'nodes', 'MFLOP', 'MiB written', 'ms', '% of ms', 'GFLOP/s'],
    colAligns: ['left', ...Array(6).fill('right')],
    style: { head: [], border: [], compact: true },
  })
  const row = (name: string, { nodes, flops, bytes, milliseconds }: Omit<OperatorCost, 'operator' | 'domain'>) => [
    name,
    nodes,
    flops === 0 ? '–' : (flops / 1e6).toFixed(1),
    (bytes / 2 ** 20).toFixed(2),
    milliseconds.toFixed(3),
    ((100 * milliseconds) / whole).toFixed(1),
    flops === 0 || milliseconds === 0 ? '–' : (flops / milliseconds / 1e6).toFixed(1),
  ]
  for (const cost of operators) table.push(row(`${cost.operator}${cost.domain === '' ? '' : ' *'}`, cost))
  table.push(
    row('all', {
      nodes: sum(({ nodes }) => nodes),
      flops: sum(({ flops }) => flops),
      bytes: sum(({ bytes }) => bytes),
      milliseconds: whole,
    }),
  )
  return table.toString()
}
