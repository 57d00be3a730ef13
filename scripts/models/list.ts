import Table from 'cli-table3'
import { thousands } from '../../benchmarks/board/printing.ts'
import { liveLines } from '../../lib/progress.ts'
import { meetsBudget, nearestNetwork } from '../../models/fit-width.ts'
import type { Model } from '../../models/model.ts'
import { modelById, modelIds } from '../../models/registry.ts'
import { writeLine } from '../flags.ts'
import { measureStep, modelTask } from './measure.ts'
import type { TaskName } from './tasks.ts'

export interface ListFlags {
  readonly task: TaskName
  readonly json?: true
}

/** A model at a task. The last four are null for references, which are fitted in closed form. */
interface Row extends Pick<Model, 'id' | 'version' | 'family' | 'title' | 'source'> {
  readonly reads: 'views' | 'canvas' | 'truth' | null
  readonly width: number | null
  readonly parameters: number | null
  /** Of a training step. */
  readonly flops: number | null
}

/** All models of the registry at one task, one a row. */
export async function list({ task, json }: ListFlags): Promise<void> {
  const { plan, shape, optionsOf } = modelTask(task)
  const budget = plan.budget.parameters
  const progress = liveLines(process.stderr)
  const rows: Row[] = []
  for (const [i, name] of modelIds.entries()) {
    progress.update([`${name}: counting what a step takes (${i + 1} of ${modelIds.length})`])
    const model = await modelById(name)
    const { id, version, family, title, source } = model
    const about = { id, version, family, title, source }
    if ('fit' in model) {
      rows.push({ ...about, reads: null, width: null, parameters: null, flops: null })
      continue
    }
    const { network, width, parameters } = nearestNetwork(model, shape, optionsOf(id), budget)
    rows.push({ ...about, reads: model.reads, width, parameters, flops: measureStep(model, network, shape).flops })
  }
  progress.clear()
  if (json) return writeLine(JSON.stringify(rows))
  const table = new Table({
    head: ['id', 'family', 'what interacts', 'parameters', 'MFLOP a step', 'source'],
    colAligns: ['left', 'left', 'left', 'right', 'right', 'left'],
    colWidths: [Math.max(...rows.map(({ id }) => id.length)) + 2, 11, 34, 12, 14, 40],
    wordWrap: true,
    style: { head: [], border: [] },
  })
  for (const { id, family, title, parameters, flops, source } of rows) {
    const missed = parameters !== null && !meetsBudget(parameters, budget) ? ' *' : ''
    const counts = [parameters === null ? '–' : thousands(parameters) + missed, flops === null ? '–' : megaflops(flops)]
    table.push([id, family, title, ...counts, source])
  }
  await writeLine(`${table}\n${legend(task, plan.environment, budget, plan.budget.batch)}`)
}

const megaflops = (flops: number) => (flops / 1e6).toFixed(1)

const legend = (task: TaskName, world: string, budget: number, batch: number) =>
  `on task ${task} of suite quick (${world}): ${budget} parameters to within 3 % (* cannot be met: the nearest); multiplications
and additions of all matrix products of a training step, batch ${batch}; –: fitted in closed form`
