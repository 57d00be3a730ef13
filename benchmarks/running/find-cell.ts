import { UserError } from '../../lib/errors.ts'
import type { CellRecord, CellSpec } from '../cell.ts'
import { cellIds, readCell } from './ledger.ts'
import { cellLabel } from './monitor.ts'

/** What a person says of the one cell that is meant. */
export interface CellWish {
  /** The first digits of its id. */
  readonly id?: string
  readonly environment?: string
  readonly model?: string
  readonly seed?: number
  readonly scrambled?: boolean
}

const SHOWN = 6

/** Cells in a line; of many the first few. */
function labels(records: readonly CellRecord[]): string {
  const rest = records.length - SHOWN
  const shown = records.slice(0, SHOWN).map(({ spec }) => cellLabel(spec))
  return shown.join('; ') + (rest > 0 ? `; and ${rest} more` : '')
}

function fits({ environment, model, seed, scrambled }: CellWish, spec: CellSpec): boolean {
  return (
    (environment === undefined || spec.environment === environment) &&
    (model === undefined || spec.model === model) &&
    (seed === undefined || spec.seed === seed) &&
    (scrambled === undefined || spec.schedule.scrambled === scrambled)
  )
}

/**
 * The record of the one finished cell of a results folder that is meant.
 * @throws UserError where none is or several are, naming what is there.
 */
export function findCell(folder: string, wish: CellWish): CellRecord {
  const prefix = wish.id?.toLowerCase() ?? ''
  if (wish.id !== undefined && !/^[0-9a-f]{4,64}$/.test(prefix))
    throw new UserError(`'${wish.id}' is not the id of a cell: that is hexadecimal, and its first 4 digits will do`)
  const entries = cellIds(folder).map(id => ({ id, entry: readCell(folder, id) }))
  const records = entries.flatMap(({ entry }) => (entry.kind === 'finished' ? [entry.record] : []))
  const found = records.filter(({ cell, spec }) => cell.startsWith(prefix) && fits(wish, spec))
  if (found.length === 1) return found[0]
  if (found.length > 1) throw new UserError(`${found.length} cells of '${folder}' are meant: ${labels(found)}`)
  for (const { id, entry } of entries)
    if (prefix !== '' && id.startsWith(prefix) && entry.kind === 'damaged')
      throw new UserError(`the file of cell ${id.slice(0, 8)} in '${folder}' is damaged: ${entry.reason}`)
  if (records.length === 0) throw new UserError(`no finished cells in '${folder}': npm run bench makes them`)
  throw new UserError(`no such cell in '${folder}'; it has: ${labels(records)}`)
}
