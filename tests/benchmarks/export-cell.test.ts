import * as ort from 'onnxruntime-node'
import { expect, it } from 'vitest'
import type { CellRecord, CellSpec } from '../../benchmarks/cell.ts'
import { runCell } from '../../benchmarks/run-cell.ts'
import { type ExportedCell, exportCell } from '../../benchmarks/running/export-cell.ts'
import { allocateFeeds, batchSignature, fillFeeds } from '../../benchmarks/task/batch.ts'
import { fitScale, generateEpisodes, standardise } from '../../benchmarks/task/episodes.ts'
import { createTask, resolveCount, taskShape } from '../../benchmarks/task/task.ts'
import { restore } from '../../benchmarks/training/learn.ts'
import { EVALUATION_BATCH, evaluationPlan } from '../../benchmarks/training/predictor.ts'
import { environmentById } from '../../envs/registry.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'
import type { NamedArrays } from '../../lib/safetensors.ts'
import type { TrainedModel } from '../../models/model.ts'
import { modelById } from '../../models/registry.ts'
import { worldParameters } from './small.ts'

const balls = { environment: 'bouncing-balls', size: 12, tile: 4, views: 4 }
const ring = { environment: 'coupled-maps', size: 8, tile: 1, views: 5 }

async function cell(model: string, world: typeof balls, changes: Partial<CellSpec> = {}): Promise<CellSpec> {
  const { environment, size, tile, views } = world
  return {
    environment,
    environmentVersion: environmentById(environment).version,
    parameters: worldParameters(environment),
    size,
    schedule: { tile, views, queries: 4, context: 3, blind: 1, scrambled: true },
    episodes: { train: 8, evaluation: 4 },
    evaluation: { split: 'test', shifts: [], views: [] },
    model,
    modelVersion: (await modelById(model)).version,
    options: {},
    seed: 1,
    budget: { kind: 'steps', parameters: 40_000, steps: 3, batch: 4, learningRate: 1e-3 },
    engine: 'onnx',
    ...changes,
  }
}

async function trained(spec: CellSpec): Promise<{ record: CellRecord; parameters: NamedArrays }> {
  let parameters: NamedArrays = {}
  const record = await runCell(spec, {
    onTrained: async values => {
      const copied = Object.entries(values).map(([name, { shape, read }]) => {
        return [name, { shape, values: Float32Array.from(read()) }]
      })
      parameters = Object.fromEntries(copied)
    },
  })
  return { record, parameters }
}

/** What the file's own runtime predicts for the first test episodes, beside what the harness does. */
async function bothPredictions(spec: CellSpec, parameters: NamedArrays, { onnx, inputs }: ExportedCell) {
  const task = createTask(spec)
  const model = (await modelById(spec.model)) as TrainedModel
  const training = generateEpisodes(task, 'train', spec.episodes.train)
  const tests = generateEpisodes(task, 'test', spec.episodes.evaluation)
  for (const set of [tests, training]) standardise(fitScale(task, generateEpisodes(task, 'train', 8)), set.values)
  const views = resolveCount(task.schedule.views, task)
  const predictor = await restore(spec, task, model, training, parameters, views)
  const plan = evaluationPlan(task, predictor, views, randomStream('export'))
  const chosen = Int32Array.from({ length: EVALUATION_BATCH }, (_, b) => b % 4)
  const expected = (await predictor.predict(tests, chosen, plan)).slice()
  predictor.dispose()

  const shape = taskShape(task, EVALUATION_BATCH, views, task.tiles)
  const feeds = allocateFeeds(batchSignature(model, shape))
  const asked = Int32Array.from({ length: shape.steps * shape.batch * task.tiles }, (_, i) => i % task.tiles)
  fillFeeds(task, shape, tests, chosen, plan, asked, feeds)
  const session = await ort.InferenceSession.create(onnx)
  expect([...session.inputNames].sort()).toEqual(inputs.map(({ name }) => name).sort())
  const tensors = inputs.map(({ name, shape }) => [name, new ort.Tensor('float32', feeds[name], shape)])
  const { predictions } = await session.run(Object.fromEntries(tensors))
  await session.release()
  return { expected, predicted: predictions.data as Float32Array, shape: predictions.dims }
}

it.each([
  ['s2gru', balls],
  ['conv-gru', balls],
  ['time-traveller', balls],
  ['s2gru-links', ring],
  ['lstm', ring],
] as const)('an exported %s predicts in plain ONNX Runtime what the harness predicts', async (model, world) => {
  const spec = await cell(model, world)
  const { record, parameters } = await trained(spec)
  const exported = await exportCell(record, parameters, EVALUATION_BATCH)
  const { expected, predicted, shape } = await bothPredictions(spec, parameters, exported)
  expect(shape).toEqual(exported.outputs[0].shape)
  expect(predicted).toHaveLength(expected.length)
  let apart = 0
  for (const [i, value] of expected.entries()) apart = Math.max(apart, Math.abs(predicted[i] - value))
  expect(apart).toBeLessThan(1e-5)
  expect(new Set(expected.map(value => Math.round(value * 1e4))).size).toBeGreaterThan(10)
})

it('an exported file says what a reader must know, and holds no operator of one runtime alone', async () => {
  const spec = await cell('lstm', ring)
  const { record, parameters } = await trained(spec)
  const file = Buffer.from((await exportCell(record, parameters, 2)).onnx).toString('latin1')
  expect(file).not.toContain('com.microsoft')
  expect(file).toContain(record.cell)
  expect(file).toContain('p/decode2.weight')
  const { mean, deviation } = fitScale(createTask(spec), generateEpisodes(createTask(spec), 'train', 8))
  expect(file).toContain(`"mean":${mean[0]},"deviation":${deviation[0]}`)
  for (const key of ['opset', 'inputs', 'outputs', 'letters', 'positions', 'placeOf']) expect(file).toContain(key)
})

it('what cannot be exported is refused in one line', async () => {
  const spec = await cell('lstm', ring)
  const { record, parameters } = await trained(spec)
  const refused = async (changes: Partial<CellRecord>, given: NamedArrays | null, message: RegExp) => {
    const refusal = exportCell({ ...record, ...changes }, given, 1)
    await expect(refusal).rejects.toThrow(message)
    await expect(refusal).rejects.toBeInstanceOf(UserError)
  }
  await refused({ spec: await cell('persistence', ring, { budget: null }) }, null, /no network to export/)
  await refused({ status: 'diverged', error: 'the loss was NaN at step 3' }, parameters, /the loss was NaN/)
  await refused({}, null, /are not there; run it again/)
  await refused({}, { ...parameters, 'decode2.bias': { shape: [9], values: new Float32Array(9) } }, /of another lstm/)
})
