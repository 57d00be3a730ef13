import { Worker } from 'node:worker_threads'
import { UserError } from '../../lib/errors.ts'
import type { Progress } from '../training/learn.ts'

/** What the parent sends to a child: the one job that it lives for. */
export interface Assignment<Job> {
  readonly job: Job
  readonly parent: number
  readonly memoryLimitMb: number
}

/** What a child sends to its parent. */
export type Report<Result> =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'note'; readonly line: string }
  | { readonly kind: 'result'; readonly result: Result }
  | { readonly kind: 'failed'; readonly error: string }

/** The last words of a child that its own watchdog ends. */
export const memoryMark = 'scalespace: over the memory limit'

const reportEveryMs = 200

/**
 * A thread of its own, because a long native call or a loop without pauses keeps the main thread from hearing that the
 * parent is gone or that memory runs out. Plain JavaScript, so that no loader has to start in it.
 */
const watchdogSource = `
  const { writeSync } = require('node:fs')
  const { workerData } = require('node:worker_threads')
  const end = () => process.kill(process.pid, 'SIGKILL')
  setInterval(() => {
    if (process.ppid !== workerData.parent) end()
    if (process.memoryUsage.rss() > workerData.memoryLimitMb * 2 ** 20) {
      writeSync(2, '\\n' + workerData.mark + '\\n')
      end()
    }
  }, 200)
`

function startWatchdog(parent: number, memoryLimitMb: number): void {
  const workerData = { parent, memoryLimitMb, mark: memoryMark }
  new Worker(watchdogSource, { eval: true, execArgv: [], workerData }).unref()
}

/** What went wrong in one line: the text of a UserError as it stands, other errors with their name. */
export function errorLine(error: unknown): string {
  const text =
    error instanceof Error && !(error instanceof UserError) ? `${error.name}: ${error.message}` : String(error)
  const line = error instanceof UserError ? error.message : text
  return line.replace(/\s+/g, ' ').trim().slice(0, 500)
}

/**
 * The life of a forked child: take one job, work, report, leave. It ignores SIGINT (the parent decides) and ends when
 * the parent is gone, by whatever death.
 */
export function serve<Job, Result>(
  work: (
    job: Job,
    onProgress: (progress: Progress) => void,
    onNote: (line: string) => void,
    memoryLimitMb: number,
  ) => Promise<Result>,
): void {
  const send = (report: Report<Result>, sent?: () => void) => process.send?.(report, undefined, undefined, sent)
  const finish = (report: Report<Result>) => send(report, () => process.connected && process.disconnect())
  const fail = (error: unknown) => {
    if (!(error instanceof UserError)) console.error(error)
    finish({ kind: 'failed', error: errorLine(error) })
  }
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.exit())
  process.on('uncaughtException', fail)
  process.once('message', ({ job, parent, memoryLimitMb }: Assignment<Job>) => {
    startWatchdog(parent, memoryLimitMb)
    let last = { phase: '', time: 0 }
    const onProgress = (progress: Progress) => {
      const time = performance.now()
      if (progress.phase === last.phase && time - last.time < reportEveryMs) return
      last = { phase: progress.phase, time }
      send({ kind: 'progress', progress })
    }
    const onNote = (line: string) => send({ kind: 'note', line })
    Promise.resolve()
      .then(() => work(job, onProgress, onNote, memoryLimitMb))
      .then(result => finish({ kind: 'result', result }), fail)
  })
}
