import type { ProgressStream } from '../../lib/progress.ts'
import { type CellSpec, cellId } from '../cell.ts'
import { keepCourse } from './course.ts'
import { type ClosingMonitor, cellLabel } from './monitor.ts'

/** How often a running cell is told of, while nothing but its step changes. */
const progressEveryMs = 1000

/**
 * Tells a run to machines: an event a line, as JSON with `event` = `planned`, `started`, `progress`, `ended` or `note`.
 * A cell goes by its whole id; times are seconds; a loss that is no number is null. All but notes say how the run
 * stands: `cells`, `done`, `seconds` gone, `remaining`.
 */
export function createEvents(
  stream: ProgressStream,
  lanes: number,
  expectedSeconds: (spec: CellSpec) => number,
): ClosingMonitor {
  const keeper = keepCourse(lanes, expectedSeconds)
  const told = new Map<CellSpec, { readonly phase: string; readonly moment: number }>()
  const tell = (event: string, content: object) =>
    stream.write(`${JSON.stringify({ event, ...content, ...keeper.course() })}\n`)
  return {
    note: text => stream.write(`${JSON.stringify({ event: 'note', text })}\n`),
    planned(todo, reused) {
      keeper.planned(todo, reused)
      tell('planned', {})
    },
    started(spec) {
      keeper.started(spec)
      tell('started', { cell: cellId(spec), label: cellLabel(spec), expected: expectedSeconds(spec) })
    },
    progressed(spec, progress) {
      keeper.progressed(spec, progress)
      const [last, moment] = [told.get(spec), performance.now()]
      if (last?.phase === progress.phase && moment - last.moment < progressEveryMs) return
      told.set(spec, { phase: progress.phase, moment })
      tell('progress', { cell: cellId(spec), ...progress })
    },
    ended(spec, record, took) {
      keeper.ended(spec, record, took)
      told.delete(spec)
      tell('ended', { cell: record.cell, status: record.status, error: record.error, took })
    },
    close() {},
  }
}
