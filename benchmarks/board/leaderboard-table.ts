import type { LeaderboardRow } from './leaderboard.ts'
import {
  lineWidth,
  modelLabel,
  plainTable,
  printable,
  score,
  thousands,
  type World,
  withInterval,
  wrapped,
} from './printing.ts'
import { compareParts, conditionOrder, type RunRow } from './tables.ts'

const gap = 1

/** What the model's column may ask for before other columns are left out. */
const roomOfModel = 14
const modelHead = 'model'

/** One column of a printed block. */
interface Column {
  readonly head: string
  readonly align: 'left' | 'right'
  readonly content: (row: LeaderboardRow) => string
}

/** What was measured and came out, as printed; a row without a score says why in a word. */
export function skillWithInterval(row: LeaderboardRow): string {
  if (row.score === null) return row.note.includes('failed: ') ? 'failed' : '–'
  return withInterval(row)
}

/** Of a model that was made elsewhere nobody here knows what it costs. */
const costOf = ({ family }: LeaderboardRow, cost: string) => (family === 'external' ? '–' : cost)

const placeOf = (row: LeaderboardRow) => JSON.stringify([row.condition, row.horizon])
/** The suite, world, size and scrambling of a row, as a key. */
export const worldOf = (row: World) => JSON.stringify([row.suite, row.environment, row.size, row.scrambled])
export const isReference = ({ family }: Pick<LeaderboardRow, 'family'>) => family === 'reference'
/** A reference that is trained: an oracle, which bounds what forecasts can come to and is none itself. */
export const isOracle = (row: Pick<LeaderboardRow, 'family' | 'budget'>) => isReference(row) && row.budget !== ''
export const lineOf = (row: LeaderboardRow) => JSON.stringify([row.model, row.variant, row.budget])

/** A condition and horizon with its rows by line of the block. */
export interface Place {
  readonly condition: string
  readonly horizon: number | null
  readonly rows: ReadonlyMap<string, LeaderboardRow>
}

/** The places of a block in the order of the board: `filter` first, so that it leads where it is there. */
export function placesOf(rows: readonly LeaderboardRow[]): Place[] {
  const places = [...new Set(rows.map(placeOf))].map(key => {
    const own = rows.filter(row => placeOf(row) === key)
    const [{ condition, horizon }] = own
    return { condition, horizon, rows: new Map(own.map(row => [lineOf(row), row])) }
  })
  const parts = ({ condition, horizon }: Place) => [...conditionOrder(condition), horizon]
  return places.sort((a, b) => compareParts(parts(a), parts(b)))
}

/** Beside the leading place: `blind` halfway and at its end, then what was changed, shifts before numbers of views. */
function sidePlaces(lead: Place, places: readonly Place[]): { blind: Place[]; changed: Place[] } {
  const blind = places.filter(place => place.condition === 'blind' && place !== lead)
  const halfway = blind[Math.floor((blind.length - 1) / 2)]
  const changed = places.filter(({ condition, horizon }) => {
    return condition.endsWith(`/${lead.condition}`) && horizon === lead.horizon
  })
  const isViews = ({ condition }: Place) => condition.startsWith('views-')
  return {
    blind: [...new Set([halfway, blind.at(-1)])].filter(place => place !== undefined),
    changed: [...changed.filter(place => !isViews(place)), ...changed.filter(isViews)].slice(0, 2),
  }
}

export function placeName({ condition, horizon }: Place): string {
  if (condition === '') return 'skill'
  return condition === 'blind' ? `blind ${horizon}` : condition
}

function sideColumn(place: Place, head: string): Column {
  return { head, align: 'right', content: row => score(place.rows.get(lineOf(row))?.score ?? null) }
}

/** The columns of a block; of what was changed, as many as leave the model's name its room. */
function columnsOf(lead: Place, places: readonly Place[], rows: readonly LeaderboardRow[]): Column[] {
  const { blind, changed } = sidePlaces(lead, places)
  const budgets = new Set(rows.map(({ budget }) => budget).filter(budget => budget !== ''))
  const before: Column[] = [
    { head: 'rank', align: 'right', content: row => String(row.rank ?? '') },
    { head: modelHead, align: 'left', content: row => modelLabel(row, budgets.size > 1) },
    { head: 'family', align: 'left', content: row => printable(row.family) },
    { head: `${printable(placeName(lead))}\n[95 %]`, align: 'left', content: skillWithInterval },
    ...blind.map(place => sideColumn(place, `blind\n${place.horizon}`)),
  ]
  const after: Column[] = [
    { head: 'para-\nmeters', align: 'right', content: row => costOf(row, thousands(row.parameters)) },
    { head: 'MFLOP\na step', align: 'right', content: row => costOf(row, (row.flops_per_step / 1e6).toFixed(1)) },
  ]
  const withChanged = (count: number) => [
    ...before,
    ...changed.slice(0, count).map(place => sideColumn(place, printable(place.condition).replace('/', '\n'))),
    ...after,
  ]
  const fits = (columns: readonly Column[]) => {
    const widths = columns.map(column => (column.head === modelHead ? roomOfModel : contentWidth(column, rows)) + gap)
    return widths.reduce((sum, width) => sum + width) <= lineWidth
  }
  const counts = Array.from({ length: changed.length + 1 }, (_, i) => changed.length - i)
  return withChanged(counts.find(count => fits(withChanged(count))) ?? 0)
}

const contentWidth = ({ head, content }: Column, rows: readonly LeaderboardRow[]): number =>
  Math.max(...head.split('\n').map(line => line.length), ...rows.map(row => content(row).length))

/** Rows without borders; the model's column takes the room that the others leave, and wraps. */
function render(columns: readonly Column[], rows: readonly LeaderboardRow[]): string[] {
  const widths = columns.map(column => contentWidth(column, rows) + gap)
  const model = columns.findIndex(({ head }) => head === modelHead)
  const others = widths.reduce((sum, width) => sum + width) - widths[model]
  widths[model] = Math.min(widths[model], lineWidth - others)
  return plainTable(
    columns.map(({ head }) => head),
    rows.map(row => columns.map(({ content }) => content(row))),
    columns.map(({ align }) => align),
    widths,
  )
}

const meanings: Readonly<Record<string, string>> = {
  uninformative: 'uninformative: persistence errs under 5 % of climatology, so skill over it says little',
}

/** Every remark once, with the models that it is about unless it is about all. */
function remarks(rows: readonly LeaderboardRow[]): string[] {
  const notes = new Set(rows.flatMap(({ note }) => note.split('; ')).filter(note => note !== ''))
  return [...notes].flatMap(note => {
    const own = rows.filter(row => row.note.split('; ').includes(note))
    const about = own.length === rows.length ? '' : `${own.map(row => modelLabel(row, false)).join(', ')}: `
    return wrapped(`${about}${printable(meanings[note] ?? note)}`)
  })
}

const units: Readonly<Record<string, string>> = {
  excess_cross_entropy: 'nats a cell (cross-entropy less its floor)',
  mean_squared_error: "of the world's variance (mean squared error)",
}

/** `persistence errs .08 nats a cell`: the raw error that a skill of 0 stands for. Empty where it was not measured. */
function referenceLine(lead: Place, world: LeaderboardRow, runs: readonly RunRow[]): string[] {
  const own = runs.filter(run => {
    const same = run.environment === world.environment && run.size === world.size && run.scrambled === world.scrambled
    const here = run.condition === lead.condition && run.horizon === lead.horizon && run.suite === world.suite
    return same && here && run.model === 'persistence' && run.metric in units
  })
  if (own.length === 0) return []
  const error = own.reduce((sum, { value }) => sum + value, 0) / own.length
  return [`skill 0 = persistence: ${placeName(lead)} error ${error.toPrecision(3)} ${units[own[0].metric]}`]
}

function block(rows: readonly LeaderboardRow[], runs: readonly RunRow[], bold: (text: string) => string): string[] {
  const [world] = rows
  const places = placesOf(rows)
  const [lead] = places
  const leading = [...lead.rows.values()]
  const budgets = [...new Set(rows.map(({ budget }) => budget))].filter(budget => budget !== '')
  const seeds = Math.max(...leading.map(row => row.seeds))
  const title = [
    printable(world.environment),
    `size ${world.size}`,
    world.scrambled ? 'scrambled' : 'plain',
    `${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`,
    ...budgets.map(printable),
  ].join(' · ')
  return [
    ...wrapped(title).map(bold),
    ...wrapped(referenceLine(lead, world, runs).join('')),
    ...render(columnsOf(lead, places, leading), leading),
    ...remarks(leading),
    '',
  ].filter((line, i, lines) => line !== '' || i === lines.length - 1)
}

const legend =
  'Numbers are skill = 1 − E / E of persistence on the same episodes: 0 = no better than honest remembering, ' +
  '1 = perfect, −1 = the floor and what a diverged run gets. [low high]: 95 %, paired bootstrap over seeds and ' +
  'episodes; over episodes alone with fewer than 3 seeds. filter: one frame ahead while watching; blind h: h frames ' +
  'after the last one seen; columns to the right of them: the same with the world, the number of views or, after ' +
  'training, the size of the world changed. A ' +
  "rank is shared where an interval reaches the leader's; references have none."

const oracleLegend =
  'is no forecast: it is shown the frame that it is asked about, and its error is what an encoder and a decoder of ' +
  'that size lose.'

/**
 * The board for people: a block for every world, size and scrambling, models in the order of their skill at `filter`
 * (or the first condition there is), at most 100 columns wide, with a legend. `runs` give the raw error of persistence;
 * `color` makes titles bold, for terminals. Rows must be in the order of `leaderboard`.
 */
export function leaderboardTable(
  rows: readonly LeaderboardRow[],
  runs: readonly RunRow[],
  { color }: { color: boolean },
): string {
  const bold = (text: string) => (color ? `\u001b[1m${text}\u001b[22m` : text)
  const worlds = [...new Set(rows.map(worldOf))]
  const blocks = worlds.flatMap(key =>
    block(
      rows.filter(row => worldOf(row) === key),
      runs,
      bold,
    ),
  )
  const oracles = [...new Set(rows.filter(isOracle).map(row => modelLabel(row, false)))]
  return [...blocks, ...wrapped(legend), ...oracles.flatMap(name => wrapped(`${name} ${oracleLegend}`)), ''].join('\n')
}
