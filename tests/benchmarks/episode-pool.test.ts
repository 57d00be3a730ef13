import { execFile } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openEpisodePool } from '../../benchmarks/task/episode-pool.ts'
import { type EpisodeSet, generateEpisodes } from '../../benchmarks/task/episodes.ts'
import type { Task } from '../../benchmarks/task/task.ts'
import { numberedTasks, smallTask } from './small.ts'

let folder: string
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'pool-')), 'episodes')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

const schedule = { tile: 4, context: 3, blind: 1 } as const
const files = () => readdirSync(folder).filter(name => !name.startsWith('.'))
const bits = ({ values, ...set }: EpisodeSet) => ({
  ...set,
  bytes: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex'),
})

/** A world that counts how often it was begun. */
function counted(task: Task): { task: Task; begun: () => number } {
  const initial = vi.fn(task.environment.initial)
  return { task: { ...task, environment: { ...task.environment, initial } }, begun: () => initial.mock.calls.length }
}

describe('the pool of episodes', () => {
  it.each(['life', 'fluid', 'coupled-maps'])(
    'gives the same bits as the world itself, made or read: %s',
    async world => {
      const task = smallTask(world, 16, schedule)
      const pool = openEpisodePool(folder, expect.fail)
      const plain = bits(generateEpisodes(task, 'test', 3))
      expect(bits(await pool.episodes(task, 'test', 3))).toEqual(plain)
      expect(bits(await pool.episodes(task, 'test', 3))).toEqual(plain)
      expect(files()).toHaveLength(1)
    },
  )

  it('does so for every cut and shape of a world', async () => {
    const pool = openEpisodePool(folder, expect.fail)
    await fc.assert(
      fc.asyncProperty(numberedTasks, fc.integer({ min: 1, max: 3 }), async (task, count) => {
        rmSync(folder, { recursive: true, force: true })
        const plain = bits(generateEpisodes(task, 'train', count))
        for (const _time of ['made', 'read']) expect(bits(await pool.episodes(task, 'train', count))).toEqual(plain)
      }),
      { numRuns: 20 },
    )
  })

  it('makes nothing twice: not for another cell, another cut, or a scrambled world', async () => {
    const { task, begun } = counted(smallTask('life', 16, schedule))
    await openEpisodePool(folder, expect.fail).episodes(task, 'train', 4)
    expect(begun()).toBe(4)
    for (const change of [{}, { tile: 2 }, { scrambled: true }, { views: 3, queries: 2 }]) {
      const other = { ...smallTask('life', 16, { ...schedule, ...change }), environment: task.environment }
      const set = await openEpisodePool(folder, expect.fail).episodes(other, 'train', 4)
      expect(bits(set)).toEqual(bits(generateEpisodes(smallTask('life', 16, { ...schedule, ...change }), 'train', 4)))
    }
    expect(begun()).toBe(4)
  })

  it('never mistakes one set for another: world, parameters, size, split, number and length all count', async () => {
    const pool = openEpisodePool(folder, expect.fail)
    const wanted: [Task, 'train' | 'test', number][] = [
      [smallTask('life', 16, schedule), 'train', 2],
      [smallTask('life', 16, schedule), 'test', 2],
      [smallTask('life', 16, schedule), 'train', 3],
      [smallTask('life', 24, schedule), 'train', 2],
      [smallTask('life', 16, { ...schedule, blind: 2 }), 'train', 2],
      [smallTask('life', 16, schedule, { density: 0.5 }), 'train', 2],
      [smallTask('waves', 16, schedule), 'train', 2],
    ]
    for (const [task, split, count] of wanted) await pool.episodes(task, split, count)
    expect(files()).toHaveLength(wanted.length)
    const { task } = counted(smallTask('life', 16, schedule))
    await pool.episodes({ ...task, environment: { ...task.environment, version: 99 } }, 'train', 2)
    expect(files()).toHaveLength(wanted.length + 1)
  })

  it('notices a file that was cut off, changed anywhere, or stands under a name not its own, and makes it anew', async () => {
    const { task, begun } = counted(smallTask('coupled-maps', 8, { ...schedule, tile: 1 }))
    const plain = bits(generateEpisodes(task, 'train', 2))
    const notes: string[] = []
    const pool = openEpisodePool(folder, line => notes.push(line))
    await pool.episodes(task, 'train', 2)
    const path = join(folder, files()[0])
    const whole = readFileSync(path)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, change, cut) => {
          const damaged = Buffer.from(whole)
          damaged[at] ^= change
          writeFileSync(path, damaged)
          if (cut) truncateSync(path, at)
          const before = { notes: notes.length, begun: begun() }
          expect(bits(await pool.episodes(task, 'train', 2))).toEqual(plain)
          expect(notes.slice(before.notes)).toEqual([`${path} is damaged: its episodes are made anew`])
          expect(begun()).toBe(before.begun + 2)
          expect(readFileSync(path)).toEqual(whole)
        },
      ),
      { numRuns: 40 },
    )
    await pool.episodes(task, 'test', 2)
    const [other] = files().filter(name => !path.endsWith(name))
    writeFileSync(join(folder, other), whole)
    notes.length = 0
    expect(bits(await pool.episodes(task, 'test', 2))).toEqual(bits(generateEpisodes(task, 'test', 2)))
    expect(notes).toHaveLength(1)
  })

  it('lets one make what two want at once', async () => {
    const { task, begun } = counted(smallTask('life', 16, schedule))
    // As another worker at work: a file with the number of a process that is there.
    const probe = openEpisodePool(folder, expect.fail)
    await probe.episodes(task, 'train', 2)
    const path = join(folder, files()[0])
    const whole = readFileSync(path)
    rmSync(path)
    writeFileSync(`${path}.lock`, String(process.ppid))
    const made = begun()
    const waiting = probe.episodes(task, 'train', 2)
    await new Promise(resolve => setTimeout(resolve, 100))
    writeFileSync(path, whole)
    rmSync(`${path}.lock`)
    expect(bits(await waiting)).toEqual(bits(generateEpisodes(smallTask('life', 16, schedule), 'train', 2)))
    expect(begun()).toBe(made)
  })

  it('is filled by one of several processes that begin together, and all get the same bits', async () => {
    const worker = fileURLToPath(new URL('fakes/take-episodes.ts', import.meta.url))
    const take = () => promisify(execFile)(process.execPath, ['--import', 'tsx', worker, folder])
    const said = (await Promise.all([take(), take(), take()])).map(({ stdout }) => stdout.trim().split(' '))
    expect(said.map(([begun]) => begun).sort()).toEqual(['0', '0', '40'])
    expect(new Set(said.map(([, hash]) => hash)).size).toBe(1)
    expect(files()).toHaveLength(1)
  })

  it('waits for nobody who is gone', async () => {
    const task = smallTask('life', 16, schedule)
    const pool = openEpisodePool(folder, expect.fail)
    await pool.episodes(task, 'train', 1)
    const path = join(folder, files()[0])
    for (const owner of ['4194305', 'nonsense', '']) {
      rmSync(path)
      writeFileSync(`${path}.lock`, owner)
      if (owner === '') utimesSync(`${path}.lock`, new Date(0), new Date(0))
      await pool.episodes(task, 'train', 1)
      expect(files()).toEqual([path.split('/').at(-1)])
    }
  })

  it('stays within its size: what was used least recently goes, what is too large is never kept', async () => {
    const task = smallTask('life', 16, schedule)
    await openEpisodePool(folder, expect.fail).episodes(task, 'train', 2)
    const [first] = files()
    const { size } = statSync(join(folder, first))
    const pool = openEpisodePool(folder, expect.fail, 2.5 * size)
    await pool.episodes(task, 'test', 2)
    const second = files().find(name => name !== first)!
    utimesSync(join(folder, first), new Date(2000, 0), new Date(2000, 0))
    utimesSync(join(folder, second), new Date(2001, 0), new Date(2001, 0))
    await pool.episodes(task, 'train', 2) // used again: now the second is the older one
    await pool.episodes(task, 'validation', 2)
    expect(files()).toHaveLength(2)
    expect(files()).toContain(first)
    expect(files()).not.toContain(second)
    await pool.episodes(task, 'train', 20)
    expect(files()).toHaveLength(2)
  })

  it('goes without where nothing can be kept, and says so', async () => {
    writeFileSync(folder, 'a file, not a folder')
    const notes: string[] = []
    const task = smallTask('life', 16, schedule)
    const set = await openEpisodePool(folder, line => notes.push(line)).episodes(task, 'train', 1)
    expect(bits(set)).toEqual(bits(generateEpisodes(task, 'train', 1)))
    expect(notes).toHaveLength(1)
    expect(notes[0]).toMatch(/^cannot .*: these episodes are made anew for every cell$/)
    rmSync(folder)
    mkdirSync(folder)
  })
})
