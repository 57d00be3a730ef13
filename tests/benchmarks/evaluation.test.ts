import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Evaluation, evaluate } from '../../benchmarks/evaluation/evaluation.ts'
import { generateEpisodes } from '../../benchmarks/task/episodes.ts'
import { type Task, taskShape } from '../../benchmarks/task/task.ts'
import {
  EVALUATION_BATCH,
  fittedPredictor,
  type Predictor,
  trainedPredictor,
} from '../../benchmarks/training/predictor.ts'
import { initialParameters } from '../../benchmarks/training/training-step.ts'
import { loadEngine } from '../../engine/index.ts'
import { randomStream } from '../../lib/random.ts'
import { climatology } from '../../models/climatology.ts'
import type { EpisodeTable, TrainedModel } from '../../models/model.ts'
import { modelById } from '../../models/registry.ts'
import { numberedTask, smallTask } from './small.ts'

/** A predictor that says what it is told: the truth of the target, changed by `guess`. */
function oracle(
  task: Task,
  guess: (truth: number, step: number, episode: number) => number,
  onPlan: (plan: Int32Array, chosen: Int32Array) => void = () => {},
): Predictor {
  const frameSize = task.tiles * task.viewSize
  const steps = task.schedule.context + task.schedule.blind
  return {
    room: task.tiles,
    compileMs: 0,
    predict: async (data, chosen, plan) => {
      onPlan(plan.slice(), chosen.slice())
      const out = new Float32Array(steps * EVALUATION_BATCH * frameSize)
      for (let step = 0; step < steps; step++)
        chosen.forEach((episode, b) => {
          for (let i = 0; i < frameSize; i++) {
            const truth = data.values[(episode * data.frames + step + 1) * frameSize + i]
            out[(step * EVALUATION_BATCH + b) * frameSize + i] = guess(truth, step, episode)
          }
        })
      return out
    },
    dispose: () => {},
  }
}

const plain = (data: EpisodeTable, views = 1) => ({ prefix: '', data, views })
const errorOf = ({ episodes }: Evaluation, condition: string, horizon: number, episode = 0) =>
  episodes.find(e => e.condition === condition && e.horizon === horizon && e.episode === episode)!.error
const figureOf = ({ figures }: Evaluation, condition: string, horizon: number | null, metric: string) =>
  figures.find(f => f.condition === condition && f.horizon === horizon && f.metric === metric)!.value

describe('a perfect predictor', () => {
  it.each([
    ['bouncing-balls', 24, 'excess_cross_entropy'],
    ['fluid', 24, 'mean_squared_error'],
  ])('has no error anywhere, scrambled or not: %s', async (world, size, metric) => {
    for (const scrambled of [false, true]) {
      const task = smallTask(world, size, { tile: 4, scrambled })
      const result = await evaluate(
        task,
        oracle(task, y => y),
        plain(generateEpisodes(task, 'test', 3)),
        0,
      )
      expect(result.episodes).toHaveLength(3 * 3) // filter, blind 1, blind 2
      // A probability of exactly 0 or 1 is clipped to 1e-6 from it.
      for (const { error } of result.episodes) expect(error).toBeLessThan(2e-6)
      expect(figureOf(result, 'blind', 2, metric)).toBeLessThan(2e-6)
      if (metric === 'mean_squared_error') expect(figureOf(result, 'blind', null, 'correlation_time_censored')).toBe(1)
      else expect(figureOf(result, 'filter', 1, 'f1')).toBe(1)
    }
  })
})

describe('climatology', () => {
  it('has the error that is worked out by hand', async () => {
    const task = numberedTask({ height: 1, width: 2 }, { tile: 1, context: 2, blind: 1 })
    // Frames 0 … 3 of one episode on a ring of two sites; the climate is 0 everywhere.
    const data = { episodes: 1, frames: 4, tiles: 2, viewSize: 1, values: Float32Array.of(9, 9, 1, 3, 2, -2, 0, 4) }
    const reference = fittedPredictor(task, climatology as never, new Float32Array(2), 2)
    const result = await evaluate(task, reference, plain(data), 0)
    expect(errorOf(result, 'filter', 1)).toBeCloseTo((1 + 9) / 2, 5) // frame 1, the second half of the context
    expect(errorOf(result, 'blind', 1)).toBeCloseTo((4 + 4) / 2, 5) // frame 2
    expect(errorOf(result, 'blind', 2)).toBeCloseTo((0 + 16) / 2, 5) // frame 3
    expect(figureOf(result, 'blind', 2, 'nrmse')).toBeCloseTo(1, 5)
  })

  it('of one half costs ln 2 a cell of a world of zeros and ones', async () => {
    const task = smallTask('life', 8, { tile: 4 })
    const reference = fittedPredictor(task, climatology as never, new Float32Array(64).fill(0.5), 4)
    const result = await evaluate(task, reference, plain(generateEpisodes(task, 'test', 2)), 0)
    for (const { error } of result.episodes) expect(error).toBeCloseTo(Math.log(2), 6)
  })
})

describe('conditions', () => {
  it('`filter` scores exactly the frames of the second half of the context, `blind h` exactly frame T − 1 + h', async () => {
    const schedules = fc.record({ context: fc.integer({ min: 2, max: 7 }), blind: fc.integer({ min: 0, max: 4 }) })
    await fc.assert(
      fc.asyncProperty(schedules, async ({ context, blind }) => {
        const task = numberedTask({ height: 1, width: 2 }, { tile: 1, context, blind })
        const data = generateEpisodes(task, 'test', 1)
        data.values.fill(0)
        // Wrong by a number of its own in every frame: the errors tell which frames were scored.
        const wrong = (frame: number) => 10 ** frame
        const result = await evaluate(
          task,
          oracle(task, (y, step) => y + Math.sqrt(wrong(step + 1))),
          plain(data),
          0,
        )
        const half = Array.from({ length: context }, (_, frame) => frame).filter(frame => frame >= context / 2)
        const filter = half.reduce((sum, frame) => sum + wrong(frame), 0) / half.length
        expect(errorOf(result, 'filter', 1) / filter).toBeCloseTo(1, 4)
        for (let h = 1; h <= blind + 1; h++)
          expect(errorOf(result, 'blind', h) / wrong(context - 1 + h)).toBeCloseTo(1, 4)
        expect(result.episodes).toHaveLength(blind + 2)
      }),
      { numRuns: 25 },
    )
  })

  it('carry the prefix of their circumstance', async () => {
    const task = numberedTask({ height: 1, width: 2 }, { tile: 1 })
    const data = generateEpisodes(task, 'test', 1)
    const { figures, episodes } = await evaluate(
      task,
      oracle(task, y => y),
      { prefix: 'views-1/', data, views: 1 },
      0,
    )
    const expected = ['views-1/filter', 'views-1/blind']
    expect([...new Set(figures.map(({ condition }) => condition))]).toEqual(expected)
    expect([...new Set(episodes.map(({ condition }) => condition))]).toEqual(expected)
  })
})

describe('every episode counts once', () => {
  it.each([1, 15, 16, 17, 32, 35])('of %i, the last, partly filled batch included', async count => {
    const task = numberedTask({ height: 1, width: 2 }, { tile: 1 })
    const data = { ...generateEpisodes(task, 'test', 1), episodes: count, values: new Float32Array(count * 5 * 2) }
    const result = await evaluate(
      task,
      oracle(task, (y, _step, episode) => y + episode),
      plain(data),
      0,
    )
    for (const horizon of [1, 2]) {
      const own = result.episodes.filter(e => e.condition === 'blind' && e.horizon === horizon)
      expect(own.map(({ episode }) => episode)).toEqual(Array.from({ length: count }, (_, e) => e))
      for (const { episode, error } of own) expect(error).toBeCloseTo(episode ** 2, 3)
      // Σ e² for e < n is (n − 1)·n·(2n − 1) / 6.
      const mean = ((count - 1) * (2 * count - 1)) / 6
      expect(figureOf(result, 'blind', horizon, 'mean_squared_error')).toBeCloseTo(mean, 3)
    }
  })

  it('with the same error in whatever order they come, where the whole field is seen', async () => {
    const task = smallTask('coupled-maps', 8, { tile: 1 })
    const model = (await modelById('s2gru-links')) as TrainedModel
    const shape = taskShape(task, EVALUATION_BATCH, 8, 8)
    const network = model.build(shape, model.options.parse({ width: 4 }))
    const parameters = initialParameters(network.parameters, randomStream('weights'))
    const predictor = await trainedPredictor(await loadEngine('onnx'), task, model, network, parameters, 8)
    const data = generateEpisodes(task, 'test', 19)
    const length = data.values.length / 19
    const order = Array.from({ length: 19 }, (_, e) => (7 * e + 3) % 19)
    const values = Float32Array.from(
      data.values,
      (_, i) => data.values[order[Math.floor(i / length)] * length + (i % length)],
    )
    const inOrder = await evaluate(task, predictor, plain(data, 8), 0)
    const mixed = await evaluate(task, predictor, plain({ ...data, values }, 8), 0)
    order.forEach((source, e) => {
      const [before, after] = [errorOf(inOrder, 'blind', 2, source), errorOf(mixed, 'blind', 2, e)]
      expect(Math.abs(after - before)).toBeLessThan(1e-5 * before)
    })
  })
})

describe('what is seen', () => {
  const task = numberedTask({ height: 3, width: 3 }, { tile: 1, views: 4, context: 3, blind: 2 })
  const data = generateEpisodes(task, 'test', 10)

  async function plansOf(views: number, room: number, seed = 0, prefix = ''): Promise<number[][]> {
    const plans: number[][] = []
    const keep = (plan: Int32Array) => plans.push(Array.from(plan))
    const predictor = { ...oracle(task, () => 0, keep), room }
    await evaluate(task, predictor, { prefix, data, views }, seed)
    // Rows of what is really seen, without the padding.
    return plans.flatMap(plan =>
      Array.from({ length: plan.length / room }, (_, row) =>
        plan.slice(row * room, (row + 1) * room).filter(tile => tile >= 0),
      ),
    )
  }

  it('is the same for every model, whatever room it was compiled with, and other for another seed', async () => {
    const one = await plansOf(4, 4)
    expect(await plansOf(4, 9)).toEqual(one)
    expect(await plansOf(4, 4, 1)).not.toEqual(one)
  })

  it.each([1, 2, 9])(
    'is %i views of every context frame where so many are asked for, none of blind frames',
    async views => {
      const plans = await plansOf(views, 9, 0, `views-${views}/`)
      expect(plans).toHaveLength(5 * EVALUATION_BATCH)
      plans.forEach((seen, row) => {
        expect(new Set(seen).size).toBe(row < 3 * EVALUATION_BATCH ? views : 0)
      })
    },
  )
})
