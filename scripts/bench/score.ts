import { basename, extname, join } from 'node:path'
import { writeResults } from '../../benchmarks/board/results.ts'
import { type CellSpec, cellId } from '../../benchmarks/cell.ts'
import { episodesFolder, isCurrent, readCell } from '../../benchmarks/running/ledger.ts'
import { sourcesHash } from '../../benchmarks/running/sources.ts'
import { externalCell, openPredictions } from '../../benchmarks/score/score-cell.ts'
import { measuresOf, submit, submittedCells, taskKey } from '../../benchmarks/score/submissions.ts'
import { cellsOfTask } from '../../benchmarks/score/task-of.ts'
import { findSuite } from '../../benchmarks/suites/index.ts'
import { expectedTimes, uniqueCells } from '../../benchmarks/suites/suite.ts'
import { openEpisodePool } from '../../benchmarks/task/episode-pool.ts'
import { createTask } from '../../benchmarks/task/task.ts'
import { findEnvironment } from '../../envs/find.ts'
import { UserError } from '../../lib/errors.ts'
import { readBytes } from '../../lib/files.ts'
import { type RunFlags, runCells, tell } from '../run-cells.ts'
import { boardCells } from './board-cells.ts'
import type { TaskFlags } from './export-task.ts'
import { printBoard } from './print-board.ts'

export interface ScoreFlags extends TaskFlags, RunFlags {
  readonly name?: string
  readonly out?: string
}

/** Scores predictions that were made elsewhere, beside what the folder has of the same task. */
export async function score(file: string, flags: ScoreFlags): Promise<void> {
  const { env, size, scrambled, set, seed } = flags
  const suite = await findSuite(flags.suite)
  const folder = flags.out ?? join('results', 'local', suite.id)
  const ofTask = await cellsOfTask(suite, { environment: env, size, scrambled, parameters: set })
  const name =
    flags.name ??
    (basename(file, extname(file))
      .replace(/[^\w.-]+/g, '-')
      .slice(0, 40) ||
      'mine')
  const bytes = readBytes(file)
  const spec = externalCell({ ...ofTask[0], seed }, name, bytes)
  await check(file, spec, bytes, folder)
  submit(folder, spec, bytes)

  const sources = sourcesHash()
  const own = submittedCells(folder).filter(other => taskKey(other) === taskKey(spec))
  const measures = await Promise.all(own.map(measuresOf))
  const finished = ofTask.filter(cell => isCurrent(readCell(folder, cellId(cell)), sources))
  const cells = uniqueCells([...measures.flat(), ...finished, ...own])
  const { board } = await boardCells(suite, {}, folder, cells)
  await runCells({
    command: 'npm run bench',
    name: suite.id,
    cells,
    board,
    folder,
    flags,
    expectedSeconds: await expectedTimes(suite, cells),
    writeFiles: records => writeResults(folder, suite.id, records),
    print: records => printBoard(suite, records, flags.json === true),
  })
}

/** @throws UserError `<file>: <what is wrong>` before anything is kept of it */
async function check(file: string, spec: CellSpec, bytes: Uint8Array, folder: string): Promise<void> {
  const task = createTask(spec, await findEnvironment(spec.environment))
  try {
    await openPredictions(spec, task, bytes, openEpisodePool(episodesFolder(folder), tell))
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${file}: ${error.message}`) : error
  }
}
