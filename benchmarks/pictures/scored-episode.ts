import { findEnvironment } from '../../envs/find.ts'
import type { NamedArrays } from '../../lib/safetensors.ts'
import { modelById } from '../../models/registry.ts'
import type { CellSpec } from '../cell.ts'
import { evaluate } from '../evaluation/evaluation.ts'
import { standardisedData } from '../task/cell-data.ts'
import { noPool } from '../task/episode-pool.ts'
import { createTask, type Task } from '../task/task.ts'
import { restore } from '../training/learn.ts'
import { EVALUATION_BATCH, type Predictor } from '../training/predictor.ts'

/** One test episode, and what a cell's model saw and said of it when it was scored. */
export interface ScoredEpisode {
  readonly task: Task
  /** [S + 1, tiles, C] what happened, probabilities or standardised values */
  readonly frames: Float32Array
  /** [S, tiles, C] what was expected: at step t frame t + 1 */
  readonly predictions: Float32Array
  /** The tiles that were seen of each frame of S; none of blind ones. */
  readonly seen: readonly ReadonlySet<number>[]
}

/**
 * An episode of the plain task of a finished cell. Found by evaluating the cell's model again as it was, with somebody
 * who looks on, so that views and predictions are those that were scored by construction.
 * @param episode one that the cell was evaluated on @throws UserError where the trained parameters are missing
 */
export async function scoredEpisode(
  spec: CellSpec,
  parameters: NamedArrays | null,
  episode: number,
): Promise<ScoredEpisode> {
  const task = createTask(spec, await findEnvironment(spec.environment))
  const model = await modelById(spec.model)
  const row = episode % EVALUATION_BATCH
  const first = episode - row
  // No later batch has a say in this one, and no other circumstance.
  const evaluation = Math.min(first + EVALUATION_BATCH, spec.episodes.evaluation)
  const part = {
    ...spec,
    episodes: { ...spec.episodes, evaluation },
    evaluation: { split: spec.evaluation.split, shifts: [], views: [] },
  }
  const { training, circumstances } = await standardisedData(part, task, noPool)
  const [plain] = circumstances
  // As much room as the cell's own evaluation needed: the graph is the same to its last shape.
  const room = Math.max(plain.views, ...spec.evaluation.views)
  const predictor = await restore(spec, task, model, training, parameters, room)

  const steps = task.schedule.context + task.schedule.blind
  const frameSize = task.tiles * task.viewSize
  const predictions = new Float32Array(steps * frameSize)
  const seen = Array.from({ length: steps }, () => new Set<number>())
  const watched: Predictor = {
    ...predictor,
    predict: async (data, chosen, plan) => {
      // What is said of other batches is not looked at.
      if (chosen[0] !== first) return new Float32Array(steps * EVALUATION_BATCH * frameSize)
      const predicted = await predictor.predict(data, chosen, plan)
      for (let step = 0; step < steps; step++) {
        const at = step * EVALUATION_BATCH + row
        predictions.set(predicted.subarray(at * frameSize, (at + 1) * frameSize), step * frameSize)
        for (const tile of plan.subarray(at * room, (at + 1) * room)) if (tile >= 0) seen[step].add(tile)
      }
      return predicted
    },
  }
  await evaluate(task, watched, plain, spec.seed)
  predictor.dispose()
  const { values, frames } = plain.data
  return {
    task,
    frames: values.subarray(episode * frames * frameSize, (episode + 1) * frames * frameSize),
    predictions,
    seen,
  }
}
