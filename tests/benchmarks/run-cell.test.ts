import { describe, expect, it } from 'vitest'
import { type CellRecord, type CellSpec, cellId, cellSchema } from '../../benchmarks/cell.ts'
import { runCell } from '../../benchmarks/run-cell.ts'
import { fitScale, generateEpisodes } from '../../benchmarks/task/episodes.ts'
import { createTask } from '../../benchmarks/task/task.ts'
import type { Progress } from '../../benchmarks/training/learn.ts'
import { environmentById } from '../../envs/registry.ts'
import { UserError } from '../../lib/errors.ts'
import { hashJson } from '../../lib/hash.ts'
import { modelById } from '../../models/registry.ts'
import { worldParameters } from './small.ts'

const world = 'coupled-maps'
const environmentVersion = environmentById(world).version
const trainedVersion = (await modelById('lstm')).version
const localVersion = (await modelById('s2gru-local')).version
const extrapolationVersion = (await modelById('linear-extrapolation')).version

/** A ring of eight sites, five seen, with a shift and other numbers of views. */
const tiny: CellSpec = {
  environment: world,
  environmentVersion,
  parameters: worldParameters(world),
  size: 8,
  schedule: { tile: 1, views: 5, queries: 4, context: 4, blind: 1, scrambled: false },
  episodes: { train: 12, evaluation: 5 },
  evaluation: { split: 'test', shifts: ['milder-chaos'], views: [2, 8] },
  model: 'lstm',
  modelVersion: trainedVersion,
  options: { embedding: 16, decoder: 16 },
  seed: 3,
  budget: { kind: 'steps', parameters: 8000, steps: 6, batch: 4, learningRate: 1e-3 },
  engine: 'onnx',
}
const reference = async (model: string, changes: Partial<CellSpec> = {}): Promise<CellSpec> => ({
  ...tiny,
  model,
  modelVersion: (await modelById(model)).version,
  options: {},
  budget: null,
  ...changes,
})

/** Everything that must not change from run to run. */
const lasting = ({ timings: _timings, ...record }: CellRecord) => record
const errorsOf = (record: CellRecord, condition: string, horizon = 1) =>
  record.episodes.filter(e => e.condition === condition && e.horizon === horizon).map(({ error }) => error)

describe('a tiny cell', () => {
  it('fills its record: identity, figures of every circumstance, what was trained and on what', async () => {
    expect(cellSchema.parse(tiny)).toEqual(tiny)
    const progress: Progress[] = []
    let trained: string[] = []
    const record = await runCell(tiny, {
      onProgress: report => progress.push(report),
      onTrained: async parameters => {
        trained = Object.keys(parameters)
      },
    })
    expect(record).toMatchObject({
      cell: cellId(tiny),
      spec: tiny,
      status: 'ok',
      error: '',
      family: 'global',
      steps: 6,
    })
    expect(Math.abs(record.trainedParameters - 8000)).toBeLessThanOrEqual(240)
    expect(record.flopsPerStep).toBeGreaterThan(0)
    expect(record.versions.node).toBe(process.version)
    expect(record.versions.engine).toMatch(/^onnx .*\d+\.\d+\.\d+, 1 thread$/)
    expect(record.initialStatesHash).toMatch(/^[0-9a-f]{64}$/)
    expect(trained).toContain('decode2.weight')
    expect(progress.filter(({ phase }) => phase === 'train').map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6])

    const prefixes = ['', 'milder-chaos/', 'views-2/', 'views-8/']
    const conditions = prefixes.flatMap(prefix => [`${prefix}filter`, `${prefix}blind`])
    expect([...new Set(record.figures.map(({ condition }) => condition))]).toEqual(conditions)
    // Five episodes, each once in `filter` and once in each of two blind horizons.
    expect(record.episodes).toHaveLength(4 * 5 * 3)
    expect(record.figures.every(({ value }) => Number.isFinite(value))).toBe(true)
    for (const { condition, horizon, value } of record.figures.filter(f => f.metric === 'mean_squared_error')) {
      const own = errorsOf(record, condition, horizon!)
      expect(value).toBeCloseTo(own.reduce((sum, error) => sum + error, 0) / 5, 6)
    }
    const { machine, ...times } = record.timings
    expect(machine).not.toBe('')
    for (const time of Object.values(times)) expect(time).toBeGreaterThan(0)
  })

  it.each(['lstm', 'conv-gru'])('run twice gives the same record, timings apart: %s', async model => {
    const budget = { ...tiny.budget!, parameters: 20_000 }
    const spec = { ...tiny, model, modelVersion: (await modelById(model)).version, options: {}, budget }
    expect(lasting(await runCell(spec))).toEqual(lasting(await runCell(spec)))
  })

  it('proves by a hash of all first frames that training and evaluation are apart, alike for all models', async () => {
    const { initialStatesHash } = await runCell(await reference('climatology'))
    const task = createTask(tiny)
    const parameters = worldParameters(world, { a: 1.85 }) // milder-chaos
    const sets = [
      generateEpisodes(task, 'train', 12),
      generateEpisodes(task, 'test', 5),
      generateEpisodes({ ...task, parameters }, 'test', 5),
    ]
    expect(initialStatesHash).toBe(hashJson(sets.map(({ initialStates }) => initialStates)))
    expect((await runCell(tiny)).initialStatesHash).toBe(initialStatesHash)
    expect((await runCell(await reference('climatology', { seed: 9 }))).initialStatesHash).toBe(initialStatesHash)
  })

  it('whose episodes begin like those of the training is refused', async () => {
    const parameters = worldParameters('life', { pattern: 'bo$2bo$3o!' }) // a glider begins the same way every time
    const version = environmentById('life').version
    const spec = await reference('climatology', {
      environment: 'life',
      environmentVersion: version,
      parameters,
      evaluation: { split: 'test', shifts: [], views: [] },
    })
    await expect(runCell(spec)).rejects.toThrow(/begins like a training episode/)
  })

  it('that diverges is a record with its step, not a crash, and has no figures', async () => {
    const record = await runCell({
      ...tiny,
      budget: { kind: 'steps', parameters: 8000, steps: 30, batch: 4, learningRate: 1e30 },
    })
    expect(record).toMatchObject({ status: 'diverged', figures: [], episodes: [] })
    expect(record.error).toBe(`the loss was NaN at step ${record.steps + 1}`)
    expect(record.steps).toBeLessThan(30)
  })
})

describe('references as cells', () => {
  it('climatology errs by the distance from the mean in units of the training split, in a shift too', async () => {
    const spec = await reference('climatology', { episodes: { train: 200, evaluation: 100 } })
    const record = await runCell(spec)
    expect(record).toMatchObject({ status: 'ok', family: 'reference', trainedParameters: 0, steps: 0, flopsPerStep: 0 })
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length
    const task = createTask(spec)
    const { mean: means, deviation } = fitScale(task, generateEpisodes(task, 'train', 200))
    const milder = { ...task, parameters: worldParameters(world, { a: 1.85 }) }
    for (const [prefix, asked] of [
      ['', task],
      ['milder-chaos/', milder],
    ] as const) {
      const { values, frames } = generateEpisodes(asked, 'test', 100)
      const last = values.filter((_, i) => Math.floor(i / 8) % frames === frames - 1)
      const expected = mean(last.map(x => ((x - means[0]) / deviation[0]) ** 2))
      // The climate is shrunk towards the mean of all places, not quite onto it.
      expect(Math.abs(mean(errorsOf(record, `${prefix}blind`, 2)) / expected - 1)).toBeLessThan(0.02)
    }
  })

  it('persistence sees what the models see: more views, smaller errors; none of it depends on the seed alone', async () => {
    const episodes = { train: 200, evaluation: 100 }
    const [one, other] = [
      await runCell(await reference('persistence', { episodes })),
      await runCell(await reference('persistence', { episodes, seed: 4 })),
    ]
    const filter = (record: CellRecord, prefix = '') =>
      errorsOf(record, `${prefix}filter`).reduce((sum, error) => sum + error, 0) / 100
    expect(filter(one, 'views-2/')).toBeGreaterThan(filter(one))
    expect(filter(one)).toBeGreaterThan(filter(one, 'views-8/'))
    // Another seed shows other views of the same episodes; where everything is seen there is nothing to vary.
    expect(errorsOf(other, 'filter')).not.toEqual(errorsOf(one, 'filter'))
    expect(errorsOf(other, 'views-8/filter')).toEqual(errorsOf(one, 'views-8/filter'))
  })

  it('are the same in a scrambled world where everything is seen', async () => {
    const schedule = { ...tiny.schedule, views: 'all' as const }
    for (const model of ['persistence', 'climatology']) {
      const plain = await runCell(await reference(model, { schedule }))
      const scrambled = await runCell(await reference(model, { schedule: { ...schedule, scrambled: true } }))
      const errors = errorsOf(plain, 'blind', 2)
      errorsOf(scrambled, 'blind', 2).forEach((error, episode) => {
        expect(error).toBeCloseTo(errors[episode], 5)
      })
    }
  })
})

describe('a cell that cannot be run is refused in one line', () => {
  const bad: [string, Partial<CellSpec>, RegExp][] = [
    ['an unknown world', { environment: 'couple-maps' }, /^unknown environment 'couple-maps'; known: coupled-maps/],
    ['an unknown model', { model: 'lstn' }, /^unknown model 'lstn'; known: lstm/],
    [
      'another version of the world',
      { environmentVersion: 99 },
      /^coupled-maps is at version \d+ here, .* version 99$/,
    ],
    ['another version of the model', { modelVersion: 99 }, /^lstm is at version \d+ here, .* version 99$/],
    [
      'an unknown shift',
      { evaluation: { ...tiny.evaluation, shifts: ['milder-chaso'] } },
      /^unknown shift of coupled-maps 'milder-chaso'; known: milder-chaos/,
    ],
    [
      'the name of what every object has as a shift',
      { evaluation: { ...tiny.evaluation, shifts: ['constructor'] } },
      /^unknown shift of coupled-maps 'constructor'; known/,
    ],
    [
      'more views than there are tiles',
      { evaluation: { ...tiny.evaluation, views: [9] } },
      /^size 8 has 8 tiles: an evaluation takes 8 views at most, not 9$/,
    ],
    ['a trained model without a budget', { budget: null }, /^lstm is trained: its cell needs a budget$/],
    ['an option that the model has not', { options: { widht: 8 } }, /^lstm .*'widht'/],
    [
      'modules that do not divide the lattice',
      { model: 's2gru-local', modelVersion: localVersion, options: { block: 3 } },
      /^modules of 3 tiles a side do not divide the lattice of 1 × 8 tiles$/,
    ],
    [
      'a model that is made for worlds of the other kind',
      {
        environment: 'life',
        environmentVersion: environmentById('life').version,
        parameters: worldParameters('life'),
        evaluation: { split: 'test', shifts: [], views: [] },
        model: 'linear-extrapolation',
        modelVersion: extrapolationVersion,
        options: {},
        budget: null,
      },
      /^linear-extrapolation is made for gaussian worlds, and life is a bernoulli one$/,
    ],
    ['an option out of range', { options: { embedding: 0 } }, /^lstm: option 'embedding': /],
  ]
  it.each(bad)('%s', async (_, changes, line) => {
    const failed = runCell({ ...tiny, ...changes })
    await expect(failed).rejects.toThrow(line)
    await expect(failed).rejects.toBeInstanceOf(UserError)
  })
})
