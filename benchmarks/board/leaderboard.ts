import type { Columns, Row } from '../../lib/csv.ts'
import { randomStream } from '../../lib/random.ts'
import { isUninformative } from '../evaluation/metrics.ts'
import { type BoardCell, boardWorlds, type Entry, entriesOf, type Place, placeKey, placesOf } from './board-cells.ts'
import {
  type ErrorTable,
  fewestSeeds,
  type Interval,
  probabilityOfImprovement,
  type ResamplingPlan,
  resamplingPlan,
  sharedRanks,
  skillInterval,
} from './statistics.ts'
import { type BoardTables, type CellRow, compareParts } from './tables.ts'

export const leaderboardColumns = {
  suite: 'text',
  environment: 'text',
  size: 'number',
  scrambled: 'boolean',
  condition: 'text',
  horizon: 'optional number',
  budget: 'text',
  rank: 'optional number',
  model: 'text',
  variant: 'text',
  family: 'text',
  score: 'optional number',
  score_low: 'optional number',
  score_high: 'optional number',
  probability_of_improvement: 'optional number',
  seeds: 'number',
  parameters: 'number',
  flops_per_step: 'number',
  note: 'text',
} as const satisfies Columns

export type LeaderboardRow = Row<typeof leaderboardColumns>

/** A row of the board with what it was worked out from. */
export interface ScoredRow {
  readonly row: LeaderboardRow
  /** The cells that are scored: they have a result here, and a persistence of their seed. In the order of seeds. */
  readonly cells: readonly BoardCell[]
  /** Their errors, on the episodes that all rows of the place are scored on. Diverged runs have infinite ones. */
  readonly table: ErrorTable
}

/** An entry measured in one place: a table as far as there are errors, an interval as far as there is persistence. */
interface Line {
  readonly entry: Entry
  readonly scored: readonly BoardCell[]
  /** Diverged runs have infinite errors. */
  readonly table: ErrorTable
  readonly interval: Interval | null
  readonly notes: readonly string[]
}

const isFiniteRow = (errors: readonly number[]) => errors.every(Number.isFinite)

/** What became of one cell in one place: an error for each episode, or why there is none. */
function outcomeOf(
  cell: BoardCell,
  key: string,
  episodes: readonly number[],
): number[] | 'diverged' | 'failed' | 'absent' {
  const { status } = cell.row
  if (status !== 'ok') return status === 'diverged' ? 'diverged' : 'failed'
  const place = cell.errors.get(key)
  if (!place) return 'absent'
  const errors = episodes.map(episode => place.get(episode)!)
  return isFiniteRow(errors) ? errors : 'diverged'
}

/** Why a cell failed, short enough for a note, whose parts are set apart by `; `. */
function reasonOf({ status, error }: CellRow): string {
  const reason = error.replaceAll(';', ',').slice(0, 120)
  if (status === 'failed' && reason !== '') return reason
  return reason === '' ? status : `${status} (${reason})`
}

/** Measures one entry against persistence, seed by seed, on the given episodes. Null where it has nothing to show. */
function measure(
  entry: Entry,
  key: string,
  episodes: readonly number[],
  persistence: ReadonlyMap<number, readonly number[]>,
  planOf: (seeds: number) => ResamplingPlan,
): Line | null {
  const outcomes = entry.cells.map(cell => ({ ...cell, outcome: outcomeOf(cell, key, episodes) }))
  const count = (kind: string) => outcomes.filter(({ outcome }) => outcome === kind).length
  const total = outcomes.length
  if (count('absent') === total) return null
  const scorable = outcomes.filter(({ outcome }) => outcome !== 'failed' && outcome !== 'absent')
  const paired = scorable.filter(({ run }) => persistence.has(run.seed))
  const table = (
    errorsOf: (outcome: number[] | null, reference: readonly number[]) => readonly number[],
  ): ErrorTable => {
    const rows = paired.map(({ run, outcome }) =>
      errorsOf(Array.isArray(outcome) ? outcome : null, persistence.get(run.seed)!),
    )
    return { seeds: rows.length, episodes: episodes.length, errors: Float64Array.from(rows.flat()) }
  }
  // Twice the error of persistence is a skill of −1 on every episode: what a diverged run scores.
  const forSkill = table((errors, reference) => errors ?? reference.map(error => 2 * error))
  const references = table((_, reference) => reference)
  const interval = paired.length > 0 ? skillInterval(forSkill, references, planOf(paired.length)) : null

  const notes: string[] = []
  const seeds = paired.length === 1 ? '1 seed' : `${paired.length} seeds`
  if (paired.length > 0 && paired.length < fewestSeeds) notes.push(`${seeds}: intervals cover episodes only`)
  if (count('diverged') > 0) notes.push(`${count('diverged')} of ${total} diverged`)
  if (count('failed') > 0) {
    const reasons = new Set(outcomes.filter(({ outcome }) => outcome === 'failed').map(({ row }) => reasonOf(row)))
    const share = count('failed') === total ? '' : `${count('failed')} of ${total} `
    notes.push(`${share}failed: ${[...reasons].join(', ')}`)
  }
  if (count('absent') > 0) notes.push(`${count('absent')} of ${total} without this condition`)
  const unpaired = scorable.filter(({ run }) => !persistence.has(run.seed)).map(({ run }) => run.seed)
  if (unpaired.length > 0) notes.push(`no persistence for seed ${unpaired.join(', ')}`)
  return {
    entry,
    scored: paired,
    table: table((errors, reference) => errors ?? reference.map(() => Infinity)),
    interval,
    notes,
  }
}

/** Best first, then what has no score; equals by name. */
function compareLines(a: Line, b: Line): number {
  const parts = ({ interval, entry: { identity } }: Line) => {
    return [interval && -interval.score, identity.model, identity.variant, identity.budget]
  }
  return compareParts(parts(a), parts(b))
}

/** Ranks in their order, equals by score; what has none stands behind all that score as much, or last without a score. */
function byRank(lines: readonly Line[], ranks: ReadonlyMap<Line, number>): Line[] {
  const ordered = lines.filter(line => ranks.has(line)).sort((a, b) => ranks.get(a)! - ranks.get(b)!)
  for (const line of lines.filter(line => !ranks.has(line))) {
    const { interval } = line
    const above = interval && ordered.findLastIndex(other => other.interval && other.interval.score >= interval.score)
    ordered.splice(above === null ? ordered.length : above + 1, 0, line)
  }
  return ordered
}

/** The errors of every seed of a reference at one place, where they are complete and finite. */
function referenceErrors(entry: Entry | undefined, key: string, episodes: readonly number[]): Map<number, number[]> {
  const bySeed = new Map<number, number[]>()
  for (const { run, row, errors } of entry?.cells ?? []) {
    const place = errors.get(key)
    const own = episodes.map(episode => place?.get(episode) ?? Number.NaN)
    if (row.status === 'ok' && own.length > 0 && isFiniteRow(own)) bySeed.set(run.seed, own)
  }
  return bySeed
}

function meanError(bySeed: ReadonlyMap<number, readonly number[]>): number {
  const errors = [...bySeed.values()].flat()
  return errors.reduce((sum, error) => sum + error, 0) / errors.length
}

/** The lines of one block: one world, one place. All its rows are scored on the same episodes. */
function block(
  entries: readonly Entry[],
  place: Place,
  planOf: (seeds: number, episodes: number) => ResamplingPlan,
): ScoredRow[] {
  const key = placeKey(place)
  const measured = entries.flatMap(({ cells }) =>
    cells.filter(({ row }) => row.status === 'ok').flatMap(({ errors }) => errors.get(key) ?? []),
  )
  const known = new Set(measured.flatMap(errors => [...errors.keys()]))
  const episodes = [...known].filter(episode => measured.every(errors => errors.has(episode))).sort((a, b) => a - b)
  const byModel = (model: string) => entries.find(({ identity }) => identity.model === model)
  const persistence = referenceErrors(byModel('persistence'), key, episodes)
  const climatology = referenceErrors(byModel('climatology'), key, episodes)
  const lines = entries
    .map(entry => measure(entry, key, episodes, persistence, seeds => planOf(seeds, episodes.length)))
    .filter(line => line !== null)
    .sort(compareLines)
  const shared: string[] = []
  if (isUninformative(meanError(persistence), meanError(climatology))) shared.push('uninformative')
  if (episodes.length < known.size) shared.push(`${known.size - episodes.length} episodes are not in every cell`)

  const competing = lines.filter(({ interval, entry }) => interval && entry.identity.family !== 'reference')
  const shares = sharedRanks(competing.map(({ interval }) => interval!))
  const ranks = new Map(competing.map((line, i) => [line, shares[i]]))
  const ordered = byRank(lines, ranks)
  return ordered.map((line, i): ScoredRow => {
    const { entry, scored, interval, table, notes } = line
    const { identity, cells } = entry
    const next = ordered[i + 1]
    const row = {
      ...{ suite: identity.suite, environment: identity.environment, size: identity.size },
      ...{ scrambled: identity.scrambled, ...place, budget: identity.budget },
      rank: ranks.get(line) ?? null,
      ...{ model: identity.model, variant: identity.variant, family: identity.family },
      score: interval?.score ?? null,
      score_low: interval?.low ?? null,
      score_high: interval?.high ?? null,
      probability_of_improvement: interval && next?.interval ? probabilityOfImprovement(table, next.table) : null,
      seeds: table.seeds,
      parameters: Math.max(...cells.map(({ row }) => row.parameters)),
      flops_per_step: Math.max(...cells.map(({ row }) => row.flops_per_step)),
      note: [...shared, ...notes].join('; '),
    }
    return { row, cells: scored, table }
  })
}

/**
 * The leaderboard, each row with its errors: a pure function of the rows of runs.csv, episodes.csv and cells.csv, in
 * whatever order they come. One block for every world, size, scrambling, condition and horizon; a row for every model, variant and budget.
 * - `score`: skill over the persistence of the same seed on the same episodes, with its 95 % paired bootstrap interval.
 * - `rank`: shared where intervals do not separate; references have none, they are the measure and not in the race.
 * - `probability_of_improvement`: P(this row > the next row), empty for the last one.
 * - `note`: `uninformative` (persistence errs under 5 % of climatology), too few seeds, diverged and failed cells, a
 *   missing persistence. A diverged cell scores −1; a row of which nothing could be scored has no score.
 * @throws UserError where the files contradict each other
 */
export function scoredRows(tables: BoardTables): ScoredRow[] {
  const plans = new Map<string, ResamplingPlan>()
  const planOf = (seeds: number, episodes: number): ResamplingPlan => {
    const name = `leaderboard/${seeds}x${episodes}`
    const plan = plans.get(name) ?? resamplingPlan(seeds, episodes, randomStream(name))
    plans.set(name, plan)
    return plan
  }
  return boardWorlds(tables).flatMap(cells => {
    const entries = entriesOf(cells)
    return placesOf(cells, tables.episodes).flatMap(place => block(entries, place, planOf))
  })
}

/** The rows of the leaderboard, as `scoredRows` has them. @throws UserError where the files contradict each other */
export const leaderboard = (tables: BoardTables): LeaderboardRow[] => scoredRows(tables).map(({ row }) => row)
