import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CellSpec, cellId } from '../../benchmarks/cell.ts'
import { cellPath, logPath } from '../../benchmarks/running/ledger.ts'
import { type RunMonitor, runSuite, type SuiteRun } from '../../benchmarks/running/run-suite.ts'
import { fakeCell, fakeRun } from './fakes/cells.ts'
import { childrenOf, isAlive, startRun as start } from './fakes/start.ts'

const lives = ['lives', 'lives', 'lives', 'lives']
const cellsOf = (fates: string[]) => fates.map(fakeCell)

/** All CSVs but the timings, as one text. */
function csvs(folder: string): string {
  const names = readdirSync(folder).filter(name => name.endsWith('.csv') && name !== 'timings.csv')
  return names.map(name => `${name}\n${readFileSync(join(folder, name), 'utf8')}`).join('')
}

async function run(change: SuiteRun, signal?: AbortSignal) {
  const notes: string[] = []
  const ran: number[] = []
  const monitor: RunMonitor = {
    note: line => notes.push(line),
    planned: () => {},
    started: spec => ran.push(spec.seed),
    progressed: () => {},
    ended: () => {},
  }
  return { notes, ran, result: await runSuite(change, monitor, signal) }
}

const onLinux = process.platform === 'linux'

describe('a run of a suite', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scalespace-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('has a row for every cell that fails, goes on, and tries those again when told to', async () => {
    const cells = cellsOf(['throws', 'is-killed', 'diverges', 'lives'])
    const first = await run(fakeRun(folder, cells))
    expect(first.result.records.map(record => record.status)).toEqual(['failed', 'crashed', 'diverged', 'ok'])
    expect(first.result.missing).toBe(0)
    const rows = readFileSync(join(folder, 'cells.csv'), 'utf8').trim().split('\n')
    expect(rows).toHaveLength(5)
    expect(rows.join('\n')).toContain('TypeError: a defect of two lines')
    expect(readFileSync(logPath(folder, cellId(cells[0])), 'utf8')).toContain('worker.ts')
    const again = await run(fakeRun(folder, cells))
    expect(again.ran).toEqual([])
    expect(again.result.records).toEqual(first.result.records)
    expect((await run({ ...fakeRun(folder, cells), retryFailed: true })).ran.sort()).toEqual([0, 1])
  })

  it('gives the same bytes with one worker and two, in any order, and after a kill -9', async () => {
    const cells = cellsOf(lives)
    await run(fakeRun(join(folder, 'one'), cells, { lanes: 1 }))
    const reference = csvs(join(folder, 'one'))
    expect(reference).toContain('nan')
    await run({ ...fakeRun(join(folder, 'two'), cells), expectedSeconds: spec => spec.seed })
    expect(csvs(join(folder, 'two'))).toBe(reference)

    const killed = start(join(folder, 'killed'), 1, lives)
    await killed.until('ended 1')
    killed.child.kill('SIGKILL')
    await once(killed.child, 'exit')
    const { ran } = await run(fakeRun(join(folder, 'killed'), cells))
    expect(ran.length).toBeLessThan(3)
    expect(csvs(join(folder, 'killed'))).toBe(reference)
  })

  it.runIf(onLinux)('leaves no child behind a kill -9, however busy it is', async () => {
    const killed = start(folder, 2, ['loops-forever', 'loops-forever'])
    await killed.until('running 0')
    await killed.until('running 1')
    const children = childrenOf(killed.child)
    expect(children).toHaveLength(2)
    killed.child.kill('SIGKILL')
    await sleep(1500)
    expect(children.filter(isAlive)).toEqual([])
  })

  it.runIf(onLinux)('stops within two seconds of Ctrl-C, keeps what is finished and goes on from there', async () => {
    const fates = ['lives', 'loops-forever', 'is-slow', 'lives']
    const stopped = start(folder, 2, fates)
    await stopped.until('ended 0')
    await stopped.until('running 1')
    await stopped.until('started 2')
    const children = childrenOf(stopped.child)
    const before = performance.now()
    for (const id of [...children, stopped.child.pid!]) process.kill(id, 'SIGINT')
    expect(await once(stopped.child, 'exit')).toEqual([130, null])
    expect(performance.now() - before).toBeLessThan(2000)
    expect(children.filter(isAlive)).toEqual([])
    expect(readFileSync(join(folder, 'cells.csv'), 'utf8').trim().split('\n')).toHaveLength(2)
    const rest = cellsOf(fates).filter(spec => spec.options.fate === 'lives')
    expect((await run(fakeRun(folder, rest))).ran).toEqual([3])
  })

  it('says which file is damaged, keeps it, and runs that cell again', async () => {
    const cells = cellsOf(lives)
    await run(fakeRun(folder, cells))
    const reference = csvs(folder)
    const path = cellPath(folder, cellId(cells[2]))
    truncateSync(path, statSync(path).size - 9)
    const { notes, ran } = await run(fakeRun(folder, cells))
    expect(notes).toEqual([expect.stringMatching(`^${path} is damaged .*: kept as .*\\.damaged`)])
    expect(ran).toEqual([2])
    expect(csvs(folder)).toBe(reference)
  })

  it('runs again what came from other sources, and everything where that is asked for', async () => {
    const cells = cellsOf(['lives', 'lives'])
    await run(fakeRun(folder, cells))
    const later = { ...fakeRun(folder, cells), sources: 'later' }
    const stale = await run(later)
    expect(stale.notes).toEqual(['2 earlier results came from other sources: run again'])
    expect(stale.ran).toEqual([0, 1])
    expect((await run(later)).ran).toEqual([])
    writeFileSync(join(folder, 'cells', 'mine.json'), 'not of this suite')
    expect((await run({ ...later, fresh: true })).ran).toEqual([0, 1])
    expect(readFileSync(join(folder, 'cells', 'mine.json'), 'utf8')).toBe('not of this suite')
  })

  it('keeps the rest of the suite in the tables when a part of it runs', async () => {
    const board: CellSpec[] = cellsOf(lives)
    await run(fakeRun(folder, board))
    const reference = csvs(folder)
    const part = await run({ ...fakeRun(folder, board.slice(0, 1)), board, fresh: true })
    expect(part.ran).toEqual([0])
    expect(part.result.records).toHaveLength(1)
    expect(csvs(folder)).toBe(reference)
  })

  it.runIf(onLinux)('refuses a folder that another run has, and takes it over once that is dead', async () => {
    const first = start(folder, 1, ['loops-forever'])
    await first.until('running 0')
    const before = readdirSync(join(folder, 'cells'))
    await expect(run({ ...fakeRun(folder, cellsOf(['lives'])), fresh: true })).rejects.toThrow(
      `'${folder}' is in use by process ${first.child.pid}`,
    )
    expect(readdirSync(join(folder, 'cells'))).toEqual(before)
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    expect((await run(fakeRun(folder, cellsOf(['lives'])))).ran).toEqual([0])
    expect(readdirSync(folder)).not.toContain('.lock')
  })

  it('begins with the longest', async () => {
    const cells = cellsOf(['lives', 'lives', 'lives'])
    const { ran } = await run({ ...fakeRun(folder, cells, { lanes: 1 }), expectedSeconds: spec => spec.seed })
    expect(ran).toEqual([2, 1, 0])
  })

  it('refuses a folder that cannot be written before any work', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    await expect(run(fakeRun(file, cellsOf(lives)))).rejects.toThrow(/^cannot/)
  })
})
