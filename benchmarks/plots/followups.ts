import type { LeaderboardRow } from '../board/leaderboard.ts'
import { drawDocument } from './document.ts'
import { dotPanels } from './dot-panels.ts'
import { withRange } from './numbers.ts'
import { familyColour } from './palette.ts'
import type { Drawing, PlotOfSuite } from './plot.ts'
import { intervalNote, namesAmong, type Published, scored } from './published.ts'

/** What every follow-up is compared with. */
const plain = 's2gru-links'

const columnOf = ({ budget }: LeaderboardRow): string => {
  const [kind, amount] = budget.split(':')
  return kind === 'flops' ? `equal FLOPs (${amount})` : kind === 'steps' ? `equal steps (${amount})` : 'any budget'
}

function draw(published: Published): Drawing | null {
  const rows = scored(published.board).filter(
    ({ condition, scrambled, family }) => condition === 'filter' && !scrambled && family !== 'reference',
  )
  const columns = [...new Set(rows.map(columnOf))].sort().reverse()
  if (columns.length === 0) return null
  const nameOf = namesAmong(rows)
  const inFirst = rows.filter(row => columnOf(row) === columns[0])
  const names = [...new Set([...inFirst, ...rows].map(nameOf))]
  const families = new Map(rows.map(row => [nameOf(row), row.family]))
  const linksOf = (column: string) => rows.find(row => row.model === plain && columnOf(row) === column)
  const { panels, height } = dotPanels({
    points: rows.map(row => ({
      ...{ row: nameOf(row), column: columnOf(row), family: row.family, hollow: false },
      ...{ value: row.score!, low: row.score_low, high: row.score_high },
    })),
    ...{ rows: names, columns, across: Math.min(2, columns.length), label: 'skill', pitch: 22 },
    colourOf: name => familyColour(families.get(name)!),
    line: column => {
      const links = linksOf(column)
      return (
        links && { value: links.score!, low: links.score_low ?? links.score!, high: links.score_high ?? links.score! }
      )
    },
  })
  const sentences = columns.flatMap(column => {
    const links = linksOf(column)
    const others = rows.filter(row => columnOf(row) === column && row.model !== plain)
    if (!links || others.length === 0) return []
    const clear = others.filter(row => (row.score_low ?? -1) > (links.score_high ?? 1)).map(nameOf)
    const worse = others.filter(row => (row.score_high ?? 1) < (links.score_low ?? -1)).map(nameOf)
    const list = (names: readonly string[]) => (names.length > 0 ? names.join(', ') : 'none')
    const own = withRange(links.score!, links.score_low, links.score_high)
    return [`At ${column} plain links have ${own}; clear above: ${list(clear)}; clear below: ${list(worse)}.`]
  })
  const world = rows[0].environment
  const title = 'The follow-ups of learned links, beside plain links'
  const subtitle = [
    `Skill one frame ahead on ${world}: 0 = persistence, 1 = perfect; ${intervalNote(published)}.`,
    `Grey line and band: plain links (${plain}) and their interval. Equal parameters everywhere.`,
  ]
  const caption = sentences.join(' ')
  return { caption, svg: drawDocument({ title, subtitle, caption, families: [...families.values()], panels, height }) }
}

export const followupsPlot: PlotOfSuite = { name: 'followups', suite: 'followups', draw }
