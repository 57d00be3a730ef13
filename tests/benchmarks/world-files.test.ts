import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeResults } from '../../benchmarks/board/results.ts'
import { environmentLabel } from '../../benchmarks/board/tables.ts'
import { type CellSpec, cellSchema } from '../../benchmarks/cell.ts'
import { runSuite } from '../../benchmarks/running/run-suite.ts'
import { references } from '../../benchmarks/suites/cells.ts'
import { quick } from '../../benchmarks/suites/quick.ts'
import { smoke } from '../../benchmarks/suites/smoke.ts'
import { expectedTimes, selectCells } from '../../benchmarks/suites/suite.ts'
import { createTask, taskShape } from '../../benchmarks/task/task.ts'
import { encodeNpzRecording } from '../../envs/files/npz.ts'
import { recordEpisodes } from '../../envs/files/record.ts'
import type { Recording } from '../../envs/files/recording.ts'
import { findEnvironment } from '../../envs/find.ts'
import { environmentById } from '../../envs/registry.ts'
import { fitWidth } from '../../models/fit-width.ts'
import { modelById } from '../../models/registry.ts'

// Below the present folder, where paths are relative, as people give them.
let folder: string
beforeAll(() => {
  mkdirSync('results/local', { recursive: true })
  folder = mkdtempSync('results/local/worlds-')
})
afterAll(() => rmSync(folder, { recursive: true }))

function recordingOf(id: string, size: number, episodes: number, frames: number): Recording {
  const environment = environmentById(id)
  const source = { environment, parameters: environment.parameters.parse({}), size }
  return recordEpisodes(source, { split: 'train', first: 0, episodes, frames, most: 1e9 })
}
function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content)
  return `./${folder}/${name}`
}

const moduleText = (comment: string) => `
import { z } from 'zod'
import { defineEnvironment } from '${new URL('../../envs/environment.ts', import.meta.url)}'
// ${comment}
export default defineEnvironment({
  id: 'drift', version: 1, title: 'A row that moves', source: 'this file', range: '1 cell',
  parameters: z.object({ speed: z.int().min(0).max(4).default(1).describe('cells a frame') }),
  field: (_, size) => ({ height: 1, width: size, channels: [{ name: 'on', unit: '1' }], likelihood: 'bernoulli' as const,
    boundary: 'torus' as const, dt: 1, burnIn: 0 }),
  initial: (_, size, random) => ({ cells: Array.from({ length: size }, () => random.integer(2)) }),
  advance: (state, { speed }) => { for (let i = 0; i < speed; i++) state.cells.unshift(state.cells.pop()!) },
  observe: ({ cells }, out) => out.set(cells),
  perturb: () => {},
  shifts: { still: { change: { speed: 0 }, why: 'nothing moves' } },
})
`

describe('a world that a suite does not have', () => {
  it('gets the suite’s general task: tiles that fit, every family, all its shifts', async () => {
    const cells = await selectCells(quick, { environments: ['waves'] })
    expect(cells.map(({ model }) => model)).toEqual([
      ...references.map(({ model }) => model),
      'lstm',
      'conv-gru',
      's2gru',
    ])
    for (const spec of cells) {
      expect(spec).toMatchObject({
        environment: 'waves',
        size: 24,
        schedule: { tile: 4, views: 'all', context: 5, blind: 3 },
      })
      expect(spec.evaluation.shifts).toEqual(Object.keys(environmentById('waves').shifts))
    }
  })

  it('takes what a recording has: its size, its episodes, its tiles', async () => {
    const recorded = write('plane.npz', encodeNpzRecording(recordingOf('bouncing-balls', 30, 20, 9)))
    const [spec] = await selectCells(quick, { environments: [recorded] })
    expect(spec).toMatchObject({ size: 30, schedule: { tile: 5 }, episodes: { train: 16, evaluation: 2 } })
    expect(spec.environment).toBe(`${folder}/plane.npz`)
    const ring = write('ring.npz', encodeNpzRecording(recordingOf('coupled-maps', 16, 20, 9)))
    expect((await selectCells(quick, { environments: [ring] }))[0].schedule.tile).toBe(1)
  })

  it('finds a number of parameters that every model can have to within 3 %, where the usual one is out of reach', async () => {
    // 64 tiles, and modules of their own on each: 57,000 is between two widths.
    const wide = write('wide.npz', encodeNpzRecording(recordingOf('bouncing-balls', 32, 10, 9)))
    const environment = await findEnvironment(wide)
    const counts = async ({ model: id, options, budget, ...spec }: CellSpec) => {
      const model = await modelById(id)
      if ('fit' in model || budget === null) return []
      const task = createTask({ ...spec, environment: wide }, environment)
      const shape = taskShape(task, budget.batch, task.tiles, task.tiles)
      return [fitWidth(model, shape, options, budget.parameters).parameters / budget.parameters]
    }
    for (const suite of [quick, smoke]) {
      const cells = await selectCells(suite, { environments: [wide] })
      expect((await Promise.all(cells.map(counts))).flat()).toHaveLength(4)
      expect(new Set(cells.flatMap(({ budget }) => budget?.parameters ?? [])).size).toBe(1)
    }
  })

  it('is refused in one line where it is too short, too small or too odd', async () => {
    const refused = (name: string, recording: Recording) =>
      expect(selectCells(quick, { environments: [write(name, encodeNpzRecording(recording))] })).rejects
    await refused('short.npz', recordingOf('bouncing-balls', 16, 10, 8)).toThrow(
      /has episodes of 8 frames; 5 context and 3 blind/,
    )
    await refused('few.npz', recordingOf('bouncing-balls', 16, 2, 9)).toThrow(
      /has 2 episodes to train on and 0 to test with/,
    )
    await refused('odd.npz', recordingOf('bouncing-balls', 29, 10, 9)).toThrow(
      /29 × 29 cells cannot be cut into 2 to 64 square/,
    )
  })
})

describe('a world in a file', () => {
  it('is trained on in processes of its own, and once only', { timeout: 60_000 }, async () => {
    const worlds = [
      write('drift.ts', moduleText('first')),
      write('balls.npz', encodeNpzRecording(recordingOf('bouncing-balls', 16, 12, 7))),
    ]
    const chosen = await selectCells(smoke, { environments: worlds, models: ['lstm'] })
    const cells = chosen.map(spec => ({ ...spec, budget: spec.budget && { ...spec.budget, steps: 3 } }))
    expect(cells).toHaveLength(4)
    for (const spec of cells) expect(cellSchema.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec)
    const started: string[] = []
    const run = async () =>
      runSuite(
        {
          cells,
          board: cells,
          folder,
          sources: 'now',
          command: 'npm run bench',
          fresh: false,
          retryFailed: false,
          pool: {
            worker: fileURLToPath(new URL('../../benchmarks/running/cell-worker.ts', import.meta.url)),
            execArgv: ['--import', 'tsx'],
            lanes: 2,
            memoryLimitMb: 1500,
            timeLimitSeconds: 50,
          },
          expectedSeconds: await expectedTimes(smoke, cells),
          writeFiles: records => writeResults(folder, 'smoke', records),
          familyOf: async () => 'global',
        },
        {
          note: () => {},
          planned: () => {},
          started: spec => started.push(spec.environment),
          progressed: () => {},
          ended: () => {},
        },
      )
    const { records } = await run()
    expect(records.map(({ status, error }) => ({ status, error }))).toEqual(Array(4).fill({ status: 'ok', error: '' }))
    expect(started).toHaveLength(4)
    await run()
    expect(started).toHaveLength(4)
    const runs = readFileSync(join(folder, 'runs.csv'), 'utf8')
    for (const name of ['drift.ts', 'balls.npz']) expect(runs).toContain(`,smoke,${folder}/${name},`)
    expect(runs).toContain(',still/filter,')
    for (const file of ['runs.csv', 'cells.csv'])
      expect(readFileSync(join(folder, file), 'utf8')).not.toContain(process.cwd())
  })

  it('is named by what was chosen of it; another content is another cell', async () => {
    const path = write('changes.npz', encodeNpzRecording(recordingOf('coupled-maps', 16, 10, 9)))
    const [before] = await selectCells(smoke, { environments: [path] })
    expect(environmentLabel(before)).toBe(`${folder}/changes.npz`)
    write('changes.npz', encodeNpzRecording(recordingOf('coupled-maps', 16, 11, 9)))
    const [after] = await selectCells(smoke, { environments: [path] })
    expect(after.parameters).not.toEqual(before.parameters)

    const drift = write('fast.ts', moduleText('first'))
    const [fast] = await selectCells(smoke, { environments: [drift], parameters: { speed: 2 } })
    expect(environmentLabel(fast)).toBe(`${folder}/fast.ts(speed=2)`)
    expect(fast.parameters).toEqual({ speed: 2, content: expect.any(String) })
  })
})
