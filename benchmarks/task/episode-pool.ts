import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Split } from '../../envs/environment.ts'
import { splitStream } from '../../envs/episodes.ts'
import { UserError } from '../../lib/errors.ts'
import { isRunning, readTextFile, removeTemporaries, writeFileAtomic } from '../../lib/files.ts'
import { sha256Hex } from '../../lib/hash.ts'
import { importedFiles, readSource } from '../../lib/imports.ts'
import { cutIntoTiles, type EpisodeSet, type Frames, framesOf, generateEpisodes, makeFrames } from './episodes.ts'
import type { Task } from './task.ts'

// Episodes on disk, for all cells that use the same. A file is named by a hash of what its numbers depend on, so that a
// stale one is never opened: the stream's name (world, version, size, parameters, split), how many and how long, the
// sources of all worlds, and the kind of machine. It holds, in this order:
//   the sha256 of its name and of all that follows; the sha256 of every first frame; the frames as the world shows
//   them, float32 in the order of this machine. Plain and scrambled tasks, and every tile, share them.
// The files are only ever a shortcut: whatever is wrong with one, its episodes are made anew, and are the same bits.

/** Where cells find the episodes that others have made. */
export interface EpisodePool {
  /** As `generateEpisodes`, from the pool where it has them. @throws UserError where the world does */
  episodes(task: Task, split: Split, count: number): Promise<EpisodeSet>
}

/** Every cell on its own. */
export const noPool: EpisodePool = { episodes: async (...wanted) => generateEpisodes(...wanted) }

/** Bytes that a pool may hold; what was not used for longest makes room. */
const poolSize = 2 ** 31
const hashBytes = 32
const pollMs = 20
/** No set takes so long to make: whoever says so is another process with an old number. */
const longestMs = 3_600_000

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the same stream may depend on beyond its name: the sources of the worlds, their libraries, the arithmetic. */
function originHash(): string {
  const sources = importedFiles(join(root, 'envs/find.ts')).map(file => sha256Hex(readSource(file)))
  const lockfile = sha256Hex(readTextFile(join(root, 'package-lock.json')))
  return sha256Hex([...sources.sort(), lockfile, process.version, process.platform, process.arch].join('\n'))
}

/**
 * The pool in a folder, which is made when something is put there.
 * @param note is told, in a line, of what had to be made anew, or could not be kept
 * @param most bytes that it may hold
 */
export function openEpisodePool(folder: string, note: (line: string) => void, most = poolSize): EpisodePool {
  const origin = originHash()
  return {
    async episodes(task, split, count) {
      // A recording is on the disk already.
      if (task.environment.recorded !== undefined) return generateEpisodes(task, split, count)
      const name = sha256Hex(`${splitStream(task, split).name} ${count} × ${framesOf(task)} ${origin}`)
      const path = join(folder, `${name}.episodes`)
      const read = () => readFrames(path, name, task, count, note)
      const frames = read() ?? (await whileOthersWait(path, () => read() ?? makeAndKeep(path, name)))
      return cutIntoTiles(task, frames)

      function makeAndKeep(path: string, name: string): Frames {
        const made = makeFrames(task, split, count)
        try {
          keep(folder, path, encodeFrames(name, made), most)
        } catch (error) {
          if (!(error instanceof UserError)) throw error
          note(`${error.message}: these episodes are made anew for every cell`)
        }
        return made
      }
    },
  }
}

// From node itself, as forty times as much is hashed here as anywhere else.
const contentHash = (name: string, content: Uint8Array) => createHash('sha256').update(name).update(content).digest()

function encodeFrames(name: string, { values, initialStates }: Frames): Uint8Array {
  const bytes = Buffer.alloc(hashBytes * (1 + initialStates.length) + values.byteLength)
  bytes.write(initialStates.join(''), hashBytes, 'hex')
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), bytes.length - values.byteLength)
  bytes.set(contentHash(name, bytes.subarray(hashBytes)))
  return bytes
}

/** The frames in a file; null where there is none, or none to be trusted. */
function readFrames(
  path: string,
  name: string,
  task: Task,
  count: number,
  note: (line: string) => void,
): Frames | null {
  const bytes = tryToRead(path)
  if (bytes === null) return null
  const start = hashBytes * (1 + count)
  const length = 4 * count * framesOf(task) * task.tiles * task.viewSize
  const content = bytes.subarray(hashBytes)
  if (bytes.length !== start + length || !contentHash(name, content).equals(bytes.subarray(0, hashBytes))) {
    note(`${path} is damaged: its episodes are made anew`)
    rmSync(path, { force: true })
    return null
  }
  markAsUsed(path)
  const hashes = bytes.subarray(hashBytes, start)
  const initialStates = Array.from({ length: count }, (_, i) =>
    hashes.toString('hex', i * hashBytes, (i + 1) * hashBytes),
  )
  // Nobody else has these bytes, so the numbers stay where they are; small files lie anywhere in a shared buffer.
  const at = bytes.byteOffset + start
  const values =
    at % 4 === 0 && bytes.buffer.byteLength === bytes.length
      ? new Float32Array(bytes.buffer, at, length / 4)
      : new Float32Array(bytes.buffer.slice(at, at + length))
  return { values, initialStates }
}

/** The bytes of a file; null where there is none, or it was removed to make room. */
function tryToRead(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}

function markAsUsed(path: string): void {
  const now = new Date()
  try {
    utimesSync(path, now, now)
  } catch {
    // It is gone, or not ours: somebody else sees to the room.
  }
}

/** Writes the whole file or nothing, once there is room. A set that would take half of it is not kept. */
function keep(folder: string, path: string, bytes: Uint8Array, most: number): void {
  if (bytes.length > most / 2) return
  if (existsSync(folder)) {
    removeTemporaries(folder)
    makeRoom(folder, most - bytes.length)
  }
  writeFileAtomic(path, bytes)
}

/** Removes what was used least recently until the others are no more than `most` bytes. */
function makeRoom(folder: string, most: number): void {
  const files = readdirSync(folder)
    .filter(name => name.endsWith('.episodes'))
    .flatMap(name => {
      const path = join(folder, name)
      const stat = statSync(path, { throwIfNoEntry: false })
      return stat === undefined ? [] : [{ path, size: stat.size, used: stat.mtimeMs }]
    })
    .sort((a, b) => b.used - a.used)
  let total = 0
  for (const { path, size } of files) {
    total += size
    if (total > most) rmSync(path, { force: true })
  }
}

/**
 * Runs `make` while a file beside `path` tells others to wait. That saves work and decides nothing: whoever waited for a
 * process that is gone, or cannot write here, makes the same bits.
 */
async function whileOthersWait<T>(path: string, make: () => T): Promise<T> {
  const lock = `${path}.lock`
  while (isHeld(lock)) await sleep(pollMs)
  const mine = tryToHold(lock)
  if (!mine && isHeld(lock)) return whileOthersWait(path, make)
  try {
    return make()
  } finally {
    if (mine) rmSync(lock, { force: true })
  }
}

function tryToHold(lock: string): boolean {
  try {
    mkdirSync(dirname(lock), { recursive: true })
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    return false
  }
}

/** Is somebody at work? What a killed process left behind is removed. */
function isHeld(lock: string): boolean {
  try {
    const age = Date.now() - statSync(lock).mtimeMs
    const owner = readFileSync(lock, 'utf8')
    // Between the making of a file and its first byte nobody's number stands there.
    if (age < longestMs && (owner === '' ? age < 1000 : isRunning(Number(owner)))) return true
    rmSync(lock, { force: true })
  } catch {
    // There is none, or it is not ours to read.
  }
  return false
}
