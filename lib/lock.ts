import { execFileSync } from 'node:child_process'
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from './errors.ts'
import { explained, isRunning } from './files.ts'

/** Who holds a lock. A number of a process is given out again; together with its start it is not. */
const ownerSchema = z.strictObject({ host: z.string(), pid: z.int().min(1), started: z.string() })
type Owner = z.output<typeof ownerSchema>

/** How long others may take to remove a stale lock; they need less than a thousandth of it. */
const patienceMs = 2000
const guardOf = (path: string) => `${path}.guard.tmp`

/**
 * When a process started, as a text that no other process of that number on this machine will have; empty where the
 * system does not tell. Linux counts ticks since it was booted, so the boot's own name belongs to it.
 */
function startOf(pid: number): string {
  try {
    // The second field is the name of the program in brackets, which may hold blanks and brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '').trim().split(' ')
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`
  } catch {
    // Not Linux.
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return ''
  }
}

/** The owner as it is written down; null where there is no lock, or nothing of ours in it. What cannot be read throws. */
function readOwner(path: string): Owner | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    return ownerSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** What nothing can be said of counts as alive: a process on another machine, one whose start the system hides. */
const isAlive = ({ host, pid, started }: Owner) =>
  host !== hostname() || (isRunning(pid) && ['', started].includes(startOf(pid)))

/**
 * Makes the lock if nobody has it. A link appears whole or not at all, unlike a file that is written. The host belongs
 * to its temporary name: on a shared disk another machine may have a process of the same number.
 */
function take(path: string, content: string): boolean {
  const temporary = `${path}.${hostname()}.${process.pid}.tmp`
  writeFileSync(temporary, content)
  try {
    linkSync(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Removes a lock whose owner is gone. One process at a time does so, or it might remove what another just took. */
function removeStale(path: string, content: string): void {
  const guard = guardOf(path)
  if (!take(guard, content)) {
    const breaker = readOwner(guard)
    if (breaker !== null && !isAlive(breaker)) rmSync(guard, { force: true })
    return
  }
  try {
    // A lock that was read here and is stale stays until it is removed here; one that is not there is nobody's to remove.
    const before = statSync(path, { throwIfNoEntry: false })?.ino
    if (before === undefined) return
    const owner = readOwner(path)
    const stale = owner === null || !isAlive(owner)
    if (stale && statSync(path, { throwIfNoEntry: false })?.ino === before) rmSync(path, { force: true })
  } finally {
    rmSync(guard, { force: true })
  }
}

/**
 * Takes a folder for this process, until the function that comes back is called. A lock survives its owner's death and
 * then holds no one up: what counts is whether a process of its number and start is running.
 * @throws UserError where another process has the folder, and where nothing can be written there
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, '.lock')
  const owner: Owner = { host: hostname(), pid: process.pid, started: startOf(process.pid) }
  const content = `${JSON.stringify(owner)}\n`
  const since = performance.now()
  return explained('take the lock', path, () => {
    while (!take(path, content)) {
      const other = readOwner(path)
      if (other !== null && isAlive(other)) {
        const where = other.host === owner.host ? '' : ` on ${other.host} (where that is gone, remove '${path}')`
        throw new UserError(
          `'${folder}' is in use by process ${other.pid}${where}: wait for its end, or take another folder`,
        )
      }
      removeStale(path, content)
      if (performance.now() - since > patienceMs)
        throw new UserError(`'${guardOf(path)}' is in the way of a lock: if no other run is starting here, remove it`)
    }
    return () => {
      try {
        if (readFileSync(path, 'utf8') === content) rmSync(path)
      } catch {
        // Gone, or on a disk that has turned read-only: what stays is stale once this process is gone.
      }
    }
  })
}
