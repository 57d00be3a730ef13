import type { Command } from 'commander'
import { type CellRecord, type CellSpec, isExternal } from '../benchmarks/cell.ts'
import { listenForInterruption } from '../lib/interruption.ts'
import { formatDuration } from '../lib/progress.ts'
import { modelById } from '../models/registry.ts'
import { addPassesFlag, usePasses } from './engine-passes.ts'
import { addLimitFlags, cellPool, type LimitFlags } from './limits.ts'

/** Flags of every command that runs cells. */
export interface RunFlags extends LimitFlags {
  readonly fresh?: boolean
  readonly enginePasses?: string
  readonly retryFailed?: boolean
  readonly json?: boolean
}

export function addRunFlags(command: Command): Command {
  return addLimitFlags(addPassesFlag(command))
    .option('--fresh', 'forget earlier results of these cells')
    .option('--retry-failed', 'run those of them again that failed; otherwise their failure is kept as a result')
    .option('--json', 'results on stdout and progress on stderr as JSON lines')
}

export interface CellsRun {
  /** As people call it: `npm run …`. */
  readonly command: string
  /** What the cells belong to. */
  readonly name: string
  readonly cells: readonly CellSpec[]
  /** The cells that the folder's files are about; they may be more. */
  readonly board: readonly CellSpec[]
  readonly folder: string
  readonly flags: RunFlags
  expectedSeconds(spec: CellSpec): number
  /** Writes the folder's files from the finished cells of `board`. */
  writeFiles(records: readonly CellRecord[]): void
  /** Prints the results once all cells are finished. */
  print(records: readonly CellRecord[]): Promise<void>
}

export const tell = (line: string): void => void process.stderr.write(`${line}\n`)

/** Flags that say nothing of the results themselves, by the number of words that follow them. */
const passing: Readonly<Record<string, number>> = {
  '--fresh': 0,
  '--retry-failed': 0,
  '--json': 0,
  '--out': 1,
  '--workers': 1,
}

/** The words of this command, less the flags named and their values, as a shell takes them. */
function typedCommand(command: string, omitted: readonly string[]): string {
  const kept: string[] = []
  for (let words = process.argv.slice(2); words.length > 0; ) {
    const [word] = words
    const flag = omitted.find(name => word === name || word.startsWith(`${name}=`))
    if (flag === undefined) kept.push(/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
    words = words.slice(1 + (word === flag ? passing[flag] : 0))
  }
  return [command, '--', ...kept].join(' ').replace(/ --$/, '').replaceAll('\n', ' ')
}

/** The same command with one more flag. */
const withFlag = (command: string, flag: string) => `${command}${command.includes(' -- ') ? '' : ' --'} ${flag}`

/** Runs cells with progress on stderr, prints what came of them, and sets the exit code. */
export async function runCells(wanted: CellsRun): Promise<void> {
  const { cells, folder, flags, name, expectedSeconds } = wanted
  usePasses(flags.enginePasses)
  // What is not installed is told before any work. The engine that always is need not be loaded for that.
  const { loadEngine } = await import('../engine/index.ts')
  for (const id of new Set(cells.map(spec => spec.engine))) if (id !== 'onnx') await loadEngine(id)

  const { runSuite } = await import('../benchmarks/running/run-suite.ts')
  const { createMonitor } = await import('../benchmarks/running/monitor.ts')
  const { createEvents } = await import('../benchmarks/running/events.ts')
  const { hasFailed } = await import('../benchmarks/running/ledger.ts')
  const { sourcesHash } = await import('../benchmarks/running/sources.ts')
  const run = {
    cells,
    board: wanted.board,
    folder,
    command: typedCommand(wanted.command, Object.keys(passing)),
    sources: sourcesHash(),
    fresh: flags.fresh === true,
    retryFailed: flags.retryFailed === true,
    pool: cellPool(flags),
    expectedSeconds,
    familyOf: async (spec: CellSpec) => (isExternal(spec) ? 'external' : (await modelById(spec.model)).family),
    writeFiles: wanted.writeFiles,
  }
  const interruption = listenForInterruption()
  const monitor = (flags.json ? createEvents : createMonitor)(process.stderr, flags.workers, expectedSeconds)
  const start = performance.now()
  const result = await runSuite(run, monitor, interruption.signal).finally(monitor.close)
  const seconds = (performance.now() - start) / 1000
  // The command that goes on where this one ends: the same, but for `--fresh`, which would begin anew.
  const again = typedCommand(wanted.command, ['--fresh', '--retry-failed'])
  process.exitCode = interruption.exitCode()
  const stopped = result.missing > 0
  if (!stopped) await wanted.print(result.records)
  const failed = result.records.filter(hasFailed).length
  if (!stopped && failed > 0) process.exitCode = 1
  const counts = { cells: cells.length, done: result.records.length, failed, seconds }
  if (flags.json) return tell(JSON.stringify({ event: stopped ? 'stopped' : 'finished', ...counts, folder, again }))
  const done = `${counts.done} of ${cells.length} cells of ${name} are finished, after ${formatDuration(seconds)}: ${folder}`
  if (stopped) return tell(`stopped. ${done}\nto go on: ${again}`)
  tell(done)
  if (failed > 0)
    tell(`${failed} of them failed: cells.csv says why. To try them again: ${withFlag(again, '--retry-failed')}`)
}
