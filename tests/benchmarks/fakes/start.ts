import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('run.ts', import.meta.url))

/** A run in a process of its own; `until` waits for what it says. */
export function startRun(folder: string, lanes: number, fates: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder, String(lanes), ...fates])
  let output = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text
  })
  child.stderr.pipe(process.stderr)
  const until = async (text: string) => {
    for (let waits = 0; !output.includes(text); waits++) {
      if (waits > 1000) throw new Error(`waited for '${text}' in vain`)
      await sleep(20)
    }
  }
  return { child, until }
}

/** The numbers of a process's children, as Linux knows them. */
export function childrenOf(parent: ChildProcess): number[] {
  const path = `/proc/${parent.pid}/task/${parent.pid}/children`
  return readFileSync(path, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number)
}

export function isAlive(id: number): boolean {
  try {
    // A zombie that nobody waits for is dead enough.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, 'utf8'))
  } catch {
    return false
  }
}
