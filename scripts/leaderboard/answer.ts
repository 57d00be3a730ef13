import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { answerLegend, answerQuestion } from '../../benchmarks/board/answer.ts'
import { leaderboard } from '../../benchmarks/board/leaderboard.ts'
import { wrapped } from '../../benchmarks/board/printing.ts'
import { readBoardTables, readTimings } from '../../benchmarks/board/results.ts'
import { writeLine } from '../flags.ts'
import { worldFilter } from './worlds.ts'

/** Prints which locality each world wants, by the results of a folder. */
export async function answer(folder: string, { env }: { readonly env?: readonly string[] }): Promise<void> {
  const tables = readBoardTables(folder)
  const timings = existsSync(join(folder, 'timings.csv')) ? readTimings(folder) : []
  const rows = leaderboard(tables)
  const wanted = worldFilter(rows, env)
  const found = answerQuestion(rows, tables, timings)
  for (const { world, sentence } of found.answers) if (wanted(world)) await writeLine(sentence)
  await writeLine('')
  for (const line of answerLegend(found).flatMap(line => wrapped(line))) await writeLine(line)
}
