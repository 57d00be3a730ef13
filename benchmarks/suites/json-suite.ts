import { basename, dirname, extname, resolve } from 'node:path'
import { z } from 'zod'
import { findEnvironment, isWorldFile, worldName } from '../../envs/find.ts'
import { UserError } from '../../lib/errors.ts'
import { readTextFile } from '../../lib/files.ts'
import { parseOptions } from '../../models/model.ts'
import { modelById } from '../../models/registry.ts'
import { type CellSpec, evaluationSchema, scheduleSchema } from '../cell.ts'
import { checkEvaluation, createTask } from '../task/task.ts'
import { anyWorld, withinReach } from './any-world.ts'
import { cellsOf, type Entry, estimateSeconds, references, type TaskPlan } from './cells.ts'
import { firstIssue, within } from './mistakes.ts'
import type { Suite } from './suite.ts'

const count = z.int().min(1)
const settings = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]))

const entrySchema = z.strictObject({
  model: z.string(),
  options: settings.optional(),
  learningRate: z.number().positive().optional().describe('of every model that is trained; references have none'),
})

const budgetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('steps'), parameters: count, batch: count, steps: count }),
  z.strictObject({ kind: z.literal('flops'), parameters: count, batch: count, flops: count }),
])

/** A task, and who is entered in it. What is left out is as for a world that no suite has chosen a task for. */
const taskSchema = z.strictObject({
  environment: z.string().describe('a world of the registry, or a file, by its path from the suite'),
  parameters: settings.optional().describe('of the world, that are not its defaults'),
  size: count.optional(),
  schedule: scheduleSchema.partial().optional(),
  episodes: z.strictObject({ train: count, evaluation: count }).optional(),
  evaluation: evaluationSchema.partial().optional(),
  budget: budgetSchema.optional(),
  seeds: count.default(1).describe('seeds 0 to n − 1'),
  entries: z.array(entrySchema).min(1),
})
type TaskFile = z.output<typeof taskSchema>

const suiteSchema = z.strictObject({
  id: z
    .string()
    .regex(/^\w[\w.-]*$/, 'letters, digits, _, . and - are expected')
    .optional(),
  title: z.string().default('a suite of my own'),
  tasks: z.array(taskSchema).min(1),
})

/** The name of a file as the id of a suite, which becomes a folder's name. */
const idOf = (path: string) =>
  basename(path, extname(path))
    .replace(/[^\w.-]+/g, '-')
    .replace(/^\W+/, '') || 'own'

/** The suite that a JSON file lists: tasks, and who is entered in each. @throws UserError in one line */
export async function jsonSuite(path: string): Promise<Suite> {
  let content: unknown
  try {
    content = JSON.parse(readTextFile(path))
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`it is not JSON: ${(error as Error).message.replace(/\s+/g, ' ')}`)
  }
  const parsed = suiteSchema.safeParse(content)
  if (!parsed.success) throw new UserError(firstIssue(parsed.error))
  const { id = idOf(path), title, tasks } = parsed.data
  const cells = async () => {
    const lists = tasks.map((task, i) => within(`task ${i}`, () => taskCells(task, dirname(path))))
    return (await Promise.all(lists)).flat()
  }
  return { id, title, cells, expectedSeconds: estimateSeconds }
}

async function taskCells(task: TaskFile, folder: string): Promise<CellSpec[]> {
  const entries = await entriesOf(task)
  const plan = await planOf(task, folder)
  const cells = await cellsOf(task.budget ? plan : await withinReach(plan, entries), entries, task.seeds)
  checkEvaluation(cells[0], createTask(cells[0], await findEnvironment(plan.environment)))
  return cells
}

async function planOf(task: TaskFile, folder: string): Promise<TaskPlan> {
  const { schedule, evaluation, seeds: _seeds, entries: _entries, environment: name, ...given } = task
  const environment = isWorldFile(name) ? worldName(resolve(folder, name)) : name
  const usual = await anyWorld(environment)
  return {
    ...usual,
    ...given,
    schedule: { ...usual.schedule, ...schedule },
    evaluation: { ...usual.evaluation, ...evaluation },
  }
}

/** The entries of a task, behind the references that stand in every table. */
async function entriesOf({ entries }: TaskFile): Promise<Entry[]> {
  for (const [i, entry] of entries.entries()) await within(`entry ${i}`, () => checkEntry(entry))
  const own = entries.map(({ model }) => model)
  return [...references.filter(({ model }) => !own.includes(model)), ...entries]
}

async function checkEntry({ model: id, options = {}, learningRate }: Entry): Promise<void> {
  const model = await modelById(id)
  parseOptions(model, options)
  const trained = !('fit' in model)
  if (trained && learningRate === undefined) throw new UserError(`${id} is trained: it needs a learningRate`)
  if (!trained && learningRate !== undefined) throw new UserError(`${id} is not trained: it takes no learningRate`)
}
