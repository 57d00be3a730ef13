import { expect, test } from 'vitest'
import { compareBoards, differenceText } from '../../benchmarks/board/diff.ts'
import { type LeaderboardRow, leaderboard } from '../../benchmarks/board/leaderboard.ts'
import { resultTables } from '../../benchmarks/board/tables.ts'
import { madeUpWorld } from './made-up.ts'

const before = leaderboard(resultTables('quick', madeUpWorld({}, { lstm: 0.5, gru: 0.6, s2gru: 0.3 })))
const change = (model: string, edit: Partial<LeaderboardRow>) =>
  before.map(row => (row.model === model ? { ...row, ...edit } : row))

test('a board does not differ from itself, whatever its suite is called', () => {
  expect(compareBoards(before, before)).toEqual({ same: 5, appeared: [], vanished: [], changed: [] })
  const renamed = before.map(row => ({ ...row, suite: 'other' }))
  expect(compareBoards(before, renamed)).toMatchObject({ same: 5, changed: [] })
  expect(differenceText(compareBoards(before, before))).toBe(
    '5 rows the same, 0 changed within their intervals, 0 beyond them, 0 vanished, 0 appeared',
  )
})

test('a change matters where the intervals do not overlap, touching counts as overlap', () => {
  const lstm = before.find(({ model }) => model === 'lstm')!
  const cases: [Partial<LeaderboardRow>, boolean][] = [
    [{ score: 0.9, score_low: lstm.score_high! + 1e-9, score_high: 1 }, true],
    [{ score: 0.9, score_low: lstm.score_high!, score_high: 1 }, false],
    [{ score: 0, score_low: 0, score_high: lstm.score_low! - 1e-9 }, true],
    [{ score: null, score_low: null, score_high: null }, true],
    [{ flops_per_step: 1 }, false],
  ]
  for (const [edit, matters] of cases) {
    const { changed, same } = compareBoards(before, change('lstm', edit))
    expect(changed.map(({ matters }) => matters)).toEqual([matters])
    expect(same).toBe(4)
  }
})

test('rows that appear, vanish and move are said, each once', () => {
  const moved = change('gru', { rank: 7 })
  const after = [...moved.filter(({ model }) => model !== 's2gru'), { ...before[0], model: 'new', horizon: 9 }]
  const text = differenceText(compareBoards(before, after))
  expect(text.split('\n')).toEqual([
    '3 rows the same, 1 changed within their intervals, 0 beyond them, 1 vanished, 1 appeared',
    '',
    'other ranks, though the intervals overlap:',
    expect.stringMatching(/^ {2}bouncing-balls · size 24 · plain, gru \(steps:2300\), filter 1: 0\.\d.*, rank 3 → 7$/),
    '',
    'vanished:',
    '  bouncing-balls · size 24 · plain, s2gru (steps:2300): 1 place',
    '',
    'appeared:',
    '  bouncing-balls · size 24 · plain, new (steps:2300): 1 place',
  ])
})
