import { formatCsv } from '../../lib/csv.ts'
import { type Budget, type CellRecord, type CellSpec, cellId } from '../cell.ts'
import { compareParts, environmentLabel, variantLabel } from './tables.ts'

/** The learning rates that a model may have. */
export const learningRates: readonly number[] = [5e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2]

const without = (name: string, values: CellSpec['parameters']): CellSpec['parameters'] =>
  Object.fromEntries(Object.entries(values).filter(([own]) => own !== name))

/**
 * What entries have in common that share a rate: all but how far the world acts, how far the model hears and how long it
 * is trained. Entries to which their suite gives rates of their own share none.
 */
function sharing(spec: CellSpec & { budget: Budget }): string {
  const { parameters, batch, learningRate } = spec.budget
  const budget: Budget = { kind: 'steps', steps: 1, parameters, batch, learningRate }
  const [world, options] = [without('range', spec.parameters), without('radius', spec.options)]
  return cellId({ ...spec, parameters: world, options, budget })
}

/**
 * The cells that choose the learning rates of a suite: every trained entry on every plain task, first seed, at each
 * of the rates, measured on the validation split alone. Scrambled tasks take the rate of their plain ones, so that
 * hiding a neighbourhood changes nothing else; and of entries that differ only in the range of the world, the radius of
 * the model or the length of training, the last in the suite's order, the widest and longest, speaks for all that have
 * its rate.
 */
export function tuningCells(cells: readonly CellSpec[], rates = learningRates): CellSpec[] {
  const evaluation = { split: 'validation' as const, shifts: [], views: [] }
  const tried = cells.flatMap(spec => {
    const { budget } = spec
    if (budget === null || spec.schedule.scrambled || spec.seed > 0) return []
    return [{ ...spec, evaluation, budget }]
  })
  const speakers = new Map(tried.map(spec => [sharing(spec), spec]))
  return [...speakers.values()].flatMap(spec =>
    rates.map(learningRate => ({ ...spec, budget: { ...spec.budget, learningRate } })),
  )
}

/** What training at one rate cost, and what it came to. */
export interface Trial {
  readonly rate: number
  /** Mean error E over `filter` and all blind horizons; NaN where the run diverged, failed or is not there. */
  readonly error: number
  /** Training steps that were taken, and their FLOPs. */
  readonly steps: number
  readonly flops: number
  /** Of the whole cell: data, compiling, training, evaluation. */
  readonly seconds: number
}

/** What each rate came to for one entry of one world. */
export interface RateChoice {
  readonly environment: string
  readonly size: number
  readonly model: string
  readonly variant: string
  /** In the order of `learningRates`. */
  readonly trials: readonly Trial[]
  /** The rate with the smallest error; NaN where every run diverged. */
  readonly best: number
  readonly cost: SearchCost
}

/** What the search for one rate cost, all trials together. */
export interface SearchCost {
  readonly steps: number
  readonly flops: number
  readonly seconds: number
  /** The same FLOPs in trained cells of this entry: the trial that was chosen is one. NaN where none was. */
  readonly cells: number
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

function trialOf(rate: number, record: CellRecord | undefined): Trial {
  if (record === undefined) return { rate, error: Number.NaN, steps: 0, flops: 0, seconds: 0 }
  const { status, episodes, steps, flopsPerStep, timings } = record
  const error = status === 'ok' ? sum(episodes.map(({ error }) => error)) / episodes.length : Number.NaN
  const milliseconds = timings.dataMs + timings.compileMs + timings.trainMs + timings.evaluateMs
  return { rate, error, steps, flops: steps * flopsPerStep, seconds: milliseconds / 1000 }
}

function costOf(trials: readonly Trial[], best: number): SearchCost {
  const flops = sum(trials.map(trial => trial.flops))
  const chosen = trials.find(({ rate }) => rate === best)
  return {
    flops,
    steps: sum(trials.map(trial => trial.steps)),
    seconds: sum(trials.map(trial => trial.seconds)),
    cells: chosen ? flops / chosen.flops : Number.NaN,
  }
}

const namesOf = (spec: CellSpec) => ({
  environment: environmentLabel(spec),
  size: spec.size,
  model: spec.model,
  variant: variantLabel(spec.options),
})

/** The choice for every entry, in a fixed order. */
export function chooseRates(records: readonly CellRecord[]): RateChoice[] {
  const entries = new Map<string, CellRecord[]>()
  for (const record of records) {
    if (record.spec.budget === null) continue
    const key = JSON.stringify(Object.values(namesOf(record.spec)))
    entries.set(key, [...(entries.get(key) ?? []), record])
  }
  const choices = [...entries.values()].map((own): RateChoice => {
    const ofRate = (rate: number) => own.find(({ spec }) => spec.budget?.learningRate === rate)
    const trials = learningRates.map(rate => trialOf(rate, ofRate(rate)))
    const finite = trials.filter(({ error }) => !Number.isNaN(error))
    const best = finite.toSorted((a, b) => a.error - b.error)[0]?.rate ?? Number.NaN
    return { ...namesOf(own[0].spec), trials, best, cost: costOf(trials, best) }
  })
  const parts = ({ environment, size, model, variant }: RateChoice) => [environment, size, model, variant]
  return choices.sort((a, b) => compareParts(parts(a), parts(b)))
}

const columns = {
  environment: 'text',
  size: 'number',
  model: 'text',
  variant: 'text',
  rate: 'number',
  error: 'number',
  steps: 'number',
  flops: 'number',
  seconds: 'number',
  search_steps: 'number',
  search_flops: 'number',
  search_seconds: 'number',
  search_cells: 'number',
} as const

/** rates.csv: the error and the cost of every entry at every rate, and what its whole search cost. */
export function ratesCsv(choices: readonly RateChoice[]): string {
  const rows = choices.flatMap(({ environment, size, model, variant, trials, cost }) =>
    trials.map(trial => ({
      ...{ environment, size, model, variant, ...trial },
      search_steps: cost.steps,
      search_flops: cost.flops,
      search_seconds: cost.seconds,
      search_cells: cost.cells,
    })),
  )
  return formatCsv(columns, rows)
}
