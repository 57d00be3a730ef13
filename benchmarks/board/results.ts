import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseCsv } from '../../lib/csv.ts'
import { UserError } from '../../lib/errors.ts'
import { readTextFile, writeFileAtomic } from '../../lib/files.ts'
import type { CellRecord } from '../cell.ts'
import { formatLeaderboard, type LeaderboardRow, leaderboard, leaderboardColumns } from './leaderboard.ts'
import {
  type BoardTables,
  formatTables,
  parseTables,
  type ResultTables,
  resultTables,
  type TimingRow,
  timingColumns,
} from './tables.ts'

/** The names of what `writeResults` writes, in the order of reading. */
export const resultFiles = ['leaderboard.csv', 'runs.csv', 'episodes.csv', 'cells.csv', 'timings.csv'] as const

/** The CSVs of a folder as text, from the rows of four. @throws UserError where the tables contradict each other */
export function formatResults(tables: ResultTables): Record<(typeof resultFiles)[number], string> {
  return { ...formatTables(tables), 'leaderboard.csv': formatLeaderboard(leaderboard(tables)) }
}

/** Writes the CSVs of a results folder, each the whole file or nothing. @throws UserError */
export function writeResults(folder: string, suite: string, records: readonly CellRecord[]): void {
  const files = formatResults(resultTables(suite, records))
  for (const name of resultFiles) writeFileAtomic(join(folder, name), files[name])
}

function checkResults(folder: string): void {
  if (!existsSync(join(folder, 'runs.csv')))
    throw new UserError(`no results in '${folder}': npm run bench -- --out ${folder} makes them`)
}

/** What the board of a folder is worked out from. @throws UserError where there is nothing, or a file is damaged */
export function readBoardTables(folder: string): BoardTables {
  checkResults(folder)
  const path = (file: string) => join(folder, file)
  return parseTables(file => readTextFile(path(file)), path)
}

/** The times of a folder. @throws UserError where the file is missing or damaged */
export function readTimings(folder: string): TimingRow[] {
  const path = join(folder, 'timings.csv')
  return parseCsv(path, readTextFile(path), timingColumns)
}

/** All that a folder says of its cells. @throws UserError where a file is missing or damaged */
export function readResults(folder: string): ResultTables {
  return { ...readBoardTables(folder), timings: readTimings(folder) }
}

/** The board of a folder as it was written. @throws UserError where there is none, or it is damaged */
export function readLeaderboard(folder: string): LeaderboardRow[] {
  checkResults(folder)
  const path = join(folder, 'leaderboard.csv')
  return parseCsv(path, readTextFile(path), leaderboardColumns)
}
