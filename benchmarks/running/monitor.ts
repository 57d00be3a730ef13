import { formatDuration, liveLines, type ProgressStream } from '../../lib/progress.ts'
import { printable } from '../board/printing.ts'
import { environmentLabel, variantLabel } from '../board/tables.ts'
import { type CellSpec, cellId } from '../cell.ts'
import { keepCourse, type RunningCell } from './course.ts'
import type { RunMonitor } from './run-suite.ts'

const refreshMs = 250

/** A monitor that is told when nothing more comes. */
export type ClosingMonitor = RunMonitor & { close(): void }

/** A cell in a few words, its id first: `1f0c22ab bouncing-balls 24 scrambled, s2gru, seed 0`. */
export function cellLabel(spec: CellSpec): string {
  const world = [environmentLabel(spec), spec.size, ...(spec.schedule.scrambled ? ['scrambled'] : [])].join(' ')
  const model = [spec.model, variantLabel(spec.options)].join(' ').trim()
  return printable(`${cellId(spec).slice(0, 8)} ${world}, ${model}, seed ${spec.seed}`)
}

/** `train 12/1536, loss 0.4312` */
function stateOf({ progress }: RunningCell): string {
  if (!progress) return 'starting'
  const loss = progress.loss === null ? '' : `, loss ${progress.loss.toPrecision(4)}`
  const count = progress.phase === 'data' ? '' : ` ${progress.step}/${progress.steps}`
  return `${progress.phase}${count}${loss}`
}

/** What a running cell is busy with, on a line of its own where the terminal is too narrow for both. */
function runningLines(cell: RunningCell, columns: number): string[] {
  const [label, state] = [`  ${cellLabel(cell.spec)}`, stateOf(cell)]
  const line = `${label}: ${state}`
  return line.length < columns ? [line] : [label, `    ${state}`]
}

/**
 * Shows a run to people: in a terminal a head line (cells done, time left, time gone) and each running cell, in place;
 * elsewhere nothing but what they must know: notes, and cells that failed.
 */
export function createMonitor(
  stream: ProgressStream,
  lanes: number,
  expectedSeconds: (spec: CellSpec) => number,
): ClosingMonitor {
  const lines = liveLines(stream)
  const keeper = keepCourse(lanes, expectedSeconds)
  const refresh = () => {
    const { done, cells, remaining, seconds } = keeper.course()
    const head = `${done} of ${cells} cells done, about ${formatDuration(remaining)} left, ${formatDuration(seconds)} gone`
    lines.update([head, ...keeper.running().flatMap(cell => runningLines(cell, stream.columns || 80))])
  }
  const timer = stream.isTTY ? setInterval(refresh, refreshMs) : undefined

  return {
    note: line => lines.print(printable(line)),
    planned(todo, reused) {
      keeper.planned(todo, reused)
      if (reused > 0 && stream.isTTY) lines.print(`${reused} of ${reused + todo.length} cells are finished already`)
    },
    started: keeper.started,
    progressed: keeper.progressed,
    ended(spec, record, seconds) {
      keeper.ended(spec, record, seconds)
      if (record.status !== 'ok') lines.print(printable(`${cellLabel(spec)}: ${record.status}: ${record.error}`))
    },
    close() {
      clearInterval(timer)
      lines.clear()
    },
  }
}
