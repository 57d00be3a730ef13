import { describe, expect, it } from 'vitest'
import type { CellRecord, CellSpec } from '../../benchmarks/cell.ts'
import type { CellJob } from '../../benchmarks/running/cell-worker.ts'
import { type Outcome, runPool } from '../../benchmarks/running/pool.ts'
import { fakeCell, fakeRun } from './fakes/cells.ts'

const jobs = (cells: CellSpec[]) => cells.map(spec => ({ spec, weights: '', topology: '' }))

async function outcomes(cells: CellSpec[], limits: { timeLimitSeconds?: number; lanes?: number } = {}) {
  const ends: { fate: string; outcome: Outcome<CellRecord> }[] = []
  await runPool<CellJob, CellRecord>(jobs(cells), fakeRun('', cells, limits).pool, {
    onEnd: ({ spec }, outcome) => {
      ends.push({ fate: spec.options.fate as string, outcome })
    },
  })
  return ends
}

describe('the pool of processes', () => {
  it('survives whatever a child does, and says what it was', async () => {
    const fates = ['throws', 'throws-user-error', 'throws-later', 'exits', 'aborts', 'is-killed', 'fills-the-heap']
    const ends = await outcomes([...fates, 'fills-buffers', 'lives'].map(fate => fakeCell(fate)))
    const said = Object.fromEntries(
      ends.map(({ fate, outcome }) => [
        fate,
        outcome.status === 'done' ? 'done' : `${outcome.status}: ${outcome.error}`,
      ]),
    )
    expect(said).toEqual({
      throws: 'failed: TypeError: a defect of two lines',
      'throws-user-error': 'failed: the width 3 is odd; take an even one',
      'throws-later': 'failed: Error: nobody catches this',
      exits: 'crashed: the process ended before it had a result: exit code 7',
      aborts: 'crashed: the process ended before it had a result: killed by SIGABRT',
      'is-killed': 'crashed: the process ended before it had a result: killed by SIGKILL',
      'fills-the-heap': 'memory: over the memory limit of 300 MiB',
      'fills-buffers': 'memory: over the memory limit of 300 MiB',
      lives: 'done',
    })
    const defect = ends.find(({ fate }) => fate === 'throws')!.outcome
    expect(defect.status !== 'done' && defect.log).toContain('at ')
  })

  it('ends a child that does not come to an end', async () => {
    const [{ outcome }] = await outcomes([fakeCell('loops-forever')], { timeLimitSeconds: 1 })
    expect(outcome).toMatchObject({ status: 'timeout', error: 'over the time limit of 1 s' })
  })

  it('keeps numbers that JSON has no word for', async () => {
    const [{ outcome }] = await outcomes([fakeCell('lives', 1)])
    expect(outcome.status === 'done' && outcome.result.figures[1].value).toBe(Number.NaN)
  })

  it('starts jobs in their order and ends with a throw of the one who waits for results', async () => {
    const started: number[] = []
    const cells = [3, 1, 2, 0].map(seed => fakeCell('lives', seed))
    const failing = runPool<CellJob, CellRecord>(jobs(cells), fakeRun('', cells, { lanes: 1 }).pool, {
      onStart: ({ spec }) => started.push(spec.seed),
      onEnd: () => {
        if (started.length === 2) throw new Error('the disk is full')
      },
    })
    await expect(failing).rejects.toThrow('the disk is full')
    expect(started).toEqual([3, 1])
  })
})
