import { printable } from '../../benchmarks/board/printing.ts'
import type { ResultTables } from '../../benchmarks/board/tables.ts'
import { verifyPublication } from '../../benchmarks/board/verify.ts'
import type { CellRecord, CellSpec } from '../../benchmarks/cell.ts'
import { cellLabel } from '../../benchmarks/running/monitor.ts'
import type { Outcome } from '../../benchmarks/running/pool.ts'
import { compareCell, rerunCells, sampleCells } from '../../benchmarks/running/rerun.ts'
import { sourcesHash } from '../../benchmarks/running/sources.ts'
import { listenForInterruption } from '../../lib/interruption.ts'
import { formatDuration, liveLines } from '../../lib/progress.ts'
import { writeLine } from '../flags.ts'
import { cellPool, type LimitFlags } from '../limits.ts'

export interface VerifyFlags extends LimitFlags {
  readonly sample?: number
  readonly seed: number
}

/** A progress line for each cell that runs. */
function showProgress(total: number) {
  const lines = liveLines(process.stderr)
  const running = new Map<CellSpec, string>()
  const begin = performance.now()
  let done = 0
  const refresh = () => {
    const gone = formatDuration((performance.now() - begin) / 1000)
    lines.update([`${done} of ${total} cells run again, ${gone} gone`, ...running.values()])
  }
  return {
    show(spec: CellSpec, phase: string) {
      running.set(spec, `  ${cellLabel(spec)}: ${phase}`)
      refresh()
    },
    ended(spec: CellSpec) {
      running.delete(spec)
      done++
      lines.clear()
    },
    clear: lines.clear,
  }
}

type Failure = Exclude<Outcome<unknown>, { status: 'done' }>

/** What may help a cell that did not come to a result; a cell that ran into an error would only do so again. */
const remedies: Readonly<Record<Failure['status'], string>> = {
  memory: '; a larger --memory gives it more',
  timeout: '; a longer --time-limit gives it more',
  crashed: '; --workers 1 leaves it more of the machine',
  failed: '',
}

/** What is told before it is trained that it will not fit ends as an error, and is one of memory all the same. */
const remedyOf = ({ status, error }: Failure): string =>
  remedies[/needs at least \d+ MiB to train/.test(error) ? 'memory' : status]

/** How a cell that was run again compares, in one line, and whether it agrees. What did not end was not compared. */
export function sampleLine(
  tables: ResultTables,
  spec: CellSpec,
  sources: string,
  outcome: Outcome<CellRecord>,
): { agrees: boolean; line: string } {
  const label = cellLabel(spec)
  if (outcome.status !== 'done') {
    const reason = `${printable(outcome.error)}; nothing was compared${remedyOf(outcome)}`
    return { agrees: false, line: `could not be run again: ${label}: ${reason}` }
  }
  const { agrees, found } = compareCell(tables, { ...outcome.result, sources })
  return { agrees, line: `${agrees ? 'ok    ' : 'DIFFERS'} ${label}: ${found}` }
}

/** Runs some cells again and prints how each compares, a line a cell. Gives how many do not agree. */
async function verifySample(tables: ResultTables, count: number, flags: VerifyFlags): Promise<number> {
  const rows = sampleCells(tables, count, flags.seed)
  const sources = sourcesHash()
  const interruption = listenForInterruption()
  const progress = showProgress(rows.length)
  let wrong = 0
  const hooks: Parameters<typeof rerunCells>[2] = {
    onStart: ({ spec }) => progress.show(spec, 'starting'),
    onProgress: ({ spec }, { phase, step, steps }) => progress.show(spec, `${phase} ${step}/${steps}`),
    async onEnd({ spec }, outcome) {
      progress.ended(spec)
      const { agrees, line } = sampleLine(tables, spec, sources, outcome)
      if (!agrees) wrong++
      await writeLine(line)
    },
  }
  await rerunCells(rows, cellPool(flags), hooks, interruption.signal).finally(progress.clear)
  if (interruption.exitCode() > 0) {
    process.stderr.write('stopped before all cells were run again\n')
    process.exitCode = interruption.exitCode()
  }
  return wrong
}

/** Holds a publication against itself; with a sample, some of its cells are run again. Exit code 1 where it fails. */
export async function verify(folder: string, flags: VerifyFlags): Promise<void> {
  const { problems, tables, workedOut } = verifyPublication(folder)
  for (const problem of problems) await writeLine(`${folder}: ${problem}`)
  if (problems.length > 0 || !tables) {
    process.exitCode = 1
    return
  }
  const anew = Object.entries(workedOut).map(([file, rows]) => `${rows} rows of ${file}`)
  await writeLine(`${folder} verifies: ${tables.cells.length} cells; ${anew.join(' and ')} worked out anew`)
  if (flags.sample !== undefined && (await verifySample(tables, flags.sample, flags)) > 0) process.exitCode = 1
}
