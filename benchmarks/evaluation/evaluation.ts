import { randomStream } from '../../lib/random.ts'
import type { EpisodeTable } from '../../models/model.ts'
import type { EpisodeError, Figure } from '../cell.ts'
import { cellIndices } from '../task/episodes.ts'
import type { Task } from '../task/task.ts'
import { EVALUATION_BATCH, evaluationPlan, type Predictor } from '../training/predictor.ts'
import { bernoulliFigures, correlationTimeFigures, gaussianFigures, type Measured } from './metrics.ts'

/** One changed circumstance under which a model is tested. The plain task has an empty prefix. */
export interface Circumstance {
  /** '', `<shift>/`, `views-<n>/` or `size-<n>/`: stands before `filter` and `blind` in the condition. */
  readonly prefix: string
  readonly data: EpisodeTable
  readonly views: number
}

export interface Evaluation {
  readonly figures: readonly Figure[]
  readonly episodes: readonly EpisodeError[]
}

/** The target frames of a schedule: `filter` joins the second half of the context, every blind horizon stands alone. */
interface TargetFrames {
  readonly condition: 'filter' | 'blind'
  readonly horizon: number
  readonly frames: readonly number[]
}

function targetFrames({ context, blind }: Task['schedule']): TargetFrames[] {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
  return [
    { condition: 'filter', horizon: 1, frames: range(Math.ceil(context / 2), context) },
    ...range(1, blind + 2).map(h => ({ condition: 'blind' as const, horizon: h, frames: [context - 1 + h] })),
  ]
}

/**
 * Predicts every tile of every episode under one circumstance and measures the result. Views are drawn from a stream
 * that does not know the model, so that all models see the same. No frame that was seen is scored as a forecast: the
 * target of step t is frame t + 1.
 */
export async function evaluate(
  task: Task,
  predictor: Predictor,
  { prefix, data, views }: Circumstance,
  seed: number,
): Promise<Evaluation> {
  const groups = targetFrames(task.schedule)
  const frameSize = task.tiles * task.viewSize
  const kept = groups.map(({ frames }) => ({
    predictions: new Float32Array(data.episodes * frames.length * frameSize),
    targets: new Float32Array(data.episodes * frames.length * frameSize),
  }))
  const places = cellIndices(task)
  const random = randomStream(`evaluation/${seed}/${prefix}`)
  for (let start = 0; start < data.episodes; start += EVALUATION_BATCH) {
    const chosen = Int32Array.from({ length: EVALUATION_BATCH }, (_, b) => Math.min(start + b, data.episodes - 1))
    const plan = evaluationPlan(task, predictor, views, random.split(String(start)))
    const predicted = await predictor.predict(data, chosen, plan)
    for (let b = 0; b < Math.min(EVALUATION_BATCH, data.episodes - start); b++)
      groups.forEach(({ frames }, g) => {
        frames.forEach((frame, f) => {
          const at = ((start + b) * frames.length + f) * frameSize
          const guess = ((frame - 1) * EVALUATION_BATCH + b) * frameSize
          const truth = ((start + b) * data.frames + frame) * frameSize
          for (let i = 0; i < frameSize; i++) {
            kept[g].predictions[at + i] = predicted[guess + places[i]]
            kept[g].targets[at + i] = data.values[truth + places[i]]
          }
        })
      })
  }
  const measured = groups.map(({ frames }, g) => measure(task, kept[g], data.episodes * frames.length))
  return collect(groups, measured, prefix, data.episodes)
}

/** Fields [samples, height, width, channels], row-major as the world shows them, against their truth. */
function measure(
  { field }: Task,
  { predictions, targets }: { predictions: Float32Array; targets: Float32Array },
  samples: number,
): Measured {
  if (field.likelihood === 'bernoulli') return bernoulliFigures(predictions, targets, { episodes: samples })
  const { height, width } = field
  return gaussianFigures(predictions, targets, { episodes: samples, height, width, channels: field.channels.length })
}

function collect(
  groups: readonly TargetFrames[],
  measured: readonly Measured[],
  prefix: string,
  episodes: number,
): Evaluation {
  const figures: Figure[] = []
  const errors: EpisodeError[] = []
  groups.forEach(({ condition, horizon, frames }, g) => {
    const named = { condition: `${prefix}${condition}`, horizon }
    for (const figure of measured[g].figures) figures.push({ ...named, ...figure })
    for (let episode = 0; episode < episodes; episode++) {
      const own = measured[g].errors.subarray(episode * frames.length, (episode + 1) * frames.length)
      errors.push({ ...named, episode, error: own.reduce((sum, error) => sum + error, 0) / own.length })
    }
  })
  const curve = figures.filter(({ condition, metric }) => condition === `${prefix}blind` && metric === 'correlation')
  if (curve.length > 0) {
    const points = curve.map(({ horizon, value }) => ({ horizon: horizon as number, correlation: value }))
    for (const figure of correlationTimeFigures(points))
      figures.push({ condition: `${prefix}blind`, horizon: null, ...figure })
  }
  return { figures, episodes: errors }
}
