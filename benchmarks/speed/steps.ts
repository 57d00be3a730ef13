import type { CompiledProgram, Engine, Value } from '../../engine/engine.ts'
import { parseParameters } from '../../envs/environment.ts'
import { environmentById } from '../../envs/registry.ts'
import { randomStream } from '../../lib/random.ts'
import type { Network, TaskShape, TrainedModel } from '../../models/model.ts'
import type { CellSpec } from '../cell.ts'
import type { TaskPlan } from '../suites/cells.ts'
import { allocateFeeds, type BatchFeeds, batchSignature, drawQueries, drawViews, fillFeeds } from '../task/batch.ts'
import { generateEpisodes } from '../task/episodes.ts'
import { createTask, resolveCount, type Task, taskShape } from '../task/task.ts'
import { adamFactors } from '../training/optimiser.ts'
import { initialParameters, readsShare, trainingProgram, trainingSignature } from '../training/training-step.ts'

type PlannedTask = Pick<TaskPlan, 'environment' | 'parameters' | 'size' | 'schedule'>

/** A world with the parameters that a suite changes, cut by its schedule. */
export function taskOf({ environment: id, parameters, size, schedule }: PlannedTask): Task {
  const environment = environmentById(id)
  const complete = parseParameters(environment, parameters ?? {}) as CellSpec['parameters']
  return createTask({ environment: id, parameters: complete, size, schedule })
}

/** The shapes of a training batch. */
export function trainingShape(task: Task, batch: number): TaskShape {
  const { views, queries } = task.schedule
  return taskShape(task, batch, resolveCount(views, task), resolveCount(queries, task))
}

/** One batch of real episodes. */
export function oneBatch(task: Task, shape: TaskShape, model: TrainedModel): BatchFeeds {
  const random = randomStream('speed/batch')
  const feeds = allocateFeeds(batchSignature(model, shape))
  const chosen = Int32Array.from({ length: shape.batch }, (_, b) => b)
  const plan = drawViews(task, shape, shape.views, random)
  const data = generateEpisodes(task, 'train', shape.batch)
  fillFeeds(task, shape, data, chosen, plan, drawQueries(task, shape, random), feeds)
  return feeds
}

/** Parameters and their moments before the first update. */
function freshState({ parameters }: Network): Record<string, Float32Array> {
  const state: Record<string, Float32Array> = {}
  for (const [name, values] of Object.entries(initialParameters(parameters, randomStream('speed/weights'))))
    Object.assign(state, {
      [`p/${name}`]: values,
      [`m/${name}`]: new Float32Array(values.length),
      [`v/${name}`]: new Float32Array(values.length),
    })
  return state
}

/** The scalars that an update reads. */
function factorsAt(network: Network, step: number, peak: number): Record<string, Float32Array> {
  const { rate, epsilon } = adamFactors(step, peak)
  return {
    rate: Float32Array.of(rate),
    epsilon: Float32Array.of(epsilon),
    ...(readsShare(network) && { share: Float32Array.of(1) }),
  }
}

/** All that the first update on a batch of real episodes reads. */
export const firstFeeds = (task: Task, shape: TaskShape, model: TrainedModel, network: Network) => ({
  ...freshState(network),
  ...oneBatch(task, shape, model),
  ...factorsAt(network, 0, 1e-3),
})

/** A training program that is ready to step, again and again on the same batch. */
export interface Stepper {
  readonly program: CompiledProgram
  /** One update: forward, backward, Adam; its loss is read, as in training. */
  readonly step: () => Promise<void>
  /** The loss before each update so far. */
  readonly losses: readonly number[]
}

/** Compiles the training step of a network, the very one that cells run. `rateAt` is the learning rate of every step. */
export async function compileStep(
  engine: Engine,
  model: TrainedModel,
  network: Network,
  shape: TaskShape,
  feeds: BatchFeeds,
  rateAt: (step: number) => number = () => 1e-3,
): Promise<Stepper> {
  const program = await engine.compile(
    `${model.id}.train`,
    trainingSignature(model, network, shape),
    trainingProgram(network, shape),
  )
  let held: Record<string, Value | Float32Array> = freshState(network)
  const losses: number[] = []
  const step = async () => {
    const factors = factorsAt(network, losses.length, rateAt(losses.length))
    const { loss, norm, ...next } = await program.run({ ...held, ...feeds, ...factors })
    losses.push(loss.read()[0])
    for (const value of [loss, norm, ...Object.values(held)]) if ('dispose' in value) value.dispose()
    held = next
  }
  return { program, step, losses }
}
