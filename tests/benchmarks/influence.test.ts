import { describe, expect, it } from 'vitest'
import { type CellSpec, cellId } from '../../benchmarks/cell.ts'
import { disturb } from '../../benchmarks/evaluation/disturbances.ts'
import { figuresOf, influenceFigures, influenceMaps } from '../../benchmarks/evaluation/influence.ts'
import { runCell } from '../../benchmarks/run-cell.ts'
import { drawViews } from '../../benchmarks/task/batch.ts'
import { fitScale, generateEpisodes } from '../../benchmarks/task/episodes.ts'
import { resolveCount, type Task, taskShape } from '../../benchmarks/task/task.ts'
import { EVALUATION_BATCH, type Predictor } from '../../benchmarks/training/predictor.ts'
import type { Environment } from '../../envs/environment.ts'
import { environmentById } from '../../envs/registry.ts'
import { randomStream } from '../../lib/random.ts'
import { modelById } from '../../models/registry.ts'
import { smallTask, worldParameters } from './small.ts'

const sites = 8
const full = { tile: 1, views: 'all', queries: 'all', context: 3, blind: 3 } as const
const unit = { mean: Float64Array.of(0), deviation: Float64Array.of(1) }

/** A ring on which every value moves one site to the right each frame: x acts on x + n alone, after n frames. */
function conveyor(schedule: Partial<Task['schedule']> = {}, perturb?: Environment['perturb']): Task {
  const task = smallTask('coupled-maps', sites, { ...full, ...schedule })
  const environment: Environment = {
    ...task.environment,
    id: 'conveyor',
    initial: (_parameters, _size, random) => Array.from({ length: sites }, () => random.normal()),
    advance: state => {
      const ring = state as number[]
      ring.unshift(ring.pop()!)
    },
    observe: (state, out) => out.set(state as number[]),
    perturb:
      perturb ??
      ((state, _row, column, amount) => {
        ;(state as number[])[column] += amount
      }),
  }
  return { ...task, environment }
}

/** Predicts that what was seen last has moved by `speed` sites for every frame since. */
function mover(task: Task, speed: number): Predictor {
  const { context, blind } = task.schedule
  const size = task.tiles
  return {
    room: resolveCount(task.schedule.views, task),
    compileMs: 0,
    predict: async (data, chosen) => {
      const out = new Float32Array((context + blind) * EVALUATION_BATCH * size)
      for (let step = 0; step < context + blind; step++)
        chosen.forEach((episode, b) => {
          const seen = Math.min(step, context - 1)
          for (let site = 0; site < size; site++) {
            const from = (site + size * 10 - speed * (step + 1 - seen)) % size
            const value = data.values[(episode * data.frames + seen) * size + task.placeOf[from]]
            out[(step * EVALUATION_BATCH + b) * size + task.placeOf[site]] = value
          }
        })
      return out
    },
    dispose: () => {},
  }
}

const figureOf = (figures: Awaited<ReturnType<typeof influenceFigures>>, metric: string, horizon: number) =>
  figures.find(figure => figure.metric === metric && figure.horizon === horizon)?.value

describe('learned influence', () => {
  it.each([false, true])(
    'of a model that copies its neighbour where the world does is the true one (scrambled: %s)',
    async scrambled => {
      const task = conveyor({ scrambled })
      const figures = await influenceFigures(task, mover(task, 1), unit, 16, 0)
      expect(figures).toHaveLength(6)
      for (const horizon of [1, 4]) {
        expect(figureOf(figures, 'influence_auc', horizon)).toBe(1)
        expect(figureOf(figures, 'influence_rank_correlation', horizon)).toBeCloseTo(1, 6)
      }
      // Of seven other sites one is right, at distance 1; one more is as near, five are further: (5 + ½) / 6.
      expect(figureOf(figures, 'influence_auc_of_distance', 1)).toBeCloseTo(5.5 / 6, 12)
      // Half-way round nothing is as far.
      expect(figureOf(figures, 'influence_auc_of_distance', 4)).toBe(0)
    },
  )

  it('of a model without neighbours ranks nothing, and of one that copies the wrong one is worse than nothing', async () => {
    const task = conveyor()
    const still = await influenceFigures(task, mover(task, 0), unit, 16, 0)
    expect(figureOf(still, 'influence_auc', 1)).toBe(0.5)
    expect(figureOf(still, 'influence_rank_correlation', 1)).toBe(0)
    const backwards = await influenceFigures(task, mover(task, -1), unit, 16, 0)
    // The one that is right ties with the five that neither moves to, and loses against the one that is wrong.
    expect(figureOf(backwards, 'influence_auc', 1)).toBeCloseTo(2.5 / 6, 12)
    expect(figureOf(backwards, 'influence_rank_correlation', 1)).toBeLessThan(0)
  })

  it('beyond the blind frames has no row, nor where nothing is disturbed or nothing spreads', async () => {
    const short = conveyor({ blind: 2 })
    const horizons = (await influenceFigures(short, mover(short, 1), unit, 4, 0)).map(({ horizon }) => horizon)
    expect(new Set(horizons)).toEqual(new Set([1]))
    const untouched = conveyor({}, () => {})
    expect(await influenceFigures(untouched, mover(untouched, 1), unit, 2, 0)).toEqual([])
    const uncoupled = smallTask('coupled-maps', sites, full, { range: 0 })
    expect(await influenceFigures(uncoupled, mover(uncoupled, 0), unit, 2, 0)).toEqual([])
    const extent = { size: sites, frames: 20, episodes: { train: 1, validation: 1, test: 1 } }
    const recorded = { ...short, environment: { ...short.environment, recorded: extent } }
    expect(await influenceFigures(recorded, mover(short, 1), unit, 2, 0)).toEqual([])
  })

  it('leaves out what the disturbance itself changed: the model was shown it', async () => {
    const task = conveyor({}, (state, _row, column, amount) => {
      const ring = state as number[]
      ring[column] += amount
      ring[(column + 1) % sites] += amount
    })
    const [map] = await influenceMaps(task, mover(task, 1), unit, 32, 0)
    // Every site is disturbed with its right neighbour; of the other six, the one beyond it is influenced.
    expect(map.truth).toHaveLength(6 * sites)
    expect(map.truth.filter(value => value > 0)).toHaveLength(sites)
    expect([...map.distance].filter(d => d === 1)).toHaveLength(sites)
  })

  it('is asked only for disturbances that the views of the last frame show', () => {
    const task = conveyor({ views: 3, scrambled: true })
    const starts = 10
    const shape = taskShape(task, starts, 3, sites)
    const plan = drawViews(task, shape, 3, randomStream('seen'))
    const { roles, table } = disturb(task, unit, plan, starts, 3)
    expect(table.episodes).toBe(starts * (1 + 8))
    for (const { start, tile, plain } of roles.filter(role => role.tile >= 0)) {
      const row = (2 * starts + start) * 3
      expect([...plan.subarray(row, row + 3)]).toContain(tile)
      expect(roles[plain]).toMatchObject({ start, tile: -1 })
    }
    // Alike up to the last frame that is seen; there, the tile alone differs.
    roles.forEach(({ plain, tile }, episode) => {
      const frame = (e: number, t: number) => table.values.subarray((e * table.frames + t) * sites).subarray(0, sites)
      for (const t of [0, 1]) expect(frame(episode, t)).toEqual(frame(plain, t))
      const differing = [...frame(episode, 2).keys()].filter(i => frame(episode, 2)[i] !== frame(plain, 2)[i])
      expect(differing).toEqual(tile < 0 ? [] : [tile])
    })
  })

  it('is true of coupled maps: in one frame exactly the partners three sites away are influenced', async () => {
    const task = smallTask('coupled-maps', 16, full, { range: 3 })
    const scale = fitScale(task, generateEpisodes(task, 'train', 4))
    const [{ truth, distance }] = await influenceMaps(task, mover(task, 3), scale, 24, 0)
    expect(truth).toHaveLength(16 * 15)
    truth.forEach((value, i) => {
      expect(value > 0).toBe(distance[i] === 3)
    })
  })
})

it('two classes, worked by hand: 95 % of the influence lie in two pairs of four', () => {
  const map = {
    horizon: 1,
    truth: Float64Array.of(6, 0.1, 4, 0),
    learned: Float64Array.of(3, 2, 1, 0),
    distance: Float64Array.of(1, 1, 2, 3),
  }
  const at = { condition: 'influence', horizon: 1 }
  expect(figuresOf(map)).toEqual([
    // Ranks 4 2 3 1 and 4 3 2 1: ρ = 1 − 6·2 / (4·15).
    { ...at, metric: 'influence_rank_correlation', direction: 'higher', value: 0.8 },
    // 3 beats 2 and 0; 1 beats 0 alone.
    { ...at, metric: 'influence_auc', direction: 'higher', value: 0.75 },
    // Distance 1 ties with 1 and beats 3; distance 2 beats 3 alone.
    { ...at, metric: 'influence_auc_of_distance', direction: 'none', value: 2.5 / 4 },
  ])
})

it('is measured where a cell asks for it, and a cell that does not ask is the cell that it was', async () => {
  const spec: CellSpec = {
    environment: 'coupled-maps',
    environmentVersion: environmentById('coupled-maps').version,
    parameters: worldParameters('coupled-maps', { range: 3 }),
    size: 8,
    schedule: { ...full, scrambled: false },
    episodes: { train: 8, evaluation: 2 },
    evaluation: { split: 'test', shifts: [], views: [] },
    model: 's2gru-self',
    modelVersion: (await modelById('s2gru-self')).version,
    options: {},
    seed: 0,
    budget: { kind: 'steps', parameters: 60_000, steps: 2, batch: 2, learningRate: 1e-3 },
    engine: 'onnx',
  }
  const asked = { ...spec, evaluation: { ...spec.evaluation, influence: 3 } }
  expect(cellId(asked)).not.toBe(cellId(spec))
  const figures = (await runCell(asked)).figures
  const own = figures.filter(({ condition }) => condition === 'influence')
  expect(own).toHaveLength(6)
  // Its address is exact and its modules do not hear of each other: no influence, not a little.
  expect(figureOf(own, 'influence_auc', 4)).toBe(0.5)
  expect((await runCell(spec)).figures).toEqual(figures.filter(({ condition }) => condition !== 'influence'))
})
