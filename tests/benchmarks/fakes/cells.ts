import { fileURLToPath } from 'node:url'
import { writeResults } from '../../../benchmarks/board/results.ts'
import type { CellSpec } from '../../../benchmarks/cell.ts'
import type { SuiteRun } from '../../../benchmarks/running/run-suite.ts'

/** A cell whose process does as `fate` says (see worker.ts). */
export function fakeCell(fate: string, seed = 0): CellSpec {
  return {
    environment: 'life',
    environmentVersion: 1,
    parameters: {},
    size: 24,
    schedule: { tile: 4, views: 'all', queries: 'all', context: 4, blind: 2, scrambled: false },
    episodes: { train: 2, evaluation: 2 },
    evaluation: { split: 'test', shifts: [], views: [] },
    model: 'lstm',
    modelVersion: 1,
    options: { fate },
    seed,
    budget: { kind: 'steps', parameters: 10, steps: 3, batch: 1, learningRate: 1 },
    engine: 'onnx',
  }
}

/** A run of fake cells in real processes. */
export function fakeRun(folder: string, cells: readonly CellSpec[], change: Partial<SuiteRun['pool']> = {}): SuiteRun {
  return {
    cells,
    board: cells,
    folder,
    command: 'npm run fake',
    sources: 'now',
    fresh: false,
    retryFailed: false,
    pool: {
      worker: fileURLToPath(new URL('worker.ts', import.meta.url)),
      execArgv: ['--import', 'tsx'],
      lanes: 2,
      memoryLimitMb: 300,
      timeLimitSeconds: 20,
      ...change,
    },
    expectedSeconds: () => 1,
    writeFiles: records => writeResults(folder, 'fake', records),
    familyOf: async () => 'local',
  }
}
