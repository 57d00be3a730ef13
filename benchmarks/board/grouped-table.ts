import { grouped } from './grouped.ts'
import type { Grouping } from './groupings.ts'
import type { LeaderboardRow } from './leaderboard.ts'
import {
  isOracle,
  isReference,
  type Place,
  placeName,
  placesOf,
  skillWithInterval,
  worldOf,
} from './leaderboard-table.ts'
import { lineWidth, modelLabel, plainTable, printable, score, worldLabel, wrapped } from './printing.ts'

/** A table: named lines, each with a row of the board in some of its columns. */
interface Block {
  readonly title: string
  readonly columns: readonly string[]
  readonly lines: readonly { readonly name: string; readonly cells: readonly (LeaderboardRow | undefined)[] }[]
  /** What is printed of a row. */
  content(row: LeaderboardRow): string
  /** A last column without a name of its own kind: the plain mean over the columns, of lines that have them all. */
  readonly means: boolean
}

/** The rows of the leading place of every world: `filter`, where it is there. */
function leadingRows(rows: readonly LeaderboardRow[]): { lead: Place; own: LeaderboardRow[] }[] {
  return grouped(rows, worldOf).map(world => {
    const [lead] = placesOf(world)
    return { lead, own: [...lead.rows.values()] }
  })
}

/** Lines by model, in the order of their rows; budgets are named where one world has several. */
function linesOf(
  rows: readonly LeaderboardRow[],
  columns: readonly string[],
  columnOf: (row: LeaderboardRow) => string,
) {
  const budgetsOf = (world: readonly LeaderboardRow[]) =>
    new Set(world.map(({ budget }) => budget).filter(budget => budget !== '')).size
  const several = grouped(rows, columnOf).some(column => budgetsOf(column) > 1)
  return grouped(rows, row => modelLabel(row, several)).map(own => ({
    name: modelLabel(own[0], several),
    cells: columns.map(column => own.find(row => columnOf(row) === column)),
  }))
}

const meanOf = (cells: readonly (LeaderboardRow | undefined)[]): number | null => {
  const scores = cells.map(row => row?.score ?? null)
  const whole = scores.every(value => value !== null)
  return whole ? scores.reduce((sum, value) => sum + value, 0) / scores.length : null
}

function byEnvironment(rows: readonly LeaderboardRow[]): Block[] {
  const leading = leadingRows(rows).flatMap(({ own }) => own)
  return grouped(leading, ({ suite, size, scrambled }) => JSON.stringify([suite, size, scrambled])).map(own => {
    const columns = [...new Set(own.map(({ environment }) => environment))]
    const lines = linesOf(own, columns, ({ environment }) => environment)
    // Best mean first; what has none, as it was not everywhere, keeps its order, after what has. References come last.
    const order = ({ cells }: (typeof lines)[number]) => meanOf(cells) ?? -Infinity
    const byMean = [...lines].sort((a, b) => (order(a) === order(b) ? 0 : order(b) - order(a)))
    const isMeasure = ({ cells }: (typeof lines)[number]) => cells.some(row => row !== undefined && isReference(row))
    const sorted = [...byMean.filter(line => !isMeasure(line)), ...byMean.filter(isMeasure)]
    const title = [`size ${own[0].size}`, own[0].scrambled ? 'scrambled' : 'plain'].join(' · ')
    return { title, columns, lines: sorted, content: skillWithInterval, means: columns.length > 1 }
  })
}

function bySize(rows: readonly LeaderboardRow[]): Block[] {
  const leading = leadingRows(rows)
  const world = ({ suite, environment, scrambled }: LeaderboardRow) => JSON.stringify([suite, environment, scrambled])
  return grouped(leading, ({ own: [row] }) => world(row)).map(group => {
    const own = group.flatMap(({ own }) => own)
    const sizes = [...new Set(own.map(({ size }) => size))].sort((a, b) => a - b)
    const columns = sizes.map(size => `size ${size}`)
    const lines = linesOf(own, columns, ({ size }) => `size ${size}`)
    const title = [printable(own[0].environment), own[0].scrambled ? 'scrambled' : 'plain', placeName(group[0].lead)]
    return { title: title.join(' · '), columns, lines, content: skillWithInterval, means: false }
  })
}

function byCondition(rows: readonly LeaderboardRow[], placesShown = placesOf): Block[] {
  return grouped(rows, worldOf).map(own => {
    const places = placesShown(own)
    const name = (row: { condition: string; horizon: number | null }) =>
      row.horizon === null || row.condition.endsWith('filter')
        ? row.condition || 'skill'
        : `${row.condition} ${row.horizon}`
    const ordered = places.flatMap(place => [...place.rows.values()])
    const columns = places.map(name)
    return {
      title: worldLabel(own[0]),
      columns,
      lines: linesOf(ordered, columns, name),
      content: skillWithInterval,
      means: false,
    }
  })
}

/** The leading place of a world, and the same where anything was changed after training. */
function shiftsOf(rows: readonly LeaderboardRow[]): Place[] {
  const [lead, ...others] = placesOf(rows)
  const isChanged = ({ condition, horizon }: Place) =>
    condition.endsWith(`/${lead.condition}`) && horizon === lead.horizon
  const byNumber = (a: Place, b: Place) => a.condition.localeCompare(b.condition, 'en', { numeric: true })
  return [lead, ...others.filter(isChanged).sort(byNumber)]
}

const byShift = (rows: readonly LeaderboardRow[]) => byCondition(rows, shiftsOf)

function byFamily(rows: readonly LeaderboardRow[]): Block[] {
  const leading = leadingRows(rows)
  const families = ['reference', 'global', 'local', 'learned', 'external']
  const columns = families.filter(name => rows.some(({ family }) => family === name))
  const lines = leading.map(({ own }) => ({
    name: worldLabel(own[0]),
    // Rows come best first.
    cells: columns.map(name => own.find(row => row.family === name && row.score !== null && !isOracle(row))),
  }))
  const content = (row: LeaderboardRow) => `${skillWithInterval(row)}\n${modelLabel(row, false)}`
  return [{ title: 'the best of each family', columns, lines, content, means: false }]
}

const blocks: Readonly<Record<Grouping, (rows: readonly LeaderboardRow[]) => Block[]>> = {
  environment: byEnvironment,
  size: bySize,
  condition: rows => byCondition(rows),
  shift: byShift,
  family: byFamily,
}

const widestLabel = 30
const widest = (texts: readonly string[]) =>
  Math.max(...texts.flatMap(text => text.split('\n')).map(line => line.length))

/** As many columns side by side as a line takes, the rest below them. */
function render({ title, columns, lines, content, means }: Block, bold: (text: string) => string): string[] {
  const label = Math.min(widest(lines.map(({ name }) => name)), widestLabel) + 1
  const all = columns.map((column, i) => ({
    head: printable(column).replace('(', '\n(').replace('/', '\n/'),
    texts: lines.map(({ cells }) => (cells[i] ? content(cells[i]) : '')),
  }))
  if (means)
    all.push({ head: 'mean', texts: lines.map(({ cells }) => (meanOf(cells) === null ? '' : score(meanOf(cells)))) })
  const room = lineWidth - label
  const width = ({ head, texts }: (typeof all)[number]) => Math.min(Math.max(widest([head]), widest(texts)) + 1, room)
  const output = wrapped(title).map(bold)
  for (let rest = all; rest.length > 0; ) {
    let count = 1
    const taken = (n: number) => rest.slice(0, n).reduce((sum, column) => sum + width(column), 0)
    while (count < rest.length && taken(count + 1) <= room) count++
    const shown = rest.slice(0, count)
    rest = rest.slice(count)
    const head = ['', ...shown.map(({ head }) => head)]
    const body = lines.map(({ name }, i) => [name, ...shown.map(({ texts }) => texts[i])])
    output.push(
      ...plainTable(
        head,
        body,
        head.map(() => 'left' as const),
        [label, ...shown.map(width)],
      ),
      '',
    )
  }
  return output
}

const legends: Readonly<Record<Grouping, string>> = {
  environment:
    'Skill at the first condition of every world. mean: over the worlds of the table, of models that were in all of ' +
    'them; worlds are chosen, not drawn, so it has no interval.',
  size: 'Skill at the first condition. Empty: not measured at that size.',
  condition:
    'filter: one frame ahead while watching; blind h: h frames after the last one seen; a name before the ' +
    'stroke: that of the world, the number of views or, after training, the size was changed.',
  shift:
    'filter: one frame ahead while watching, as in training; a name before the stroke: that of the world, the number of ' +
    'views or the size was changed after training.',
  family: 'The model of each family with the highest skill at the first condition: the best of many is lucky too.',
}

const skillLegend =
  'Skill = 1 − E / E of persistence: 0 = no better than honest remembering, 1 = perfect. [low high]: 95 %.'

/** The board with one thing side by side, at most 100 columns wide. Rows must be in the order of `leaderboard`. */
export function groupedTable(rows: readonly LeaderboardRow[], by: Grouping, { color }: { color: boolean }): string {
  const bold = (text: string) => (color ? `\u001b[1m${text}\u001b[22m` : text)
  // References last: they are the measure, not in the race.
  const ordered = by === 'family' ? rows : [...rows.filter(row => !isReference(row)), ...rows.filter(isReference)]
  const printed = blocks[by](ordered).flatMap(block => render(block, bold))
  return [...printed, ...wrapped(`${legends[by]} ${skillLegend}`), ''].join('\n')
}
