import { join } from 'node:path'
import { writeFileAtomic } from '../../lib/files.ts'
import type { CellRecord } from '../cell.ts'
import { formatLeaderboard, leaderboard } from './leaderboard.ts'
import { formatTables, resultTables } from './tables.ts'

/** The names of what `writeResults` writes, in the order of reading. */
export const resultFiles = ['leaderboard.csv', 'runs.csv', 'episodes.csv', 'cells.csv', 'timings.csv'] as const

/** Writes the CSVs of a results folder, each the whole file or nothing. @throws UserError */
export function writeResults(folder: string, suite: string, records: readonly CellRecord[]): void {
  const tables = resultTables(suite, records)
  const files = { ...formatTables(tables), 'leaderboard.csv': formatLeaderboard(leaderboard(tables)) }
  for (const name of resultFiles) writeFileAtomic(join(folder, name), files[name])
}
