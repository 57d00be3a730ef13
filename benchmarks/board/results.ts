import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Columns, formatCsv, parseCsv, type Row } from '../../lib/csv.ts'
import { UserError } from '../../lib/errors.ts'
import { readTextFile, writeFileAtomic } from '../../lib/files.ts'
import type { CellRecord } from '../cell.ts'
import { costColumns, costRows } from './costs.ts'
import { type LeaderboardRow, leaderboardColumns, type ScoredRow, scoredRows } from './leaderboard.ts'
import {
  type BoardTables,
  formatTables,
  parseTables,
  type ResultTables,
  resultTables,
  type TimingRow,
  timingColumns,
} from './tables.ts'

/** A file that follows from what others say. */
export interface DerivedTable {
  readonly file: string
  readonly columns: Columns
  /** Its rows, by the board of the other files. */
  readonly rows: (board: readonly ScoredRow[]) => readonly Row<Columns>[]
}

/** The files that are functions of runs.csv, episodes.csv and cells.csv alone. */
export const derivedTables = [
  { file: 'leaderboard.csv', columns: leaderboardColumns, rows: board => board.map(({ row }) => row) },
  { file: 'costs.csv', columns: costColumns, rows: costRows },
] as const satisfies readonly DerivedTable[]

/** The files that others follow from. */
export const originalFiles = ['runs.csv', 'episodes.csv', 'cells.csv', 'timings.csv'] as const

/** The names of what `writeResults` writes, in the order of reading. */
export const resultFiles = [...derivedTables.map(({ file }) => file), ...originalFiles] as const

/** The name of a file of results. */
export type ResultFileName = (typeof resultFiles)[number]

/** The CSVs of a folder as text, from the rows of four. @throws UserError where the tables contradict each other */
export function formatResults(tables: ResultTables): Record<ResultFileName, string> {
  const board = scoredRows(tables)
  const derived = derivedTables.map(({ file, columns, rows }: DerivedTable) => [file, formatCsv(columns, rows(board))])
  return { ...formatTables(tables), ...Object.fromEntries(derived) }
}

/** Writes the CSVs of a results folder, each the whole file or nothing. @throws UserError */
export function writeResults(folder: string, suite: string, records: readonly CellRecord[]): void {
  const files = formatResults(resultTables(suite, records))
  for (const name of resultFiles) writeFileAtomic(join(folder, name), files[name])
}

function checkResults(folder: string): void {
  if (!existsSync(join(folder, 'runs.csv')))
    throw new UserError(`no results in '${folder}': npm run bench -- --out ${folder} makes them`)
  // Times may be missing: a board does without.
  const lacking = originalFiles.find(name => name !== 'timings.csv' && !existsSync(join(folder, name)))
  if (lacking !== undefined)
    throw new UserError(`'${folder}' lacks ${lacking}: a row is what runs.csv, episodes.csv and cells.csv say together`)
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

/** A file that follows from others as it was written. @throws UserError where there is none, or it is damaged */
export function readDerived<C extends Columns>(
  folder: string,
  { file, columns }: { file: string; columns: C },
): Row<C>[] {
  checkResults(folder)
  const path = join(folder, file)
  return parseCsv(path, readTextFile(path), columns)
}

/** The board of a folder as it was written. @throws UserError where there is none, or it is damaged */
export const readLeaderboard = (folder: string): LeaderboardRow[] => readDerived(folder, derivedTables[0])
