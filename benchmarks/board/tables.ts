import { z } from 'zod'
import { isWorldFile } from '../../envs/find.ts'
import { environments } from '../../envs/registry.ts'
import { type Columns, formatCsv, parseCsv, type Row } from '../../lib/csv.ts'
import { canonicalJson, type Json } from '../../lib/hash.ts'
import type { CellRecord, CellSpec } from '../cell.ts'

/** The columns of every file of results, in order. Rows are typed by them, written by them and read by them. */
export const runColumns = {
  cell: 'text',
  suite: 'text',
  environment: 'text',
  size: 'number',
  scrambled: 'boolean',
  model: 'text',
  variant: 'text',
  family: 'text',
  seed: 'number',
  budget: 'text',
  condition: 'text',
  horizon: 'optional number',
  metric: 'text',
  direction: 'text',
  value: 'number',
} as const satisfies Columns

export const episodeColumns = {
  cell: 'text',
  condition: 'text',
  horizon: 'number',
  episode: 'number',
  error: 'number',
} as const satisfies Columns

export const cellColumns = {
  cell: 'text',
  sources: 'text',
  status: 'text',
  error: 'text',
  spec: 'text',
  parameters: 'number',
  flops_per_step: 'number',
  steps: 'number',
  engine: 'text',
  versions: 'text',
  initial_states_hash: 'text',
} as const satisfies Columns

export const timingColumns = {
  cell: 'text',
  compile_ms: 'number',
  train_ms: 'number',
  evaluate_ms: 'number',
  data_ms: 'number',
  peak_rss_mb: 'number',
  machine: 'text',
} as const satisfies Columns

export type RunRow = Row<typeof runColumns>
export type EpisodeRow = Row<typeof episodeColumns>
export type CellRow = Row<typeof cellColumns>
export type TimingRow = Row<typeof timingColumns>

/** What a leaderboard is worked out from. */
export interface BoardTables {
  readonly runs: readonly RunRow[]
  readonly episodes: readonly EpisodeRow[]
  readonly cells: readonly CellRow[]
}

export interface ResultTables extends BoardTables {
  readonly timings: readonly TimingRow[]
}

export type BoardFile = 'runs.csv' | 'episodes.csv' | 'cells.csv'
export type ResultFile = BoardFile | 'timings.csv'

type Plain = CellSpec['options']
type Part = string | number | boolean | null

/** Compares position by position: numbers by size, texts by code unit (no locale), null last. */
export function compareParts(a: readonly Part[], b: readonly Part[]): number {
  const at = a.findIndex((part, i) => part !== b[i])
  if (at < 0) return 0
  const [left, right] = [a[at], b[at]]
  if (left === null || right === null) return left === null ? 1 : -1
  return left < right ? -1 : 1
}

/** The place of a condition in every file and board: `filter`, `blind`, then whatever was changed, by name. */
export function conditionOrder(condition: string): readonly [number, string] {
  const first = ['', 'filter', 'blind'].indexOf(condition)
  return [first < 0 ? 3 : first, condition]
}

const assignments = (values: Plain): string[] => Object.entries(values).map(([name, value]) => `${name}=${value}`)

/**
 * A world as boards name it: its id and the parameters that differ from their defaults, in the order of its schema:
 * `coupled-maps(range=3)`. Of a world that this version does not know, all parameters are named; of a world in a file
 * those that were chosen, without the content, which is no choice.
 */
export function environmentLabel(spec: Pick<CellSpec, 'environment' | 'parameters'>): string {
  const schema = environments.find(({ id }) => id === spec.environment)?.parameters ?? z.object({})
  const defaults: Record<string, unknown> = schema.parse({})
  const names = new Set([...Object.keys(defaults), ...Object.keys(spec.parameters).sort()])
  if (isWorldFile(spec.environment)) names.delete('content')
  const changed = [...names].filter(name => name in spec.parameters && spec.parameters[name] !== defaults[name])
  const label = assignments(Object.fromEntries(changed.map(name => [name, spec.parameters[name]]))).join(', ')
  return label === '' ? spec.environment : `${spec.environment}(${label})`
}

/**
 * The options that were chosen, `name=value name=value` by name. The width follows from the budget, and predictions that
 * were made elsewhere go by their name: neither is shown.
 */
export function variantLabel(options: Plain): string {
  return assignments(options)
    .filter(assignment => !/^(width|predictions)=/.test(assignment))
    .sort()
    .join(' ')
}

/** `steps:<n>`, or `flops:<n>` as `flops:2.5e11`; empty for references, which are not trained. */
export function budgetLabel(budget: CellSpec['budget']): string {
  if (budget === null) return ''
  if (budget.kind === 'steps') return `steps:${budget.steps}`
  return `flops:${budget.flops.toExponential().replace('e+', 'e')}`
}

/**
 * The figures of one cell as rows, after one of the table's own: `completed`, 1 or 0, so that a cell that failed is
 * missing from no file.
 */
function runRows(suite: string, record: CellRecord): RunRow[] {
  const { spec } = record
  const identity = {
    cell: record.cell,
    suite,
    environment: environmentLabel(spec),
    size: spec.size,
    scrambled: spec.schedule.scrambled,
    model: spec.model,
    variant: variantLabel(spec.options),
    family: record.family,
    seed: spec.seed,
    budget: budgetLabel(spec.budget),
  }
  const value = record.status === 'ok' ? 1 : 0
  const completed = { condition: '', horizon: null, metric: 'completed', direction: 'higher', value } as const
  return [completed, ...record.figures].map(({ condition, horizon, metric, direction, value }) => {
    return { ...identity, condition, horizon, metric, direction, value }
  })
}

const runKey = (row: RunRow): Part[] => [
  ...[row.environment, row.size, row.scrambled, row.model, row.variant, row.budget, row.seed, row.cell],
  ...[...conditionOrder(row.condition), row.horizon, row.metric],
]

/**
 * Rows of the four files in their one order, whatever order they come in: cells by world, size, scrambling, model,
 * variant, budget and seed; within a cell by condition, horizon, metric or episode.
 */
export function orderedTables({ runs, episodes, cells, timings }: ResultTables): ResultTables {
  const sortedBy = <T>(rows: readonly T[], key: (row: T) => Part[]): T[] => {
    const keyed = rows.map(row => ({ row, key: key(row) }))
    return keyed.sort((a, b) => compareParts(a.key, b.key)).map(({ row }) => row)
  }
  const sortedRuns = sortedBy(runs, runKey)
  const places = new Map([...new Set(sortedRuns.map(({ cell }) => cell))].map((cell, i) => [cell, i]))
  const place = ({ cell }: { readonly cell: string }) => places.get(cell) ?? null
  return {
    runs: sortedRuns,
    episodes: sortedBy(episodes, row => [place(row), ...conditionOrder(row.condition), row.horizon, row.episode]),
    cells: sortedBy(cells, row => [place(row), row.cell]),
    timings: sortedBy(timings, row => [place(row), row.cell]),
  }
}

/** Records as rows of the four files, in their one order. */
export function resultTables(suite: string, records: readonly CellRecord[]): ResultTables {
  return orderedTables({
    runs: records.flatMap(record => runRows(suite, record)),
    episodes: records.flatMap(({ cell, episodes }) =>
      episodes.map(({ condition, horizon, episode, error }) => ({ cell, condition, horizon, episode, error })),
    ),
    cells: records.map(record => ({
      cell: record.cell,
      sources: record.sources,
      status: record.status,
      error: record.error,
      spec: canonicalJson(record.spec as Json),
      parameters: record.trainedParameters,
      flops_per_step: record.flopsPerStep,
      steps: record.steps,
      engine: record.spec.engine,
      versions: canonicalJson(record.versions),
      initial_states_hash: record.initialStatesHash,
    })),
    timings: records.map(({ cell, timings }) => ({
      cell,
      compile_ms: timings.compileMs,
      train_ms: timings.trainMs,
      evaluate_ms: timings.evaluateMs,
      data_ms: timings.dataMs,
      peak_rss_mb: timings.peakRssMb,
      machine: timings.machine,
    })),
  })
}

/** The four files as text. */
export function formatTables(tables: ResultTables): Record<ResultFile, string> {
  return {
    'runs.csv': formatCsv(runColumns, tables.runs),
    'episodes.csv': formatCsv(episodeColumns, tables.episodes),
    'cells.csv': formatCsv(cellColumns, tables.cells),
    'timings.csv': formatCsv(timingColumns, tables.timings),
  }
}

/**
 * Reads back what a board needs. `read` gives a file's text, `source` its name in errors.
 * @throws UserError, one line, for a damaged file
 */
export function parseTables(
  read: (file: BoardFile) => string,
  source: (file: BoardFile) => string = file => file,
): BoardTables {
  return {
    runs: parseCsv(source('runs.csv'), read('runs.csv'), runColumns),
    episodes: parseCsv(source('episodes.csv'), read('episodes.csv'), episodeColumns),
    cells: parseCsv(source('cells.csv'), read('cells.csv'), cellColumns),
  }
}
