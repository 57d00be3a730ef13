import Table from 'cli-table3'
import { formatCsv } from '../../lib/csv.ts'
import { type CellRecord, type CellSpec, cellId } from '../cell.ts'
import { compareParts, environmentLabel, variantLabel } from './tables.ts'

/** The learning rates that a model may have. */
export const learningRates: readonly number[] = [5e-4, 1e-3, 2e-3, 4e-3]

/**
 * The cells that choose the learning rates of a suite: every trained entry on every plain task, first seed, at each
 * rate, measured on the validation split alone. Scrambled tasks take the rate of their plain ones, so that hiding a
 * neighbourhood changes nothing else.
 */
export function tuningCells(cells: readonly CellSpec[]): CellSpec[] {
  const tried = cells.flatMap(spec => {
    const { budget } = spec
    if (budget === null || spec.schedule.scrambled || spec.seed > 0) return []
    const evaluation = { split: 'validation' as const, shifts: [], views: [] }
    return learningRates.map(learningRate => ({ ...spec, evaluation, budget: { ...budget, learningRate } }))
  })
  return [...new Map(tried.map(spec => [cellId(spec), spec])).values()]
}

/** What each rate came to for one entry of one world. */
export interface RateChoice {
  readonly environment: string
  readonly model: string
  readonly variant: string
  /** Mean error E over `filter` and all blind horizons, in the order of `learningRates`; NaN where a run diverged. */
  readonly errors: readonly number[]
  /** The rate with the smallest error; NaN where every run diverged. */
  readonly best: number
}

/** The choice for every entry, in a fixed order. */
export function chooseRates(records: readonly CellRecord[]): RateChoice[] {
  const entries = new Map<string, { environment: string; model: string; variant: string; errors: number[] }>()
  for (const { spec, episodes, status } of records) {
    if (spec.budget === null) continue
    const names = [environmentLabel(spec), spec.model, variantLabel(spec.options)]
    const key = JSON.stringify(names)
    const [environment, model, variant] = names
    const entry = entries.get(key) ?? { environment, model, variant, errors: learningRates.map(() => Number.NaN) }
    const mean = episodes.reduce((sum, { error }) => sum + error / episodes.length, 0)
    const rate = learningRates.indexOf(spec.budget.learningRate)
    entry.errors[rate] = status === 'ok' ? mean : Number.NaN
    entries.set(key, entry)
  }
  const choices = [...entries.values()].map(entry => {
    const finite = entry.errors.filter(error => !Number.isNaN(error))
    const index = entry.errors.indexOf(Math.min(...finite))
    return { ...entry, best: learningRates[index] ?? Number.NaN }
  })
  return choices.sort((a, b) => compareParts([a.environment, a.model, a.variant], [b.environment, b.model, b.variant]))
}

const columns = { environment: 'text', model: 'text', variant: 'text', rate: 'number', error: 'number' } as const

/** rates.csv: the error of every entry at every rate. */
export function ratesCsv(choices: readonly RateChoice[]): string {
  const rows = choices.flatMap(({ environment, model, variant, errors }) =>
    learningRates.map((rate, i) => ({ environment, model, variant, rate, error: errors[i] })),
  )
  return formatCsv(columns, rows)
}

/** The same for people, with the choice. */
export function ratesTable(choices: readonly RateChoice[]): string {
  const table = new Table({
    head: ['world', 'model', ...learningRates.map(String), 'best'],
    style: { head: [], border: [] },
  })
  for (const { environment, model, variant, errors, best } of choices)
    table.push([environment, `${model} ${variant}`.trim(), ...errors.map(error => error.toPrecision(4)), String(best)])
  return table.toString()
}
