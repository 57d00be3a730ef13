import type { Value } from '../../engine/engine.ts'
import { loadEngine } from '../../engine/index.ts'
import { UserError } from '../../lib/errors.ts'
import type { NamedArrays } from '../../lib/safetensors.ts'
import { fitWidth } from '../../models/fit-width.ts'
import { type FittedModel, type Model, parseOptions, type TrainedModel } from '../../models/model.ts'
import type { CellRecord, CellSpec } from '../cell.ts'
import type { EpisodePool } from '../task/episode-pool.ts'
import type { EpisodeSet } from '../task/episodes.ts'
import { resolveCount, type Task, taskShape } from '../task/task.ts'
import { describeTrained } from './describe.ts'
import { fittedPredictor, type Predictor, trainedPredictor } from './predictor.ts'
import { train } from './training.ts'

export interface Progress {
  readonly phase: 'data' | 'train' | 'evaluate'
  readonly step: number
  readonly steps: number
  readonly loss: number | null
}

export interface CellHooks {
  /** Where episodes may be found; without it they are made. */
  readonly pool?: EpisodePool
  /** The file of what a model predicted that was made elsewhere. */
  readonly predictions?: string
  /** What this process may hold, in MiB; all that the machine has, where nobody says. */
  readonly memoryLimitMb?: number
  onProgress?(progress: Progress): void
  /**
   * Called once with what a cell has learned, before it is evaluated: its parameters, and what the network says of its
   * places, null where it learns none or diverged.
   */
  onTrained?(parameters: Readonly<Record<string, Value>>, places: NamedArrays | null): Promise<void>
}

/** A model that is ready to be asked, and what became of learning it. */
export interface Learned {
  readonly predictor: Predictor
  /**
   * The same at another size of the world: a reference is fitted anew, a network keeps its parameters. Null where it is
   * bound to the size that it was trained at.
   */
  atSize(task: Task, training: () => Promise<EpisodeSet>, room: number): Promise<Predictor> | null
  readonly status: CellRecord['status']
  readonly error: string
  readonly trainedParameters: number
  readonly flopsPerStep: number
  readonly steps: number
  readonly versions: CellRecord['versions']
  readonly timings: { readonly compileMs: number; readonly trainMs: number }
}

/**
 * Fits a reference or trains a network. `room` is the largest number of views that it will be asked with.
 * @throws UserError where no width meets the budget, the engine is not installed, or training does not fit into memory.
 */
export function learn(
  spec: CellSpec,
  task: Task,
  model: Model,
  data: EpisodeSet,
  room: number,
  hooks: CellHooks,
): Promise<Learned> {
  return 'fit' in model
    ? fitReference(spec, task, model, data, room)
    : trainNetwork(spec, task, model, data, room, hooks)
}

async function fitReference(
  spec: CellSpec,
  task: Task,
  model: FittedModel,
  data: EpisodeSet,
  room: number,
): Promise<Learned> {
  const began = performance.now()
  const fitted = (at: Task, episodes: EpisodeSet, most: number) => {
    const { context, blind } = at.schedule
    const protocol = { context, blind, views: resolveCount(at.schedule.views, at), likelihood: at.field.likelihood }
    return fittedPredictor(at, model, model.fit(episodes, protocol, parseOptions(model, spec.options)), most)
  }
  return {
    predictor: fitted(task, data, room),
    atSize: async (other, training, most) => fitted(other, await training(), most),
    status: 'ok',
    error: '',
    trainedParameters: 0,
    flopsPerStep: 0,
    steps: 0,
    versions: { node: process.version },
    timings: { compileMs: 0, trainMs: performance.now() - began },
  }
}

async function trainNetwork(
  spec: CellSpec,
  task: Task,
  model: TrainedModel,
  data: EpisodeSet,
  room: number,
  hooks: CellHooks,
): Promise<Learned> {
  const { seed } = spec
  const { budget, width, network, parameters } = fitNetwork(spec, task, model)
  const engine = await loadEngine(spec.engine)
  const onStep = (step: number, steps: number, loss: number) =>
    hooks.onProgress?.({ phase: 'train', step, steps, loss })
  const { memoryLimitMb } = hooks
  const training = await train({ engine, task, model, network, budget, seed, data, onStep, memoryLimitMb })
  const places =
    training.divergedAt === null ? await describeTrained(engine, model, network, training.parameters) : null
  await hooks.onTrained?.(training.parameters, places)
  const predictor = await trainedPredictor(engine, task, model, network, training.parameters, room)
  const { divergedAt, losses, flopsPerStep, compileMs, trainMs } = training
  return {
    predictor,
    atSize: (other, _training, most) => {
      if (!model.transfers) return null
      const shape = taskShape(other, budget.batch, most, other.tiles)
      const there = model.build(shape, parseOptions(model, { ...spec.options, width }))
      return trainedPredictor(engine, other, model, there, training.parameters, most)
    },
    status: divergedAt === null ? 'ok' : 'diverged',
    error: divergedAt === null ? '' : divergence(losses[divergedAt], divergedAt + 1),
    trainedParameters: parameters,
    flopsPerStep,
    steps: divergedAt ?? training.steps,
    versions: { node: process.version, engine: `${engine.id} ${engine.version}, ${engine.threads} thread` },
    timings: { compileMs: compileMs + predictor.compileMs, trainMs },
  }
}

const divergence = (loss: number, step: number): string =>
  Number.isFinite(loss) ? `the gradient was not finite at step ${step}` : `the loss was ${loss} at step ${step}`

/**
 * The predictor of a cell that was learned before, from its parameters; references are fitted again.
 * @throws UserError where the parameters are missing.
 */
export async function restore(
  spec: CellSpec,
  task: Task,
  model: Model,
  data: EpisodeSet,
  parameters: NamedArrays | null,
  room: number,
): Promise<Predictor> {
  if ('fit' in model) return (await fitReference(spec, task, model, data, room)).predictor
  if (parameters === null) throw new UserError(`the trained parameters of this ${model.id} are not there; run it again`)
  const { network } = fitNetwork(spec, task, model)
  const values = Object.fromEntries(Object.entries(parameters).map(([name, array]) => [name, array.values]))
  return trainedPredictor(await loadEngine(spec.engine), task, model, network, values, room)
}

/** The network at the width that meets the cell's budget. @throws UserError where none does. */
export function fitNetwork({ budget, options }: CellSpec, task: Task, model: TrainedModel) {
  if (budget === null) throw new UserError(`${model.id} is trained: its cell needs a budget`)
  const [views, queries] = [task.schedule.views, task.schedule.queries].map(count => resolveCount(count, task))
  return { budget, ...fitWidth(model, taskShape(task, budget.batch, views, queries), options, budget.parameters) }
}
