import { z } from 'zod'
import { type CellSpec, cellId, cellSchema, externalModel } from '../cell.ts'
import {
  type BoardTables,
  budgetLabel,
  type CellRow,
  type EpisodeRow,
  environmentLabel,
  type ResultTables,
  type RunRow,
  variantLabel,
} from './tables.ts'

/** The figures of runs.csv that are the mean of a cell's episodes. */
const means: readonly string[] = ['excess_cross_entropy', 'mean_squared_error']
/** Sums in another order differ by rounding. */
const rounding = 1e-9

const versionsSchema = z.record(z.string(), z.string())

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The specification of a cell; undefined where it is not one. */
export const parseSpec = ({ spec }: Pick<CellRow, 'spec'>): CellSpec | undefined =>
  cellSchema.safeParse(parseJson(spec)).data

const short = (cell: string) => JSON.stringify(cell.slice(0, 8))

/** The specification of a row of cells.csv, or what is wrong with the row. */
function readSpec(row: CellRow): CellSpec | string {
  const { cell, versions } = row
  if (!versionsSchema.safeParse(parseJson(versions)).success)
    return `cells.csv: the versions of cell ${short(cell)} are not JSON of names and texts`
  const spec = parseSpec(row)
  if (spec === undefined) return `cells.csv: the spec of cell ${short(cell)} is not that of a cell`
  return cellId(spec) === cell ? spec : `cells.csv: the spec of cell ${short(cell)} has another hash`
}

/** What the rows of a cell in runs.csv say of it, by its specification. */
function namesOf(spec: CellSpec) {
  const { size, schedule, model, options, seed, budget } = spec
  return {
    environment: environmentLabel(spec),
    size,
    scrambled: schedule.scrambled,
    model,
    variant: variantLabel(options),
    seed,
    budget: budgetLabel(budget),
  } satisfies Partial<RunRow>
}

/** The first thing that a row of runs.csv says of its cell and the cell's specification does not. */
function misnamed(run: RunRow, said: ReturnType<typeof namesOf>): string | undefined {
  const names = Object.keys(said) as (keyof typeof said)[]
  const wrong = names.find(name => run[name] !== said[name])
  return wrong && `${wrong} is ${JSON.stringify(run[wrong])}, its cell says ${JSON.stringify(said[wrong])}`
}

const at = (i: number, { cell }: RunRow) => `runs.csv row ${i + 1} (cell ${short(cell)})`

/**
 * The first row of runs.csv in another family than its model: than `families` have it or, of a model that they do not
 * know, than earlier rows do. What was made elsewhere, and nothing else, is `external`.
 */
export function strangeFamily({ runs }: BoardTables, families: ReadonlyMap<string, string>): string | undefined {
  const known = new Map([...families, [externalModel, 'external']])
  for (const [i, run] of runs.entries()) {
    const { model, family } = run
    const own = known.get(model) ?? family
    known.set(model, own)
    if (family !== own)
      return `${at(i, run)}: family is ${JSON.stringify(family)}, that of its model is ${JSON.stringify(own)}`
    if (family === 'external' && model !== externalModel) return `${at(i, run)}: family is "external", its model is not`
  }
}

const place = (row: { cell: string; condition: string; horizon: number | null }) =>
  JSON.stringify([row.cell, row.condition, row.horizon])

/** The mean error of all rows of the same key. */
export function meanErrors(rows: readonly EpisodeRow[], key: (row: EpisodeRow) => string): Map<string, number> {
  const sums = new Map<string, { sum: number; count: number }>()
  for (const row of rows) {
    const { sum, count } = sums.get(key(row)) ?? { sum: 0, count: 0 }
    sums.set(key(row), { sum: sum + row.error, count: count + 1 })
  }
  return new Map([...sums].map(([key, { sum, count }]) => [key, sum / count]))
}

const isSame = (a: number, b: number) => Object.is(a, b) || Math.abs(a - b) <= rounding * Math.abs(b)

/**
 * What the files say against each other, a line for the first row of each kind: cells whose id is not the hash of
 * their specification, figures under another name than their cell's, means that are not those of the episodes, times
 * of cells that are not there, several suites in one. Without `families`, rows of a model are held against each other.
 */
export function contradictions(tables: ResultTables, families: ReadonlyMap<string, string> = new Map()): string[] {
  const { runs, cells, timings } = tables
  if (runs.length === 0) return ['runs.csv has no rows']
  const problems: (string | undefined)[] = []
  const specs = new Map(cells.map(row => [row.cell, readSpec(row)]))
  const names = new Map([...specs].map(([cell, spec]) => [cell, typeof spec === 'string' ? spec : namesOf(spec)]))
  problems.push([...specs.values()].find(spec => typeof spec === 'string'))
  const other = runs.find(({ suite }) => suite !== runs[0].suite)
  if (other)
    problems.push(`runs.csv has rows of suite ${JSON.stringify(runs[0].suite)} and of ${JSON.stringify(other.suite)}`)

  const firstOf = (describe: (run: RunRow) => string | undefined) => {
    for (const [i, run] of runs.entries()) {
      const problem = describe(run)
      if (problem !== undefined) return `${at(i, run)}: ${problem}`
    }
  }
  problems.push(
    firstOf(run => {
      const said = names.get(run.cell)
      if (said === undefined) return 'cells.csv does not have its cell'
      return typeof said === 'string' ? undefined : misnamed(run, said)
    }),
  )
  problems.push(strangeFamily(tables, families))
  const errors = meanErrors(tables.episodes, place)
  problems.push(
    firstOf(run => {
      if (!means.includes(run.metric)) return
      const mean = errors.get(place(run))
      if (mean === undefined) return `episodes.csv has no errors for its ${run.metric}`
      if (!isSame(mean, run.value)) return `${run.metric} is ${run.value}, its episodes have a mean of ${mean}`
    }),
  )
  const timed = new Set(timings.map(({ cell }) => cell))
  if (timed.size < timings.length) problems.push('timings.csv has a cell twice')
  const untimed = cells.find(({ cell }) => !timed.has(cell))
  if (untimed || timed.size > specs.size) problems.push('timings.csv does not have the same cells as cells.csv')
  return problems.filter(problem => problem !== undefined)
}
