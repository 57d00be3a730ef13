import { describe, expect, it, test } from 'vitest'
import type { CellRecord, CellSpec } from '../../benchmarks/cell.ts'
import { excessCrossEntropy } from '../../benchmarks/evaluation/metrics.ts'
import { diverging, errorColour, grey, HIDDEN } from '../../benchmarks/pictures/palette.ts'
import { type ScoredEpisode, scoredEpisode } from '../../benchmarks/pictures/scored-episode.ts'
import { drawStep, legendOf } from '../../benchmarks/pictures/watch.ts'
import { runCell } from '../../benchmarks/run-cell.ts'
import { shownIndices, shownTo } from '../../benchmarks/score/shown.ts'
import { rawData } from '../../benchmarks/task/cell-data.ts'
import { noPool } from '../../benchmarks/task/episode-pool.ts'
import { environmentById } from '../../envs/registry.ts'
import type { NamedArrays } from '../../lib/safetensors.ts'
import { modelById } from '../../models/registry.ts'
import { numberedTask, smallTask, worldParameters } from './small.ts'

/** Part of the tiles is seen, and the episodes are more than a batch: the second one is not full. */
async function cell(environment: string, model: string, changes: Partial<CellSpec>): Promise<CellSpec> {
  return {
    environment,
    environmentVersion: environmentById(environment).version,
    parameters: worldParameters(environment),
    size: 8,
    schedule: { tile: 1, views: 3, queries: 4, context: 4, blind: 1, scrambled: false },
    episodes: { train: 12, evaluation: 18 },
    evaluation: { split: 'test', shifts: [], views: [6] },
    model,
    modelVersion: (await modelById(model)).version,
    options: {},
    seed: 3,
    budget: null,
    engine: 'onnx',
    ...changes,
  }
}

async function finished(spec: CellSpec): Promise<{ record: CellRecord; parameters: NamedArrays | null }> {
  let parameters: NamedArrays | null = null
  const record = await runCell(spec, {
    onTrained: async values => {
      const named = Object.entries(values).map(([name, value]) => {
        return [name, { shape: value.shape, values: Float32Array.from(value.read()) }]
      })
      parameters = Object.fromEntries(named)
    },
  })
  return { record, parameters }
}

/** The proper score of what was predicted at steps `from` … `to` − 1. */
function errorOf({ task, frames, predictions }: ScoredEpisode, from: number, to: number): number {
  const size = task.tiles * task.viewSize
  const [guess, truth] = [predictions.subarray(from * size, to * size), frames.subarray((from + 1) * size)]
  const score = task.field.likelihood === 'bernoulli' ? excessCrossEntropy : (p: number, y: number) => (p - y) ** 2
  return guess.reduce((sum, p, i) => sum + score(p, truth[i]), 0) / guess.length
}

describe('an episode as it is drawn', () => {
  const trained = { kind: 'steps', parameters: 8000, steps: 6, batch: 4, learningRate: 1e-3 } as const
  const discs: Partial<CellSpec> = {
    size: 12,
    schedule: { tile: 4, views: 3, queries: 4, context: 4, blind: 1, scrambled: true },
    evaluation: { split: 'validation', shifts: [], views: [] },
  }
  it.each([
    ['coupled-maps', 'lstm', { options: { embedding: 16, decoder: 16 }, budget: trained }],
    ['charges', 'persistence', discs],
  ] as const)('has the errors of its cell: %s, %s', async (environment, model, changes) => {
    const spec = await cell(environment, model, changes)
    const { record, parameters } = await finished(spec)
    const drawn = await Promise.all([0, 5, 16, 17].map(episode => scoredEpisode(spec, parameters, episode)))
    for (const [i, episode] of [0, 5, 16, 17].entries()) {
      const own = record.episodes.filter(row => row.episode === episode)
      const scored = (condition: string, horizon: number) =>
        own.find(row => row.condition === condition && row.horizon === horizon)!.error
      expect(errorOf(drawn[i], 1, 3) / scored('filter', 1)).toBeCloseTo(1, 5)
      for (const horizon of [1, 2])
        expect(errorOf(drawn[i], 2 + horizon, 3 + horizon) / scored('blind', horizon)).toBeCloseTo(1, 5)
      expect(drawn[i].seen.map(({ size }) => size)).toEqual([3, 3, 3, 3, 0])
    }
    const views = drawn.map(({ seen }) => JSON.stringify(seen.map(tiles => [...tiles])))
    expect(new Set(views).size).toBe(4)
  })

  it('has the views that a model made elsewhere is shown of it', async () => {
    const spec = await cell('charges', 'persistence', discs)
    const { task, seen } = await scoredEpisode(spec, null, 17)
    const { circumstances } = await rawData(spec, task, noPool)
    const shown = await shownTo(task, circumstances[0], spec.seed)
    const [size, channels] = [12 * 12, task.field.channels.length]
    const places = shownIndices(task)
    for (let step = 0; step < 4; step++) {
      const cells = shown.seen.subarray((17 * 4 + step) * size, (17 * 4 + step + 1) * size)
      const tiles = Array.from(cells, (_, i) => Math.floor(places[i * channels] / task.viewSize))
      expect(new Set(tiles.filter((_, i) => cells[i] === 1))).toEqual(seen[step])
    }
  })
})

test('of several channels the first is drawn, with the error of all: black where it is none', () => {
  const task = numberedTask({ height: 2, width: 1, channels: 2 }, { tile: 1, context: 2, blind: 0 })
  const episode: ScoredEpisode = {
    task,
    frames: Float32Array.of(1, 9, -1, 9, 0, 9, 1, 9, 0, 0, 0, 0),
    predictions: Float32Array.of(0, 7, 1, 9, 0, 0, 0, 0),
    seen: [new Set([1]), new Set()],
  }
  const [low, middle, high] = [-1, 0, 1].map(value => diverging(0.5 + value / 5))
  expect(drawStep(episode, 0).map(panel => [...panel])).toEqual([
    [middle, high],
    [HIDDEN, low],
    [middle, high],
    [errorColour(1, 'gaussian'), grey(0)],
  ])
})

test('the legend names the channel that is drawn, where there are others', () => {
  const lines = legendOf(smallTask('charges', 12).field).split('\n')
  expect(lines).toContain('channel: positive, the first of 2; the error is the mean of all')
  expect(lines).toContain('  error       their distance, black where there is none')
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  const ring = legendOf(smallTask('coupled-maps', 8).field)
  expect(ring).not.toContain('channel')
  expect(ring).toContain('over white (mean)')
  expect(ring).toContain('a row a frame')
})
