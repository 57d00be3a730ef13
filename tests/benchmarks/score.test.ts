import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CellSpec, cellId } from '../../benchmarks/cell.ts'
import { evaluate } from '../../benchmarks/evaluation/evaluation.ts'
import { runCell } from '../../benchmarks/run-cell.ts'
import { predictionsPath, writeCell } from '../../benchmarks/running/ledger.ts'
import { exportTask } from '../../benchmarks/score/export-task.ts'
import { readPredictions } from '../../benchmarks/score/predictions.ts'
import { externalCell } from '../../benchmarks/score/score-cell.ts'
import { type Shown, shownFrames, shownIndices, shownTo } from '../../benchmarks/score/shown.ts'
import { measuresOf, onBoard, submit, submittedCells } from '../../benchmarks/score/submissions.ts'
import { cellsOfTask } from '../../benchmarks/score/task-of.ts'
import { quick } from '../../benchmarks/suites/quick.ts'
import { rawData, standardisedData } from '../../benchmarks/task/cell-data.ts'
import { noPool } from '../../benchmarks/task/episode-pool.ts'
import { generateEpisodes } from '../../benchmarks/task/episodes.ts'
import { createTask, type Task } from '../../benchmarks/task/task.ts'
import { learn } from '../../benchmarks/training/learn.ts'
import { environmentById } from '../../envs/registry.ts'
import { encodeNpz, type NamedArray, openNpz } from '../../lib/npz.ts'
import { modelById } from '../../models/registry.ts'
import { numberedTask, originOf, worldParameters } from './small.ts'

const folder = mkdtempSync(join(tmpdir(), 'score-'))
afterAll(() => rmSync(folder, { recursive: true }))

const { version: persistenceVersion } = await modelById('persistence')

/** Persistence on a small task, partly seen, with a shift and another number of views. */
function cell(environment: string, size: number, shift: string, change: Partial<CellSpec['schedule']> = {}): CellSpec {
  return {
    environment,
    environmentVersion: environmentById(environment).version,
    parameters: worldParameters(environment),
    size,
    schedule: { tile: 4, views: 3, queries: 3, context: 4, blind: 2, scrambled: false, ...change },
    episodes: { train: 6, evaluation: 18 },
    evaluation: { split: 'test', shifts: [shift], views: [2] },
    model: 'persistence',
    modelVersion: persistenceVersion,
    options: {},
    seed: 1,
    budget: null,
    engine: 'onnx',
  }
}

const framesOf = (task: Task, episodes: number) => {
  const { context, blind } = task.schedule
  return [episodes, context + blind, task.field.height, task.field.width, task.field.channels.length]
}
const product = (sides: readonly number[]) => sides.reduce((n, side) => n * side, 1)

/** What a model of ours predicts for a task, as somebody elsewhere would write it down. */
async function writtenDown(spec: CellSpec): Promise<Record<string, NamedArray>> {
  const task = createTask(spec)
  const { training, circumstances, scale } = await standardisedData(spec, task, noPool)
  const { predictor } = await learn(spec, task, await modelById(spec.model), training, task.tiles, {})
  const places = shownIndices(task)
  const raw = await rawData(spec, task, noPool)
  const arrays: Record<string, NamedArray> = {}
  for (const [i, circumstance] of circumstances.entries()) {
    const shape = framesOf(task, spec.episodes.evaluation)
    const values = new Float32Array(product(shape))
    const scribe: typeof predictor = {
      ...predictor,
      predict: async (data, chosen, plan) => {
        const predicted = await predictor.predict(data, chosen, plan)
        for (const [b, episode] of chosen.entries()) {
          if (chosen.indexOf(episode) < b) continue
          for (let step = 0; step < shape[1]; step++)
            for (let at = 0; at < places.length; at++) {
              const channel = at % scale.mean.length
              values[(episode * shape[1] + step) * places.length + at] =
                predicted[(step * chosen.length + b) * places.length + places[at]] * scale.deviation[channel] +
                scale.mean[channel]
            }
        }
        return predicted
      },
    }
    await evaluate(task, scribe, circumstance, spec.seed)
    const { prefix, episodes } = await shownTo(task, raw.circumstances[i], spec.seed)
    arrays[`${prefix}predictions`] = { shape, values }
    arrays[`${prefix}episodes`] = { shape: [episodes.length], values: episodes }
  }
  return arrays
}

describe('predictions that were made elsewhere', () => {
  it.each([
    ['bouncing-balls', 24, 'faster', {}],
    ['bouncing-balls', 24, 'faster', { scrambled: true }],
    ['fluid', 16, 'faster', { views: 'all' }],
    ['coupled-maps', 16, 'milder-chaos', { tile: 2, scrambled: true }],
  ] as const)(
    'are worth what the model itself is: persistence on %s %i, %s, %j',
    async (world, size, shift, change) => {
      const spec = cell(world, size, shift, change)
      const bytes = encodeNpz(await writtenDown(spec))
      const path = join(folder, 'predictions.npz')
      writeFileSync(path, bytes)
      const scored = await runCell(externalCell(spec, 'copy', bytes), { predictions: path })
      const own = await runCell(spec)
      expect(scored).toMatchObject({ status: 'ok', family: 'external', initialStatesHash: own.initialStatesHash })
      expect(scored.episodes).toHaveLength(own.episodes.length)
      for (const [i, { error, ...place }] of own.episodes.entries()) {
        expect(scored.episodes[i]).toMatchObject(place)
        expect(Math.abs(scored.episodes[i].error - error)).toBeLessThan(1e-5 * Math.max(1, error))
      }
    },
  )

  it('are scored for the circumstances that they are about', async () => {
    const spec = cell('coupled-maps', 16, 'milder-chaos', { tile: 2 })
    const { predictions, episodes } = await writtenDown(spec)
    const path = join(folder, 'plain.npz')
    const bytes = encodeNpz({ predictions, episodes })
    writeFileSync(path, bytes)
    const record = await runCell(externalCell(spec, 'plain', bytes), { predictions: path })
    expect(new Set(record.episodes.map(({ condition }) => condition))).toEqual(new Set(['filter', 'blind']))
  })

  it('that changed since are not scored under the name of the others', async () => {
    const spec = cell('coupled-maps', 16, 'milder-chaos', { tile: 2 })
    const path = join(folder, 'other.npz')
    writeFileSync(path, 'anything')
    const external = externalCell(spec, 'other', new Uint8Array(3))
    await expect(runCell(external, { predictions: path })).rejects.toThrow(
      /does not hold the predictions that its cell na/,
    )
    await expect(runCell(external)).rejects.toThrow(/it was made elsewhere/)
  })
})

describe('what is shown', () => {
  it('is the world where it was seen and nothing elsewhere, as many tiles a frame as the schedule says', async () => {
    const task = numberedTask({ height: 6, width: 8, channels: 2 }, { tile: 2, views: 5, context: 3, scrambled: true })
    const data = generateEpisodes(task, 'test', 3)
    const { context, seen } = await shownTo(task, { prefix: '', data, views: 5 }, 0)
    expect(context).toHaveLength(3 * 3 * 6 * 8 * 2)
    const whole = shownFrames(task, data.values)
    for (let at = 0; at < context.length; at++) {
      const [episode, frame] = [Math.floor(at / (3 * 96)), Math.floor(at / 96) % 3]
      const number = whole[(episode * data.frames + frame) * 96 + (at % 96)]
      expect(originOf(number)).toMatchObject({ episode, frame })
      expect(context[at]).toBe(seen[Math.floor(at / 2)] === 1 ? number : 0)
    }
    for (let frame = 0; frame < 9; frame++) {
      const own = seen.subarray(frame * 48, (frame + 1) * 48)
      expect(own.reduce((sum, x) => sum + x, 0)).toBe(5 * 4)
      // Whole tiles of 2 × 2.
      for (let row = 0; row < 6; row++)
        for (let column = 0; column < 8; column++)
          expect(own[row * 8 + column]).toBe(own[(row - (row % 2)) * 8 + column - (column % 2)])
    }
  })

  it('moves scrambled tiles to where they are shown, and nothing within them', () => {
    const plain = numberedTask({ height: 2, width: 4 }, { tile: 2 })
    const scrambled = numberedTask({ height: 2, width: 4 }, { tile: 2, scrambled: true })
    const frame = (task: Task) => [...shownFrames(task, generateEpisodes(task, 'train', 1).values)].slice(0, 8)
    const cells = frame(plain).map(value => originOf(value).index)
    expect(cells).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(frame(scrambled).map(value => originOf(value).index)).toEqual([2, 3, 0, 1, 6, 7, 4, 5])
  })

  it('is other for every seed where not everything is seen, and the same where it is', async () => {
    for (const [views, same] of [
      [3, false],
      ['all', true],
    ] as const) {
      const task = numberedTask({ height: 4, width: 8 }, { tile: 2, views })
      const data = generateEpisodes(task, 'test', 2)
      const ids = async (seed: number) =>
        (await shownTo(task, { prefix: '', data, views: views === 'all' ? 8 : views }, seed)).episodes
      expect((await ids(0)).join() === (await ids(1)).join()).toBe(same)
    }
  })

  it('is written with the episodes to learn from, and a word on what is asked for', async () => {
    const spec = cell('bouncing-balls', 16, 'faster')
    const files = await exportTask(spec, join(folder, 'task'))
    const shapes = Object.assign({}, ...files.map(({ arrays }) => arrays))
    expect(files.map(({ path }) => path.split('/').at(-1))).toEqual(['train.npz', 'test.npz', 'validation.npz'])
    expect(shapes['faster/context']).toEqual([18, 4, 16, 16, 1])
    expect(shapes['views-2/seen']).toEqual([18, 4, 16, 16])
    const { values } = openNpz(readFileSync(files[0].path)).numbers('values')
    const task = createTask(spec)
    expect(values).toEqual(shownFrames(task, generateEpisodes(task, 'train', 6).values))
    const told = JSON.parse(readFileSync(join(folder, 'task', 'task.json'), 'utf8'))
    expect(told).toMatchObject({
      circumstances: ['', 'faster/', 'views-2/'],
      predictions: { shape: [18, 6, 16, 16, 1], scored: 'steps 1 to 5' },
    })
  })
})

describe('a file of predictions', () => {
  const task = createTask(cell('bouncing-balls', 16, 'faster'))
  const gaussian = createTask(cell('coupled-maps', 16, 'milder-chaos'))
  const shape = framesOf(task, 2)
  let shown: Shown
  beforeAll(async () => {
    shown = await shownTo(task, { prefix: '', data: generateEpisodes(task, 'test', 2), views: 3 }, 0)
  })
  const good = (): Record<string, NamedArray> => ({
    predictions: { shape, values: new Float32Array(product(shape)).fill(0.5) },
    episodes: { shape: [2], values: shown.episodes },
  })
  const read = (arrays: Record<string, NamedArray>) => readPredictions(encodeNpz(arrays), task, [shown])
  const withValue = (value: number): Record<string, NamedArray> => {
    const { predictions, episodes } = good()
    const values = (predictions.values as Float32Array).slice()
    values[product(shape.slice(1)) + 3 * 256 + 7] = value
    return { predictions: { shape, values }, episodes }
  }

  it('that is right is read', () => {
    expect([...read(good()).keys()]).toEqual([''])
  })

  it.each<[string, () => Record<string, NamedArray>, RegExp]>([
    ['without predictions', () => ({ episodes: good().episodes }), /^it has no array 'predictions'; it has: episodes$/],
    ['without episodes', () => ({ predictions: good().predictions }), /^it has no array 'episodes'/],
    [
      'of another shape',
      () => ({ ...good(), predictions: { shape: [2, 6, 16, 16], values: new Float32Array(2 * 6 * 256) } }),
      /^'predictions' has the shape \(2, 6, 16, 16\); right would be \(2, 6, 16, 16, 1\): episodes, steps, rows, col/,
    ],
    [
      'with NaN',
      () => withValue(Number.NaN),
      /^'predictions' holds NaN in episode 1, step 3: this world asks for prob/,
    ],
    ['with logits', () => withValue(2.5), /^'predictions' holds 2\.5 in episode 1, step 3: .* probabilities$/],
    [
      'in another order',
      () => ({ ...good(), episodes: { shape: [2], values: [...shown.episodes].reverse() } }),
      /^'episodes': its episodes are in another order: number 0 is number 1 of the task's$/,
    ],
    [
      'of another task',
      () => ({ ...good(), episodes: { shape: [2], values: ['0123456789abcdef', shown.episodes[1]] } }),
      /^'episodes' are not the episodes of this task: 1 of its 2 are among the 2; was it exported for another world/,
    ],
    [
      'of too many episodes',
      () => ({ ...good(), episodes: { shape: [3], values: [...shown.episodes, shown.episodes[0]] } }),
      /^'episodes' are not the episodes of this task/,
    ],
    [
      'with an array too many',
      () => ({ ...good(), prediction: good().predictions }),
      /^it has an array 'prediction', wh/,
    ],
  ])('%s is refused in one line', (_name, arrays, message) => {
    expect(() => read(arrays())).toThrow(message)
    expect(() => read(arrays())).not.toThrow(/\n/)
  })

  it('of a gaussian world may hold any finite number, and no other', async () => {
    const data = generateEpisodes(gaussian, 'test', 1)
    const own = await shownTo(gaussian, { prefix: '', data, views: 3 }, 0)
    const sides = framesOf(gaussian, 1)
    const readWith = (value: number) =>
      readPredictions(
        encodeNpz({
          predictions: { shape: sides, values: new Float32Array(product(sides)).fill(value) },
          episodes: { shape: [1], values: own.episodes },
        }),
        gaussian,
        [own],
      )
    expect(readWith(-7).size).toBe(1)
    for (const value of [Number.NaN, Infinity]) expect(() => readWith(value)).toThrow(/every number must be finite$/)
  })

  it('that is no NPZ is refused', () => {
    expect(() => readPredictions(new TextEncoder().encode('no'), task, [shown])).toThrow(/^it is not an NPZ file/)
  })
})

describe('predictions in a results folder', () => {
  const task = cell('coupled-maps', 16, 'milder-chaos')

  it('are a cell of it, and replace earlier ones of the same name, task and seed alone', () => {
    const results = join(folder, 'results')
    const spec = (name: string, content: number, change: Partial<CellSpec> = {}) => {
      const bytes = Uint8Array.of(content)
      const own = externalCell({ ...task, ...change }, name, bytes)
      submit(results, own, bytes)
      return own
    }
    const first = spec('ridge', 1)
    const others = [spec('net', 1), spec('ridge', 1, { seed: 2 }), spec('ridge', 1, { size: 24 })]
    writeCell(results, {
      ...{ cell: cellId(first), spec: first, sources: '', status: 'ok', error: '', figures: [], episodes: [] },
      ...{ family: 'external', trainedParameters: 0, flopsPerStep: 0, steps: 0, versions: {}, initialStatesHash: '' },
      timings: { compileMs: 0, trainMs: 0, evaluateMs: 0, dataMs: 0, peakRssMb: 0, machine: '' },
    })
    const second = spec('ridge', 2)
    const ids = [...others, second].map(cellId).sort()
    expect(submittedCells(results).map(cellId)).toEqual(ids)
    expect(existsSync(predictionsPath(results, cellId(first)))).toBe(false)
    expect(readdirSync(join(results, 'cells'))).toEqual([])
    for (const id of ids) expect(existsSync(predictionsPath(results, id))).toBe(true)

    const path = join(results, 'external', `${ids[0]}.json`)
    writeFileSync(path, '{"environment"')
    expect(() => submittedCells(results)).toThrow(`${path} is damaged: remove it, and score its predictions again`)
  })

  it('stand on a board beside their own task alone, and bring what their scores are shares of', async () => {
    const cells = await cellsOfTask(quick, { environment: 'life' })
    const [mine] = cells.map(cell => externalCell({ ...cell, seed: 2 }, 'mine', new Uint8Array([1])))
    const otherTask = { ...mine, schedule: { ...mine.schedule, blind: 1 } }
    const otherWorld = { ...mine, environment: 'waves', parameters: {} }
    expect(onBoard(cells, [mine, otherTask, otherWorld])).toEqual({ placed: [mine, otherWorld], left: [otherTask] })
    // Of a world that the suite has not, the first task is kept.
    const later = { ...otherTask, environment: 'waves', parameters: {} }
    expect(onBoard(cells, [otherWorld, later]).left).toEqual([later])

    const ofSuite = cells.filter(({ model }) => model === 'persistence' || model === 'climatology')
    expect(await measuresOf(mine)).toEqual(ofSuite.map(cell => ({ ...cell, seed: 2 })))
  })

  it('belong to one task of a suite, the plain one where nothing is said', async () => {
    const balls = await cellsOfTask(quick, { environment: 'bouncing-balls' })
    expect(balls.every(({ schedule }) => !schedule.scrambled)).toBe(true)
    const scrambled = await cellsOfTask(quick, { environment: 'bouncing-balls', scrambled: true })
    expect(scrambled.every(({ schedule }) => schedule.scrambled)).toBe(true)
    await expect(cellsOfTask(quick, { environment: 'coupled-maps' })).rejects.toThrow(
      /^suite quick has several such tasks: coupled-maps, size 16; coupled-maps\(range=3\), size 16; say which, with --set or --size$/,
    )
    const ring = await cellsOfTask(quick, { environment: 'coupled-maps', parameters: { range: 3 } })
    expect(new Set(ring.map(({ parameters }) => parameters.range))).toEqual(new Set([3]))
  })
})
