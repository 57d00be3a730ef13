import type { CostRow } from '../board/costs.ts'
import { logAxis } from './axes.ts'
import { drawDocument } from './document.ts'
import { linePanel } from './line-panel.ts'
import { figure, tick } from './numbers.ts'
import type { Drawing, PlotOfSuite } from './plot.ts'
import {
  errorInterval,
  intervalNote,
  ofMainBudget,
  type Published,
  shortNames,
  specsOf,
  worldsOf,
} from './published.ts'

/** Frames after the last one seen, of the second panel. */
const blind = 4
const height = 300

const strengthOf = ({ variant }: CostRow) => Number(/\blambda=([\d.e-]+)/.exec(variant)?.[1])

function draw(published: Published): Drawing | null {
  const rows = ofMainBudget(published.costs.filter(row => row.model === 's2gru-continuum')).filter(
    row => row.error !== null && Number.isFinite(strengthOf(row)) && !row.scrambled,
  )
  const strengths = [...new Set(rows.map(strengthOf))].sort((a, b) => a - b)
  if (strengths.length < 2) return null
  const panelsOf = [
    { title: 'one frame ahead', rows: rows.filter(({ condition }) => condition === 'filter') },
    { title: `blind, frame ${blind}`, rows: rows.filter(row => row.condition === 'blind' && row.horizon === blind) },
  ].filter(({ rows }) => rows.length > 0)
  const nameOf = shortNames(worldsOf(rows), specsOf(published))
  const y = logAxis(
    'error',
    panelsOf.flatMap(({ rows }) => rows.map(({ error }) => error!)),
  )
  const panels = panelsOf.map(({ title, rows }, i) =>
    linePanel({
      title,
      points: rows.map(row => ({
        line: nameOf(row.environment),
        family: row.family,
        x: strengths.indexOf(strengthOf(row)),
        y: row.error!,
        ...errorInterval(row, row.error!),
      })),
      x: {
        label: 'λ: from self (0) to all (1)',
        domain: [0, strengths.length - 1],
        ticks: strengths.map((_, i) => i),
        format: place => tick(strengths[place]),
      },
      y,
      left: 16 + i * 344,
      top: 0,
      width: 344,
      height,
    }),
  )
  const ahead = panelsOf[0].rows
  const sentences = worldsOf(ahead).map(world => {
    const own = ahead.filter(row => row.environment === world).sort((a, b) => strengthOf(a) - strengthOf(b))
    return `${nameOf(world)} ${own.map(({ error }) => figure(error!)).join(', ')}`
  })
  const caption = `Error ${panelsOf[0].title} at λ = ${strengths.map(tick).join(', ')}: ${sentences.join('; ')}.`
  const title = 'The continuum: from hearing nobody to hearing all'
  const subtitle = [`Error of the world’s variance, logarithmic, as λ lets others in; ${intervalNote(published)}.`]
  const families = rows.map(({ family }) => family)
  return { caption, svg: drawDocument({ title, subtitle, caption, families, panels, height }) }
}

export const continuumPlot: PlotOfSuite = { name: 'continuum', suite: 'locality', draw }
