import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type LeaderboardRow, leaderboard, leaderboardColumns } from '../../benchmarks/board/leaderboard.ts'
import { leaderboardTable } from '../../benchmarks/board/leaderboard-table.ts'
import { resultTables } from '../../benchmarks/board/tables.ts'
import type { CellRecord } from '../../benchmarks/cell.ts'
import { formatCsv } from '../../lib/csv.ts'
import { UserError } from '../../lib/errors.ts'
import { madeUpRecord, madeUpWorld } from './made-up.ts'

const board = (records: readonly CellRecord[]) => leaderboard(resultTables('quick', records))
const rowOf = (rows: readonly LeaderboardRow[], model: string, condition = 'filter') =>
  rows.find(row => row.model === model && row.condition === condition)!
const printed = (records: readonly CellRecord[], color = false) => {
  const tables = resultTables('quick', records)
  return leaderboardTable(leaderboard(tables), tables.runs, { color })
}
const reference = (model: string, error: number, seed = 0) =>
  madeUpRecord({ model, family: 'reference', seed, error: () => error })

const manyPlaces = [
  ['filter', 1],
  ...[1, 2, 3, 4, 5].map(horizon => ['blind', horizon] as const),
  ['more-balls/filter', 1],
  ['views-4/filter', 1],
] as const

describe('scores', () => {
  test('persistence is 0, the rest by the ratio of errors, sorted', () => {
    const rows = board([
      reference('persistence', 1),
      reference('climatology', 1.5),
      madeUpRecord({ model: 'lstm', error: () => 0.75 }),
      madeUpRecord({ model: 's2gru', error: () => 0.25 }),
    ])
    expect(rows.map(({ model, score, rank }) => [model, score, rank])).toEqual([
      ['s2gru', 0.75, 1],
      ['lstm', 0.25, 2],
      ['persistence', 0, null],
      ['climatology', -0.5, null],
    ])
    expect(rows.map(row => row.probability_of_improvement)).toEqual([1, 1, 1, null])
    expect(rows[0]).toMatchObject({ suite: 'quick', size: 24, scrambled: false, horizon: 1, budget: 'steps:2300' })
    expect(rows[0]).toMatchObject({ score_low: 0.75, score_high: 0.75, seeds: 1, parameters: 30_012 })
    expect(rows[0].note).toBe('1 seed: intervals cover episodes only')
  })

  test('seeds are paired with their own persistence', () => {
    const rows = board([
      ...[0, 1, 2].map(seed => reference('persistence', 1 + seed, seed)),
      ...[0, 1, 2].map(seed => madeUpRecord({ model: 'lstm', seed, error: () => (1 + seed) / 2 })),
    ])
    expect(rowOf(rows, 'lstm')).toMatchObject({ score: 0.5, score_low: 0.5, score_high: 0.5, seeds: 3, note: '' })
  })

  test('what is not told apart from the best stands above what is, however much it scores', () => {
    const rows = board([
      reference('persistence', 1),
      reference('climatology', 0.29),
      madeUpRecord({ model: 'best', error: () => 0.2 }),
      madeUpRecord({ model: 'beaten', error: () => 0.25 }),
      madeUpRecord({ model: 'unsteady', error: episode => (episode % 2 === 0 ? 0 : 0.6) }),
      madeUpRecord({ model: 'diverged', status: 'failed' }),
    ])
    expect(rows.map(({ model, score, rank }) => [model, score && Number(score.toFixed(3)), rank])).toEqual([
      ['best', 0.8, 1],
      ['unsteady', 0.7, 1],
      ['beaten', 0.75, 3],
      ['climatology', 0.71, null],
      ['persistence', 0, null],
      ['diverged', null, null],
    ])
  })

  test('ranks are shared where intervals overlap', () => {
    const noisy = (model: string, mean: number) =>
      madeUpRecord({ model, error: episode => mean + 0.1 * Math.sin(episode * (model.length + 1)) })
    const rows = board([reference('persistence', 1), noisy('a', 0.5), noisy('bb', 0.505), noisy('ccc', 0.9)])
    expect(['a', 'bb', 'ccc'].map(model => rowOf(rows, model).rank).sort()).toEqual([1, 1, 3])
  })
})

describe('what goes wrong has its row', () => {
  test('a diverged cell scores −1 wherever its world was measured', () => {
    const rows = board([
      ...madeUpWorld({ places: manyPlaces }, {}, 1),
      madeUpRecord({ model: 'lstm', status: 'diverged' }),
    ])
    const own = rows.filter(({ model }) => model === 'lstm')
    expect(own).toHaveLength(manyPlaces.length)
    expect(new Set(own.map(({ score }) => score))).toEqual(new Set([-1]))
    expect(own[0].note).toContain('1 of 1 diverged')
  })

  test('one diverged seed of three pulls the score down by its share', () => {
    const rows = board([
      ...[0, 1, 2].map(seed => reference('persistence', 1, seed)),
      ...[0, 1].map(seed => madeUpRecord({ model: 'lstm', seed, error: () => 0.5 })),
      madeUpRecord({ model: 'lstm', seed: 2, error: () => Number.NaN }),
    ])
    expect(rowOf(rows, 'lstm').score).toBeCloseTo((0.5 + 0.5 - 1) / 3, 12)
    expect(rowOf(rows, 'lstm').note).toBe('1 of 3 diverged')
  })

  test('a failed cell has no score, and the others keep theirs', () => {
    const rows = board([
      ...madeUpWorld({}, { lstm: 0.5 }),
      madeUpRecord({ model: 'lstm', seed: 3, status: 'memory' }),
      madeUpRecord({ model: 's2gru', status: 'timeout' }),
    ])
    expect(rowOf(rows, 's2gru')).toMatchObject({
      score: null,
      rank: null,
      seeds: 0,
      note: 'failed: timeout (made up)',
    })
    expect(rows.at(-1)!.model).toBe('s2gru')
    expect(rowOf(rows, 'lstm')).toMatchObject({ seeds: 3, note: '1 of 4 failed: memory (made up)' })
  })

  test('without persistence there is no score, and the row says why', () => {
    const rows = board([madeUpRecord({ model: 'lstm' }), madeUpRecord({ model: 'lstm', seed: 1 })])
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ score: null, note: 'no persistence for seed 0, 1' })
  })

  test('where all cells of a world failed, each still has its row', () => {
    const rows = board([
      madeUpRecord({ model: 'lstm', status: 'crashed' }),
      madeUpRecord({ model: 'x', status: 'failed', message: 'no such thing; see here' }),
    ])
    expect(rows.map(({ model, condition, horizon, note }) => [model, condition, horizon, note])).toEqual([
      ['lstm', '', null, 'failed: crashed (made up)'],
      ['x', '', null, 'failed: no such thing, see here'],
    ])
    expect(printed([madeUpRecord({ model: 'lstm', status: 'crashed' })])).toContain('\nfailed: crashed (')
  })

  test('a horizon that a model does not have is a row that it does not have', () => {
    const rows = board([
      ...madeUpWorld({ places: [['filter', 1] as const, ['blind', 3] as const] }, {}, 1),
      madeUpRecord({ model: 'lstm', places: [['filter', 1]] }),
    ])
    expect(rowOf(rows, 'lstm', 'filter')).toBeDefined()
    expect(rowOf(rows, 'lstm', 'blind')).toBeUndefined()
  })

  test('a good persistence is uninformative', () => {
    const rows = board([reference('persistence', 0.04), reference('climatology', 1), madeUpRecord({ model: 'lstm' })])
    for (const row of rows) expect(row.note).toMatch(/^uninformative; 1 seed/)
    expect(board([reference('persistence', 0.06), reference('climatology', 1)])[0].note).not.toContain('uninformative')
  })

  test('episodes that not every cell has are left out, and said', () => {
    const rows = board([reference('persistence', 1), madeUpRecord({ model: 'lstm', episodes: 5, error: () => 0.5 })])
    expect(rowOf(rows, 'lstm')).toMatchObject({ score: 0.5 })
    expect(rowOf(rows, 'lstm').note).toContain('3 episodes are not in every cell')
  })

  test('files that contradict each other are one clear line', () => {
    const tables = resultTables('quick', madeUpWorld({}, { lstm: 0.5 }))
    const { runs, episodes, cells } = tables
    for (const broken of [
      { ...tables, cells: cells.slice(1) },
      { ...tables, cells: [...cells, cells[0]] },
      { ...tables, runs: runs.filter(({ cell }) => cell !== cells[0].cell), episodes: [] },
      { ...tables, episodes: [...episodes, episodes[0]] },
      { ...tables, episodes: [{ ...episodes[0], cell: 'other' }] },
    ])
      expect(() => leaderboard(broken)).toThrow(UserError)
    const [twin] = madeUpWorld({ size: 24 }, {}, 1)
    const other = { ...twin, cell: 'another engine' }
    expect(() => board([twin, other])).toThrow(/differ in what no board shows/)
  })
})

test('the board does not depend on the order of rows', () => {
  const tables = resultTables('quick', [
    ...madeUpWorld({ places: manyPlaces }, { lstm: 0.9, s2gru: 0.5 }, 2),
    ...madeUpWorld({ scrambled: true }, { lstm: 0.9 }, 1),
    madeUpRecord({ model: 'x', status: 'timeout' }),
  ])
  const text = formatCsv(leaderboardColumns, leaderboard(tables))
  const shuffled = <T>(rows: readonly T[]) => fc.shuffledSubarray([...rows], { minLength: rows.length })
  fc.assert(
    fc.property(shuffled(tables.runs), shuffled(tables.episodes), shuffled(tables.cells), (runs, episodes, cells) => {
      expect(formatCsv(leaderboardColumns, leaderboard({ runs, episodes, cells }))).toBe(text)
    }),
    { numRuns: 5 },
  )
  expect(text.split('\n')[0]).toBe(
    'suite,environment,size,scrambled,condition,horizon,budget,rank,model,variant,family,score,score_low,score_high,' +
      'probability_of_improvement,seeds,parameters,flops_per_step,note',
  )
})

describe('the printed table', () => {
  /** Marks stand on the letter before them, and take no column. */
  const columns = (line: string) => [...line.replace(/\p{M}/gu, '')].length
  const wide = (text: string) => text.split('\n').filter(line => columns(line) > 100)

  test('shows every model with its interval, blind halfway and last, and what was changed', () => {
    const text = printed(madeUpWorld({ places: manyPlaces }, { 's2gru-global': 0.5, 'conv-gru': 0.9 }))
    const [title, zero, head, second, best] = text.split('\n')
    expect(title).toBe('bouncing-balls · size 24 · plain · 3 seeds · steps:2300')
    expect(zero).toMatch(/^skill 0 = persistence: filter error 0\.\d+ nats a cell/)
    expect(head.split(/ {1,}/).filter(Boolean)).toEqual(
      ['rank', 'model', 'family', 'filter', 'blind', 'blind', 'more-balls', 'views-4', 'para-', 'MFLOP'], // biome-ignore format: one line
    )
    expect(second).toMatch(/\[95 %\] +3 +5 +filter +filter +meters a step/)
    expect(best).toMatch(/^ +1 s2gru-global learned +0\.\d{3} \[0\.\d{3} 0\.\d{3}\]/)
    expect(text).toMatch(/persistence +reference 0\.000 \[0\.000 0\.000\]/)
    expect(text).toContain('1 − E / E of persistence')
    expect(wide(text)).toEqual([])
    expect(text).not.toContain('\u001b')
  })

  test('is never wider than 100 columns, and escapes what would act on a terminal', () => {
    const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(names, names, (model, option) => {
        const text = printed([
          ...madeUpWorld({ places: manyPlaces, environment: `${option}\u001b[31m\n` }, {}, 1),
          madeUpRecord({ model: `${model}\u001b[31m\n`, options: { [option]: model } }),
        ])
        expect(wide(text)).toEqual([])
        expect(text).not.toContain('\u001b')
      }),
      { numRuns: 20 },
    )
  })

  test('color makes titles bold, and nothing else', () => {
    const records = madeUpWorld({}, { lstm: 0.5 }, 1)
    const text = printed(records, true)
    expect(text).toContain('\u001b[1mbouncing-balls · size 24 · plain · 1 seed · steps:2300\u001b[22m')
    expect(text.replaceAll('\u001b[1m', '').replaceAll('\u001b[22m', '')).toBe(printed(records))
  })

  test('an oracle has its skill and no rank, and the legend says what it is', () => {
    const oracle = madeUpRecord({ model: 'time-traveller', family: 'reference', oracle: true, error: () => 0.001 })
    const records = [...madeUpWorld({}, { lstm: 0.5 }, 1), oracle]
    const [first, second] = leaderboard(resultTables('quick', records))
    expect(first).toMatchObject({ model: 'time-traveller', rank: null, budget: 'steps:2300' })
    expect(second).toMatchObject({ model: 'lstm', rank: 1 })
    expect(printed(records)).toMatch(/^ {5}time-traveller reference +0\.9/m)
    expect(printed(records)).toContain('time-traveller is no forecast: it is shown the frame')
    expect(printed(records.slice(0, -1))).not.toContain('no forecast')
  })

  test('remarks are said once', () => {
    const text = printed([...madeUpWorld({}, { lstm: 0.5 }, 1), madeUpRecord({ model: 'x', status: 'timeout' })])
    expect(text.match(/cover episodes only/g)).toHaveLength(1)
    expect(text).toContain('x: failed: timeout (made up)')
  })
})
