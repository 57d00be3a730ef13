import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { answerLegend, answerQuestion } from '../../benchmarks/board/answer.ts'
import { dialText } from '../../benchmarks/board/dial-text.ts'
import { scoredRows } from '../../benchmarks/board/leaderboard.ts'
import { wrapped } from '../../benchmarks/board/printing.ts'
import { readBoardTables, readTimings } from '../../benchmarks/board/results.ts'
import { writeLine } from '../flags.ts'
import { worldFilter } from './worlds.ts'

/** Prints which locality each world wants, and where the dial of locality stands best, by the results of a folder. */
export async function answer(folder: string, { env }: { readonly env?: readonly string[] }): Promise<void> {
  const tables = readBoardTables(folder)
  const timings = existsSync(join(folder, 'timings.csv')) ? readTimings(folder) : []
  const board = scoredRows(tables)
  const rows = board.map(({ row }) => row)
  const wanted = worldFilter(rows, env)
  const found = answerQuestion(rows, tables, timings)
  for (const { world, sentence } of found.answers) if (wanted(world)) await writeLine(sentence)
  await writeLine('')
  for (const line of dialText(board.filter(({ row }) => wanted(row)))) await writeLine(line)
  for (const line of answerLegend(found).flatMap(line => wrapped(line))) await writeLine(line)
}
