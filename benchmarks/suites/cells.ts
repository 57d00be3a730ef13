import { type Environment, parseParameters } from '../../envs/environment.ts'
import { findEnvironment, isWorldFile } from '../../envs/find.ts'
import { modelById } from '../../models/registry.ts'
import type { BudgetPlan, CellSpec, Schedule } from '../cell.ts'

/** A world as a suite poses it: everything of a cell but the model, its learning rate and the seed. */
export interface TaskPlan {
  readonly environment: string
  /** Parameters of the world that are not its defaults. */
  readonly parameters?: CellSpec['parameters']
  readonly size: number
  readonly schedule: Schedule
  readonly episodes: CellSpec['episodes']
  readonly evaluation: CellSpec['evaluation']
  readonly budget: BudgetPlan
}

/** A model as a suite enters it. References have no learning rate. */
export interface Entry {
  readonly model: string
  readonly options?: CellSpec['options']
  readonly learningRate?: number
}

/** Entries at learning rates of their own, in the same order. */
export const atRates = (entries: readonly Entry[], rates: readonly number[]): Entry[] =>
  entries.map((entry, i) => ({ ...entry, learningRate: rates[i] }))

/** Shown the answer: what the best forecast could have, as far as an encoder and a decoder of this size can carry it. */
export const oracle: Entry = { model: 'time-traveller', learningRate: 4e-3 }

/** The references that stand in every table: what remembering comes to, and what knowing does. */
export const references: readonly Entry[] = [{ model: 'persistence' }, { model: 'climatology' }, oracle]

/** The same world with the neighbourhood of its tiles hidden. */
export const scrambled = (plan: TaskPlan): TaskPlan => ({ ...plan, schedule: { ...plan.schedule, scrambled: true } })

/**
 * The parameters of a world as a cell names them: all, defaults included. Of a world in a file only those that were
 * chosen, and its content, which says what the others are. @throws UserError where they are not the world's
 */
export function cellParameters(environment: Environment, name: string, given: CellSpec['parameters']) {
  const all = parseParameters(environment, given) as CellSpec['parameters']
  return isWorldFile(name) ? { ...given, content: all.content } : all
}

/** The cells of one world: every entry for every seed, with the versions of today. */
export async function cellsOf(plan: TaskPlan, entries: readonly Entry[], seeds: number): Promise<CellSpec[]> {
  const environment = await findEnvironment(plan.environment)
  const parameters = cellParameters(environment, plan.environment, plan.parameters ?? {})
  const cells: CellSpec[] = []
  for (const { model: id, options = {}, learningRate } of entries) {
    const model = await modelById(id)
    for (let seed = 0; seed < seeds; seed++)
      cells.push({
        environment: plan.environment,
        environmentVersion: environment.version,
        parameters,
        size: plan.size,
        schedule: plan.schedule,
        episodes: plan.episodes,
        evaluation: plan.evaluation,
        model: id,
        modelVersion: model.version,
        options,
        seed,
        budget: learningRate === undefined ? null : { ...plan.budget, learningRate },
        engine: 'onnx',
      })
  }
  return cells
}

/** The cells of several worlds, one after the other. */
export async function together(parts: readonly Promise<CellSpec[]>[]): Promise<CellSpec[]> {
  return (await Promise.all(parts)).flat()
}

/** Milliseconds of a training step for 36 tiles, 14 frames and batch 8, measured with two cells on two cores. */
const stepMs: Readonly<Record<string, number>> = {
  'time-traveller': 3,
  lstm: 4,
  'conv-gru': 12,
  fno: 10,
  s2gru: 9,
  'dilated-resnet': 20,
  's2gru-tied': 20,
  transformer: 28,
  nca: 35,
  unet: 200,
}
const otherStepMs = 7

/** 10⁹ FLOPs a second of the same steps, for budgets that are counted in them. */
const gigaflops: Readonly<Record<string, number>> = { lstm: 50, 'conv-gru': 100, transformer: 45, fno: 37 }
const otherGigaflops = 14

/** Roughly what a cell takes on one core, in seconds: steps scale with episodes, frames and tiles; starting takes three. */
export function estimateSeconds(spec: CellSpec, environment: Environment): number {
  const { budget, schedule, model, parameters, size } = spec
  if (budget === null) return 3
  if (budget.kind === 'flops') return 3 + budget.flops / (1e9 * (gigaflops[model] ?? otherGigaflops))
  const { height, width } = environment.field(parseParameters(environment, parameters), size)
  const tiles = (height * width) / (Math.min(height, schedule.tile) * schedule.tile)
  const work = (budget.batch * (schedule.context + schedule.blind) * tiles) / (8 * 14 * 36)
  return 3 + (budget.steps * (stepMs[model] ?? otherStepMs) * work) / 1000
}
