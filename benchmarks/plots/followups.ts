import type { CostRow } from '../board/costs.ts'
import { logAxis } from './axes.ts'
import { drawDocument } from './document.ts'
import { dotPanels } from './dot-panels.ts'
import { figure, withRange } from './numbers.ts'
import { familyColour } from './palette.ts'
import type { Drawing, PlotOfSuite } from './plot.ts'
import { errorInterval, intervalNote, isDrawable, namesAmong, type Published } from './published.ts'

/** What every follow-up is compared with. */
const plain = 's2gru-links'

const columnOf = ({ budget }: CostRow): string => {
  const [kind, amount] = budget.split(':')
  return kind === 'flops' ? `equal FLOPs (${amount})` : kind === 'steps' ? `equal steps (${amount})` : 'any budget'
}

/** All are near perfect: errors tell apart what skills do not. */
function draw(published: Published): Drawing | null {
  const rows = published.costs
    .filter(isDrawable)
    .filter(({ condition, scrambled }) => condition === 'filter' && !scrambled)
    .map(row => ({ ...row, value: row.error, ...errorInterval(row, row.error) }))
    .sort((a, b) => a.error - b.error)
  const columns = [...new Set(rows.map(columnOf))].sort().reverse()
  if (columns.length === 0) return null
  const nameOf = namesAmong(rows)
  const inFirst = rows.filter(row => columnOf(row) === columns[0])
  const names = [...new Set([...inFirst, ...rows].map(nameOf))]
  const families = new Map(rows.map(row => [nameOf(row), row.family]))
  const linksOf = (column: string) => rows.find(row => row.model === plain && columnOf(row) === column)
  const { panels, height } = dotPanels({
    points: rows.map(row => ({ ...row, row: nameOf(row), column: columnOf(row), hollow: false })),
    ...{ rows: names, columns, across: Math.min(2, columns.length), pitch: 22 },
    axis: logAxis(
      'error',
      rows.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]),
    ),
    colourOf: name => familyColour(families.get(name)!),
    line: column => {
      const links = linksOf(column)
      return links && { value: links.value, low: links.low ?? links.value, high: links.high ?? links.value }
    },
  })
  const sentences = columns.flatMap(column => {
    const links = linksOf(column)
    const others = rows.filter(row => columnOf(row) === column && row.model !== plain)
    if (!links || others.length === 0) return []
    const better = others.filter(({ high }) => (high ?? Infinity) < (links.low ?? 0)).map(nameOf)
    const worse = others.filter(({ low }) => (low ?? 0) > (links.high ?? Infinity)).map(nameOf)
    const list = (names: readonly string[]) => (names.length > 0 ? names.join(', ') : 'none')
    const own = withRange(links.value, links.low, links.high, figure)
    return [`At ${column} plain links err ${own}; clearly less: ${list(better)}; clearly more: ${list(worse)}.`]
  })
  const world = rows[0].environment
  const title = 'The follow-ups of learned links, beside plain links'
  const subtitle = [
    `Error one frame ahead on ${world}, of the world’s variance, logarithmic; ${intervalNote(published)}.`,
    `Grey line and band: plain links (${plain}) and their interval. Equal parameters everywhere.`,
  ]
  const caption = sentences.join(' ')
  return { caption, svg: drawDocument({ title, subtitle, caption, families: [...families.values()], panels, height }) }
}

export const followupsPlot: PlotOfSuite = { name: 'followups', suite: 'followups', draw }
