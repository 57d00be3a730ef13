import { UserError } from '../../lib/errors.ts'
import { canonicalJson, type Json } from '../../lib/hash.ts'
import { type CellSpec, cellId } from '../cell.ts'
import { budgetLabel, environmentLabel, variantLabel } from './tables.ts'

/** All that a board tells cells apart by. */
const shownOf = (spec: CellSpec): string =>
  [
    environmentLabel(spec),
    `size ${spec.size}`,
    ...(spec.schedule.scrambled ? ['scrambled'] : []),
    [spec.model, variantLabel(spec.options)].filter(text => text !== '').join(' '),
    ...(spec.budget ? [budgetLabel(spec.budget)] : []),
    `seed ${spec.seed}`,
  ].join(', ')

/** What differs between two values, as `schedule.views: 8 and 12`. */
function differences(a: Json, b: Json, name = ''): string[] {
  if (canonicalJson(a) === canonicalJson(b)) return []
  const isObject = (value: Json): value is { readonly [key: string]: Json } =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject(a) || !isObject(b)) return [`${name}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`]
  const inner = (key: string) => differences(a[key] ?? null, b[key] ?? null, name === '' ? key : `${name}.${key}`)
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap(inner)
}

/**
 * Refuses, before any work, cells that would be one row of a board: an average over them would hide what they differ in.
 * @throws UserError which names two of them, and what differs
 */
export function checkDistinctRows(cells: readonly CellSpec[]): void {
  const seen = new Map<string, CellSpec>()
  for (const spec of cells) {
    const shown = shownOf(spec)
    const other = seen.get(shown)
    if (other === undefined) seen.set(shown, spec)
    else if (cellId(other) !== cellId(spec))
      throw new UserError(
        `two cells would be one row of the board (${shown}); they differ in ` +
          `${differences(other as Json, spec as Json).join(', ')}: run them in two suites`,
      )
  }
}
