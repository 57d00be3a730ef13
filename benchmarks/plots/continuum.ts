import { printable } from '../board/printing.ts'
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
  specsOf,
  turnedParameter,
  worldsOf,
} from './published.ts'

/** Frames after the last one seen, of the second panel. */
const blind = 4
const height = 300

function draw(published: Published): Drawing | null {
  const specOf = specsOf(published)
  const strengthened = ofMainBudget(published.costs).flatMap(row => {
    const spec = row.model === 's2gru-continuum' && !row.scrambled ? specOf(row) : undefined
    const strength = spec?.options.lambda
    return row.error !== null && typeof strength === 'number'
      ? [{ ...row, error: row.error, strength, spec: spec! }]
      : []
  })
  // A world of a size at which λ is not turned is there for another question.
  const strengthsAt = (size: number) => new Set(strengthened.flatMap(row => (row.size === size ? [row.strength] : [])))
  const rows = strengthened.filter(({ size }) => strengthsAt(size).size > 1)
  const strengths = [...new Set(rows.map(({ strength }) => strength))].sort((a, b) => a - b)
  if (strengths.length < 2) return null
  const panelsOf = [
    { title: 'one frame ahead', rows: rows.filter(({ condition }) => condition === 'filter') },
    { title: `blind, frame ${blind}`, rows: rows.filter(row => row.condition === 'blind' && row.horizon === blind) },
  ].filter(({ rows }) => rows.length > 0)
  const worlds = new Map(rows.map(({ environment, spec }) => [environment, spec]))
  const turned = turnedParameter([...worlds.values()])
  const nameOf = (world: string) =>
    turned === null ? printable(world) : printable(`${turned} = ${worlds.get(world)!.parameters[turned]}`)
  const y = logAxis(
    'error',
    panelsOf.flatMap(({ rows }) => rows.map(({ error }) => error)),
  )
  const panels = panelsOf.map(({ title, rows }, i) =>
    linePanel({
      title,
      points: rows.map(row => ({
        line: nameOf(row.environment),
        family: row.family,
        x: strengths.indexOf(row.strength),
        y: row.error,
        ...errorInterval(row, row.error),
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
    const own = ahead.filter(row => row.environment === world).sort((a, b) => a.strength - b.strength)
    return `${nameOf(world)} ${own.map(({ error }) => figure(error)).join(', ')}`
  })
  const caption = `Error ${panelsOf[0].title} at λ = ${strengths.map(tick).join(', ')}: ${sentences.join('; ')}.`
  const title = 'The continuum: from hearing nobody to hearing all'
  const subtitle = [`Error of the world’s variance, logarithmic, as λ lets others in; ${intervalNote(published)}.`]
  const families = rows.map(({ family }) => family)
  return { caption, svg: drawDocument({ title, subtitle, caption, families, panels, height }) }
}

export const continuumPlot: PlotOfSuite = { name: 'continuum', suite: 'locality', draw }
