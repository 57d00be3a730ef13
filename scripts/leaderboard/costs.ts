import { costRows } from '../../benchmarks/board/costs.ts'
import { costsTable } from '../../benchmarks/board/costs-table.ts'
import { scoredRows } from '../../benchmarks/board/leaderboard.ts'
import { readBoardTables } from '../../benchmarks/board/results.ts'
import { oneOf } from '../../lib/errors.ts'
import { writeLine } from '../flags.ts'
import { worldFilter } from './worlds.ts'

export interface CostsFlags {
  readonly env?: readonly string[]
  readonly condition?: string
}

/** Works out anew, from the CSVs of a folder, what each error costs, and prints it world by world. */
export async function costs(folder: string, { env, condition }: CostsFlags): Promise<void> {
  const rows = costRows(scoredRows(readBoardTables(folder)))
  const wanted = rows.filter(worldFilter(rows, env))
  const conditions = [...new Set(wanted.map(row => row.condition).filter(name => name !== ''))]
  if (condition !== undefined) oneOf('condition of these results', condition, conditions)
  const color = process.stdout.isTTY === true && !process.env.NO_COLOR
  await writeLine(costsTable(wanted, condition, { color }))
}
