import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseCsv } from '../../lib/csv.ts'
import { readTextFile } from '../../lib/files.ts'
import { parseSpec } from '../board/contradictions.ts'
import { type CostRow, costColumns } from '../board/costs.ts'
import type { LeaderboardRow } from '../board/leaderboard.ts'
import { isOracle } from '../board/leaderboard-table.ts'
import { modelLabel, printable } from '../board/printing.ts'
import { readLeaderboard } from '../board/results.ts'
import { fewestSeeds } from '../board/statistics.ts'
import { type CellRow, cellColumns, environmentLabel, variantLabel } from '../board/tables.ts'
import type { CellSpec } from '../cell.ts'

/** What plots are drawn from: rows of the files of one published suite. */
export interface Published {
  readonly board: readonly LeaderboardRow[]
  /** None where the suite was published without them. */
  readonly costs: readonly CostRow[]
  readonly cells: readonly CellRow[]
}

/** The rows of a suite; null where it is not published. @throws UserError where a file is missing or damaged */
export function readPublished(folder: string): Published | null {
  if (!existsSync(join(folder, 'leaderboard.csv'))) return null
  const [costs, cells] = [join(folder, 'costs.csv'), join(folder, 'cells.csv')]
  return {
    board: readLeaderboard(folder),
    costs: existsSync(costs) ? parseCsv(costs, readTextFile(costs), costColumns) : [],
    cells: parseCsv(cells, readTextFile(cells), cellColumns),
  }
}

type World = Pick<LeaderboardRow, 'environment' | 'size' | 'scrambled'>
type Named = Pick<LeaderboardRow, 'model' | 'variant'>
type Scored = Pick<LeaderboardRow, 'score' | 'score_low' | 'score_high'>

/** The specification behind a row; its seed and budget may be another row's. Undefined where cells.csv has none. */
export function specsOf({ cells }: Published): (row: World & Named) => CellSpec | undefined {
  const key = (...parts: readonly unknown[]) => JSON.stringify(parts)
  const specs = cells.flatMap(cell => parseSpec(cell) ?? [])
  const byRow = new Map(
    specs.map(spec => {
      const { size, schedule, model, options } = spec
      return [key(environmentLabel(spec), size, schedule.scrambled, model, variantLabel(options)), spec] as const
    }),
  )
  return ({ environment, size, scrambled, model, variant }) =>
    byRow.get(key(environment, size, scrambled, model, variant))
}

/**
 * The interval of an error, from that of its skill: skill = 1 − E / E of persistence, so that both have one shape.
 * Null where the skill has no interval, or lies at its floor, which says nothing of the error's size.
 */
export function errorInterval(
  { score, score_low, score_high }: Scored,
  error: number,
): { readonly low: number | null; readonly high: number | null } {
  if (score === null || score_low === null || score_high === null || score_low <= -1 || score_high >= 1)
    return { low: null, high: null }
  const scale = error / (1 - score)
  return { low: (1 - score_high) * scale, high: (1 - score_low) * scale }
}

/** References that are the zero of every plot, or below it: lines and not rows. */
export const isMeasure = ({ model }: Named): boolean => model === 'persistence' || model === 'climatology'

/** Rows with a score of those who are in the race, and of references that are no measure. */
export const scored = (rows: readonly LeaderboardRow[]): LeaderboardRow[] =>
  rows.filter(row => row.score !== null && !isMeasure(row))

/** Was a row trained at a cost that is known, to an error that a logarithm can show? */
export const isDrawable = (row: CostRow): row is CostRow & { readonly flops: number; readonly error: number } =>
  row.family !== 'reference' && row.flops !== null && row.flops > 0 && row.error !== null && row.error > 0

/** Rows of the budget that most have in their world; those without one, which are not trained, stay. */
export function ofMainBudget<R extends Pick<LeaderboardRow, 'environment' | 'size' | 'budget'>>(
  rows: readonly R[],
): R[] {
  const world = ({ environment, size }: R) => JSON.stringify([environment, size])
  const counts = new Map<string, Map<string, number>>()
  for (const row of rows) {
    const own = counts.get(world(row)) ?? new Map<string, number>()
    if (row.budget !== '') counts.set(world(row), own.set(row.budget, (own.get(row.budget) ?? 0) + 1))
  }
  const most = (own: ReadonlyMap<string, number>) => [...own].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0][0]
  const mains = new Map([...counts].map(([key, own]) => [key, most(own)]))
  return rows.filter(row => row.budget === '' || row.budget === mains.get(world(row)))
}

/** How models are called among these rows: without options where the name says enough. */
export function namesAmong(rows: readonly Named[]): (row: Named) => string {
  const variants = new Map<string, Set<string>>()
  for (const { model, variant } of rows) variants.set(model, (variants.get(model) ?? new Set()).add(variant))
  return ({ model, variant }) => {
    const shown = (variants.get(model)?.size ?? 0) > 1 ? variant : ''
    return modelLabel({ model, variant: shown, budget: '' }, false)
  }
}

/** `more-balls/filter` as `more balls`; `filter` itself is in distribution. */
export function circumstance(condition: string): string {
  const [shift, rest] = condition.split('/')
  return rest === undefined ? 'in distribution' : printable(shift).replaceAll('-', ' ')
}

/** What intervals are over, in a few words. */
export function intervalNote({ board }: Pick<Published, 'board'>): string {
  const seeds = Math.min(...board.filter(row => row.score !== null).map(row => row.seeds))
  const count = seeds === 1 ? '1 seed' : `${seeds} seeds`
  return seeds < fewestSeeds ? `bars: 95 % over episodes, ${count}` : `bars: 95 % over ${count} and episodes`
}

/** What that reference among these rows is; empty where it is not there. */
export const oracleNote = (rows: readonly Pick<LeaderboardRow, 'family' | 'budget'>[]): string =>
  rows.some(isOracle) ? ' time-traveller is shown the answer.' : ''

/** Worlds in the order in which they first come. */
export const worldsOf = (rows: readonly Pick<LeaderboardRow, 'environment'>[]): string[] => [
  ...new Set(rows.map(({ environment }) => environment)),
]

/**
 * Worlds by the one parameter in which they differ, and what each has there: null where they are not alike but for one.
 * @param specs one for each world
 */
export function turnedParameter(specs: readonly CellSpec[]): string | null {
  const [first] = specs
  if (specs.some(({ environment }) => environment !== first.environment)) return null
  const names = Object.keys(first.parameters).filter(
    name => new Set(specs.map(({ parameters }) => parameters[name])).size > 1,
  )
  return names.length === 1 ? names[0] : null
}
