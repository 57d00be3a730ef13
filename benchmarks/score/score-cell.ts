import { UserError } from '../../lib/errors.ts'
import { readBytes } from '../../lib/files.ts'
import { sha256Hex } from '../../lib/hash.ts'
import { type CellOutcome, type CellSpec, externalModel } from '../cell.ts'
import { evaluate } from '../evaluation/evaluation.ts'
import { initialStatesHash, rawData } from '../task/cell-data.ts'
import { type EpisodePool, noPool } from '../task/episode-pool.ts'
import { fitScale, standardise } from '../task/episodes.ts'
import type { Task } from '../task/task.ts'
import { readPredictions, recordedPredictor } from './predictions.ts'
import { type Shown, shownTo } from './shown.ts'

// A model that was made elsewhere is known by its predictions alone. Its cell is like any other, but that what it
// depends on is a file: the cell names its content, and whoever runs the cell has the file.

/** The identity of a file of predictions. */
export const predictionsHash = (bytes: Uint8Array): string => sha256Hex(bytes).slice(0, 16)

/** The cell of predictions for the task of another cell. @param name what people call the model */
export function externalCell(task: CellSpec, name: string, bytes: Uint8Array): CellSpec {
  const options = { name, predictions: predictionsHash(bytes) }
  return { ...task, model: externalModel, modelVersion: 1, options, budget: null }
}

/**
 * The episodes of a task, and what was predicted of them, checked.
 * @throws UserError where the bytes hold something else
 */
export async function openPredictions(spec: CellSpec, task: Task, bytes: Uint8Array, pool: EpisodePool) {
  const data = await rawData(spec, task, pool)
  const shown: Shown[] = []
  for (const circumstance of data.circumstances) shown.push(await shownTo(task, circumstance, spec.seed))
  return { data, predictions: readPredictions(bytes, task, shown) }
}

/** Measures predictions as those of any model. @throws UserError where the file is not the one that the cell names */
export async function scoreCell(
  spec: CellSpec,
  task: Task,
  path: string | undefined,
  pool: EpisodePool = noPool,
): Promise<CellOutcome> {
  if (path === undefined) throw new UserError('the predictions of this model are not here: it was made elsewhere')
  const bytes = readBytes(path)
  if (predictionsHash(bytes) !== spec.options.predictions)
    throw new UserError(`${path} does not hold the predictions that its cell names: score them again`)
  const began = performance.now()
  const { data, predictions } = await openPredictions(spec, task, bytes, pool)
  const scale = fitScale(task, data.training)
  for (const set of new Set(data.circumstances.map(circumstance => circumstance.data))) standardise(scale, set.values)
  const dataMs = performance.now() - began
  const figures: CellOutcome['figures'][number][] = []
  const episodes: CellOutcome['episodes'][number][] = []
  for (const circumstance of data.circumstances) {
    const own = predictions.get(circumstance.prefix)
    if (own === undefined) continue
    const evaluation = await evaluate(task, recordedPredictor(task, own, scale), circumstance, spec.seed)
    figures.push(...evaluation.figures)
    episodes.push(...evaluation.episodes)
  }
  return {
    status: 'ok',
    error: '',
    figures,
    episodes,
    family: 'external',
    trainedParameters: 0,
    flopsPerStep: 0,
    steps: 0,
    versions: { node: process.version },
    initialStatesHash: initialStatesHash(data),
    timings: { compileMs: 0, trainMs: 0, evaluateMs: performance.now() - began - dataMs, dataMs },
  }
}
