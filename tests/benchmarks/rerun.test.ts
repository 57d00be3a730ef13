import { describe, expect, test } from 'vitest'
import { resultTables } from '../../benchmarks/board/tables.ts'
import type { CellRecord } from '../../benchmarks/cell.ts'
import { compareCell, sampleCells } from '../../benchmarks/running/rerun.ts'
import { madeUpRecord, madeUpWorld } from './made-up.ts'

const reference = madeUpRecord({ model: 'persistence', family: 'reference', error: () => 1 })
const trained = madeUpRecord({ model: 's2gru', error: () => 0.5 })
const tables = resultTables('quick', [reference, trained])
/** The same cell with other errors. */
const withError = (record: CellRecord, error: number): CellRecord => ({
  ...record,
  figures: record.figures.map(figure => ({ ...figure, value: error })),
  episodes: record.episodes.map(episode => ({ ...episode, error })),
})
const elsewhere = (record: CellRecord): CellRecord => ({
  ...record,
  versions: { node: 'v24.1.0' },
  timings: { ...record.timings, machine: 'another' },
})

describe('a cell that was run again', () => {
  test('must be the same to the last bit under the same circumstances; times and memory may differ', () => {
    const again = { ...trained, timings: { ...trained.timings, trainMs: 9e9 }, versions: { node: 'v20.99.0' } }
    expect(compareCell(tables, again)).toEqual({ agrees: true, found: 'the same to the last bit' })
    const off = withError(trained, 0.5 + 2 ** -53)
    expect(compareCell(tables, off)).toEqual({
      agrees: false,
      found: 'runs.csv at filter 1 excess_cross_entropy: value is 0.5, again it came to 0.5000000000000001',
    })
    expect(compareCell(tables, { ...trained, status: 'diverged', figures: [], episodes: [] })).toEqual({
      agrees: false,
      found: 'cells.csv: status is "ok", again it came to "diverged"',
    })
  })

  test('may elsewhere err by .1 of persistence more or less, and says why it may', () => {
    const found = (error: number) => compareCell(tables, elsewhere(withError(trained, error)))
    expect(found(0.59)).toEqual({
      agrees: true,
      found:
        'errors off by 0.090 at most, at filter 1; tolerance 0.1, because of machine another, not two cores, ' +
        '"made up", Node v24, not v20',
    })
    expect(found(0.61).agrees).toBe(false)
    expect(found(0.41).agrees).toBe(true)
    expect(found(Number.NaN)).toMatchObject({ agrees: false, found: expect.stringContaining('off by Infinity') })
    expect(compareCell(tables, elsewhere({ ...trained, status: 'diverged' })).agrees).toBe(false)
  })

  test('is asked for more where it is not trained', () => {
    expect(compareCell(tables, elsewhere(withError(reference, 1 + 5e-7))).agrees).toBe(true)
    expect(compareCell(tables, elsewhere(withError(reference, 1 + 5e-6))).agrees).toBe(false)
  })

  test('that comes from other sources is not asked for the same bits', () => {
    expect(compareCell(tables, { ...trained, sources: 'other' })).toEqual({
      agrees: true,
      found: 'the same errors; tolerance 0.1, because of other sources',
    })
  })
})

test('a seed chooses the same cells every time, each once, and never one that failed or was made elsewhere', () => {
  const failed = madeUpRecord({ model: 'lstm', status: 'timeout' })
  const external = madeUpRecord({ model: 'external', family: 'external', options: { name: 'mine' } })
  const world = resultTables('quick', [...madeUpWorld({}, { s2gru: 0.5, gru: 0.6 }), failed, external])
  const chosen = (count: number, seed: number) => sampleCells(world, count, seed).map(({ cell }) => cell)
  expect(chosen(4, 0)).toEqual(chosen(4, 0))
  expect(new Set([0, 1, 2, 3].map(seed => chosen(4, seed).join())).size).toBe(4)
  expect(new Set(chosen(12, 0)).size).toBe(12)
  expect(chosen(99, 0)).toHaveLength(12)
  for (const { cell } of [failed, external]) expect(chosen(99, 0)).not.toContain(cell)
})
