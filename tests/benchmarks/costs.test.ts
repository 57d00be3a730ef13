import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CostRow, costColumns, costRows } from '../../benchmarks/board/costs.ts'
import { costsTable } from '../../benchmarks/board/costs-table.ts'
import { scoredRows } from '../../benchmarks/board/leaderboard.ts'
import { type BoardTables, resultTables } from '../../benchmarks/board/tables.ts'
import { type CellRecord, cellId } from '../../benchmarks/cell.ts'
import { formatCsv } from '../../lib/csv.ts'
import { type MadeUp, madeUpRecord } from './made-up.ts'

const costsOf = (tables: BoardTables) => costRows(scoredRows(tables))
const costs = (records: readonly CellRecord[]) => costsOf(resultTables('quick', records))
const persistence = (seed = 0) => madeUpRecord({ model: 'persistence', family: 'reference', seed })

/** A trained cell with the given price of a step and number of steps. */
function trained(wish: MadeUp, flopsPerStep: number, steps: number): CellRecord {
  const made = madeUpRecord(wish)
  const spec = { ...made.spec, budget: { ...made.spec.budget!, kind: 'steps' as const, steps } }
  return { ...made, spec, cell: cellId(spec), flopsPerStep, steps }
}
const constant = (error: number) => () => error

describe('a row says what an error costs', () => {
  test('by hand: four models, three of them on the front', () => {
    const rows = costs([
      persistence(),
      madeUpRecord({ model: 'climatology', family: 'reference', error: constant(2) }),
      trained({ model: 'a', error: constant(0.5) }, 10, 100),
      trained({ model: 'b', error: constant(0.6) }, 20, 100),
      trained({ model: 'c', error: constant(0.25) }, 30, 100),
      trained({ model: 'd', error: constant(0.125) }, 3, 2000),
    ])
    expect(rows.map(row => [row.model, row.flops, row.error, row.score, row.on_front])).toEqual([
      ['a', 1000, 0.5, 0.5, true],
      ['b', 2000, 0.6, 0.4, false],
      ['c', 3000, 0.25, 0.75, true],
      ['climatology', 0, 2, -1, false],
      ['d', 6000, 0.125, 0.875, true],
      ['persistence', 0, 1, 0, false],
    ])
    expect(rows[0]).toMatchObject({ suite: 'quick', size: 24, condition: 'filter', horizon: 1, budget: 'steps:100' })
    expect(rows[0]).toMatchObject({ parameters: 30_012, score_low: 0.5, score_high: 0.5 })
  })

  test('budgets of one model follow each other from cheap to dear, whatever their names', () => {
    const rows = costs([
      persistence(),
      ...[1000, 90, 200_000].map(steps => trained({ model: 'a', error: constant(1 / steps) }, 7, steps)),
    ])
    expect(rows.slice(0, 3).map(({ budget, flops }) => [budget, flops])).toEqual([
      ['steps:90', 630],
      ['steps:1000', 7000],
      ['steps:200000', 1_400_000],
    ])
  })

  test('cost and error are means over the seeds that the board scores', () => {
    const seeds = [0, 1, 2].map(seed => trained({ model: 'a', seed, error: constant(0.1 * (seed + 1)) }, 10, 100))
    const [row] = costs([
      ...[0, 1].map(persistence),
      { ...seeds[0], steps: 50 },
      ...seeds.slice(1),
      { ...trained({ model: 'a', seed: 3, status: 'memory' }, 0, 100), steps: 0 },
    ])
    expect(row).toMatchObject({ model: 'a', flops: (500 + 1000) / 2, on_front: true })
    expect(row.error).toBeCloseTo(0.15, 12)
    expect(row.score).toBeCloseTo(0.85, 12)
  })

  test('episodes that not every cell has do not count, as on the board', () => {
    const [row] = costs([
      persistence(),
      trained({ model: 'a', error: episode => (episode < 5 ? 0.5 : 9) }, 1, 1),
      trained({ model: 'b', episodes: 5, error: constant(0.5) }, 1, 1),
    ])
    expect(row).toMatchObject({ model: 'a', error: 0.5, score: 0.5 })
  })

  test('what failed or diverged has no error and is not on the front, and hides nobody', () => {
    const rows = costs([
      ...[0, 1].map(persistence),
      ...[0, 1].map(seed => trained({ model: 'a', seed, error: constant(0.5) }, 10, 100)),
      trained({ model: 'b', status: 'timeout' }, 1, 1),
      trained({ model: 'c', error: constant(0.1) }, 1, 1),
      trained({ model: 'c', seed: 1, status: 'diverged' }, 1, 1),
      trained({ model: 'd', error: constant(Number.NaN) }, 1, 1),
      madeUpRecord({ model: 'external', family: 'external', options: { name: 'mine' }, error: constant(0.01) }),
    ])
    expect(rows.map(row => [row.model, row.flops, row.error, row.on_front])).toEqual([
      ['a', 1000, 0.5, true],
      ['b', null, null, false],
      ['c', 1, null, false],
      ['d', 1, null, false],
      ['external', null, 0.01, false],
      ['persistence', 0, 1, false],
    ])
    expect(rows.find(({ model }) => model === 'c')!.score).toBeCloseTo(-0.05, 12)
  })

  test('a reference that is trained has its cost, and is not on the front, and hides nobody', () => {
    const rows = costs([
      persistence(),
      trained({ model: 'a', error: constant(0.5) }, 10, 100),
      trained({ model: 'oracle', family: 'reference', error: constant(0.1) }, 7, 100),
    ])
    expect(rows.map(row => [row.model, row.flops, row.on_front])).toEqual([
      ['a', 1000, true],
      ['oracle', 700, false],
      ['persistence', 0, false],
    ])
  })

  test('ties: equals in both are on the front together, an equal in one is dominated by the better', () => {
    const rows = costs([
      persistence(),
      trained({ model: 'a', error: constant(0.5) }, 10, 100),
      trained({ model: 'b', error: constant(0.5) }, 100, 10),
      trained({ model: 'same cost', error: constant(0.6) }, 10, 100),
      trained({ model: 'same error', error: constant(0.5) }, 10, 101),
    ])
    expect(rows.filter(row => row.on_front).map(({ model }) => model)).toEqual(['a', 'b'])
  })
})

describe('the front', () => {
  // Few values, so that ties are common.
  const points = fc.array(
    fc.record({
      steps: fc.integer({ min: 1, max: 6 }),
      error: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.double({ min: 0, max: 6, noNaN: true })),
      status: fc.constantFrom('ok', 'ok', 'ok', 'diverged', 'timeout' as const),
    }),
    { minLength: 1, maxLength: 12 },
  )
  type Points = typeof points extends fc.Arbitrary<infer T> ? T : never
  const recordsOf = (own: Points) => [
    persistence(),
    ...own.map(({ steps, error, status }, i) =>
      trained({ model: `m${i}`, status: status as 'ok', episodes: 8, error: constant(error) }, 1000, steps),
    ),
  ]
  const frontOf = (rows: readonly CostRow[]) => rows.filter(row => row.on_front)
  const isBetter = (a: CostRow, b: CostRow) =>
    a.flops! <= b.flops! && a.error! <= b.error! && !(a.flops === b.flops && a.error === b.error)

  test('its members do not dominate each other, and everything else that has an error is dominated by one of them', () => {
    fc.assert(
      fc.property(points, own => {
        const rows = costs(recordsOf(own))
        const front = frontOf(rows)
        for (const a of front) for (const b of front) expect(isBetter(a, b)).toBe(false)
        const others = rows.filter(row => !row.on_front && row.error !== null && row.family !== 'reference')
        for (const row of others) expect(front.some(member => isBetter(member, row))).toBe(true)
        expect(front.length > 0).toBe(own.some(({ status }) => status === 'ok'))
      }),
      { numRuns: 60 },
    )
  })

  test('its errors fall strictly as its costs rise', () => {
    fc.assert(
      fc.property(points, own => {
        const front = frontOf(costs(recordsOf(own)))
        for (const a of front)
          for (const b of front) if (a.flops! < b.flops!) expect(a.error!).toBeGreaterThan(b.error!)
      }),
      { numRuns: 60 },
    )
  })

  test('does not depend on the order of rows, and neither does the file', () => {
    const shuffled = <T>(rows: readonly T[]) => fc.shuffledSubarray([...rows], { minLength: rows.length })
    const cases = points.chain(own => {
      const tables = resultTables('quick', recordsOf(own))
      const { runs, episodes, cells } = tables
      return fc.record({
        text: fc.constant(formatCsv(costColumns, costsOf(tables))),
        tables: fc.record({ runs: shuffled(runs), episodes: shuffled(episodes), cells: shuffled(cells) }),
      })
    })
    fc.assert(
      fc.property(cases, ({ text, tables }) => {
        expect(formatCsv(costColumns, costsOf(tables))).toBe(text)
      }),
      { numRuns: 20 },
    )
  })
})

describe('the printed table', () => {
  const noisy = (model: string, share: number, flopsPerStep: number, places?: MadeUp['places']) =>
    trained(
      { model, places, error: episode => share * (1 + 0.2 * Math.sin(3 * episode + model.length)) },
      flopsPerStep,
      1000,
    )
  const print = (...records: CellRecord[]) =>
    costsTable(costs([persistence(), ...records]), undefined, { color: false })

  test('cheapest first, references before them, the front marked, and what the last factor buys', () => {
    const text = print(noisy('dear', 0.1, 5e8), noisy('cheap', 0.5, 1e8), noisy('poor', 0.9, 2e8))
    const [title, , , ...lines] = text.split('\n')
    expect(title).toBe('bouncing-balls · size 24 · plain · filter 1 · steps:1000')
    expect(lines.slice(0, 4)).toEqual([
      expect.stringMatching(/^ {2}persistence +– +– +1\.00 0\.000 \[0\.000 0\.000\]$/),
      expect.stringMatching(/^\* cheap +1\.0e11 +30\.0k +0\.499 0\.501 \[0\.\d+ 0\.\d+\]$/),
      expect.stringMatching(/^ {2}poor +2\.0e11 /),
      expect.stringMatching(/^\* dear +5\.0e11 /),
    ])
    expect(lines[4]).toMatch(/^dear costs 5\.0 times what cheap does and errs (79|80) % less; their intervals/)
    expect(text).toContain('are apart.')
  })

  test('says where intervals overlap, where nothing dearer is better, and where persistence is not beaten', () => {
    expect(print(noisy('dear', 0.49, 5e8), noisy('cheap', 0.5, 1e8))).toMatch(
      /intervals\soverlap, so it may buy nothing\./,
    )
    expect(print(noisy('near', 0.1, 1.001e8), noisy('cheap', 0.5, 1e8))).toMatch(
      /near costs 0\.10 % more than cheap and/,
    )
    expect(print(noisy('only', 0.5, 5e8))).toContain('\nNothing dearer than only errs less.\n')
    expect(print(noisy('bad', 1.5, 5e8))).toMatch(/errs less\. Persistence, which costs nothing, is not\nbeaten\./)
    expect(print(madeUpRecord({ model: 'x', status: 'timeout' }))).toContain('\nNo model that was trained here has')
  })

  test('shows the longest horizon of the condition that was asked for', () => {
    const places = [...[1, 2, 3].map(horizon => ['blind', horizon] as const), ['filter', 1] as const]
    const rows = costs([
      madeUpRecord({ model: 'persistence', family: 'reference', places }),
      noisy('a', 0.5, 1e8, places),
    ])
    expect(costsTable(rows, 'blind', { color: false })).toMatch(/^[^\n]* · blind 3 · /)
    expect(costsTable(rows, undefined, { color: false })).toMatch(/^[^\n]* · filter 1 · /)
  })

  test('is never wider than 80 columns, and escapes what would act on a terminal', () => {
    const names = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(names, names, (model, option) => {
        const text = print(
          madeUpRecord({ model: `${model}\u001b[31m\n`, options: { [option]: model } }),
          madeUpRecord({ model: 'persistence', family: 'reference', environment: `${option}\u001b[31m\n` }),
        )
        for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(80)
        expect(text).not.toContain('\u001b')
      }),
      { numRuns: 20 },
    )
  })
})
