import { parseParameters } from '../../envs/environment.ts'
import { UserError } from '../../lib/errors.ts'
import { hashJson, type Json } from '../../lib/hash.ts'
import type { CellSpec } from '../cell.ts'
import type { Circumstance } from '../evaluation/evaluation.ts'
import { EVALUATION_BATCH } from '../training/predictor.ts'
import type { EpisodePool } from './episode-pool.ts'
import { type EpisodeSet, fitScale, type Scale, standardise } from './episodes.ts'
import { resolveCount, type Task, taskOfSize } from './task.ts'

/** All episodes that a cell takes. */
export interface CellData {
  readonly training: EpisodeSet
  /** The plain task first, then every named shift, then other numbers of views. */
  readonly circumstances: readonly (Circumstance & { readonly data: EpisodeSet })[]
  /** The task at other sizes of its world, a batch of episodes each: a large world has more to measure in each. */
  readonly otherSizes: readonly OtherSize[]
}

export interface OtherSize extends Circumstance {
  readonly task: Task
  readonly data: EpisodeSet
}

/** The episodes of a cell as its world shows them. @throws UserError where its splits overlap, or its world does */
export async function rawData(spec: CellSpec, task: Task, pool: EpisodePool): Promise<CellData> {
  const { evaluation, episodes, parameters } = spec
  const training = await pool.episodes(task, 'train', episodes.train)
  const views = resolveCount(task.schedule.views, task)
  const data = await pool.episodes(task, evaluation.split, episodes.evaluation)
  const circumstances = [{ prefix: '', data, views }]
  for (const name of evaluation.shifts) {
    const { change } = task.environment.shifts[name]
    const changed = parseParameters(task.environment, { ...parameters, ...change })
    const world = { ...task, parameters: changed, field: task.environment.field(changed, task.size) }
    const shifted = await pool.episodes(world, evaluation.split, episodes.evaluation)
    circumstances.push({ prefix: `${name}/`, data: shifted, views })
  }
  for (const count of evaluation.views) circumstances.push({ prefix: `views-${count}/`, data, views: count })
  checkDisjoint(training, circumstances)
  const otherSizes: OtherSize[] = []
  for (const size of evaluation.sizes ?? []) {
    const other = taskOfSize(spec, task, size)
    const count = Math.min(episodes.evaluation, EVALUATION_BATCH)
    const some = await pool.episodes(other, evaluation.split, count)
    const seen = resolveCount(other.schedule.views, other)
    otherSizes.push({ prefix: `size-${size}/`, task: other, data: some, views: seen })
  }
  return { training, circumstances, otherSizes }
}

/** The same in units of the training split, and the scale that leads back. */
export async function standardisedData(
  spec: CellSpec,
  task: Task,
  pool: EpisodePool,
): Promise<CellData & { readonly scale: Scale }> {
  const data = await rawData(spec, task, pool)
  const scale = fitScale(task, data.training)
  for (const set of setsOf(data)) standardise(scale, set.values)
  return { ...data, scale }
}

/**
 * What a reference is fitted to at another size: training episodes of that size, as many as hold as many cells as the
 * cell's own, but a batch at least. In the units of the cell's own size, as all that is measured of it.
 * @throws UserError where they overlap with what it is tested on
 */
export async function trainingOfSize(
  spec: CellSpec,
  { tiles }: Task,
  { task, ...circumstance }: OtherSize,
  scale: Scale,
  pool: EpisodePool,
): Promise<EpisodeSet> {
  const asMany = Math.ceil((spec.episodes.train * tiles) / task.tiles)
  const count = Math.min(spec.episodes.train, Math.max(asMany, EVALUATION_BATCH))
  const training = await pool.episodes(task, 'train', count)
  checkDisjoint(training, [circumstance])
  standardise(scale, training.values)
  return training
}

/** One number for all first frames of a cell: equal for all models that were compared on the same episodes. */
export const initialStatesHash = (data: CellData): string =>
  hashJson(setsOf(data).map(set => set.initialStates) as Json)

/** Each set once: other numbers of views are tried on the plain episodes. */
const setsOf = ({ training, circumstances, otherSizes }: CellData): EpisodeSet[] => [
  training,
  ...new Set([...circumstances, ...otherSizes].map(({ data }) => data)),
]

/** @throws UserError where two episodes of different splits began alike: nothing measured on them is worth anything. */
function checkDisjoint(training: EpisodeSet, circumstances: readonly { readonly data: EpisodeSet }[]): void {
  const trained = new Set(training.initialStates)
  if (circumstances.some(({ data }) => data.initialStates.some(state => trained.has(state))))
    throw new UserError(
      'an evaluation episode begins like a training episode: does the world start from a fixed state?',
    )
}
