/**
 * Learned influence against true influence. One cell of tile x is disturbed in the last frame that is seen, as the
 * influence oracle of the worlds does it (envs/study/influence.ts); the world and its disturbed copy run on, both
 * episodes are fed to the model, and for every other tile y
 *
 *     true    W_n(x, y) = ⟨ |Δ truth(y, t + n)| ⟩        learned    L_n(x, y) = ⟨ |Δ prediction(y, t + n)| ⟩
 *
 * means over the numbers of y and over disturbances of x; t is the disturbed frame, and what lies between t and t + n is
 * predicted blind. A tile that the disturbance itself changed (a body that is moved may cover two, a vortex has a width)
 * was told of it, and is left out. Every model is measured alike, whatever it is made of; so are references.
 */
import { separation } from '../../envs/study/run.ts'
import { randomStream } from '../../lib/random.ts'
import type { Figure } from '../cell.ts'
import { drawViews, type ViewPlan } from '../task/batch.ts'
import type { Scale } from '../task/episodes.ts'
import { resolveCount, type Task, taskShape } from '../task/task.ts'
import { EVALUATION_BATCH, type Predictor } from '../training/predictor.ts'
import { type Disturbances, disturb } from './disturbances.ts'
import { areaUnderCurve, holding, rankCorrelation } from './ranking.ts'

/** A tile that changes by less of what the most disturbed one does was not told: the far field of a smooth vortex. */
const TOLD = 0.01
/** Frames after the disturbance. */
const HORIZONS = [1, 4]
/** What a tile must belong to, to count as influenced: the pairs that hold so much of all influence. */
const SHARE = 0.95

/** Influence of tile x on tile y, in all pairs that were measured. */
export interface PairMaps {
  /** n, in frames. */
  readonly horizon: number
  readonly truth: Float64Array
  readonly learned: Float64Array
  /** From x to y in tiles: rows or columns, whichever are more, the short way round on a torus. */
  readonly distance: Float64Array
}

/**
 * Rank correlation of learned with true influence over all pairs of tiles, and the area under the ROC curve by which
 * learned influence, and plain nearness, tell the pairs that hold 95 % of the true one. Where only a share p of the
 * pairs has any true influence, the others tie, and even a model that ranks those p right and the rest by chance has a
 * rank correlation of √(3p(1 − p)) only. No rows where nothing can be disturbed or nothing spreads, and none for a
 * horizon beyond the blind frames.
 */
export async function influenceFigures(
  task: Task,
  predictor: Predictor,
  scale: Scale,
  starts: number,
  seed: number,
): Promise<Figure[]> {
  if (task.environment.recorded !== undefined) return []
  return (await influenceMaps(task, predictor, scale, starts, seed)).flatMap(figuresOf)
}

export function figuresOf({ horizon, truth, learned, distance }: PairMaps): Figure[] {
  const influenced = holding(truth, SHARE)
  const found = areaUnderCurve(learned, influenced)
  if (found === null) return []
  const near = areaUnderCurve(
    distance.map(d => -d),
    influenced,
  )
  const at = { condition: 'influence', horizon } as const
  return [
    { ...at, metric: 'influence_rank_correlation', direction: 'higher', value: rankCorrelation(learned, truth) },
    { ...at, metric: 'influence_auc', direction: 'higher', value: found },
    { ...at, metric: 'influence_auc_of_distance', direction: 'none', value: near as number },
  ]
}

/** The maps at every horizon that the schedule allows. Worlds are the influence oracle's own, views those of the seed. */
export async function influenceMaps(
  task: Task,
  predictor: Predictor,
  scale: Scale,
  starts: number,
  seed: number,
): Promise<PairMaps[]> {
  const views = resolveCount(task.schedule.views, task)
  const shape = taskShape(task, starts, predictor.room, task.tiles)
  const plan = drawViews(task, shape, views, randomStream(`influence/${seed}`))
  const horizons = HORIZONS.filter(n => n <= task.schedule.blind + 1)
  const disturbances = disturb(task, scale, plan, starts, predictor.room)
  const predictions = await predictAll(task, predictor, disturbances, plan, starts, horizons)
  return horizons.map((horizon, h) => compare(task, disturbances, predictions[h], horizon))
}

/** What is predicted for the frames at these horizons: [episodes, tiles · C] for each. All of a start see the same. */
async function predictAll(
  task: Task,
  predictor: Predictor,
  { table, roles }: Disturbances,
  plan: ViewPlan,
  starts: number,
  horizons: readonly number[],
): Promise<Float32Array[]> {
  const { room } = predictor
  const steps = task.schedule.context + task.schedule.blind
  const size = task.tiles * task.viewSize
  const kept = horizons.map(() => new Float32Array(table.episodes * size))
  const batchPlan = new Int32Array(steps * EVALUATION_BATCH * room)
  for (let first = 0; first < table.episodes; first += EVALUATION_BATCH) {
    const chosen = Int32Array.from({ length: EVALUATION_BATCH }, (_, b) => Math.min(first + b, table.episodes - 1))
    for (let step = 0; step < steps; step++)
      chosen.forEach((episode, b) => {
        const row = (step * starts + roles[episode].start) * room
        batchPlan.set(plan.subarray(row, row + room), (step * EVALUATION_BATCH + b) * room)
      })
    const predicted = await predictor.predict(table, chosen, batchPlan)
    horizons.forEach((horizon, h) => {
      for (let b = 0; b < EVALUATION_BATCH && first + b < table.episodes; b++) {
        const row = (task.schedule.context - 2 + horizon) * EVALUATION_BATCH + b
        kept[h].set(predicted.subarray(row * size, (row + 1) * size), (first + b) * size)
      }
    })
  }
  return kept
}

/** Means over the disturbances of every tile of what they changed elsewhere, in truth and in the predictions. */
function compare(task: Task, { table, roles }: Disturbances, predictions: Float32Array, horizon: number): PairMaps {
  const { tiles, viewSize, schedule } = task
  const size = tiles * viewSize
  const last = schedule.context - 1
  const frame = (episode: number, t: number) => (episode * table.frames + t) * size
  /** Mean |difference| in each tile of two frames. */
  const apart = (values: Float32Array, a: number, b: number) =>
    Float64Array.from({ length: tiles }, (_, tile) => {
      let sum = 0
      for (let i = tile * viewSize; i < (tile + 1) * viewSize; i++) sum += Math.abs(values[a + i] - values[b + i])
      return sum / viewSize
    })
  const [truth, learned, counts] = [0, 1, 2].map(() => new Float64Array(tiles * tiles))
  roles.forEach(({ plain, tile }, episode) => {
    if (tile < 0) return
    const done = apart(table.values, frame(episode, last), frame(plain, last))
    const least = TOLD * done.reduce((largest, value) => Math.max(largest, value), 0)
    const acted = apart(table.values, frame(episode, last + horizon), frame(plain, last + horizon))
    const expected = apart(predictions, episode * size, plain * size)
    for (let y = 0; y < tiles; y++) {
      if (y === tile || done[y] > least) continue
      truth[tile * tiles + y] += acted[y]
      learned[tile * tiles + y] += expected[y]
      counts[tile * tiles + y]++
    }
  })
  const measured = [...counts.keys()].filter(pair => counts[pair] > 0)
  const distance = distances(task)
  return {
    horizon,
    truth: Float64Array.from(measured, pair => truth[pair] / counts[pair]),
    learned: Float64Array.from(measured, pair => learned[pair] / counts[pair]),
    distance: Float64Array.from(measured, pair => distance[pair]),
  }
}

/** From place to place, as the tiles lie in the world: [tiles, tiles]. */
function distances({ tiles, lattice, field, placeOf }: Task): Float64Array {
  const out = new Float64Array(tiles * tiles)
  const { rows, columns } = lattice
  for (let a = 0; a < tiles; a++)
    for (let b = 0; b < tiles; b++)
      out[placeOf[a] * tiles + placeOf[b]] = Math.max(
        separation(Math.floor(a / columns), Math.floor(b / columns), rows, field),
        separation(a % columns, b % columns, columns, field),
      )
  return out
}
