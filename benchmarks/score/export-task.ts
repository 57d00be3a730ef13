import { join } from 'node:path'
import type { Field } from '../../envs/environment.ts'
import { findEnvironment } from '../../envs/find.ts'
import { writeFileAtomic } from '../../lib/files.ts'
import { encodeNpz, type NamedArray } from '../../lib/npz.ts'
import type { CellSpec } from '../cell.ts'
import { rawData } from '../task/cell-data.ts'
import { noPool } from '../task/episode-pool.ts'
import { framesOf, generateEpisodes } from '../task/episodes.ts'
import { checkEvaluation, createTask } from '../task/task.ts'
import { type Shown, shownFrames, shownTo } from './shown.ts'

/** A file that was written, and what is in it. */
export interface ExportedFile {
  readonly path: string
  readonly bytes: number
  readonly arrays: Readonly<Record<string, readonly number[]>>
}

/**
 * Writes what a model may know of a task into a folder: whole episodes to learn from (`train.npz`, `validation.npz`),
 * what is seen of the test episodes and no more (`test.npz`), and `task.json`, which says what is what.
 * @throws UserError where the task cannot be posed, or the folder written
 */
export async function exportTask(spec: CellSpec, folder: string): Promise<ExportedFile[]> {
  const task = createTask(spec, await findEnvironment(spec.environment))
  checkEvaluation(spec, task)
  const { field, schedule, environment } = task
  const { height, width } = field
  const channels = field.channels.length
  const data = await rawData(spec, task, noPool)
  const shown: Shown[] = []
  for (const circumstance of data.circumstances) shown.push(await shownTo(task, circumstance, spec.seed))

  const whole = (values: Float32Array, episodes: number): Record<string, NamedArray> => ({
    values: { shape: [episodes, framesOf(task), height, width, channels], values: shownFrames(task, values) },
  })
  const test = shown.map(({ prefix, context, seen, episodes }): Record<string, NamedArray> => {
    const sides = [episodes.length, schedule.context, height, width]
    return {
      [`${prefix}context`]: { shape: [...sides, channels], values: context },
      [`${prefix}seen`]: { shape: sides, values: seen },
      [`${prefix}episodes`]: { shape: [episodes.length], values: episodes },
    }
  })
  const files: Record<string, Record<string, NamedArray>> = {
    'train.npz': whole(data.training.values, spec.episodes.train),
    'test.npz': Object.assign({}, ...test),
  }
  const held = Math.min(spec.episodes.evaluation, environment.recorded?.episodes.validation ?? Infinity)
  if (spec.evaluation.split === 'test' && held > 0)
    files['validation.npz'] = whole(generateEpisodes(task, 'validation', held).values, held)

  const written = Object.entries(files).map(([name, arrays]): ExportedFile => {
    const path = join(folder, name)
    const bytes = encodeNpz(arrays)
    writeFileAtomic(path, bytes)
    const shapes = Object.entries(arrays).map(([array, { shape }]) => [array, shape])
    return { path, bytes: bytes.length, arrays: Object.fromEntries(shapes) }
  })
  writeFileAtomic(join(folder, 'task.json'), `${JSON.stringify(describe(spec, field, shown), null, 2)}\n`)
  return written
}

/** What a reader must know who has nothing but the folder. */
function describe(spec: CellSpec, field: Field, shown: readonly Shown[]) {
  const { environment, environmentVersion, parameters, size, schedule, seed } = spec
  const { height, width, channels, likelihood, boundary } = field
  const steps = schedule.context + schedule.blind
  const unit = likelihood === 'bernoulli' ? 'probabilities' : "values in the world's own units"
  return {
    world: { environment, version: environmentVersion, parameters, size, channels, likelihood, boundary },
    schedule,
    seed,
    circumstances: shown.map(({ prefix }) => prefix),
    predictions: {
      shape: [shown[0].episodes.length, steps, height, width, channels.length],
      axes: 'episodes, steps, rows, columns, channels',
      meaning:
        `${unit}: step t predicts frame t + 1 from frames 0 to t of the context and no later one; from step ` +
        `${schedule.context - 1} on nothing new is seen`,
      scored: `steps ${Math.ceil(schedule.context / 2) - 1} to ${steps - 1}`,
      arrays:
        "for each circumstance c: c + 'predictions', and c + 'episodes' as in test.npz; all but the first may lack",
    },
  }
}
