import type { Engine, Feed } from '../../engine/engine.ts'
import type { Random } from '../../lib/random.ts'
import type { EpisodeTable, FittedModel, Network, TrainedModel } from '../../models/model.ts'
import { allocateFeeds, batchSignature, drawViews, fillFeeds, observedBatch, type ViewPlan } from '../task/batch.ts'
import { type Task, taskShape } from '../task/task.ts'
import { predictionProgram, predictionSignature } from './training-step.ts'

/** Episodes that are predicted together. */
export const EVALUATION_BATCH = 16

/** Any model, trained or fitted, as the harness asks it. */
export interface Predictor {
  /** Views that a plan has room for. */
  readonly room: number
  /** Milliseconds that making it ready took. */
  readonly compileMs: number
  /**
   * Predictions of every tile after every step, [S, B, tiles, C], probabilities or standardised values, for the
   * EVALUATION_BATCH episodes `chosen` of `data`. The array is overwritten by the next call.
   */
  predict(data: EpisodeTable, chosen: Int32Array, plan: ViewPlan): Promise<Float32Array>
  dispose(): void
}

/** A plan of views for one evaluation batch. */
export function evaluationPlan(task: Task, predictor: Predictor, views: number, random: Random): ViewPlan {
  return drawViews(task, taskShape(task, EVALUATION_BATCH, predictor.room, task.tiles), views, random)
}

/** A trained network with its parameters. `room` is the largest number of views that it will be shown. */
export async function trainedPredictor(
  engine: Engine,
  task: Task,
  model: TrainedModel,
  network: Network,
  parameters: Readonly<Record<string, Feed>>,
  room: number,
): Promise<Predictor> {
  const shape = taskShape(task, EVALUATION_BATCH, room, task.tiles)
  const signature = predictionSignature(model, network, shape)
  const program = await engine.compile(`${model.id}.predict`, signature, predictionProgram(network, shape))
  const feeds = allocateFeeds(batchSignature(model, shape))
  const { targets: _targets, weights: _weights, ...observed } = feeds
  const held = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`p/${name}`, value]))
  return {
    room,
    compileMs: program.compileMs,
    predict: async (data, chosen, plan) => {
      const everything = allTiles(task, shape.steps * shape.batch)
      fillFeeds(task, shape, data, chosen, plan, everything, feeds)
      const { predictions } = await program.run({ ...held, ...observed })
      const values = predictions.read() as Float32Array
      predictions.dispose()
      return values
    },
    dispose: () => program.dispose(),
  }
}

/** A reference with its constants. */
export function fittedPredictor(task: Task, model: FittedModel, constants: unknown, room: number): Predictor {
  const shape = taskShape(task, EVALUATION_BATCH, room, task.tiles)
  const out = new Float32Array(shape.steps * shape.batch * task.tiles * task.viewSize)
  return {
    room,
    compileMs: 0,
    predict: async (data, chosen, plan) => {
      model.predict(constants, observedBatch(task, shape, data, chosen, plan), out)
      return out
    },
    dispose: () => {},
  }
}

/** Every tile, once, for each of `rows` steps and episodes. */
function allTiles(task: Task, rows: number): Int32Array {
  return Int32Array.from({ length: rows * task.tiles }, (_, i) => i % task.tiles)
}
