import { describe, expect, it } from 'vitest'
import { leaderboard } from '../../benchmarks/board/leaderboard.ts'
import { leaderboardTable } from '../../benchmarks/board/leaderboard-table.ts'
import { resultTables } from '../../benchmarks/board/tables.ts'
import { type CellRecord, type CellSpec, cellId, cellSchema } from '../../benchmarks/cell.ts'
import { evaluate } from '../../benchmarks/evaluation/evaluation.ts'
import { runCell } from '../../benchmarks/run-cell.ts'
import { suiteById } from '../../benchmarks/suites/index.ts'
import { selectCells } from '../../benchmarks/suites/suite.ts'
import { fitScale, generateEpisodes, standardise } from '../../benchmarks/task/episodes.ts'
import { createTask, taskOfSize } from '../../benchmarks/task/task.ts'
import { restore } from '../../benchmarks/training/learn.ts'
import { environmentById } from '../../envs/registry.ts'
import type { NamedArrays } from '../../lib/safetensors.ts'
import { modelById } from '../../models/registry.ts'
import { worldParameters } from './small.ts'

const world = 'waves'

/** Waves on 16 × 16 cells, 6 of 16 tiles seen, tested on 32 × 32, where 24 of 64 are. */
async function cell(model: string, options: CellSpec['options'] = {}): Promise<CellSpec> {
  const { version, ...made } = await modelById(model)
  return {
    environment: world,
    environmentVersion: environmentById(world).version,
    parameters: worldParameters(world),
    size: 16,
    schedule: { tile: 4, views: 6, queries: 6, context: 3, blind: 1, scrambled: false },
    episodes: { train: 80, evaluation: 20 },
    evaluation: { split: 'test', shifts: [], views: [], sizes: [32] },
    model,
    modelVersion: version,
    options,
    seed: 1,
    budget: 'fit' in made ? null : { kind: 'steps', parameters: 60_000, steps: 5, batch: 4, learningRate: 1e-3 },
    engine: 'onnx',
  }
}

const elsewhere = ({ figures }: CellRecord) => figures.filter(({ condition }) => condition.startsWith('size-32/'))
const large = (spec: CellSpec) => taskOfSize(spec, createTask(spec), 32)
/** Sixteen test episodes of the large world, in units of the small one's training split. */
function testEpisodes(spec: CellSpec) {
  const scale = fitScale(createTask(spec), generateEpisodes(createTask(spec), 'train', 80))
  const data = generateEpisodes(large(spec), 'test', 16)
  standardise(scale, data.values)
  return { scale, data }
}

it('a cell that says nothing of other sizes keeps the id that it had before there were any', async () => {
  const spec = await cell('persistence')
  const { sizes: _sizes, ...evaluation } = spec.evaluation
  const plain = cellSchema.parse({ ...spec, environmentVersion: 1, modelVersion: 1, evaluation, parameters: {} })
  expect(cellId(plain)).toBe('5a67d024acf2df28fc9fa8220ab79892d3a41c7d4e0940d8668aced5a500cc4f')
  expect(cellId({ ...plain, evaluation: spec.evaluation })).not.toBe(cellId(plain))
})

describe('the task at another size', () => {
  it.each([
    ['waves', 16, { tile: 4, views: 6, queries: 3 }, 32, 24, 12],
    ['waves', 32, { tile: 4, views: 6, queries: 64 }, 16, 2, 16],
    ['coupled-maps', 8, { tile: 1, views: 5, queries: 4 }, 16, 10, 8],
  ] as const)('%s on %i cells: the same part is seen and asked for', async (id, size, part, other, views, queries) => {
    const plain = await cell('persistence')
    const spec = { ...plain, environment: id, parameters: worldParameters(id), size }
    const changed = { ...spec, schedule: { ...spec.schedule, ...part } }
    const task = taskOfSize(changed, createTask(changed), other)
    expect(task.schedule).toEqual({ ...changed.schedule, views, queries })
    expect(task.size).toBe(other)
  })

  it('is refused before anything is made where its tiles do not fit', async () => {
    const spec = await cell('persistence')
    const run = runCell({ ...spec, evaluation: { ...spec.evaluation, sizes: [30] } })
    await expect(run).rejects.toThrow(/^size 30 is not a multiple of the tile's side 4/)
  })
})

describe.each(['conv-gru', 'nca'])('%s, trained at 16 and tested at 32', id => {
  it('is the network that is built at 32, with the same parameters', async () => {
    const spec = await cell(id)
    let parameters: NamedArrays = {}
    const record = await runCell(spec, {
      onTrained: async values => {
        const arrays = Object.entries(values).map(([name, value]) => {
          return [name, { shape: value.shape, values: Float32Array.from(value.read() as Float32Array) }]
        })
        parameters = Object.fromEntries(arrays)
      },
    })
    const task = large(spec)
    const native = { ...spec, size: 32, schedule: task.schedule }
    const { data } = testEpisodes(spec)
    const predictor = await restore(native, createTask(native), await modelById(id), data, parameters, 24)
    const expected = await evaluate(task, predictor, { prefix: 'size-32/', data, views: 24 }, spec.seed)
    predictor.dispose()
    expect(elsewhere(record)).toEqual(expected.figures)
    expect(record.episodes.filter(({ condition }) => condition.startsWith('size-32/'))).toEqual(expected.episodes)
    expect(expected.figures.every(({ value }) => Number.isFinite(value))).toBe(true)
  })
})

describe('what is bound to its size', () => {
  it.each([
    ['s2gru', { headSize: 4 }],
    ['lstm', {}],
  ])('has no rows elsewhere, and a finished cell: %s', async (id, options) => {
    const record = await runCell(await cell(id, options))
    expect(record.status).toBe('ok')
    expect(new Set(record.figures.map(({ condition }) => condition))).toEqual(new Set(['filter', 'blind']))
    const { initialStatesHash } = await runCell(await cell('climatology'))
    expect(record.initialStatesHash).toBe(initialStatesHash)
  })
})

describe('references at another size', () => {
  it('climatology is the mean of training episodes of that size, in units of the trained one', async () => {
    const spec = await cell('climatology')
    const record = await runCell(spec)
    const { scale, data } = testEpisodes(spec)
    // As many as hold the cells of 80 episodes of a quarter of the area.
    const training = generateEpisodes(large(spec), 'train', 20)
    standardise(scale, training.values)
    const channels = scale.mean.length
    const means = new Float64Array(channels)
    for (let i = 0; i < training.values.length; i++)
      means[i % channels] += (training.values[i] * channels) / training.values.length
    const frame = data.tiles * data.viewSize
    let sum = 0
    // Blind 1 of a context of three is frame 3.
    for (let episode = 0; episode < data.episodes; episode++)
      for (let i = 0; i < frame; i++)
        sum += (data.values[(episode * data.frames + 3) * frame + i] - means[i % channels]) ** 2
    const blind = elsewhere(record).find(figure => {
      return figure.condition === 'size-32/blind' && figure.horizon === 1 && figure.metric === 'mean_squared_error'
    })
    expect(blind!.value).toBeCloseTo(sum / (frame * data.episodes), 5)
  })

  it('the board compares there with persistence at that size, and leaves out what was not there', async () => {
    const records: CellRecord[] = []
    for (const id of ['persistence', 'climatology', 'conv-gru', 'lstm']) records.push(await runCell(await cell(id)))
    const tables = resultTables('mine', records)
    const rows = leaderboard(tables)
    const there = rows.filter(({ condition }) => condition === 'size-32/filter')
    expect(new Set(there.map(({ model }) => model))).toEqual(new Set(['persistence', 'climatology', 'conv-gru']))
    const error = (model: string) => {
      const record = records.find(({ spec }) => spec.model === model)!
      const own = record.figures.filter(({ condition }) => condition === 'size-32/filter')
      return own.find(({ metric }) => metric === 'mean_squared_error')!.value
    }
    const score = (model: string) => there.find(row => row.model === model)!.score!
    expect(score('persistence')).toBe(0)
    expect(score('conv-gru')).toBeCloseTo(Math.max(-1, 1 - error('conv-gru') / error('persistence')), 10)
    expect(there.find(({ model }) => model === 'conv-gru')!.size).toBe(16)
    expect(leaderboardTable(rows, tables.runs, { color: false })).toMatch(/size-32/)
  })
})

describe('the suite scale', () => {
  it('poses every world at every size with the same physics and the same part seen', async () => {
    const cells = await suiteById('scale-standard').cells()
    const tilesOf = ({ size, schedule }: CellSpec) => (size / schedule.tile) ** 2
    for (const environment of new Set(cells.map(spec => spec.environment))) {
      const own = cells.filter(spec => spec.environment === environment)
      expect(new Set(own.map(({ size }) => size))).toEqual(new Set([24, 48, 96]))
      expect(new Set(own.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(1)
      const { views } = own[0].schedule
      for (const { schedule, ...spec } of own) {
        const part = (count: number | 'all') => count !== 'all' && count / tilesOf({ ...spec, schedule })
        expect(part(schedule.views)).toBe(views !== 'all' && views / 36)
      }
    }
    const tested = (size: number) => cells.find(spec => spec.size === size)!.evaluation.sizes
    expect([24, 48, 96].map(tested)).toEqual([[48, 96], [96], undefined])
  })

  it('keeps the cells of a size that is asked for, and has no others', async () => {
    const scale = suiteById('scale')
    const own = (await scale.cells()).filter(({ size }) => size === 48)
    expect(await selectCells(scale, { sizes: [48] })).toEqual(own)
    await expect(selectCells(scale, { sizes: [32] })).rejects.toThrow("suite scale has no size '32'; it has: 24, 48")
  })
})
