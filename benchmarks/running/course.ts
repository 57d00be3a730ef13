import { estimateRemaining } from '../../lib/progress.ts'
import type { CellSpec } from '../cell.ts'
import type { Progress } from '../training/learn.ts'
import type { RunMonitor } from './run-suite.ts'

/** A cell that is being worked on. */
export interface RunningCell {
  readonly spec: CellSpec
  readonly start: number
  phaseStart: number
  progress?: Progress
}

/** How a run stands: cells in all and done, earlier results among them; seconds gone and probably left. */
export interface Course {
  readonly cells: number
  readonly done: number
  readonly seconds: number
  readonly remaining: number
}

/** Keeps account of a run from what it tells, for whoever shows it. */
export interface CourseKeeper extends Omit<RunMonitor, 'note'> {
  running(): readonly RunningCell[]
  course(): Course
}

/** @param expectedSeconds what a cell was planned to take; measured times of others correct it */
export function keepCourse(lanes: number, expectedSeconds: (spec: CellSpec) => number): CourseKeeper {
  const begin = performance.now()
  const since = (moment: number) => (performance.now() - moment) / 1000
  const running = new Map<CellSpec, RunningCell>()
  const finished: { expected: number; actual: number }[] = []
  let queued: readonly CellSpec[] = []
  let cells = 0
  let done = 0

  const remaining = () =>
    estimateRemaining({
      finished,
      lanes,
      queued: queued.map(expectedSeconds),
      running: [...running.values()].map(({ spec, start, phaseStart, progress }) => ({
        expected: expectedSeconds(spec),
        elapsed: since(start),
        phase: progress && { elapsed: since(phaseStart), share: progress.step / Math.max(1, progress.steps) },
      })),
    })

  return {
    running: () => [...running.values()],
    course: () => ({ cells, done, seconds: since(begin), remaining: remaining() }),
    planned(todo, reused) {
      cells = todo.length + reused
      done = reused
      queued = todo
    },
    started(spec) {
      queued = queued.filter(other => other !== spec)
      running.set(spec, { spec, start: performance.now(), phaseStart: performance.now() })
    },
    progressed(spec, progress) {
      const state = running.get(spec)
      if (!state) return
      if (state.progress?.phase !== progress.phase) state.phaseStart = performance.now()
      state.progress = progress
    },
    ended(spec, record, seconds) {
      running.delete(spec)
      done++
      // A cell that failed says nothing about how long the others take.
      if (record.status === 'ok') finished.push({ expected: expectedSeconds(spec), actual: seconds })
    },
  }
}
