import { type Environment, parseParameters } from '../../envs/environment.ts'
import { findEnvironment } from '../../envs/find.ts'
import { UserError } from '../../lib/errors.ts'
import { meetsBudget, nearestNetwork } from '../../models/fit-width.ts'
import { modelById } from '../../models/registry.ts'
import { createTask, resolveCount, taskShape } from '../task/task.ts'
import { cellParameters, type Entry, type TaskPlan } from './cells.ts'

const usualSize = 24
/** Modules with weights of their own must divide the parameters among so many tiles. */
const mostTiles = 64

/**
 * The task of a world that no suite has chosen one for: its default parameters, fully seen, then blind. Of a recorded
 * world as many episodes as there are. @throws UserError where the world cannot be cut into tiles, or has no episodes
 */
export async function anyWorld(name: string): Promise<TaskPlan> {
  const environment = await findEnvironment(name)
  const size = environment.recorded?.size ?? usualSize
  const { train, evaluation } = episodesOf(environment)
  return {
    environment: name,
    size,
    schedule: {
      tile: tileOf(environment, size),
      views: 'all',
      queries: 'all',
      context: 5,
      blind: 3,
      scrambled: false,
    },
    episodes: { train, evaluation },
    evaluation: { split: 'test', shifts: Object.keys(environment.shifts), views: [] },
    budget: { kind: 'steps', parameters: 57_000, steps: 700, batch: 8 },
  }
}

function episodesOf({ id, recorded }: Environment): TaskPlan['episodes'] {
  const train = Math.min(96, recorded?.episodes.train ?? Infinity)
  const evaluation = Math.min(32, recorded?.episodes.test ?? Infinity)
  if (Math.min(train, evaluation) === 0)
    throw new UserError(
      `${id} has ${train} episodes to train on and ${evaluation} to test with; there must be some of each`,
    )
  return { train, evaluation }
}

/** The side of the smallest tile of 4 cells or more (of one in a 1-D world) that leaves few enough; else a smaller one. */
function tileOf(environment: Environment, size: number): number {
  const { height, width } = environment.field(parseParameters(environment, {}), size)
  const line = height === 1
  const fits = (side: number) => {
    const tiles = (width / side) * (line ? 1 : height / side)
    return width % side === 0 && (line || height % side === 0) && tiles > 1 && tiles <= mostTiles
  }
  const sides = Array.from({ length: width }, (_, i) => i + 1).filter(fits)
  const tile = sides.find(side => line || side >= 4) ?? sides.at(-1)
  if (tile === undefined)
    throw new UserError(
      `${environment.id}: ${height} × ${width} cells cannot be cut into 2 to ${mostTiles} square tiles`,
    )
  return tile
}

/**
 * The plan with the number of parameters nearest to its own that every entry can have: modules with weights of their
 * own widen in large steps, and what fits 36 tiles may not fit 64.
 */
export async function withinReach(plan: TaskPlan, entries: readonly Entry[]): Promise<TaskPlan> {
  const environment = await findEnvironment(plan.environment)
  const parameters = cellParameters(environment, plan.environment, plan.parameters ?? {})
  const task = createTask({ ...plan, parameters }, environment)
  const [views, queries] = [plan.schedule.views, plan.schedule.queries].map(count => resolveCount(count, task))
  const shape = taskShape(task, plan.budget.batch, views, queries)
  const models = await Promise.all(
    entries.map(async ({ model, options = {} }) => [await modelById(model), options] as const),
  )
  const fits = (budget: number) =>
    models.every(
      ([model, options]) =>
        'fit' in model || meetsBudget(nearestNetwork(model, shape, options, budget).parameters, budget),
    )
  // From the plan's own number outwards, up to four times as many: large tiles need so many to be read at all.
  const own = plan.budget.parameters
  const choices = Array.from({ length: 2 * 70 }, (_, i) =>
    Math.round(own * 1.02 ** (i % 2 === 0 ? i / 2 : -(i + 1) / 2)),
  )
  const common = choices.find(budget => budget > own / 2 && fits(budget)) ?? own
  return { ...plan, budget: { ...plan.budget, parameters: common } }
}
