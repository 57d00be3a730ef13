import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { ResultTables } from '../../benchmarks/board/tables.ts'
import { verifyPublication } from '../../benchmarks/board/verify.ts'
import type { CellSpec } from '../../benchmarks/cell.ts'
import { cellLabel } from '../../benchmarks/running/monitor.ts'
import { compareCell, rerunCells, sampleCells } from '../../benchmarks/running/rerun.ts'
import { sourcesHash } from '../../benchmarks/running/sources.ts'
import { listenForInterruption } from '../../lib/interruption.ts'
import { formatDuration, liveLines } from '../../lib/progress.ts'
import { writeLine } from '../flags.ts'

export interface VerifyFlags {
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

/** Runs some cells again and prints how each compares, a line a cell. Gives how many do not agree. */
async function verifySample(tables: ResultTables, count: number, seed: number): Promise<number> {
  const rows = sampleCells(tables, count, seed)
  const sources = sourcesHash()
  const interruption = listenForInterruption()
  const progress = showProgress(rows.length)
  const pool = {
    worker: fileURLToPath(new URL('../../benchmarks/running/cell-worker.ts', import.meta.url)),
    lanes: availableParallelism(),
    memoryLimitMb: 1500,
    timeLimitSeconds: 3600,
  }
  let wrong = 0
  const hooks: Parameters<typeof rerunCells>[2] = {
    onStart: ({ spec }) => progress.show(spec, 'starting'),
    onProgress: ({ spec }, { phase, step, steps }) => progress.show(spec, `${phase} ${step}/${steps}`),
    async onEnd({ spec }, outcome) {
      progress.ended(spec)
      const { agrees, found } =
        outcome.status === 'done'
          ? compareCell(tables, { ...outcome.result, sources })
          : { agrees: false, found: `it cannot be run again here: ${outcome.error}` }
      if (!agrees) wrong++
      await writeLine(`${agrees ? 'ok    ' : 'DIFFERS'} ${cellLabel(spec)}: ${found}`)
    },
  }
  await rerunCells(rows, pool, hooks, interruption.signal).finally(progress.clear)
  if (interruption.exitCode() > 0) {
    process.stderr.write('stopped before all cells were run again\n')
    process.exitCode = interruption.exitCode()
  }
  return wrong
}

/** Holds a publication against itself; with a sample, some of its cells are run again. Exit code 1 where it fails. */
export async function verify(folder: string, { sample, seed }: VerifyFlags): Promise<void> {
  const { problems, tables, workedOut } = verifyPublication(folder)
  for (const problem of problems) await writeLine(`${folder}: ${problem}`)
  if (problems.length > 0 || !tables) {
    process.exitCode = 1
    return
  }
  const anew = Object.entries(workedOut).map(([file, rows]) => `${rows} rows of ${file}`)
  await writeLine(`${folder} verifies: ${tables.cells.length} cells; ${anew.join(' and ')} worked out anew`)
  if (sample !== undefined && (await verifySample(tables, sample, seed)) > 0) process.exitCode = 1
}
