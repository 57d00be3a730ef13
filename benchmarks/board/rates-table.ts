import { lineWidth, plainTable, printable, wrapped } from './printing.ts'
import { learningRates, type RateChoice } from './tuning.ts'

/** `5e-4`; a dash for what is none. */
const rateLabel = (rate: number): string => (Number.isNaN(rate) ? '–' : rate.toExponential())

/** Three digits, or two and a power: at most seven characters. */
function errorLabel(error: number): string {
  if (Number.isNaN(error)) return '–'
  return error < 1e-3 ? error.toExponential(1) : error.toPrecision(3)
}

const heads = ['model', ...learningRates.map(rateLabel), 'best', 'GFLOP', 'cells', 'seconds']
const numbersWide = heads.slice(1).map(head => Math.max(8, head.length + 1))
const widths = [lineWidth - numbersWide.reduce((sum, width) => sum + width), ...numbersWide]
const aligns = heads.map((_, i) => (i === 0 ? ('left' as const) : ('right' as const)))

function line({ model, variant, trials, best, cost }: RateChoice): string[] {
  return [
    printable(variant === '' ? model : `${model} (${variant})`),
    ...trials.map(({ error }) => errorLabel(error)),
    rateLabel(best),
    (cost.flops / 1e9).toFixed(0),
    Number.isNaN(cost.cells) ? '–' : cost.cells.toFixed(1),
    cost.seconds.toFixed(0),
  ]
}

const legend =
  'Errors on the validation split by learning rate, and what all rates took together: GFLOP, the same in trained cells ' +
  'of that model, seconds. – : diverged, failed or not run.'

/** Every choice for people, a table a world, in 100 columns. */
export function ratesTable(choices: readonly RateChoice[]): string {
  const worldOf = ({ environment, size }: RateChoice) => `${printable(environment)} · size ${size}`
  const worlds = [...new Set(choices.map(worldOf))]
  const tables = worlds.map(world => {
    const own = choices.filter(choice => worldOf(choice) === world)
    return [...wrapped(world), ...plainTable(heads, own.map(line), aligns, widths)].join('\n')
  })
  return [...tables, wrapped(legend).join('\n')].join('\n\n')
}
