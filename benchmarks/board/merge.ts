import { UserError } from '../../lib/errors.ts'
import { strangeFamily } from './contradictions.ts'
import { modelFamilies } from './families.ts'
import { orderedTables, type ResultTables } from './tables.ts'

/** The results of one folder. */
export interface Part {
  readonly folder: string
  readonly tables: ResultTables
}

/** Tables of several folders as one, and the folder that each cell is taken from. */
export interface Merged {
  readonly tables: ResultTables
  readonly folders: ReadonlyMap<string, string>
}

const isResult = (status: string) => status === 'ok' || status === 'diverged'

/** All that the tables say of one cell but its times, as a text that two runs of the same cell share. */
function contentOf({ runs, episodes, cells }: ResultTables): Map<string, string[]> {
  const content = new Map<string, string[]>()
  for (const rows of [cells, runs, episodes] as const)
    for (const row of rows) {
      const own = content.get(row.cell) ?? []
      own.push(JSON.stringify(row, (_key, value) => (typeof value === 'number' ? String(value) : value)))
      content.set(row.cell, own)
    }
  return content
}

/** @throws UserError where a folder has a model in another family than the registry, which would change its race */
function checkFamilies(parts: readonly Part[]): void {
  for (const { folder, tables } of parts) {
    const problem = strangeFamily(tables, modelFamilies)
    if (problem !== undefined) throw new UserError(`'${folder}' cannot be merged: ${problem}`)
  }
}

/** @throws UserError where the folders cannot be of one run */
function checkAlike(parts: readonly Part[]): void {
  const named = parts.flatMap(({ folder, tables: { runs, cells } }) => {
    return [...new Set(cells.map(({ sources }) => sources))].map(sources => ({
      folder,
      suite: runs[0]?.suite,
      sources,
    }))
  })
  for (const { folder, suite, sources } of named) {
    const [first] = named
    if (suite !== first.suite)
      throw new UserError(
        `'${first.folder}' holds results of suite ${JSON.stringify(first.suite)}, '${folder}' of ${JSON.stringify(suite)}`,
      )
    if (sources !== first.sources)
      throw new UserError(
        `'${first.folder}' and '${folder}' come from different sources (${first.sources.slice(0, 8)} and ` +
          `${sources.slice(0, 8)}): run one of them again`,
      )
  }
}

/**
 * Results of several folders as those of one run: the same rows in the same order as if one folder had had all cells.
 * A cell that several have is taken from the first in which it came to a result; what two say of it must be the same.
 * @throws UserError where they contradict each other or the registry, or are of several suites or sources
 */
export function mergeTables(parts: readonly Part[]): Merged {
  checkFamilies(parts)
  checkAlike(parts)
  const chosen = new Map<string, { part: Part; status: string; content: readonly string[] }>()
  for (const part of parts) {
    const content = contentOf(part.tables)
    for (const { cell, status } of part.tables.cells) {
      const own = { part, status, content: content.get(cell)! }
      const other = chosen.get(cell)
      if (!other || (isResult(status) && !isResult(other.status))) chosen.set(cell, own)
      else if (isResult(status)) {
        const at = own.content.findIndex((row, i) => row !== other.content[i])
        if (at >= 0 || own.content.length !== other.content.length)
          throw new UserError(
            `'${other.part.folder}' and '${part.folder}' say different things of cell ${JSON.stringify(cell.slice(0, 8))}: ` +
              `${other.content[at]?.slice(0, 300)} and ${own.content[at]?.slice(0, 300)}`,
          )
      }
    }
  }
  const rowsOf = <T extends { readonly cell: string }>(rows: (tables: ResultTables) => readonly T[]) =>
    parts.flatMap(part => rows(part.tables).filter(({ cell }) => chosen.get(cell)?.part === part))
  const tables = orderedTables({
    runs: rowsOf(({ runs }) => runs),
    episodes: rowsOf(({ episodes }) => episodes),
    cells: rowsOf(({ cells }) => cells),
    timings: rowsOf(({ timings }) => timings),
  })
  return { tables, folders: new Map([...chosen].map(([cell, { part }]) => [cell, part.folder])) }
}
