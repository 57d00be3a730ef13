import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../lib/errors.ts'
import { readBytes, readTextFile } from '../../lib/files.ts'
import { sha256Hex } from '../../lib/hash.ts'
import { contradictions } from './contradictions.ts'
import { formatLeaderboard, type LeaderboardRow, leaderboard } from './leaderboard.ts'
import { filesIn, type Manifest, manifestFile, manifestOf, readManifest } from './publication.ts'
import { readLeaderboard, readResults, resultFiles } from './results.ts'
import type { ResultTables } from './tables.ts'

/** What came of holding a publication against itself. */
export interface Verification {
  /** What does not verify, a line each; none where all does. */
  readonly problems: readonly string[]
  /** The rows, where the files could be read. */
  readonly tables: ResultTables | null
  /** How many rows of the board were worked out anew. */
  readonly boardRows: number
}

/** The value, or the line that says why there is none. */
function attempt<T>(problems: string[], work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    problems.push(error.message)
    return null
  }
}

/** Missing files, files of other content than the manifest says, and files that it does not know. */
function fileProblems(folder: string, { files }: Manifest): string[] {
  const present = filesIn(folder)
  const expected: readonly string[] = [...resultFiles, manifestFile]
  const problems: string[] = []
  for (const name of resultFiles) {
    if (!present.includes(name)) {
      problems.push(`${name} is missing`)
      continue
    }
    const bytes = readBytes(join(folder, name))
    const { sha256, bytes: length } = files[name]
    if (sha256Hex(bytes) === sha256) continue
    const size = bytes.length === length ? '' : `, and has ${bytes.length} bytes instead of ${length}`
    problems.push(`${name} is not the file that was published: its sha256 differs${size}`)
  }
  const extra = present.filter(name => !expected.includes(name)).sort()
  return [...problems, ...extra.map(name => `${JSON.stringify(name)} is no part of the publication`)]
}

const rowName = ({ environment, size, scrambled, model, variant, condition, horizon }: LeaderboardRow) =>
  [
    environment,
    `size ${size}`,
    scrambled ? 'scrambled' : 'plain',
    `${model} ${variant}`,
    `${condition} ${horizon ?? ''}`,
  ]
    .map(part => part.trim().replace(/\p{C}/gu, '�'))
    .join(', ')

/** The first row in which a board differs from what its files come to. */
function firstDifference(
  published: readonly LeaderboardRow[],
  computed: readonly LeaderboardRow[],
): string | undefined {
  for (const [i, row] of computed.entries()) {
    const own = published[i]
    if (own === undefined) return `leaderboard.csv ends before row ${i + 1} (${rowName(row)})`
    const columns = Object.keys(row) as (keyof LeaderboardRow)[]
    const column = columns.find(name => !Object.is(own[name], row[name]))
    if (column === undefined) continue
    const [was, is] = [own[column], row[column]].map(value => JSON.stringify(value))
    return `leaderboard.csv row ${i + 1} (${rowName(row)}): ${column} is ${was}, the other files come to ${is}`
  }
  if (published.length > computed.length)
    return `leaderboard.csv has ${published.length} rows, the other files come to ${computed.length}`
}

/** Holds the board against what the other files come to, byte for byte. */
function boardProblem(folder: string, computed: readonly LeaderboardRow[]): string | undefined {
  if (!existsSync(join(folder, 'leaderboard.csv'))) return
  if (readTextFile(join(folder, 'leaderboard.csv')) === formatLeaderboard(computed)) return
  const otherForm = 'leaderboard.csv has the right rows in another form than they were written in'
  return firstDifference(readLeaderboard(folder), computed) ?? otherForm
}

/** The first word of a manifest that the rows do not bear out. */
function manifestProblem(manifest: Manifest, tables: ResultTables): string | undefined {
  const computed = manifestOf(tables, manifest.commands, manifest.files)
  const names = Object.keys(computed) as (keyof Manifest)[]
  const wrong = names.find(name => JSON.stringify(manifest[name]) !== JSON.stringify(computed[name]))
  return wrong && `${manifestFile}: ${wrong} should be ${JSON.stringify(computed[wrong])}, by the other files`
}

/**
 * Holds a publication against itself: every file against its hash, the rows against each other, the board against what
 * the other files come to, byte for byte, and what the manifest says against the rows.
 * @throws UserError where there is no such folder
 */
export function verifyPublication(folder: string): Verification {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(`no folder '${folder}': npm run leaderboard -- publish makes one`)
  const problems: string[] = []
  const manifest = attempt(problems, () => {
    if (existsSync(join(folder, manifestFile))) return readManifest(folder)
    throw new UserError(`${manifestFile} is missing: it says what the other files should be`)
  })
  if (manifest) problems.push(...fileProblems(folder, manifest))
  // What is missing has been said.
  const complete = resultFiles.every(name => name === 'leaderboard.csv' || existsSync(join(folder, name)))
  const tables = complete ? attempt(problems, () => readResults(folder)) : null
  if (!tables) return { problems, tables: null, boardRows: 0 }
  const contradicting = contradictions(tables)
  problems.push(...contradicting)
  const board = attempt(problems, () => leaderboard(tables)) ?? []
  const wrongBoard = attempt(problems, () => boardProblem(folder, board))
  if (wrongBoard) problems.push(wrongBoard)
  if (manifest && contradicting.length === 0) {
    const wrongManifest = manifestProblem(manifest, tables)
    if (wrongManifest) problems.push(wrongManifest)
  }
  return { problems, tables: contradicting.length === 0 ? tables : null, boardRows: board.length }
}
