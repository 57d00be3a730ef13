/** Exit codes of a shell for the signals that ask a process to end: 128 + the signal's number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

export interface Interruption {
  /** Fires at the first of the signals. */
  readonly signal: AbortSignal
  /** The exit code of the signal that came; 0 before. */
  exitCode(): number
}

/** Turns Ctrl-C (SIGINT), SIGTERM and SIGHUP into an AbortSignal. The second one ends the process at once. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController()
  let exitCode = 0
  for (const [name, code] of Object.entries(exitCodes)) {
    process.on(name, () => {
      if (exitCode) process.exit(code)
      exitCode = code
      controller.abort()
    })
  }
  return { signal: controller.signal, exitCode: () => exitCode }
}
