import { UserError } from '../../lib/errors.ts'
import { type NpzFile, openNpz } from '../../lib/npz.ts'
import type { Scale } from '../task/episodes.ts'
import type { Task } from '../task/task.ts'
import type { Predictor } from '../training/predictor.ts'
import { type Shown, shownIndices } from './shown.ts'

/** Predictions of one circumstance: [episodes, context + blind, height, width, channels], in the world's units. */
export type Predictions = ReadonlyMap<string, Float32Array>

/**
 * Reads what was predicted elsewhere, and holds it against what it should be about. `predictions` must be there; those
 * of a circumstance with a prefix may.
 * @throws UserError, in one line, for another shape, order or task, and for values that are no predictions
 */
export function readPredictions(bytes: Uint8Array, task: Task, shown: readonly Shown[]): Predictions {
  const file = openNpz(bytes)
  const right = shown.flatMap(({ prefix }) => [`${prefix}predictions`, `${prefix}episodes`])
  const foreign = file.names.find(name => !right.includes(name))
  if (foreign !== undefined)
    throw new UserError(`it has an array '${foreign}', which nobody asked for; known: ${right.join(', ')}`)
  const found = new Map<string, Float32Array>()
  for (const one of shown) {
    const { prefix } = one
    const given = right.filter(name => name.startsWith(prefix) && name.slice(prefix.length).match(/^(pred|epis)/))
    if (prefix !== '' && !given.some(name => file.names.includes(name))) continue
    checkEpisodes(file, one)
    found.set(prefix, readArray(file, `${prefix}predictions`, task, one))
  }
  return found
}

/** @throws UserError where the episodes are others, or stand in another order */
function checkEpisodes(file: NpzFile, { prefix, episodes }: Shown): void {
  const name = `${prefix}episodes`
  const given = file.texts(name)
  const different = episodes.findIndex((id, i) => given[i] !== id)
  if (different < 0 && given.length === episodes.length) return
  const elsewhere = episodes.indexOf(given[different])
  if (given.length === episodes.length && elsewhere >= 0)
    throw new UserError(
      `'${name}': its episodes are in another order: number ${different} is number ${elsewhere} of the task's`,
    )
  const known = given.filter(id => episodes.includes(id)).length
  throw new UserError(
    `'${name}' are not the episodes of this task: ${known} of its ${given.length} are among the ${episodes.length}; ` +
      'was it exported for another world, version or seed?',
  )
}

function readArray(file: NpzFile, name: string, task: Task, { episodes }: Shown): Float32Array {
  const { schedule, field } = task
  const right = [episodes.length, schedule.context + schedule.blind, field.height, field.width, field.channels.length]
  const { shape, values } = file.numbers(name)
  if (shape.join() !== right.join())
    throw new UserError(
      `'${name}' has the shape (${shape.join(', ')}); right would be (${right.join(', ')}): episodes, steps, rows, ` +
        'columns, channels',
    )
  const wrong = values.findIndex(
    field.likelihood === 'bernoulli' ? value => !(value >= 0 && value <= 1) : value => !Number.isFinite(value),
  )
  if (wrong < 0) return values
  const step = Math.floor((wrong * episodes.length * right[1]) / values.length)
  const place = `episode ${Math.floor(step / right[1])}, step ${step % right[1]}`
  const should = field.likelihood === 'bernoulli' ? 'this world asks for probabilities' : 'every number must be finite'
  throw new UserError(`'${name}' holds ${values[wrong]} in ${place}: ${should}`)
}

/** Predictions as the harness asks a model for them: tiles, in units of the training split. */
export function recordedPredictor(task: Task, predictions: Float32Array, { mean, deviation }: Scale): Predictor {
  const places = shownIndices(task)
  const channels = mean.length
  const steps = task.schedule.context + task.schedule.blind
  return {
    room: task.tiles,
    compileMs: 0,
    predict: async (_data, chosen) => {
      const out = new Float32Array(steps * chosen.length * places.length)
      for (let step = 0; step < steps; step++)
        for (const [b, episode] of chosen.entries()) {
          const to = (step * chosen.length + b) * places.length
          const from = (episode * steps + step) * places.length
          for (let i = 0; i < places.length; i++)
            out[to + places[i]] = (predictions[from + i] - mean[i % channels]) / deviation[i % channels]
        }
      return out
    },
    dispose: () => {},
  }
}
