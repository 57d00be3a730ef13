import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { groupedTable } from '../../benchmarks/board/grouped-table.ts'
import { groupings } from '../../benchmarks/board/groupings.ts'
import { leaderboard } from '../../benchmarks/board/leaderboard.ts'
import { resultTables } from '../../benchmarks/board/tables.ts'
import type { CellRecord } from '../../benchmarks/cell.ts'
import { madeUpRecord } from './made-up.ts'

const board = (records: readonly CellRecord[]) => leaderboard(resultTables('quick', records))
const places = [
  ['filter', 1],
  ['blind', 2],
] as const
/** A world in which each model has the same error everywhere, persistence 1. */
const world = (change: { environment?: string; size?: number }, errors: Readonly<Record<string, number>>) =>
  Object.entries({ persistence: 1, ...errors }).map(([model, error]) => {
    const family = ({ persistence: 'reference', 'conv-gru': 'local' } as const)[model] ?? 'global'
    return madeUpRecord({ ...change, model, family, places, error: () => error })
  })
const skill = (value: number) =>
  [value, value, value]
    .map(v => v.toFixed(3))
    .join(' ')
    .replace(' ', ' [')
    .concat(']')

describe('a board with one thing side by side', () => {
  test('worlds: each skill with its interval, and the plain mean of what was in all of them, best first', () => {
    const rows = board([
      ...world({ environment: 'life' }, { lstm: 0.5, 'conv-gru': 0.2, gru: 0.1 }),
      ...world({ environment: 'fluid' }, { lstm: 0.7, 'conv-gru': 0.6 }),
    ])
    const lines = groupedTable(rows, 'environment', { color: false }).split('\n').slice(0, 6)
    expect(lines.map(line => line.replace(/ +/g, ' '))).toEqual([
      'size 24 · plain',
      ' fluid life mean',
      `conv-gru ${skill(0.4)} ${skill(0.8)} 0.600`,
      `lstm ${skill(0.3)} ${skill(0.5)} 0.400`,
      `gru ${skill(0.9)}`,
      `persistence ${skill(0)} ${skill(0)} 0.000`,
    ])
  })

  test('sizes, by size and not by spelling', () => {
    const rows = board([96, 24, 192].flatMap(size => world({ size }, { lstm: size / 200 })))
    const [title, head, lstm] = groupedTable(rows, 'size', { color: false }).split('\n')
    expect(title).toBe('bouncing-balls · plain · filter')
    expect(head.trim().split(/ {2,}/)).toEqual(['size 24', 'size 96', 'size 192'])
    expect(lstm.replace(/ +/g, ' ')).toBe(`lstm ${skill(0.88)} ${skill(0.52)} ${skill(0.04)}`)
  })

  test('conditions, in the order of the board', () => {
    const [title, head] = groupedTable(board(world({}, { lstm: 0.5 })), 'condition', { color: false }).split('\n')
    expect(title).toBe('bouncing-balls · size 24 · plain')
    expect(head.trim().split(/ {2,}/)).toEqual(['filter', 'blind 2'])
  })

  test('shifts: the first condition and what was changed of it, numbers of views in their order', () => {
    const changed = ['filter', 'views-16/filter', 'views-2/filter', 'curtain/filter', 'curtain/blind'] as const
    const records = ['persistence', 'lstm'].map(model => {
      const family = model === 'lstm' ? 'global' : 'reference'
      const own = changed.map(condition => [condition, 1] as const)
      return madeUpRecord({ model, family, places: own, error: () => (model === 'lstm' ? 0.5 : 1) })
    })
    const [, head, below] = groupedTable(board(records), 'shift', { color: false }).split('\n')
    expect(head.trim().split(/ {2,}/)).toEqual(['filter', 'curtain', 'views-2', 'views-16'])
    expect(below.trim().split(/ {2,}/)).toEqual(['/filter', '/filter', '/filter'])
  })

  test('families, each by its best model', () => {
    const rows = board(world({}, { lstm: 0.5, gru: 0.4, 'conv-gru': 0.3 }))
    const [, head, skills, names] = groupedTable(rows, 'family', { color: false }).split('\n')
    expect(head.trim().split(/ {2,}/)).toEqual(['reference', 'global', 'local'])
    expect(skills).toContain(`${skill(0)} ${skill(0.6)} ${skill(0.7)}`)
    expect(names.trim().split(/ {2,}/)).toEqual(['plain', 'persistence', 'gru', 'conv-gru'])
  })

  test('an oracle stands with the references, and for none of them', () => {
    const oracle = madeUpRecord({
      model: 'time-traveller',
      family: 'reference',
      oracle: true,
      places,
      error: () => 0.1,
    })
    const rows = board([...world({}, { lstm: 0.5 }), oracle])
    const [, , lstm, second, last] = groupedTable(rows, 'environment', { color: false }).split('\n')
    expect([lstm, second, last].map(line => line.split(' ')[0])).toEqual(['lstm', 'time-traveller', 'persistence'])
    const [, , skills, names] = groupedTable(rows, 'family', { color: false }).split('\n')
    expect(skills).toContain(`${skill(0)} ${skill(0.5)}`)
    expect(names.trim().split(/ {2,}/)).toEqual(['plain', 'persistence', 'lstm'])
  })

  test('what failed says so', () => {
    const failed = madeUpRecord({ model: 'gru', status: 'memory' })
    for (const by of ['environment', 'condition', 'size'] as const)
      expect(groupedTable(board([...world({}, {}), failed]), by, { color: false })).toMatch(/^gru +failed/m)
  })

  test('is never wider than 100 columns, and escapes what would act on a terminal', () => {
    const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 150 })
    fc.assert(
      fc.property(names, names, fc.constantFrom(...groupings), (name, option, by) => {
        const text = groupedTable(
          board([
            ...world({ environment: `${name}\u001b[31m\n` }, { lstm: 0.3, gru: 0.4 }),
            madeUpRecord({ model: `${name}\u001b[31m`, options: { [option]: name } }),
          ]),
          by,
          { color: false },
        )
        expect(text.split('\n').filter(line => [...line.replace(/\p{M}/gu, '')].length > 100)).toEqual([])
        expect(text).not.toContain('\u001b')
      }),
      { numRuns: 30 },
    )
  })
})
