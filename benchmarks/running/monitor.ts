import { estimateRemaining, formatDuration, liveLines, type ProgressStream } from '../../lib/progress.ts'
import { environmentLabel, variantLabel } from '../board/tables.ts'
import { type CellSpec, cellId } from '../cell.ts'
import type { Progress } from '../training/learn.ts'
import type { RunMonitor } from './run-suite.ts'

const refreshMs = 250

interface Running {
  readonly spec: CellSpec
  readonly start: number
  phaseStart: number
  progress?: Progress
}

/** A cell in a few words, its id first: `1f0c22ab bouncing-balls 24 scrambled, s2gru, seed 0`. */
export function cellLabel(spec: CellSpec): string {
  const world = [environmentLabel(spec), spec.size, ...(spec.schedule.scrambled ? ['scrambled'] : [])].join(' ')
  const model = [spec.model, variantLabel(spec.options)].join(' ').trim()
  return `${cellId(spec).slice(0, 8)} ${world}, ${model}, seed ${spec.seed}`
}

function runningLine({ spec, progress }: Running): string {
  if (!progress) return `  ${cellLabel(spec)}: starting`
  const loss = progress.loss === null ? '' : `, loss ${progress.loss.toPrecision(4)}`
  const count = progress.phase === 'data' ? '' : ` ${progress.step}/${progress.steps}`
  return `  ${cellLabel(spec)}: ${progress.phase}${count}${loss}`
}

/**
 * Shows a run on a stream: in a terminal a head line (cells done, time gone, time left) and a line for each running
 * cell, in place; elsewhere nothing but what a person must know: notes, and cells that failed.
 */
export function createMonitor(
  stream: ProgressStream,
  lanes: number,
  expectedSeconds: (spec: CellSpec) => number,
): RunMonitor & { close(): void } {
  const lines = liveLines(stream)
  const begin = performance.now()
  const since = (moment: number) => (performance.now() - moment) / 1000
  const running = new Map<CellSpec, Running>()
  const finished: { expected: number; actual: number }[] = []
  let queued: readonly CellSpec[] = []
  let total = 0
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
  const refresh = () => {
    const time = `${formatDuration(since(begin))} gone, about ${formatDuration(remaining())} left`
    lines.update([`${done} of ${total} cells done, ${time}`, ...[...running.values()].map(runningLine)])
  }
  const timer = stream.isTTY ? setInterval(refresh, refreshMs) : undefined

  return {
    note: line => lines.print(line),
    planned(todo, reused) {
      total = todo.length + reused
      done = reused
      queued = todo
      if (reused > 0 && stream.isTTY) lines.print(`${reused} of ${total} cells are finished already`)
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
      if (record.status !== 'ok') lines.print(`${cellLabel(spec)}: ${record.status}: ${record.error}`)
    },
    close() {
      clearInterval(timer)
      lines.clear()
    },
  }
}
