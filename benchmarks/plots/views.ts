import type { LeaderboardRow } from '../board/leaderboard.ts'
import { doublingAxis, skillAxis } from './axes.ts'
import { drawDocument } from './document.ts'
import { dotPanels } from './dot-panels.ts'
import { type LinePoint, linePanel } from './line-panel.ts'
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
  specsOf,
} from './published.ts'

const height = 340

function draw(published: Published): Drawing | null {
  const plain = published.board.filter(({ scrambled }) => !scrambled)
  const environment = plain[0]?.environment
  const rows = scored(ofMainBudget(plain.filter(row => row.environment === environment)))
  const usual = rows.length > 0 ? specsOf(published)(rows[0])?.schedule.views : undefined
  const ahead = rows.filter(({ condition }) => condition === 'filter')
  if (ahead.length === 0 || typeof usual !== 'number') return null
  const nameOf = namesAmong(rows)
  const point = (row: LeaderboardRow, x: number): LinePoint => ({
    ...{ line: nameOf(row), family: row.family, x },
    ...{ y: row.score!, low: row.score_low, high: row.score_high },
  })
  const byViews = rows.flatMap(row => {
    const views = row.condition === 'filter' ? usual : Number(/^views-(\d+)\/filter$/.exec(row.condition)?.[1])
    return Number.isFinite(views) ? [point(row, views)] : []
  })
  const byHorizon = rows.flatMap(row => (row.condition === 'blind' ? [point(row, row.horizon!)] : []))
  const y = skillAxis([...byViews, ...byHorizon].flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]))
  const half = { top: 0, width: 344, height, rule: 0 }
  const x = doublingAxis(
    'tiles seen in each frame',
    byViews.map(({ x }) => x),
  )
  const lines = [linePanel({ ...half, title: 'one frame ahead, by what is seen', points: byViews, x, y, left: 16 })]
  if (byHorizon.length > 0) {
    const ticks = [...new Set(byHorizon.map(({ x }) => x))].sort((a, b) => a - b)
    const x = {
      label: 'frames after the last one seen',
      domain: [ticks[0], ticks.at(-1)!],
      ticks,
      format: String,
    } as const
    lines.push(linePanel({ ...half, title: 'blind, by how far ahead', points: byHorizon, x, y, left: 360 }))
  }
  const shifted = rows.filter(({ condition }) => /^(?!views-|size-)([^/]+\/)?filter$/.test(condition))
  const columns = [...new Set(shifted.map(({ condition }) => circumstance(condition)))]
  const names = [...new Set(ahead.map(nameOf))]
  const families = new Map(rows.map(row => [nameOf(row), row.family]))
  const dots = dotPanels({
    points: shifted.map(row => ({
      ...{ row: nameOf(row), column: circumstance(row.condition), family: row.family, hollow: false },
      ...{ value: row.score!, low: row.score_low, high: row.score_high },
    })),
    ...{ rows: names, columns, across: Math.min(4, columns.length), pitch: 19 },
    colourOf: name => familyColour(families.get(name)!),
  })
  const below = height + 12
  const panels = [...lines, ...dots.panels.map(panel => ({ ...panel, top: panel.top + below }))]
  const leaders = columns.map(column => {
    const own = shifted.filter(row => circumstance(row.condition) === column && row.family !== 'reference')
    const best = own.reduce((a, b) => (b.score! > a.score! ? b : a))
    return `${column} ${nameOf(best)} ${withRange(best.score!, best.score_low, best.score_high)}`
  })
  const caption = `${environment}, ${usual} tiles seen in a frame, one frame ahead; the best of those trained: ${leaders.join(', ')}.`
  const title = 'Few views: skill by what is seen, how far ahead, and out of distribution'
  const subtitle = [
    `Skill: 0 = calibrated persistence (black line), 1 = perfect; ${intervalNote(published)}.`,
    `Trained with ${usual} tiles a frame; other numbers of views and all shifts only in tests.${oracleNote(rows)}`,
  ]
  return {
    caption,
    svg: drawDocument({
      title,
      subtitle,
      caption,
      families: [...families.values()],
      panels,
      height: below + dots.height,
    }),
  }
}

export const viewsPlot: PlotOfSuite = { name: 'views', suite: 'views', draw }
export const viewsStandardPlot: PlotOfSuite = { name: 'views-standard', suite: 'views-standard', draw }
