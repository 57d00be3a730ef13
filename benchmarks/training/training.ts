import type { Engine, Value } from '../../engine/engine.ts'
import { randomStream } from '../../lib/random.ts'
import type { EpisodeTable, Network, TrainedModel } from '../../models/model.ts'
import type { Budget } from '../cell.ts'
import { allocateFeeds, batchSignature, drawQueries, drawViews, fillFeeds } from '../task/batch.ts'
import { resolveCount, type Task, taskShape } from '../task/task.ts'
import { affordableSteps } from './budget.ts'
import { checkMemory, machineMemoryMb } from './memory.ts'
import { adamFactors, learningRateAt, shareAt } from './optimiser.ts'
import { initialParameters, readsShare, trainingProgram, trainingSignature } from './training-step.ts'

export interface Training {
  /** The trained parameters, by name, where the engine holds them. */
  readonly parameters: Readonly<Record<string, Value>>
  /** How many the budget pays for. */
  readonly steps: number
  /** Loss of every step. */
  readonly losses: Float32Array
  /** The first step whose loss or gradient was not finite; null where all were. */
  readonly divergedAt: number | null
  readonly flopsPerStep: number
  readonly nodes: number
  readonly compileMs: number
  readonly trainMs: number
}

export interface TrainingRun {
  readonly engine: Engine
  readonly task: Task
  readonly model: TrainedModel
  readonly network: Network
  readonly budget: Budget
  readonly seed: number
  readonly data: EpisodeTable
  /** What the process may hold, in MiB. */
  readonly memoryLimitMb?: number
  onStep?(step: number, steps: number, loss: number): void
}

/**
 * Trains by Adam on batches of episodes drawn with replacement, with fresh views and queries in every batch. Episodes,
 * views and queries come from streams that do not know the model: with the same seed all models see the same batches.
 * @throws UserError where a step cannot fit into memory.
 */
export async function train(run: TrainingRun): Promise<Training> {
  const { engine, task, model, network, budget, seed, data } = run
  const views = resolveCount(task.schedule.views, task)
  const shape = taskShape(task, budget.batch, views, resolveCount(task.schedule.queries, task))
  const program = await engine.compile(
    `${model.id}.train`,
    trainingSignature(model, network, shape),
    trainingProgram(network, shape),
    bytes => checkMemory(model, network, shape, bytes, run.memoryLimitMb ?? machineMemoryMb()),
  )
  const { flops: flopsPerStep, nodes, compileMs } = program
  const steps = affordableSteps(budget, flopsPerStep, model.id)
  const feeds = allocateFeeds(batchSignature(model, shape))
  const names = Object.keys(network.parameters)
  const start = initialParameters(network.parameters, randomStream(`weights/${seed}`))
  let held: Record<string, Value | Float32Array> = {}
  for (const name of names) {
    held[`p/${name}`] = start[name]
    held[`m/${name}`] = new Float32Array(start[name].length)
    held[`v/${name}`] = new Float32Array(start[name].length)
  }
  const batches = randomStream(`batches/${seed}`)
  const losses = new Float32Array(steps)
  const chosen = new Int32Array(budget.batch)
  let divergedAt: number | null = null
  const began = performance.now()
  for (let step = 0; step < steps && divergedAt === null; step++) {
    const random = batches.split(String(step))
    for (let b = 0; b < chosen.length; b++) chosen[b] = random.integer(data.episodes)
    const plan = drawViews(task, shape, views, random)
    fillFeeds(task, shape, data, chosen, plan, drawQueries(task, shape, random), feeds)
    const { rate, epsilon } = adamFactors(step, learningRateAt(step, steps, budget.learningRate))
    const factors = {
      rate: Float32Array.of(rate),
      epsilon: Float32Array.of(epsilon),
      ...(readsShare(network) && { share: Float32Array.of(shareAt(step, steps)) }),
    }
    const { loss, norm, ...next } = await program.run({ ...held, ...feeds, ...factors })
    for (const value of Object.values(held)) if ('dispose' in value) value.dispose()
    held = next
    losses[step] = loss.read()[0]
    if (!Number.isFinite(losses[step]) || !Number.isFinite(norm.read()[0])) divergedAt = step
    loss.dispose()
    norm.dispose()
    run.onStep?.(step + 1, steps, losses[step])
  }
  const trainMs = performance.now() - began
  program.dispose()
  const parameters = Object.fromEntries(names.map(name => [name, held[`p/${name}`] as Value]))
  return { parameters, steps, losses, divergedAt, flopsPerStep, nodes, compileMs, trainMs }
}
