import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { resultFiles } from '../../benchmarks/board/results.ts'
import { cellId } from '../../benchmarks/cell.ts'
import { cellIds, readCell } from '../../benchmarks/running/ledger.ts'
import { type RunMonitor, runSuite } from '../../benchmarks/running/run-suite.ts'
import { randomStream } from '../../lib/random.ts'
import { fakeCell, fakeRun } from './fakes/cells.ts'
import { childrenOf, startRun } from './fakes/start.ts'

const onLinux = process.platform === 'linux'
const silent: RunMonitor = { note() {}, planned() {}, started() {}, progressed() {}, ended() {} }
const run = (folder: string, fates: readonly string[]) => runSuite(fakeRun(folder, fates.map(fakeCell)), silent)
/** What two runs must have in common. */
const bytes = (folder: string) =>
  resultFiles.filter(name => name !== 'timings.csv').map(name => readFileSync(join(folder, name), 'utf8'))

/** Waits until a process has said so many lines. */
const said = (child: ChildProcess, lines: number) =>
  new Promise<void>(resolve => {
    let count = 0
    const look = () => count >= lines && resolve()
    child.stdout?.on('data', (text: string) => {
      count += text.split('\n').length - 1
      look()
    })
    look()
  })

let scratch = ''
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'reliability-'))
})
afterAll(() => rmSync(scratch, { recursive: true }))

it('kill -9 at 50 random moments loses no cell, doubles none, and leaves the same bytes', async () => {
  const fates = ['lives', 'diverges', 'lives', 'throws', 'lives', 'lives', 'lives', 'lives']
  const whole = join(scratch, 'whole')
  await run(whole, fates)
  let inTheMiddle = 0
  /** A run that is killed ten times: while it starts, or after it has said so many lines, and a moment. */
  const killed = async (name: string) => {
    const folder = join(scratch, name)
    const random = randomStream(name)
    const finished = () => cellIds(folder).length
    for (let kill = 0; kill < 10; kill++) {
      if (finished() === fates.length) rmSync(folder, { recursive: true })
      const { child } = startRun(folder, 1, fates)
      const ended = once(child, 'exit')
      await Promise.race([ended, said(child, random.integer(6))])
      await Promise.race([ended, sleep(200 * random.uniform())])
      child.kill('SIGKILL')
      await ended
      if (finished() > 0 && finished() < fates.length) inTheMiddle++
      // Whatever is there is whole.
      for (const id of cellIds(folder)) expect(readCell(folder, id).kind).toBe('finished')
    }
    await run(folder, fates)
    expect(bytes(folder)).toEqual(bytes(whole))
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    expect(names.filter(name => name.endsWith('.tmp') || name.includes('.lock'))).toEqual([])
  }
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map(killed))
  expect(inTheMiddle).toBeGreaterThan(20)
}, 300_000)

it.runIf(onLinux)('a worker that is killed by hand is a row, and the run goes on', async () => {
  const folder = join(scratch, 'by-hand')
  const { child, until } = startRun(folder, 1, ['loops-forever', 'lives'])
  await until('running 0')
  const [worker] = childrenOf(child)
  process.kill(worker, 'SIGKILL')
  expect(await once(child, 'exit')).toEqual([0, null])
  const rows = readFileSync(join(folder, 'cells.csv'), 'utf8').trim().split('\n').slice(1)
  expect(rows).toHaveLength(2)
  expect(
    rows.filter(row => row.includes(',crashed,the process ended before it had a result: killed by SIGKILL,')),
  ).toHaveLength(1)
  expect(rows.filter(row => row.includes(',ok,,'))).toHaveLength(1)
})

/** A file system of a megabyte, where this machine lets us have one. */
function mountSmall(folder: string): boolean {
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('a folder on a small disk', () => {
  const fates = ['lives', 'lives', 'lives']
  let folder = ''
  let mounted = false
  beforeEach(context => {
    folder = join(scratch, 'disk')
    mounted = mountSmall(folder)
    if (!mounted) context.skip()
  })
  afterEach(() => {
    if (mounted) execFileSync('umount', [folder])
  })

  it('that is full is one clear line; what was finished stays, and the run goes on once there is room', async () => {
    const whole = join(scratch, 'roomy')
    await run(whole, fates)
    await run(folder, fates.slice(0, 1))
    const before = bytes(folder)
    const { bavail, bsize } = statfsSync(folder)
    writeFileSync(join(folder, 'filler'), Buffer.alloc(Number(bavail) * Number(bsize)))
    await expect(run(folder, fates)).rejects.toThrow(/^cannot [^\n]*: the disk is full$/)
    expect(bytes(folder)).toEqual(before)
    expect(readCell(folder, cellId(fakeCell('lives', 0)))).toMatchObject({ kind: 'finished' })
    rmSync(join(folder, 'filler'))
    await run(folder, fates)
    expect(bytes(folder)).toEqual(bytes(whole))
  })

  it('that has no room for what a cell learned ends the run: that is no result of the cell', async () => {
    const cells = ['lives', 'learns-much', 'lives'].map(fakeCell)
    await expect(runSuite(fakeRun(folder, cells, { lanes: 1 }), silent)).rejects.toThrow(
      /^cannot write '[^\n]*\.safetensors': the disk is full$/,
    )
    expect(cellIds(folder)).toEqual([cellId(cells[0])])
  })

  it('that turns read-only in the middle of a run is one clear line, and earlier cells are intact', async () => {
    const cells = fates.map(fakeCell)
    let ended = 0
    const turning: RunMonitor = {
      ...silent,
      ended() {
        if (++ended === 1) execFileSync('mount', ['-o', 'remount,ro', folder])
      },
    }
    await expect(runSuite(fakeRun(folder, cells, { lanes: 1 }), turning)).rejects.toThrow(
      /^cannot write '[^\n]*': the file system is read-only$/,
    )
    expect(cellIds(folder).map(id => readCell(folder, id).kind)).toEqual(['finished'])
    execFileSync('mount', ['-o', 'remount,rw', folder])
    // The lock could not be given back. It would be nobody's now, had that run been in a process of its own.
    rmSync(join(folder, '.lock'))
    await run(folder, fates)
    expect(cellIds(folder)).toHaveLength(fates.length)
  })

  it('that turns read-only is one clear line, and nothing in it changes', async () => {
    await run(folder, fates)
    const before = bytes(folder)
    execFileSync('mount', ['-o', 'remount,ro', folder])
    await expect(run(folder, fates)).rejects.toThrow(/^cannot write to the folder '.*': the file system is read-only$/)
    expect(bytes(folder)).toEqual(before)
    for (const id of cellIds(folder)) expect(readCell(folder, id).kind).toBe('finished')
  })
})
