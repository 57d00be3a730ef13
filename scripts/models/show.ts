import Table from 'cli-table3'
import { z } from 'zod'
import { UserError } from '../../lib/errors.ts'
import { type Model, type ParameterSpecs, parameterCount, parseOptions, type TrainedModel } from '../../models/model.ts'
import { modelById } from '../../models/registry.ts'
import { type Settings, writeLine } from '../flags.ts'
import { measureStep, modelTask, networkAt } from './measure.ts'
import type { TaskName } from './tasks.ts'

export interface ShowFlags {
  readonly task: TaskName
  readonly width?: number
  readonly set?: Settings
  readonly json?: true
}

interface OptionRow {
  readonly name: string
  readonly default: unknown
  readonly range: string
  readonly description: string
}

/** Prints all of one model: its options, its parameters at a task, and what a training step takes. @throws UserError */
export async function show(id: string, { task, width, set = {}, json }: ShowFlags): Promise<void> {
  const model = await modelById(id)
  const options = optionRows(model)
  const { version, family, title, source } = model
  const about = { id, version, family, title, source, options }
  if ('fit' in model && width !== undefined) throw new UserError(`${id} is fitted in closed form: it has no width`)
  const asked = { ...set, ...(width !== undefined && { width }) }
  parseOptions(model, asked)
  const built = 'fit' in model ? null : buildAt(model, task, asked)
  if (json) return writeLine(JSON.stringify({ ...about, ...built }))
  await writeLine(`${id}@${version} · ${family} · ${title}\n${source}\n\n${optionTable(options)}\n`)
  if (built === null) return writeLine('fitted to the training split in closed form: nothing is trained')
  const { parameters, modules, count, flops, bytes, chosen } = built
  const words = Object.entries(chosen).map(([name, value]) => `${name}=${value}`)
  await writeLine(`on task ${task} of suite quick: ${words.join(' ')}\n${parameterTable(parameters)}`)
  await writeLine(
    `${count} parameters${modules === undefined ? '' : ` in ${modules} modules`}; a training step with batch ${built.batch}: ${(flops / 1e6).toFixed(1)} MFLOP in ${built.nodes} nodes, ` +
      `${Math.ceil(bytes / 2 ** 20)} MiB of tensors at once\n(parameters, Adam's moments, batch and activations; ONNX ` +
      'Runtime was seen to hold 2 to 4 times as much)',
  )
}

function buildAt(model: TrainedModel, task: TaskName, asked: Settings) {
  const there = modelTask(task)
  const { plan, shape } = there
  const { chosen, network } = networkAt(model, there, asked)
  return {
    task,
    batch: plan.budget.batch,
    chosen,
    reads: model.reads,
    parameters: network.parameters,
    modules: network.modules,
    count: parameterCount(network.parameters),
    ...measureStep(model, network, shape),
  }
}

/** Each option as its schema has it. */
function optionRows({ options }: Model): OptionRow[] {
  const { properties = {} } = z.toJSONSchema(options, { io: 'input' })
  return Object.entries(properties).map(([name, schema]) => {
    const { default: value, description = '', ...limits } = schema as z.core.JSONSchema.JSONSchema
    return { name, default: value, range: rangeOf(limits), description }
  })
}

/** `1 …`, `−1 … 1`, `> 0`, or the words that are allowed. */
function rangeOf(limits: z.core.JSONSchema.JSONSchema): string {
  const { enum: words, minimum, maximum, exclusiveMinimum, exclusiveMaximum, type } = limits
  if (words !== undefined) return words.join(' | ')
  const safe = (limit: number | undefined) =>
    Math.abs(limit ?? Infinity) < Number.MAX_SAFE_INTEGER ? limit : undefined
  const [least, most] = [safe(minimum), safe(maximum)]
  const above = exclusiveMinimum === undefined ? '' : `> ${exclusiveMinimum}`
  const below = exclusiveMaximum === undefined ? '' : `< ${exclusiveMaximum}`
  const between = least === undefined && most === undefined ? '' : `${least ?? ''} … ${most ?? ''}`.trim()
  return (
    [type === 'integer' ? 'whole' : '', above, between, below].filter(word => word !== '').join(' ') || String(type)
  )
}

const plain = { style: { head: [], border: [], compact: true }, wordWrap: true }

function optionTable(rows: readonly OptionRow[]): string {
  const table = new Table({ head: ['option', 'default', 'range', ''], ...plain })
  for (const { name, default: value, range, description } of rows) table.push([name, String(value), range, description])
  return rows.length === 0 ? 'no options' : table.toString()
}

function parameterTable(parameters: ParameterSpecs): string {
  const table = new Table({ head: ['parameter', 'shape', 'numbers', 'starts as'], ...plain })
  for (const [name, spec] of Object.entries(parameters)) {
    const { kind, ...how } = spec.initialiser
    const start = [
      kind,
      ...Object.values(how)
        .flat()
        .map(value => Number(value.toPrecision(3))),
    ]
    const count = { content: parameterCount({ [name]: spec }), hAlign: 'right' as const }
    table.push([name, spec.shape.join(' × ') || 'a number', count, start.join(' ')])
  }
  return table.toString()
}
