import { leaderboard } from '../../benchmarks/board/leaderboard.ts'
import { leaderboardTable } from '../../benchmarks/board/leaderboard-table.ts'
import { readBoardTables } from '../../benchmarks/board/results.ts'
import { writeLine } from '../flags.ts'

/** Works the board out anew from the CSVs of a folder, and prints it. */
export async function show(folder: string): Promise<void> {
  const tables = readBoardTables(folder)
  const color = process.stdout.isTTY === true && !process.env.NO_COLOR
  await writeLine(leaderboardTable(leaderboard(tables), tables.runs, { color }).trimEnd())
}
