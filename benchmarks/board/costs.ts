import type { Columns, Row } from '../../lib/csv.ts'
import type { ScoredRow } from './leaderboard.ts'
import { compareParts } from './tables.ts'

export const costColumns = {
  suite: 'text',
  environment: 'text',
  size: 'number',
  scrambled: 'boolean',
  condition: 'text',
  horizon: 'optional number',
  model: 'text',
  variant: 'text',
  family: 'text',
  budget: 'text',
  parameters: 'optional number',
  flops: 'optional number',
  error: 'optional number',
  score: 'optional number',
  score_low: 'optional number',
  score_high: 'optional number',
  on_front: 'boolean',
} as const satisfies Columns

export type CostRow = Row<typeof costColumns>

/** A point of an error-against-cost plane. */
interface Priced {
  readonly flops: number
  readonly error: number
}

/** Costs and errs no more, and one of the two less. Equals do not dominate each other. */
const dominates = (a: Priced, b: Priced): boolean =>
  a.flops <= b.flops && a.error <= b.error && (a.flops < b.flops || a.error < b.error)

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length

/**
 * FLOPs of the whole training, the mean over the seeds that are scored: those of a step times the steps really taken,
 * none for what is not trained. Nobody knows those of a model that was made elsewhere, and of one that never came to a
 * result.
 */
function trainingFlops({ row, cells }: ScoredRow): number | null {
  if (row.family === 'external' || cells.length === 0) return null
  return mean(cells.map(({ row }) => row.flops_per_step * row.steps))
}

/** E over the seeds and episodes that the board scores; null where none is, and where a seed diverged. */
export function meanError({ table }: ScoredRow): number | null {
  const error = mean(table.errors)
  return Number.isFinite(error) ? error : null
}

function costRow(scored: ScoredRow): Omit<CostRow, 'on_front'> {
  const { row } = scored
  return {
    ...{ suite: row.suite, environment: row.environment, size: row.size, scrambled: row.scrambled },
    ...{ condition: row.condition, horizon: row.horizon },
    ...{ model: row.model, variant: row.variant, family: row.family, budget: row.budget },
    parameters: row.family === 'external' ? null : row.parameters,
    flops: trainingFlops(scored),
    error: meanError(scored),
    ...{ score: row.score, score_low: row.score_low, score_high: row.score_high },
  }
}

const isPriced = <T extends Pick<CostRow, 'family' | 'flops' | 'error'>>(row: T): row is T & Priced =>
  row.family !== 'reference' && row.flops !== null && row.error !== null

/** The rows of one place: a model's budgets one after the other, so that its curve reads from cheap to dear. */
function placeRows(own: readonly ScoredRow[]): CostRow[] {
  const rows = own.map(costRow)
  const priced = rows.filter(isPriced)
  const parts = ({ model, variant, flops, budget }: (typeof rows)[number]) => [model, variant, flops, budget]
  return rows
    .sort((a, b) => compareParts(parts(a), parts(b)))
    .map(row => ({ ...row, on_front: isPriced(row) && !priced.some(other => dominates(other, row)) }))
}

/**
 * What an error costs: a pure function of the rows of `scoredRows`. For every world, size, scrambling, condition and
 * horizon, in the order of the board, a row for every model, variant and budget.
 * - `flops`: of the whole training, the mean over seeds; 0 for what is not trained; empty where nobody knows it.
 * - `error`: the mean E over the seeds and episodes of the row's score; empty where a seed diverged or none was scored.
 * - `on_front`: no other trained entry of the place costs at most as much and errs at most as much, one of them less.
 *   Entries that are equal in both are on the front together. References and models that were made elsewhere never are.
 */
export function costRows(board: readonly ScoredRow[]): CostRow[] {
  const places = new Map<string, ScoredRow[]>()
  for (const scored of board) {
    const { suite, environment, size, scrambled, condition, horizon } = scored.row
    const key = JSON.stringify([suite, environment, size, scrambled, condition, horizon])
    places.set(key, [...(places.get(key) ?? []), scored])
  }
  return [...places.values()].flatMap(placeRows)
}
