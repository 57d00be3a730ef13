import { groupedTable } from '../../benchmarks/board/grouped-table.ts'
import { leaderboard } from '../../benchmarks/board/leaderboard.ts'
import { leaderboardTable } from '../../benchmarks/board/leaderboard-table.ts'
import { resultTables } from '../../benchmarks/board/tables.ts'
import type { CellRecord } from '../../benchmarks/cell.ts'
import type { Suite } from '../../benchmarks/suites/suite.ts'
import { writeLine } from '../flags.ts'

/** The leaderboard of some cells on stdout, as a table with the headline of its suite, or as JSON lines. */
export async function printBoard(suite: Suite, records: readonly CellRecord[], json: boolean): Promise<void> {
  const tables = resultTables(suite.id, records)
  const rows = leaderboard(tables)
  const color = process.stdout.isTTY === true && !process.env.NO_COLOR
  if (json) {
    for (const row of rows) await writeLine(JSON.stringify(row))
    return
  }
  await writeLine(leaderboardTable(rows, tables.runs, { color }).trimEnd())
  if (suite.headline) await writeLine(`\n${groupedTable(rows, suite.headline, { color }).trimEnd()}`)
}
