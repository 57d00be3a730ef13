import type { CostRow } from './costs.ts'
import { worldOf } from './leaderboard-table.ts'
import { modelLabel, plainTable, printable, thousands, withInterval, worldLabel, wrapped } from './printing.ts'
import { compareParts } from './tables.ts'

/** The widest line of these tables: they stand beside text. */
const width = 80
const heads = ['', 'model', 'training\nFLOPs', 'para-\nmeters', 'error', 'skill [95 %]']
const aligns = ['left', 'left', 'right', 'right', 'right', 'left'] as const

/** `1.6e11` */
const power = (value: number) => value.toExponential(1).replace('e+', 'e')
/** What is not trained does not have, and of some models nobody knows. */
const priced = (value: number | null, text: (value: number) => string) => (value ? text(value) : '–')
const percent = (share: number) => `${share < 0.1 ? (100 * share).toPrecision(2) : Math.floor(100 * share)} %`
const widestLine = (text: string) => Math.max(...text.split('\n').map(line => line.length))

/** Cheapest first; what has no cost or no error last. */
function byCost(rows: readonly CostRow[]): CostRow[] {
  const parts = (row: CostRow) => [
    row.error === null ? null : row.flops,
    ...[row.error, row.model, row.variant, row.budget],
  ]
  return [...rows].sort((a, b) => compareParts(parts(a), parts(b)))
}

/** `costs 4.2 times what fno does`, `costs 0.1 % more than fno` */
function costAgainst(ratio: number, cheaper: string): string {
  if (ratio < 1.05) return `costs ${percent(ratio - 1)} more than ${cheaper}`
  return `costs ${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)} times what ${cheaper} does`
}

/** What the dearest of the front has over the next cheaper one, in a sentence. */
function lastFactor(rows: readonly CostRow[], label: (row: CostRow) => string): string {
  const front = byCost(rows).filter(row => row.on_front)
  const dearest = front.at(-1)
  if (dearest === undefined) return 'No model that was trained here has an error.'
  const better = dearest.score_low! > 0 ? '' : ' Persistence, which costs nothing, is not beaten.'
  const cheaper = front.filter(row => row.flops! < dearest.flops!).at(-1)
  if (cheaper === undefined) return `Nothing dearer than ${label(dearest)} errs less.${better}`
  const less = percent(1 - dearest.error! / cheaper.error!)
  const apart = dearest.score_low! > cheaper.score_high!
  return (
    `${label(dearest)} ${costAgainst(dearest.flops! / cheaper.flops!, label(cheaper))} and errs ${less} less; ` +
    `their intervals ${apart ? 'are apart' : 'overlap, so it may buy nothing'}.${better}`
  )
}

/** One world at the longest horizon of one condition. */
function block(rows: readonly CostRow[], bold: (text: string) => string): string[] {
  const horizon = Math.max(...rows.map(row => row.horizon ?? 0))
  const own = byCost(rows.filter(row => (row.horizon ?? 0) === horizon))
  const [{ condition }] = own
  const budgets = new Set(own.map(({ budget }) => budget).filter(budget => budget !== ''))
  const label = (row: CostRow) => modelLabel(row, budgets.size > 1)
  const cells = own.map(row => [
    row.on_front ? '*' : '',
    label(row),
    priced(row.flops, power),
    priced(row.parameters, thousands),
    row.error === null ? '–' : row.error.toPrecision(3),
    row.score === null ? '–' : withInterval(row),
  ])
  const widths = heads.map((head, i) => 1 + Math.max(...[head, ...cells.map(row => row[i])].map(widestLine)))
  const others = widths.reduce((sum, own) => sum + own) - widths[1]
  widths[1] = Math.max(widestLine(heads[1]) + 1, Math.min(widths[1], width - others))
  const title = [worldLabel(own[0]), `${printable(condition)} ${horizon}`.trim(), ...[...budgets].map(printable)]
  return [
    ...wrapped(title.join(' · '), width).map(bold),
    ...plainTable(heads, cells, aligns, widths),
    ...wrapped(lastFactor(own, label), width),
    '',
  ]
}

const legend =
  '* on the Pareto front: nothing else that was trained here is cheaper without erring more, or errs less without ' +
  'costing more; references never are. FLOPs: of the whole training, the mean over seeds. Error: the proper score E over the seeds and ' +
  'episodes of the skill, 0 = perfect; skill 0 = persistence, [low high]: 95 %. The front goes by the errors themselves: ' +
  'look whether intervals are apart. costs.csv has every condition and horizon.'

/**
 * Errors and costs for people: a block for every world, size and scrambling, cheapest first, at most 80 columns wide,
 * and in a sentence what the last factor of cost buys. Of a condition, the longest horizon is shown.
 * @param condition without it, the first of each world
 */
export function costsTable(
  rows: readonly CostRow[],
  condition: string | undefined,
  { color }: { readonly color: boolean },
): string {
  const bold = (text: string) => (color ? `\u001b[1m${text}\u001b[22m` : text)
  const blocks = [...new Set(rows.map(worldOf))].flatMap(key => {
    const own = rows.filter(row => worldOf(row) === key)
    const wanted = condition ?? own[0].condition
    const shown = own.filter(row => row.condition === wanted)
    return shown.length > 0 ? block(shown, bold) : []
  })
  return [...blocks, ...wrapped(legend, width)].join('\n')
}
