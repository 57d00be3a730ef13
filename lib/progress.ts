/** What is known of a piece of work that runs. All times in seconds. */
export interface RunningWork {
  /** What was planned for the whole of it. */
  readonly expected: number
  readonly elapsed: number
  /** The part that it is busy with: since when, and which share of it is done. */
  readonly phase?: { readonly elapsed: number; readonly share: number }
}

/** What an estimate of the remaining time is made from. `finished` holds what was planned beside what it took. */
export interface WorkState {
  readonly finished: readonly { readonly expected: number; readonly actual: number }[]
  readonly running: readonly RunningWork[]
  /** The planned times of what waits, in its order. */
  readonly queued: readonly number[]
  readonly lanes: number
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
/** A phase says nothing about its end before it has lasted so long. */
const tellingSeconds = 1

/**
 * Seconds until all work is done. The plan is stretched by what finished work really took for its plan (by the running
 * work's own measure while nothing has finished); running work counts by the pace of its phase; what waits goes to
 * the lane that is free first.
 */
export function estimateRemaining({ finished, running, queued, lanes }: WorkState): number {
  const byPhase = (work: RunningWork) =>
    work.phase && work.phase.share > 0 && work.phase.elapsed >= tellingSeconds
      ? (work.phase.elapsed * (1 - work.phase.share)) / work.phase.share
      : undefined
  const measured = finished.length
    ? finished
    : running.flatMap(work => {
        const rest = byPhase(work)
        return rest === undefined ? [] : [{ expected: work.expected, actual: work.elapsed + rest }]
      })
  const planned = sum(measured.map(work => work.expected))
  const stretch = planned > 0 ? sum(measured.map(work => work.actual)) / planned : 1
  const free = running.map(work => byPhase(work) ?? Math.max(0, work.expected * stretch - work.elapsed))
  while (free.length < lanes) free.push(0)
  for (const expected of queued) {
    const first = free.indexOf(Math.min(...free))
    free[first] += expected * stretch
  }
  return Math.max(0, ...free)
}

/** `0:07`, `12:40`, `3:05:00` */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds)
  const pad = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return `${hours > 0 ? `${hours}:${pad(minutes)}` : minutes}:${pad(whole % 60)}`
}

/** Where progress goes: a terminal, or anything else that takes text. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
}

/** A few lines at the bottom of a terminal that change in place, below lines that stay. */
export interface LiveLines {
  /** Replaces the lines that change. Nothing where the stream is no terminal. */
  update(lines: readonly string[]): void
  /** A line that stays. */
  print(line: string): void
  /** Takes the changing lines away. */
  clear(): void
}

/** @param stream stderr, so that a pipe behind stdout gets results only */
export function liveLines(stream: ProgressStream): LiveLines {
  const live = stream.isTTY === true && process.env.TERM !== 'dumb'
  let shown = 0
  const back = () => (shown > 0 ? `\x1b[${shown}A\x1b[0J` : '')
  const clear = () => {
    if (shown > 0) stream.write(back())
    shown = 0
  }
  return {
    clear,
    print(line) {
      clear()
      stream.write(`${line}\n`)
    },
    update(lines) {
      if (!live) return
      // A line that wraps would count as two, and what has scrolled away cannot be gone up to.
      const [width, height] = [(stream.columns || 80) - 1, (stream.rows || 24) - 1]
      const fitting = lines.slice(0, height).map(line => `${line.slice(0, width)}\n`)
      stream.write(back() + fitting.join(''))
      shown = fitting.length
    },
  }
}
