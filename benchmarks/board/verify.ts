import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Columns, formatCsv, type Row } from '../../lib/csv.ts'
import { UserError } from '../../lib/errors.ts'
import { readTextFile } from '../../lib/files.ts'
import { contradictions } from './contradictions.ts'
import { modelFamilies } from './families.ts'
import { scoredRows } from './leaderboard.ts'
import { printable } from './printing.ts'
import { changeOf, filesIn, type Manifest, manifestFile, manifestOf, readManifest } from './publication.ts'
import { type DerivedTable, derivedTables, originalFiles, readDerived, readResults, resultFiles } from './results.ts'
import type { ResultTables } from './tables.ts'

/** What came of holding a publication against itself. */
export interface Verification {
  /** What does not verify, a line each; none where all does. */
  readonly problems: readonly string[]
  /** The rows, where the files could be read. */
  readonly tables: ResultTables | null
  /** How many rows were worked out anew, of each file that follows from others. */
  readonly workedOut: Readonly<Record<string, number>>
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
function fileProblems(folder: string, manifest: Manifest): string[] {
  const present = filesIn(folder)
  const expected: readonly string[] = [...resultFiles, manifestFile]
  const problems = resultFiles.flatMap(name => {
    if (manifest.files[name] === undefined)
      return (
        `${name} is not in ${manifestFile}, as in publications from before there was such a file: npm run leaderboard ` +
        `-- publish --suite ${printable(manifest.suite)} --from ${folder} --out ${folder} --force adds it`
      )
    return present.includes(name) ? (changeOf(folder, name, manifest) ?? []) : `${name} is missing`
  })
  const extra = present.filter(name => !expected.includes(name)).sort()
  return [...problems, ...extra.map(name => `${JSON.stringify(name)} is no part of the publication`)]
}

/** Where a row belongs, by those of its columns that say so. */
function rowName({ environment, size, scrambled, model, variant, condition, horizon }: Row<Columns>): string {
  return [
    environment,
    `size ${size}`,
    scrambled ? 'scrambled' : 'plain',
    `${model} ${variant}`,
    `${condition} ${horizon ?? ''}`,
  ]
    .map(part => printable(String(part).trim()))
    .join(', ')
}

/** The first row in which a file differs from what the others come to. */
function firstDifference(
  file: string,
  published: readonly Row<Columns>[],
  computed: readonly Row<Columns>[],
): string | undefined {
  for (const [i, row] of computed.entries()) {
    const own = published[i]
    if (own === undefined) return `${file} ends before row ${i + 1} (${rowName(row)})`
    const column = Object.keys(row).find(name => !Object.is(own[name], row[name]))
    if (column === undefined) continue
    const [was, is] = [own[column], row[column]].map(value => JSON.stringify(value))
    return `${file} row ${i + 1} (${rowName(row)}): ${column} is ${was}, the other files come to ${is}`
  }
  if (published.length > computed.length)
    return `${file} has ${published.length} rows, the other files come to ${computed.length}`
}

/** Holds a file against what the others come to, byte for byte. */
function derivedProblem(folder: string, table: DerivedTable, computed: readonly Row<Columns>[]): string | undefined {
  const { file, columns } = table
  if (!existsSync(join(folder, file))) return
  if (readTextFile(join(folder, file)) === formatCsv(columns, computed)) return
  const otherForm = `${file} has the right rows in another form than they were written in`
  return firstDifference(file, readDerived(folder, table), computed) ?? otherForm
}

/** The first word of a manifest that the rows do not bear out. */
function manifestProblem(manifest: Manifest, tables: ResultTables): string | undefined {
  const computed = manifestOf(tables, manifest.commands, manifest.files)
  const names = Object.keys(computed) as (keyof Manifest)[]
  const wrong = names.find(name => JSON.stringify(manifest[name]) !== JSON.stringify(computed[name]))
  return wrong && `${manifestFile}: ${wrong} should be ${JSON.stringify(computed[wrong])}, by the other files`
}

/**
 * Holds a publication against itself: every file against its hash, the rows against each other, the board and
 * its costs against what the other files come to, byte for byte, and what the manifest says against the rows.
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
  const complete = originalFiles.every(name => existsSync(join(folder, name)))
  const tables = complete ? attempt(problems, () => readResults(folder)) : null
  if (!tables) return { problems, tables: null, workedOut: {} }
  const contradicting = contradictions(tables, modelFamilies)
  problems.push(...contradicting)
  const board = attempt(problems, () => scoredRows(tables))
  const workedOut: Record<string, number> = {}
  // Without a board there is nothing to hold them against; why there is none has been said.
  const computed = board ? derivedTables.map(table => ({ table, rows: table.rows(board) })) : []
  for (const { table, rows } of computed) {
    workedOut[table.file] = rows.length
    const wrong = attempt(problems, () => derivedProblem(folder, table, rows))
    if (wrong) problems.push(wrong)
  }
  if (manifest && contradicting.length === 0) {
    const wrongManifest = manifestProblem(manifest, tables)
    if (wrongManifest) problems.push(wrongManifest)
  }
  return { problems, tables: contradicting.length === 0 ? tables : null, workedOut }
}
