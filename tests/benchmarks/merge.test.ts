import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeTables } from '../../benchmarks/board/merge.ts'
import { formatResults } from '../../benchmarks/board/results.ts'
import { resultTables } from '../../benchmarks/board/tables.ts'
import { type CellRecord, type CellSpec, cellId } from '../../benchmarks/cell.ts'
import { cutShard, parseShard } from '../../benchmarks/running/shard.ts'
import { UserError } from '../../lib/errors.ts'
import { fakeCell } from './fakes/cells.ts'
import { madeUpRecord, madeUpWorld } from './made-up.ts'

const records = [
  ...madeUpWorld({ places: [['filter', 1] as const, ['blind', 2] as const] }, { lstm: 0.5, s2gru: 0.4 }),
  ...madeUpWorld({ environment: 'life' }, { lstm: Number.NaN }),
  madeUpRecord({ model: 'conv-gru', family: 'local', status: 'timeout' }),
]
const part = (folder: string, own: readonly CellRecord[], suite = 'quick') => ({
  folder,
  tables: resultTables(suite, own),
})
const whole = formatResults(resultTables('quick', records))

describe('a shard', () => {
  const times = fc.array(fc.double({ min: 0.1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 60 })
  const cut = (seconds: readonly number[], count: number) => {
    const cells = seconds.map((_, seed) => fakeCell('lives', seed))
    const shards = Array.from({ length: count }, (_, i) =>
      cutShard(cells, { index: i + 1, count }, ({ seed }) => seconds[seed]),
    )
    return { cells, shards }
  }

  test('has every cell in exactly one of its kind, in the order of the list', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 8 }), (seconds, count) => {
        fc.pre(count <= seconds.length)
        const { shards } = cut(seconds, count)
        const seeds = shards.map(shard => shard.map(({ seed }) => seed))
        for (const own of seeds) expect(own).toEqual([...own].sort((a, b) => a - b))
        expect(seeds.flat().sort((a, b) => a - b)).toEqual(seconds.map((_, i) => i))
      }),
    )
  })

  test('takes as long as the others but for one cell', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 8 }), (seconds, count) => {
        fc.pre(count <= seconds.length)
        const totals = cut(seconds, count).shards.map(own => own.reduce((sum, { seed }) => sum + seconds[seed], 0))
        expect(Math.max(...totals) - Math.min(...totals)).toBeLessThanOrEqual(Math.max(...seconds) + 1e-9)
      }),
    )
  })

  test('does not depend on the order of the list', () => {
    const ids = (cells: readonly CellSpec[]) => cells.map(cellId).sort()
    const cells = [3, 1, 2, 0, 5, 4].map(seed => fakeCell('lives', seed))
    const first = (list: readonly CellSpec[]) => ids(cutShard(list, { index: 1, count: 2 }, () => 1))
    expect(first(cells.toReversed())).toEqual(first(cells))
  })

  test('is written i/n, and has cells', () => {
    expect(parseShard('2/3')).toEqual({ index: 2, count: 3 })
    for (const text of ['', '0/3', '4/3', '1', '1/0', '-1/2', '1/2/3', '1.5/2', ' 1/2', '1/9999999'])
      expect(() => parseShard(text)).toThrow(UserError)
    expect(() => cutShard([fakeCell('lives')], { index: 2, count: 2 }, () => 1)).toThrow(/has no cells/)
  })
})

describe('merging', () => {
  test('any parts of a run, in any order, gives the bytes of the whole', () => {
    const shares = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: records.length, maxLength: records.length })
    fc.assert(
      fc.property(shares, fc.boolean(), (shares, reversed) => {
        const parts = [0, 1, 2]
          .map(share =>
            part(
              `part ${share}`,
              records.filter((_, i) => shares[i] === share),
            ),
          )
          .filter(({ tables }) => tables.cells.length > 0)
        const merged = mergeTables(reversed ? parts.toReversed() : parts)
        expect(formatResults(merged.tables)).toEqual(whole)
        records.forEach(({ cell }, i) => {
          expect(merged.folders.get(cell)).toBe(`part ${shares[i]}`)
        })
      }),
      { numRuns: 20 },
    )
  })

  test('a cell that several have counts once, the one that came to a result where another failed', () => {
    expect(formatResults(mergeTables([part('a', records), part('b', records)]).tables)).toEqual(whole)
    const failed = { ...records[0], status: 'crashed' as const, figures: [], episodes: [] }
    for (const parts of [
      [part('a', [failed, ...records.slice(1)]), part('b', records.slice(0, 2))],
      [part('b', records.slice(0, 2)), part('a', [failed, ...records.slice(1)])],
    ]) {
      const { tables, folders } = mergeTables(parts)
      expect(formatResults(tables)).toEqual(whole)
      expect(folders.get(records[0].cell)).toBe('b')
    }
  })

  test('refuses a folder whose rows are not in the family of their model', () => {
    const forged = records.map(record =>
      record.spec.model === 'lstm' ? { ...record, family: 'reference' as const } : record,
    )
    expect(() => mergeTables([part('a', records), part('b', forged)])).toThrow(
      /^'b' cannot be merged: runs\.csv row \d+ \(cell "\w{8}"\): family is "reference", that of its model is "global"$/,
    )
    expect(() => mergeTables([part('b', forged)])).toThrow(UserError)
  })

  test('refuses what does not belong together, in one line that names both', () => {
    const [first, ...rest] = records
    const figures = first.figures.map(figure => ({ ...figure, value: 7 }))
    const refusals = [
      part('b', [{ ...first, figures }]),
      part('b', [{ ...first, episodes: first.episodes.slice(1) }]),
      part('b', [{ ...first, sources: 'c'.repeat(64) }]),
      part('b', rest, 'views'),
    ]
    for (const other of refusals) {
      expect(() => mergeTables([part('a', records), other])).toThrow(UserError)
      expect(() => mergeTables([part('a', records), other])).toThrow(/^[^\n]*'a'[^\n]*'b'[^\n]*$/)
    }
  })
})
