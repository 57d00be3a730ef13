import { describe, expect, test } from 'vitest'
import { answerLegend, answerQuestion } from '../../benchmarks/board/answer.ts'
import { type LeaderboardRow, leaderboard } from '../../benchmarks/board/leaderboard.ts'
import { resultTables } from '../../benchmarks/board/tables.ts'
import type { CellRecord } from '../../benchmarks/cell.ts'
import { madeUpRecord } from './made-up.ts'

/** Skill in hundredths, with its interval, and MFLOP a step; the rest follows from the name. */
type Line = readonly [model: string, low: number, skill: number, high: number, megaflops: number, radius?: number]

const families: Readonly<Record<string, CellRecord['family']>> = {
  lstm: 'global',
  's2gru-global': 'global',
  's2gru-links': 'learned',
  s2gru: 'learned',
  'time-traveller': 'reference',
}

/** A board with exactly these lines; ranges as in `coupled-maps`, where one is given. */
function boardOf(
  worlds: readonly { range?: number; environment?: string; scrambled?: boolean; lines: readonly Line[] }[],
) {
  const rows: LeaderboardRow[] = []
  const records: CellRecord[] = []
  for (const { range, environment = 'coupled-maps', scrambled, lines } of worlds) {
    const parameters: CellRecord['spec']['parameters'] = range === undefined ? {} : { range }
    const world = { environment, size: 16, scrambled, parameters }
    const reference = madeUpRecord({ ...world, model: 'persistence', family: 'reference' })
    const own = lines.map(([model, low, skill, high, megaflops, radius]) => {
      const options = radius === undefined ? undefined : { radius }
      const family = families[model] ?? 'local'
      const made = madeUpRecord({ ...world, model, options, family, oracle: true })
      const spec = { ...made.spec, schedule: { ...made.spec.schedule, tile: 1 } }
      const record = { ...made, spec, flopsPerStep: megaflops * 1e6, timings: { ...made.timings, trainMs: 23_000 } }
      return { record, score: skill / 100, score_low: low / 100, score_high: high / 100 }
    })
    records.push(reference, ...own.map(({ record }) => record))
    const board = leaderboard(resultTables('quick', [reference, ...own.map(({ record }) => record)]))
    for (const row of board) {
      const line = own.find(({ record: { spec } }) => spec.model === row.model && row.variant === variant(spec.options))
      rows.push(line ? { ...row, score: line.score, score_low: line.score_low, score_high: line.score_high } : row)
    }
  }
  const tables = resultTables('quick', records)
  return { ask: () => answerQuestion(rows, tables, tables.timings), untimed: () => answerQuestion(rows, tables, []) }
}

const variant = (options: CellRecord['spec']['options']) => ('radius' in options ? `radius=${options.radius}` : '')
const sentences = (...worlds: Parameters<typeof boardOf>[0]) =>
  boardOf(worlds)
    .ask()
    .answers.map(({ sentence }) => sentence)

describe('the answer for a world', () => {
  test('is the cheapest of those whose interval reaches the best, with its cost and both margins', () => {
    const lines: Line[] = [
      ['conv-gru', 75, 80, 85, 900],
      ['s2gru', 70, 74, 78, 100],
      ['s2gru-links', 72, 76, 80, 120],
      ['lstm', 40, 50, 60, 10],
    ]
    expect(sentences({ environment: 'life', lines })).toEqual([
      'life · size 16 · plain: s2gru (learned), skill 0.740 [0.700 0.780] for 100.0 MFLOP, 10.0 ms a step; cheapest of ' +
        'the 3 whose intervals reach the best, conv-gru, 0.060 above it for 900.0 MFLOP, 10.0 ms a step; the ' +
        'first that is beaten, lstm, is 0.300 below the best.',
    ])
  })

  test('is the best itself where it is alone or cheapest; times are left out where there are none', () => {
    const alone: Line[] = [
      ['conv-gru', 75, 80, 85, 900],
      ['s2gru', 60, 65, 74, 100],
    ]
    expect(boardOf([{ environment: 'life', lines: alone }]).untimed().answers[0].sentence).toBe(
      'life · size 16 · plain: conv-gru (local), skill 0.800 [0.750 0.850] for 900.0 MFLOP a step; alone at the top; ' +
        'the first that is beaten, s2gru, is 0.150 below the best.',
    )
    const first: Line[] = [...alone, ['lstm', 70, 75, 90, 1000]]
    expect(sentences({ environment: 'life', lines: first })[0]).toContain(
      '; best, and cheapest of the 2 whose intervals',
    )
  })

  test('where costs are equal is the more local one, then the one of shorter reach', () => {
    const lines: Line[] = [
      ['s2gru-global', 90, 92, 94, 100],
      ['s2gru-links', 90, 91, 93, 100],
      ['s2gru-local', 88, 90, 92, 100, 5],
      ['s2gru-local', 87, 89, 91, 100, 3],
      ['s2gru-self', 10, 20, 30, 100],
    ]
    expect(sentences({ range: 3, lines })[0]).toMatch(/plain: s2gru-local \(radius=3\) \(local\), skill 0\.890/)
    expect(sentences({ range: 3, lines: lines.filter(([model]) => model !== 's2gru-local') })[0]).toMatch(
      /: s2gru-links /,
    )
  })

  test('leaves references out, trained ones too: an oracle is no competitor, however good and cheap it is', () => {
    const lines: Line[] = [
      ['time-traveller', 97, 98, 99, 1],
      ['conv-gru', 75, 80, 85, 900],
      ['lstm', 1, 2, 3, 10],
    ]
    const [sentence] = sentences({ environment: 'life', lines })
    expect(sentence).toMatch(
      /plain: conv-gru \(local\), .*; alone at the top; the first that is beaten, lstm, is 0\.780 below the best\.$/,
    )
    expect(sentences({ environment: 'life', lines: lines.slice(0, 2) })[0]).toMatch(
      /conv-gru has nobody to be compared/,
    )
  })

  test('touching intervals are as good as the best', () => {
    const reach = (high: number): Line[] => [
      ['conv-gru', 75, 80, 85, 900],
      ['s2gru', 60, 70, high, 100],
      ['lstm', 1, 2, 3, 1],
    ]
    expect(sentences({ environment: 'life', lines: reach(75) })[0]).toMatch(/plain: s2gru /)
    expect(sentences({ environment: 'life', lines: reach(74.9) })[0]).toMatch(/plain: conv-gru /)
  })
})

describe('the board does not decide', () => {
  const reasons: [string, Line[], RegExp][] = [
    [
      'where nobody is beaten',
      [
        ['conv-gru', 40, 80, 85, 900],
        ['s2gru', 30, 60, 70, 1],
      ],
      /undecided: the intervals of all 2/,
    ],
    [
      'where nothing beats persistence',
      [
        ['conv-gru', -1, 2, 5, 900],
        ['s2gru', -9, -8, -7, 1],
      ],
      /undecided: no model is better than persistence: conv-gru leads/,
    ],
    [
      'where a model is alone',
      [['conv-gru', 70, 80, 85, 900]],
      /undecided: conv-gru has nobody to be compared with\.$/,
    ],
  ]
  test.each(reasons)('%s', (_name, lines, sentence) => {
    const board = boardOf([{ environment: 'life', lines }])
    expect(board.ask().answers[0].sentence).toMatch(sentence)
    expect(board.ask().answers[0].chosen).toBeNull()
  })
})

describe('the control', () => {
  const life = {
    environment: 'life',
    lines: [
      ['conv-gru', 75, 80, 85, 900],
      ['s2gru', 60, 65, 70, 100],
    ] as Line[],
  }
  const ring = (self: number, near: number): Line[] => [
    ['s2gru-self', self - 1, self, self + 1, 100],
    ['s2gru-local', near - 1, near, near + 1, 100],
    ['s2gru-local', 97, 98, 99, 100, 3],
    ['s2gru-global', 96, 97, 98, 100],
    ['s2gru-links', 1, 2, 3, 100],
  ]

  test('holds where what cannot reach lies below what can; learned partners are not asked for', () => {
    const found = boardOf([life, { range: 3, lines: ring(50, 55) }]).ask()
    expect(found.controls).toEqual({ held: ['coupled-maps(range=3) · size 16 · plain'], failures: [] })
    expect(found.answers.every(({ chosen }) => chosen !== null)).toBe(true)
    expect(answerLegend(found).join('\n')).toContain(
      'Controls that hold, what cannot reach lies below what can: coupled',
    )
  })

  test('that fails leaves every world undecided, and is named', () => {
    const found = boardOf([life, { range: 3, lines: ring(50, 95) }]).ask()
    expect(found.answers.map(({ sentence }) => sentence)).toEqual([
      'life · size 16 · plain: undecided: the controls fail.',
      'coupled-maps(range=3) · size 16 · plain: undecided: the controls fail.',
    ])
    expect(found.controls.failures).toEqual([
      'coupled-maps(range=3) · size 16 · plain: s2gru-local, which does not reach the partners, has ' +
        '0.950 [0.940 0.960], and s2gru-global, which does, 0.970 [0.960 0.980]',
    ])
  })

  test('knows that partners at the distance r of a ring of n are at n − r too, and that range 0 asks for nothing', () => {
    expect(boardOf([{ range: 13, lines: ring(50, 55) }]).ask().controls.held).toHaveLength(1)
    expect(boardOf([{ range: 15, lines: ring(50, 97) }]).ask().controls).toMatchObject({ held: [expect.anything()] })
    expect(boardOf([{ range: 0, lines: ring(98, 98) }]).ask().controls).toEqual({ held: [], failures: [] })
  })

  test('that is absent or scrambled is said to be absent', () => {
    const scrambled = boardOf([life, { range: 3, scrambled: true, lines: ring(98, 98) }]).ask()
    expect(scrambled.controls).toEqual({ held: [], failures: [] })
    expect(answerLegend(scrambled).join('\n')).toContain('Controls: none on this board')
  })
})
