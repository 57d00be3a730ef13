import { fork } from 'node:child_process'
import type { Progress } from '../training/learn.ts'
import { type Assignment, memoryMark, type Report } from './child.ts'

export interface PoolOptions {
  /** Path of the module that a child runs; the module calls `serve`. */
  readonly worker: string
  /** Flags of node for a child. Our own by default, so that the TypeScript loader is there. */
  readonly execArgv?: readonly string[]
  /** How many children at a time. */
  readonly lanes: number
  /** Resident memory of one child, in MiB; its JavaScript heap has the same limit. */
  readonly memoryLimitMb: number
  /** Seconds from a child's start. */
  readonly timeLimitSeconds: number
}

/** How a job ended. Nothing in it depends on the moment or on the process's number, so that it can be compared. */
export type Outcome<Result> =
  | { readonly status: 'done'; readonly result: Result }
  | {
      readonly status: 'failed' | 'timeout' | 'memory' | 'crashed'
      readonly error: string
      /** The end of what the child wrote to its output. */
      readonly log: string
    }

export interface PoolHooks<Job, Result> {
  onStart?(job: Job): void
  onProgress?(job: Job, progress: Progress): void
  /** A line for the person, about what did not stop the job. */
  onNote?(line: string): void
  /** A throw here stops the whole pool and is thrown again by `runPool`. */
  onEnd(job: Job, outcome: Outcome<Result>, seconds: number): void | Promise<void>
}

const logLength = 20_000
const outOfMemory = /heap out of memory|allocation failed|bad_alloc/i
/** What a child may take to leave once it has reported, e.g. for the destructors of a native library. */
const graceMs = 5_000

/**
 * Runs every job in a fresh process, in the given order, `lanes` at a time. Nothing that a child does to itself — an
 * exception, an exit, a native crash, a kill, all memory, an endless loop — costs more than its own job. When `signal`
 * fires, running children are killed, no further one starts, their jobs have no outcome, and the promise resolves once
 * all children are gone.
 */
export async function runPool<Job, Result>(
  jobs: readonly Job[],
  options: PoolOptions,
  hooks: PoolHooks<Job, Result>,
  signal?: AbortSignal,
): Promise<void> {
  const broken = new AbortController()
  const stop = signal ? AbortSignal.any([signal, broken.signal]) : broken.signal
  const queue = [...jobs]
  const lane = async () => {
    while (queue.length > 0 && !stop.aborted) {
      const job = queue.shift()!
      hooks.onStart?.(job)
      const start = performance.now()
      const outcome = await runChild<Job, Result>(job, options, hooks, stop)
      if (outcome === 'interrupted') queue.unshift(job)
      else await hooks.onEnd(job, outcome, (performance.now() - start) / 1000)
    }
  }
  const guarded = () =>
    lane().catch(error => {
      broken.abort()
      throw error
    })
  const ends = await Promise.allSettled(Array.from({ length: Math.min(options.lanes, jobs.length) }, guarded))
  const failure = ends.find(end => end.status === 'rejected')
  if (failure) throw failure.reason
}

/** One job in one process. `interrupted`: it was stopped before it could say anything, and may be run again. */
function runChild<Job, Result>(
  job: Job,
  options: PoolOptions,
  hooks: PoolHooks<Job, Result>,
  stop: AbortSignal,
): Promise<Outcome<Result> | 'interrupted'> {
  const { memoryLimitMb, timeLimitSeconds } = options
  const execArgv = [...(options.execArgv ?? process.execArgv), `--max-old-space-size=${memoryLimitMb}`]
  // Serialization `advanced` carries NaN and infinities, which JSON does not.
  const child = fork(options.worker, {
    execArgv,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let log = ''
  let said: Outcome<Result> | undefined
  const keep = (chunk: string) => {
    log = (log + chunk).slice(-logLength)
  }
  child.stdout?.setEncoding('utf8').on('data', keep)
  child.stderr?.setEncoding('utf8').on('data', keep)
  const kill = () => child.kill('SIGKILL')
  const deadline = setTimeout(() => {
    said ??= { status: 'timeout', error: `over the time limit of ${timeLimitSeconds} s`, log: '' }
    kill()
  }, timeLimitSeconds * 1000)
  let grace: NodeJS.Timeout | undefined
  const settle = (outcome: Outcome<Result>) => {
    said ??= outcome
    grace = setTimeout(kill, graceMs)
  }
  child.on('message', (report: Report<Result>) => {
    if (report.kind === 'progress') hooks.onProgress?.(job, report.progress)
    else if (report.kind === 'note') hooks.onNote?.(report.line)
    else if (report.kind === 'result') settle({ status: 'done', result: report.result })
    else settle({ status: 'failed', error: report.error, log: '' })
  })
  stop.addEventListener('abort', kill)
  if (stop.aborted) kill()
  const assignment: Assignment<Job> = { job, parent: process.pid, memoryLimitMb }
  // A child that is gone before it could read ends through `close`, so the error of sending says nothing new.
  child.send(assignment as never, () => {})

  return new Promise(resolve => {
    const end = (code: number | null, signalName: NodeJS.Signals | null, reason?: string) => {
      clearTimeout(deadline)
      clearTimeout(grace)
      stop.removeEventListener('abort', kill)
      if (said?.status === 'done') resolve(said)
      // Ctrl-C reaches the whole group: a child that has not come to ignoring it yet is no crash.
      else if (stop.aborted || (!said && signalName === 'SIGINT')) resolve('interrupted')
      else
        resolve(
          explain(said, log, memoryLimitMb, reason ?? (signalName ? `killed by ${signalName}` : `exit code ${code}`)),
        )
    }
    child.once('error', error => end(null, null, `the process could not start: ${error.message}`))
    child.once('close', (code, signalName) => end(code, signalName))
  })
}

/** How a job ended that has no result: what was said of it, by the child or by us, and how its process left. */
function explain<Result>(
  said: Outcome<Result> | undefined,
  log: string,
  memoryLimitMb: number,
  exit: string,
): Outcome<Result> {
  if (said?.status === 'timeout') return { ...said, log }
  const error = said && said.status !== 'done' ? said.error : ''
  if (log.includes(memoryMark) || outOfMemory.test(error) || outOfMemory.test(log)) {
    return { status: 'memory', error: `over the memory limit of ${memoryLimitMb} MiB`, log }
  }
  if (said) return { status: 'failed', error, log }
  return { status: 'crashed', error: `the process ended before it had a result: ${exit}`, log }
}
