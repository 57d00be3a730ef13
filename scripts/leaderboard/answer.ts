import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { answerLegend, answerQuestion } from '../../benchmarks/board/answer.ts'
import { leaderboard } from '../../benchmarks/board/leaderboard.ts'
import { wrapped } from '../../benchmarks/board/printing.ts'
import { readBoardTables, readTimings } from '../../benchmarks/board/results.ts'
import { oneOf } from '../../lib/errors.ts'
import { writeLine } from '../flags.ts'

/** `coupled-maps` of `coupled-maps(range=3)` */
const idOf = (environment: string) => environment.replace(/\(.*$/s, '')

/** Prints which locality each world wants, by the results of a folder. */
export async function answer(folder: string, { env }: { readonly env?: readonly string[] }): Promise<void> {
  const tables = readBoardTables(folder)
  const timings = existsSync(join(folder, 'timings.csv')) ? readTimings(folder) : []
  const rows = leaderboard(tables)
  const known = [...new Set(rows.flatMap(({ environment }) => [environment, idOf(environment)]))]
  for (const name of env ?? []) oneOf('environment of these results', name, known)
  const found = answerQuestion(rows, tables, timings)
  const wanted = ({ environment }: { environment: string }) =>
    env === undefined || env.includes(environment) || env.includes(idOf(environment))
  for (const { world, sentence } of found.answers) if (wanted(world)) await writeLine(sentence)
  await writeLine('')
  for (const line of answerLegend(found).flatMap(wrapped)) await writeLine(line)
}
