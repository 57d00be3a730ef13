import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseCsv } from '../../lib/csv.ts'
import { readTextFile } from '../../lib/files.ts'
import { parseSpec } from '../board/contradictions.ts'
import { type CostRow, costColumns } from '../board/costs.ts'
import type { LeaderboardRow } from '../board/leaderboard.ts'
import { modelLabel, printable } from '../board/printing.ts'
import { readLeaderboard } from '../board/results.ts'
import { fewestSeeds } from '../board/statistics.ts'
import { type CellRow, cellColumns, environmentLabel } from '../board/tables.ts'
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

/** A specification of each world, by its label: its cells share parameters and schedule. */
export function specsOf({ cells }: Published): ReadonlyMap<string, CellSpec> {
  const specs = cells.flatMap(cell => parseSpec(cell) ?? [])
  return new Map(specs.map(spec => [environmentLabel(spec), spec]))
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

/** Rows of the budget that most have; those without one, which are not trained, stay. */
export function ofMainBudget<R extends { readonly budget: string }>(rows: readonly R[]): R[] {
  const counts = new Map<string, number>()
  for (const { budget } of rows) if (budget !== '') counts.set(budget, (counts.get(budget) ?? 0) + 1)
  const [main] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return rows.filter(({ budget }) => budget === '' || budget === main?.[0])
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
  return seeds < fewestSeeds ? `bars: 95 % over episodes (${count})` : `bars: 95 %, paired over ${count} and episodes`
}

/** Worlds in the order in which they first come. */
export const worldsOf = <R extends World>(rows: readonly R[]): string[] => [
  ...new Set(rows.map(({ environment }) => environment)),
]

/** A world by the one parameter in which it differs from others, `range = 3`; by its label where it is not so. */
export function shortNames(labels: readonly string[], specs: ReadonlyMap<string, CellSpec>): (label: string) => string {
  const own = labels.map(label => specs.get(label))
  const turned = Object.keys(own[0]?.parameters ?? {}).filter(
    name => new Set(own.map(spec => spec?.parameters[name])).size > 1,
  )
  const alike = own.every(spec => spec !== undefined && spec.environment === own[0]?.environment)
  if (!alike || turned.length !== 1) return printable
  return label => printable(`${turned[0]} = ${specs.get(label)?.parameters[turned[0]]}`)
}
