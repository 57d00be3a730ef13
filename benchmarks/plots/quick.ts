import { drawDocument } from './document.ts'
import { dotPanels } from './dot-panels.ts'
import { withRange } from './numbers.ts'
import { familyColour } from './palette.ts'
import type { Drawing, PlotOfSuite } from './plot.ts'
import {
  circumstance,
  intervalNote,
  namesAmong,
  ofMainBudget,
  oracleNote,
  type Published,
  scored,
} from './published.ts'

const environment = 'bouncing-balls'

function draw({ board }: Published): Drawing | null {
  const places = /^(?!views-|size-)([^/]+\/)?filter$/
  const rows = scored(ofMainBudget(board.filter(row => row.environment === environment && places.test(row.condition))))
  const known = rows.filter(({ condition, scrambled }) => condition === 'filter' && !scrambled)
  if (known.length === 0) return null
  const nameOf = namesAmong(rows)
  const place = new Map(known.map((row, i) => [nameOf(row), i]))
  for (const row of rows) if (!place.has(nameOf(row))) place.set(nameOf(row), place.size)
  const names = [...place.keys()]
  const families = new Map(rows.map(row => [nameOf(row), row.family]))
  const columns = [...new Set(rows.map(({ condition }) => circumstance(condition)))]
  const points = rows.map(row => ({
    row: nameOf(row),
    column: circumstance(row.condition),
    family: row.family,
    value: row.score!,
    low: row.score_low,
    high: row.score_high,
    hollow: row.scrambled,
  }))
  const { panels, height } = dotPanels({
    ...{ points, rows: names, columns, across: 3, pitch: 20 },
    colourOf: name => familyColour(families.get(name)!),
  })
  const leaders = columns.flatMap(column => {
    const plain = points.filter(point => point.column === column && !point.hollow && point.family !== 'reference')
    if (plain.length === 0) return []
    const best = plain.reduce((a, b) => (b.value > a.value ? b : a))
    return [`${column} ${best.row} ${withRange(best.value, best.low, best.high)}`]
  })
  const caption = `Bouncing balls, one frame ahead; the best where all tiles are in their places: ${leaders.join(', ')}.`
  const title = 'Who predicts bouncing balls best, in distribution and under every shift'
  const subtitle = [
    `Skill one frame ahead: 0 = calibrated persistence, 1 = perfect; ${intervalNote({ board: rows })}.`,
    `Models by their skill in distribution; no model was trained on a shift.${oracleNote(rows)}`,
  ]
  const key = rows.some(({ scrambled }) => scrambled) ? '● plain   ○ tiles scrambled: the neighbourhood is hidden' : ''
  return {
    caption,
    svg: drawDocument({ title, subtitle, caption, families: [...families.values()], key, panels, height }),
  }
}

export const quickPlot: PlotOfSuite = { name: 'quick', suite: 'quick', draw }
