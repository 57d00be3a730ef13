import { UserError } from '../../lib/errors.ts'
import { grouped } from './grouped.ts'
import { type BoardTables, type CellRow, compareParts, conditionOrder, type RunRow } from './tables.ts'

/** Where errors were measured. The horizon is null only where nothing was. */
export interface Place {
  readonly condition: string
  readonly horizon: number | null
}

/** One cell with all that the files say of it. */
export interface BoardCell {
  readonly run: RunRow
  readonly row: CellRow
  /** Place, as `<condition> <horizon>`, to the error of each episode. */
  readonly errors: Map<string, Map<number, number>>
}

/** The cells of one model, variant and budget in one world: one line of a block. */
export interface Entry {
  readonly identity: RunRow
  readonly cells: readonly BoardCell[]
}

export const placeKey = ({ condition, horizon }: Place) => `${condition} ${horizon}`
const worldKey = (run: RunRow) => JSON.stringify([run.suite, run.environment, run.size, run.scrambled])
const entryKey = (run: RunRow) => JSON.stringify([run.model, run.variant, run.budget])

/** Joins the three files, in a fixed order. @throws UserError where they contradict each other */
function joinCells({ runs, episodes, cells }: BoardTables): BoardCell[] {
  const rows = new Map(cells.map(row => [row.cell, row]))
  if (rows.size < cells.length) throw new UserError('cells.csv has a cell twice')
  const joined = new Map<string, BoardCell>()
  for (const run of runs) {
    const row = rows.get(run.cell)
    if (!row) throw new UserError(`runs.csv has figures of cell ${run.cell}, which is not in cells.csv`)
    if (!joined.has(run.cell)) joined.set(run.cell, { run, row, errors: new Map() })
  }
  const silent = cells.find(({ cell }) => !joined.has(cell))
  if (silent) throw new UserError(`cells.csv has the cell ${silent.cell}, of which runs.csv has no figure`)
  for (const { cell, condition, horizon, episode, error } of episodes) {
    const errors = joined.get(cell)?.errors
    if (!errors) throw new UserError(`episodes.csv has errors of cell ${cell}, which is not in cells.csv`)
    const key = placeKey({ condition, horizon })
    const place = errors.get(key) ?? new Map<number, number>()
    if (place.has(episode)) throw new UserError(`episodes.csv has episode ${episode} of cell ${cell} twice at ${key}`)
    errors.set(key, place.set(episode, error))
  }
  return [...joined.values()].sort(({ run: a }, { run: b }) =>
    compareParts(
      [a.suite, a.environment, a.size, a.scrambled, a.model, a.variant, a.budget, a.seed, a.cell],
      [b.suite, b.environment, b.size, b.scrambled, b.model, b.variant, b.budget, b.seed, b.cell],
    ),
  )
}

/**
 * The lines of one world. @throws UserError where two cells would be the same seed of one line: they differ in what the
 * board does not show, and averaging would hide it
 */
export function entriesOf(cells: readonly BoardCell[]): Entry[] {
  return grouped(cells, ({ run }) => entryKey(run)).map(own => {
    const twice = own.find(({ run }, i) => i > 0 && own[i - 1].run.seed === run.seed)
    if (twice) {
      const { model, environment, seed } = twice.run
      throw new UserError(`two cells of ${model} on ${environment}, seed ${seed}, differ in what no board shows`)
    }
    return { identity: own[0].run, cells: own }
  })
}

/** Where anything was measured in a world, in the order of the board; a world where all failed has one empty place. */
export function placesOf(cells: readonly BoardCell[], episodes: BoardTables['episodes']): Place[] {
  const own = new Set(cells.map(({ run }) => run.cell))
  const places = grouped(
    episodes.filter(({ cell }) => own.has(cell)),
    placeKey,
  ).map(([{ condition, horizon }]): Place => ({ condition, horizon }))
  if (places.length === 0) return [{ condition: '', horizon: null }]
  const parts = ({ condition, horizon }: Place) => [...conditionOrder(condition), horizon]
  return places.sort((a, b) => compareParts(parts(a), parts(b)))
}

/** The cells of every world, size and scrambling, in the order of the board. @throws UserError as the files contradict */
export function boardWorlds(tables: BoardTables): BoardCell[][] {
  return grouped(joinCells(tables), ({ run }) => worldKey(run))
}
