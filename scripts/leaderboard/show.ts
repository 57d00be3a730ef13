import { groupedTable } from '../../benchmarks/board/grouped-table.ts'
import type { Grouping } from '../../benchmarks/board/groupings.ts'
import { leaderboard } from '../../benchmarks/board/leaderboard.ts'
import { leaderboardTable } from '../../benchmarks/board/leaderboard-table.ts'
import { readBoardTables } from '../../benchmarks/board/results.ts'
import { writeLine } from '../flags.ts'

/** Works the board out anew from the CSVs of a folder, and prints it: world by world, or with one thing side by side. */
export async function show(folder: string, { by }: { readonly by?: Grouping }): Promise<void> {
  const tables = readBoardTables(folder)
  const rows = leaderboard(tables)
  const color = process.stdout.isTTY === true && !process.env.NO_COLOR
  const text = by ? groupedTable(rows, by, { color }) : leaderboardTable(rows, tables.runs, { color })
  await writeLine(text.trimEnd())
}
