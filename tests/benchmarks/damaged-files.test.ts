import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { answerLegend, answerQuestion } from '../../benchmarks/board/answer.ts'
import { contradictions } from '../../benchmarks/board/contradictions.ts'
import { costRows } from '../../benchmarks/board/costs.ts'
import { costsTable } from '../../benchmarks/board/costs-table.ts'
import { dialText } from '../../benchmarks/board/dial-text.ts'
import { compareBoards, differenceText } from '../../benchmarks/board/diff.ts'
import { groupedTable } from '../../benchmarks/board/grouped-table.ts'
import { groupings } from '../../benchmarks/board/groupings.ts'
import { leaderboard, scoredRows } from '../../benchmarks/board/leaderboard.ts'
import { leaderboardTable } from '../../benchmarks/board/leaderboard-table.ts'
import { mergeTables } from '../../benchmarks/board/merge.ts'
import { readLeaderboard, readResults, resultFiles, writeResults } from '../../benchmarks/board/results.ts'
import * as ledger from '../../benchmarks/running/ledger.ts'
import { UserError } from '../../lib/errors.ts'
import { madeUpRecord, madeUpWorld } from './made-up.ts'

const records = [
  ...madeUpWorld({}, { lstm: 0.5, gru: 0.9 }, 1),
  madeUpRecord({ model: '../../escape', status: 'failed', message: '"\n=cmd|x' }),
]
let folder = ''
const good = new Map<string, Buffer>()
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'damaged-'))
  writeResults(folder, 'quick', records)
  ledger.openLedger(folder)
  ledger.writeCell(folder, records[0])
  for (const name of resultFiles) good.set(name, readFileSync(join(folder, name)))
})
beforeEach(() => {
  for (const [name, bytes] of good) writeFileSync(join(folder, name), bytes)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Some bytes of a file taken out and others put in; words that files of numbers and texts may trip over among them. */
const edits = fc.record({
  at: fc.nat(),
  length: fc.nat({ max: 200 }),
  text: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      '',
      ',',
      '"',
      '\n',
      '\r\n',
      ',,,,',
      '\0',
      'nan',
      '-inf',
      '1e999',
      '=1+1',
      '__proto__',
      '[]',
      '{}',
      'null',
    ),
  ),
})
const edited = (bytes: Buffer, { at, length, text }: { at: number; length: number; text: string }) => {
  const start = at % (bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(text), bytes.subarray(start + length)])
}

/** Does the work, or says in one line why not. */
function inOneLine(work: () => void): void {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).message).toMatch(/^[^\n\r]+$/)
  }
}

test('whatever happens to a CSV, every command says in one line what is wrong, or does its work, and writes nothing', () => {
  const board = leaderboard(readResults(folder))
  // A line break in the id of a cell, which messages quote.
  const examples: [(typeof resultFiles)[number], { at: number; length: number; text: string }][] = [
    ['runs.csv', { at: good.get('runs.csv')!.indexOf('\n') + 9, length: 0, text: '\r' }],
  ]
  fc.assert(
    fc.property(fc.constantFrom(...resultFiles), edits, (name, edit) => {
      for (const [file, bytes] of good) writeFileSync(join(folder, file), file === name ? edited(bytes, edit) : bytes)
      const before = readdirSync(folder)
      inOneLine(() => {
        const tables = readResults(folder)
        for (const line of contradictions(tables)) expect(line).toMatch(/^[^\n\r]+$/)
        inOneLine(() => {
          const board = scoredRows(tables)
          const rows = board.map(({ row }) => row)
          costsTable(costRows(board), undefined, { color: false })
          dialText(board)
          leaderboardTable(rows, tables.runs, { color: false })
          for (const by of groupings) groupedTable(rows, by, { color: false })
          answerLegend(answerQuestion(rows, tables, tables.timings))
        })
        inOneLine(() => {
          mergeTables([
            { folder, tables },
            { folder: 'other', tables },
          ])
        })
      })
      inOneLine(() => {
        differenceText(compareBoards(readLeaderboard(folder), board))
      })
      expect(readdirSync(folder)).toEqual(before)
    }),
    { numRuns: 150, examples },
  )
})

test('whatever happens to the file of a cell, it is damaged with a reason, or holds that cell', () => {
  const { cell } = records[0]
  const path = ledger.cellPath(folder, cell)
  const bytes = readFileSync(path)
  fc.assert(
    fc.property(edits, edit => {
      writeFileSync(path, edited(bytes, edit))
      const entry = ledger.readCell(folder, cell)
      if (entry.kind === 'finished') expect(entry.record.cell).toBe(cell)
      else expect(entry).toEqual({ kind: 'damaged', reason: expect.stringMatching(/^[^\n\r]+$/) })
    }),
    { numRuns: 300 },
  )
  writeFileSync(path, bytes)
})

test('names that lead elsewhere, or would run in a spreadsheet, stay texts', () => {
  const text = readFileSync(join(folder, 'cells.csv'), 'utf8')
  expect(text).toContain(`"""\n=cmd|x"`)
  expect(readResults(folder).cells.map(({ error }) => error)).toContain('"\n=cmd|x')
  const formula = madeUpRecord({ model: '=cmd|"/C calc"!A0', environment: '@SUM(1)', options: { '+a': '-b' } })
  writeResults(folder, 'quick', [formula])
  for (const name of resultFiles) {
    const cells = readFileSync(join(folder, name), 'utf8').split(/[,\n]/)
    expect(cells.filter(cell => /^"?[=+\-@]/.test(cell) && !/^-?\d/.test(cell))).toEqual([])
  }
  expect(readResults(folder).runs[0]).toMatchObject({ model: '=cmd|"/C calc"!A0', environment: '@SUM(1)' })
})
