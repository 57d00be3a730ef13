import { basename, join } from 'node:path'
import { UserError } from '../../lib/errors.ts'
import { ensureWritableFolder } from '../../lib/files.ts'
import { lockFolder } from '../../lib/lock.ts'
import { type CellRecord, type CellSpec, cellId } from '../cell.ts'
import type { Progress } from '../training/learn.ts'
import type { CellJob } from './cell-worker.ts'
import { recordCommands } from './commands.ts'
import {
  cellPath,
  episodesFolder,
  hasFailed,
  isCurrent,
  openLedger,
  predictionsPath,
  readCell,
  removeCell,
  setAside,
  topologyPath,
  weightsPath,
  writeCell,
  writeLog,
} from './ledger.ts'
import { type Outcome, type PoolHooks, type PoolOptions, runPool } from './pool.ts'

export interface SuiteRun {
  /** What shall be finished at the end. */
  readonly cells: readonly CellSpec[]
  /** The order of the CSVs, which hold those of these cells that the folder has: the whole suite, and `cells`. */
  readonly board: readonly CellSpec[]
  readonly folder: string
  /** What a person typed for it, kept in the folder beside the cells it makes. */
  readonly command: string
  /** Hash of the sources that results must come from (`sourcesHash`). */
  readonly sources: string
  /** Forget earlier results of `cells`. */
  readonly fresh: boolean
  /** Forget those of them that failed; otherwise that they failed is their result. */
  readonly retryFailed: boolean
  readonly pool: PoolOptions
  expectedSeconds(spec: CellSpec): number
  /** Writes the folder's files, from what it has of `board`, in its order. */
  writeFiles(records: readonly CellRecord[]): void
  /** Asked only for cells that could not say it themselves. */
  familyOf(spec: CellSpec): Promise<CellRecord['family']>
}

/** Whoever wants to see a run. */
export interface RunMonitor {
  /** One line for the person, e.g. about a damaged file. */
  note(line: string): void
  /** After the folder was read: what there is to do, in the order of the work. */
  planned(todo: readonly CellSpec[], reused: number): void
  started(spec: CellSpec): void
  progressed(spec: CellSpec, progress: Progress): void
  ended(spec: CellSpec, record: CellRecord, seconds: number): void
}

export interface SuiteResult {
  /** Finished cells of `cells`, in their order. */
  readonly records: readonly CellRecord[]
  /** Cells without a result yet: none, unless the run was interrupted. */
  readonly missing: number
}

/**
 * Runs what a folder does not have yet of a list of cells, and writes its CSVs. A cell that fails is a row with its
 * status. When `signal` fires, what is finished is kept and written. One run at a time may have a folder.
 * @throws UserError where another run has the folder, and where it cannot be written, now or later; finished cells stay.
 */
export async function runSuite(run: SuiteRun, monitor: RunMonitor, signal?: AbortSignal): Promise<SuiteResult> {
  ensureWritableFolder(run.folder)
  const unlock = lockFolder(run.folder)
  try {
    return await runLocked(run, monitor, signal)
  } finally {
    unlock()
  }
}

async function runLocked(run: SuiteRun, monitor: RunMonitor, signal?: AbortSignal): Promise<SuiteResult> {
  openLedger(run.folder)
  const todo = plan(run, monitor)
  const hooks: PoolHooks<CellJob, CellRecord> = {
    onStart: ({ spec }) => monitor.started(spec),
    onProgress: ({ spec }, progress) => monitor.progressed(spec, progress),
    onNote: line => monitor.note(line),
    async onEnd({ spec }, outcome, seconds) {
      // What one cell could not write the next one cannot either: that is no result, and ends the run.
      if (outcome.status === 'failed' && isOfFolder(outcome.error, run.folder)) throw new UserError(outcome.error)
      const record = await toRecord(run, spec, outcome)
      writeLog(run.folder, record.cell, outcome.status === 'done' ? '' : outcome.log)
      writeCell(run.folder, record)
      monitor.ended(spec, record, seconds)
    },
  }
  if (todo.length > 0) recordCommands(run.folder, [run.command])
  const jobs = todo.map(spec => {
    const paths = [weightsPath, topologyPath, predictionsPath].map(path => path(run.folder, cellId(spec)))
    const [weights, topology, predictions] = paths
    return { spec, weights, topology, predictions, episodes: episodesFolder(run.folder) }
  })
  await runPool(jobs, run.pool, hooks, signal)
  // Read again from the folder, so that the tables are a function of the files alone, whoever wrote them and when.
  const board = finished(run, run.board)
  run.writeFiles(board)
  const byCell = new Map(board.map(record => [record.cell, record]))
  const records = run.cells.flatMap(spec => byCell.get(cellId(spec)) ?? [])
  return { records, missing: run.cells.length - records.length }
}

/** Does an error say that a folder cannot be written? */
const isOfFolder = (error: string, folder: string): boolean =>
  ['write', 'make the folder'].some(action => error.startsWith(`cannot ${action} '${join(folder)}`))

/** What is to be run, the longest first; damaged and stale files are told of, and the former put aside. */
function plan(
  { folder, cells, board, fresh, retryFailed, sources, expectedSeconds }: SuiteRun,
  monitor: RunMonitor,
): CellSpec[] {
  for (const id of cells.map(cellId)) {
    const entry = readCell(folder, id)
    if (fresh || (retryFailed && entry.kind === 'finished' && hasFailed(entry.record))) removeCell(folder, id)
  }
  for (const spec of board) {
    const id = cellId(spec)
    const entry = readCell(folder, id)
    if (entry.kind !== 'damaged') continue
    const kept = setAside(folder, id)
    monitor.note(`${cellPath(folder, id)} is damaged (${entry.reason}): kept as ${basename(kept)}, its cell runs anew`)
  }
  let stale = 0
  // One record at a time: only what is to be done is kept of them.
  const todo = cells.filter(spec => {
    const entry = readCell(folder, cellId(spec))
    if (isCurrent(entry, sources)) return false
    if (entry.kind === 'finished') stale++
    return true
  })
  if (stale > 0) monitor.note(`${stale} earlier result${stale > 1 ? 's' : ''} came from other sources: run again`)
  todo.sort((a, b) => expectedSeconds(b) - expectedSeconds(a))
  monitor.planned(todo, cells.length - todo.length)
  return todo
}

/** The records that a folder has of these cells from the present sources, failures included. */
function finished({ folder, sources }: SuiteRun, cells: readonly CellSpec[]): CellRecord[] {
  return cells.flatMap(spec => {
    const entry = readCell(folder, cellId(spec))
    return entry.kind === 'finished' && entry.record.sources === sources ? [entry.record] : []
  })
}

/** What is written down of a cell: what its process found, or why there is nothing. */
async function toRecord(run: SuiteRun, spec: CellSpec, outcome: Outcome<CellRecord>): Promise<CellRecord> {
  if (outcome.status === 'done') return { ...outcome.result, sources: run.sources }
  return {
    cell: cellId(spec),
    spec,
    sources: run.sources,
    status: outcome.status,
    error: outcome.error,
    figures: [],
    episodes: [],
    family: await run.familyOf(spec),
    trainedParameters: 0,
    flopsPerStep: 0,
    steps: 0,
    versions: { node: process.version },
    initialStatesHash: '',
    timings: { compileMs: 0, trainMs: 0, evaluateMs: 0, dataMs: 0, peakRssMb: 0, machine: '' },
  }
}
