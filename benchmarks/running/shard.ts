import { UserError } from '../../lib/errors.ts'
import { type CellSpec, cellId } from '../cell.ts'

/** The i-th of n parts of a list of cells, counted from 1. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/** Reads `2/3`. @throws UserError for anything that is not a part of a whole */
export function parseShard(text: string): Shard {
  const [, index, count] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number)
  if (index >= 1 && index <= count) return { index, count }
  throw new UserError(`--shard ${JSON.stringify(text)} should be a part of a whole: 1/3, 2/3 or 3/3`)
}

/**
 * The cells of one shard, in the order of the list. The cut is a function of the cells and their expected times alone:
 * the longest first, each to the shard with the least to do (Graham 1969), so that no two shards differ by more than
 * one cell. @throws UserError where there are not enough cells for all
 */
export function cutShard(
  cells: readonly CellSpec[],
  { index, count }: Shard,
  expectedSeconds: (spec: CellSpec) => number,
): CellSpec[] {
  const timed = cells.map(spec => ({ spec, id: cellId(spec), seconds: expectedSeconds(spec) }))
  timed.sort((a, b) => b.seconds - a.seconds || (a.id < b.id ? -1 : 1))
  const loads = new Float64Array(count)
  const own = new Set<CellSpec>()
  for (const { spec, seconds } of timed) {
    const least = loads.indexOf(Math.min(...loads))
    loads[least] += seconds
    if (least === index - 1) own.add(spec)
  }
  if (own.size === 0) throw new UserError(`--shard ${index}/${count} has no cells: there are ${cells.length} in all`)
  return cells.filter(spec => own.has(spec))
}
