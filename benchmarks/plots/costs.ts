import type { CostRow } from '../board/costs.ts'
import { printable } from '../board/printing.ts'
import { flopsAxis, logAxis } from './axes.ts'
import { drawDocument } from './document.ts'
import { linePanel } from './line-panel.ts'
import { figure } from './numbers.ts'
import type { Drawing, PlotOfSuite } from './plot.ts'
import { errorInterval, intervalNote, isDrawable, namesAmong, type Published } from './published.ts'

const height = 420

function draw(published: Published): Drawing | null {
  const priced = published.costs
    .filter(isDrawable)
    .filter(({ condition, scrambled }) => condition === 'filter' && !scrambled)
  const worldOf = ({ environment, size }: CostRow) => `${printable(environment)}, size ${size}`
  const ofWorld = (world: string) => priced.filter(row => worldOf(row) === world)
  // With one budget all models that differ in nothing but who hears whom cost the same.
  const worlds = [...new Set(priced.map(worldOf))].filter(
    world => new Set(ofWorld(world).map(({ budget }) => budget)).size > 1,
  )
  if (worlds.length === 0) return null
  const rows = worlds.flatMap(ofWorld)
  const nameOf = namesAmong(rows)
  const panels = worlds.map((title, i) => {
    const own = ofWorld(title)
    const points = own.map(row => ({
      ...{ line: nameOf(row), family: row.family, x: row.flops, y: row.error },
      ...errorInterval(row, row.error),
    }))
    const front = own.filter(row => row.on_front).map(({ flops, error }) => ({ x: flops, y: error }))
    return linePanel({
      ...{ title, points, left: 16, top: i * height, width: 688, height },
      x: flopsAxis(
        'FLOPs of the whole training',
        points.map(({ x }) => x),
      ),
      y: logAxis(
        'error',
        points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]),
      ),
      front: front.sort((a, b) => a.x - b.x || b.y - a.y),
    })
  })
  const sentences = worlds.map(world => {
    const front = ofWorld(world)
      .filter(row => row.on_front)
      .sort((a, b) => a.flops - b.flops)
    return `${world} ${front.map(row => `${nameOf(row)} at ${row.budget.replace(':', ' ')} ${figure(row.error)}`).join(', ')}`
  })
  const caption = `On the front, from cheap to dear, with their errors: ${sentences.join('; ')}.`
  const title = 'What an error costs: who hears whom, trained for longer and longer'
  const subtitle = [
    `Error one frame ahead of the world’s variance over FLOPs, both logarithmic; ${intervalNote(published)}.`,
    'Grey steps: the Pareto front, on which nothing is both cheaper and better.',
  ]
  const families = rows.map(({ family }) => family)
  return { caption, svg: drawDocument({ title, subtitle, caption, families, panels, height: worlds.length * height }) }
}

export const costsPlot: PlotOfSuite = { name: 'costs', suite: 'locality', draw }
