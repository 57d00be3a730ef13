import { beforeAll, describe, expect, it } from 'vitest'
import { generateEpisodes } from '../../benchmarks/task/episodes.ts'
import { type Task, taskShape } from '../../benchmarks/task/task.ts'
import { EVALUATION_BATCH, evaluationPlan, trainedPredictor } from '../../benchmarks/training/predictor.ts'
import { initialParameters, trainingProgram, trainingSignature } from '../../benchmarks/training/training-step.ts'
import type { Engine } from '../../engine/engine.ts'
import { loadEngine } from '../../engine/index.ts'
import * as tf from '../../engine/tf.ts'
import { randomStream } from '../../lib/random.ts'
import type { Network, TrainedModel } from '../../models/model.ts'
import { modelById } from '../../models/registry.ts'
import { numberedTask } from './small.ts'

let engine: Engine
let byViews: TrainedModel
let byCanvas: TrainedModel
beforeAll(async () => {
  engine = await loadEngine('onnx')
  byViews = (await modelById('lstm')) as TrainedModel
  byCanvas = (await modelById('conv-gru')) as TrainedModel
})

/** Answers every query by a weight times the first two numbers of its position, whatever was seen. */
const weighing: Network = {
  parameters: { w: { shape: [2], initialiser: { kind: 'zeros' } } },
  encode: (_p, { queries }) => ({
    steps: { position: tf.slice(queries, 0, [...queries.shape.slice(0, 3), 2]) },
    whole: {},
  }),
  begin: (_p, batch) => ({ position: tf.zeros([batch, 1, 2]) }),
  step: (_p, _state, { position }) => ({ position }),
  decode: (p, { position }) => tf.sum(tf.mul(position, p.w), 3, true),
}

/** Answers every tile of the canvas by what is seen there now. */
const repeating: Network = {
  parameters: { w: { shape: [1], initialiser: { kind: 'zeros' } } },
  encode: (_p, { canvas }) => ({ steps: { canvas }, whole: {} }),
  begin: () => ({ canvas: tf.zeros([1]) }),
  step: (_p, _state, { canvas }) => ({ canvas }),
  decode: (p, { canvas }) => {
    const [steps, batch, rows, columns] = canvas.shape as [number, number, number, number]
    return tf.add(
      tf.reshape(tf.slice(canvas, 0, [steps, batch, rows, columns, 1]), [steps, batch, rows * columns, 1]),
      p.w,
    )
  },
}

describe('one training step', () => {
  /** The step of `weighing` from w = 0 on one query with position x and the target y. */
  async function step(x: number[], y: number) {
    const task = numberedTask({ height: 1, width: 2 }, { tile: 1, context: 1, blind: 0 })
    const shape = { ...taskShape(task, 1, 1, 1), positionSize: 2 }
    const program = await engine.compile(
      'step',
      trainingSignature(byViews, weighing, shape),
      trainingProgram(weighing, shape),
    )
    const out = await program.run({
      'p/w': new Float32Array(2),
      'm/w': new Float32Array(2),
      'v/w': new Float32Array(2),
      views: new Float32Array(1),
      positions: new Float32Array(2),
      present: new Float32Array(1),
      queries: Float32Array.from(x),
      targets: Float32Array.of(y),
      weights: Float32Array.of(1),
      rate: Float32Array.of(0.1),
      epsilon: Float32Array.of(0),
    })
    program.dispose()
    return Object.fromEntries(Object.entries(out).map(([name, value]) => [name, Array.from(value.read())]))
  }
  const close = (actual: number[], expected: number[]) => {
    for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5)
  }

  it('is Adam on the gradient of the loss: −2·y·x for squared error', async () => {
    const { loss, norm, 'p/w': w, 'm/w': m, 'v/w': v } = await step([0.3, 0.4], 0.5)
    close(loss, [0.25])
    close(norm, [0.5]) // the gradient is (−.3, −.4)
    close(m, [-0.03, -0.04])
    close(v, [0.00009, 0.00016])
    close(w, [0.03 / Math.sqrt(0.00009) / 10, 0.04 / Math.sqrt(0.00016) / 10])
  })

  it('clips a gradient of norm 50 to norm 1 and reports 50', async () => {
    const { norm, 'm/w': m } = await step([0.3, 0.4], 50)
    close(norm, [50])
    close(m, [-0.06, -0.08])
  })
})

describe('a trained predictor', () => {
  const data = (task: Task) => generateEpisodes(task, 'test', 2)
  const chosen = Int32Array.from({ length: EVALUATION_BATCH }, (_, b) => b % 2)

  it('answers tile i in row i, from queries at the positions of all tiles', async () => {
    const task = numberedTask({ height: 2, width: 4 }, { tile: 1, views: 3 })
    const predictor = await trainedPredictor(engine, task, byViews, weighing, { w: Float32Array.of(1, 10) }, 3)
    const plan = evaluationPlan(task, predictor, 3, randomStream('plan'))
    const size = task.positions.length / 8
    const expected = Array.from({ length: 8 }, (_, i) => task.positions[i * size] + 10 * task.positions[i * size + 1])
    const predicted = await predictor.predict(data(task), chosen, plan)
    predicted.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i % 8], 4)
    })
    predictor.dispose()
  })

  it('of a canvas shows step, episode and tile where they belong', async () => {
    const task = numberedTask({ height: 2, width: 3 }, { tile: 1 })
    const set = data(task)
    const predictor = await trainedPredictor(engine, task, byCanvas, repeating, { w: Float32Array.of(0) }, 6)
    const predicted = await predictor.predict(set, chosen, evaluationPlan(task, predictor, 6, randomStream('plan')))
    const row = (step: number, b: number) =>
      Array.from(predicted.subarray((step * 16 + b) * 6, (step * 16 + b + 1) * 6))
    const frame = (e: number, t: number) => Array.from(set.values.subarray((e * 5 + t) * 6, (e * 5 + t + 1) * 6))
    for (let b = 0; b < 16; b++) for (let t = 0; t < 3; t++) expect(row(t, b)).toEqual(frame(b % 2, t))
    expect(row(3, 5)).toEqual(Array(6).fill(0)) // blind
    predictor.dispose()
  })

  it('gives probabilities in bernoulli worlds', async () => {
    const task = numberedTask({ height: 1, width: 3, likelihood: 'bernoulli' }, { tile: 1, views: 1 })
    const predictor = await trainedPredictor(engine, task, byCanvas, repeating, { w: Float32Array.of(-2) }, 1)
    const nothing = new Int32Array(4 * EVALUATION_BATCH).fill(-1)
    const predicted = await predictor.predict(data(task), chosen, nothing)
    for (const p of predicted) expect(p).toBeCloseTo(1 / (1 + Math.exp(2)), 6)
    predictor.dispose()
  })
})

describe('parameters start', () => {
  const specs = {
    zeros: { shape: [3], initialiser: { kind: 'zeros' } },
    gates: { shape: [2, 6], initialiser: { kind: 'blocks', values: [0, 1, -1] } },
    scalar: { shape: [], initialiser: { kind: 'blocks', values: [7] } },
    normal: { shape: [100, 100], initialiser: { kind: 'normal', deviation: 0.5 } },
    points: { shape: [500, 3], initialiser: { kind: 'sphere' } },
  } as const
  const start = initialParameters(specs, randomStream('start'))

  it('as their initialiser says', () => {
    expect(Array.from(start.zeros)).toEqual([0, 0, 0])
    expect(Array.from(start.gates)).toEqual([0, 0, 1, 1, -1, -1, 0, 0, 1, 1, -1, -1])
    expect(Array.from(start.scalar)).toEqual([7])
    const variance = start.normal.reduce((sum, x) => sum + x * x, 0) / 10_000
    expect(variance).toBeCloseTo(0.25, 1)
    expect(Math.abs(start.normal.reduce((sum, x) => sum + x, 0) / 10_000)).toBeLessThan(0.025) // five deviations
  })

  it('on the unit sphere, in no direction more than in any other', () => {
    const mean = [0, 0, 0]
    for (let i = 0; i < 500; i++) {
      const point = Array.from(start.points.subarray(3 * i, 3 * i + 3))
      expect(Math.hypot(...point)).toBeCloseTo(1, 5)
      for (const axis of [0, 1, 2]) mean[axis] += point[axis] / 500
    }
    // A coordinate has variance 1/3: the mean of 500 deviates by .026.
    for (const coordinate of mean) expect(Math.abs(coordinate)).toBeLessThan(5 * 0.026)
  })

  it('alike under the same name, whatever other parameters there are', () => {
    const { normal } = initialParameters({ normal: specs.normal }, randomStream('start'))
    expect(normal).toEqual(start.normal)
  })
})
