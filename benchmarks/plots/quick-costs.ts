import type { CostRow } from '../board/costs.ts'
import { printable } from '../board/printing.ts'
import { flopsAxis, logAxis } from './axes.ts'
import { drawDocument } from './document.ts'
import { figure } from './numbers.ts'
import type { Drawing, PlotOfSuite } from './plot.ts'
import { errorInterval, intervalNote, isDrawable, namesAmong, ofMainBudget, type Published } from './published.ts'
import { scatterPanel } from './scatter-panel.ts'

const [width, height] = [344, 300]
/** Worlds are shown where models differ in their costs by such a factor; elsewhere a board says all. */
const leastFactor = 1.5

function draw(published: Published): Drawing | null {
  const priced = ofMainBudget(published.costs)
    .filter(isDrawable)
    .filter(({ condition }) => condition === 'filter')
  const worldOf = ({ environment, size, scrambled }: CostRow) =>
    `${printable(environment)}, size ${size}${scrambled ? ', scrambled' : ''}`
  const ofWorld = (world: string) => priced.filter(row => worldOf(row) === world)
  const worlds = [...new Set(priced.map(worldOf))].filter(world => {
    const flops = ofWorld(world).map(row => row.flops)
    return Math.max(...flops) / Math.min(...flops) >= leastFactor
  })
  if (worlds.length === 0) return null
  const rows = worlds.flatMap(ofWorld)
  const nameOf = namesAmong(rows)
  const x = flopsAxis(
    'FLOPs of the whole training',
    rows.flatMap(({ flops }) => [flops / 1.3, flops * 1.3]),
  )
  const panels = worlds.map((title, i) => {
    const points = ofWorld(title).map(row => ({
      ...{ name: nameOf(row), family: row.family, x: row.flops, y: row.error },
      ...errorInterval(row, row.error),
    }))
    const front = ofWorld(title).filter(row => row.on_front)
    return scatterPanel({
      ...{ title, points, x, left: 16 + (i % 2) * width, top: Math.floor(i / 2) * height, width, height },
      y: logAxis(
        'error',
        points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]),
      ),
      front: front.map(({ flops, error }) => ({ x: flops, y: error })).sort((a, b) => a.x - b.x || b.y - a.y),
    })
  })
  const sentences = worlds.map(world => {
    const front = ofWorld(world)
      .filter(row => row.on_front)
      .sort((a, b) => a.flops - b.flops)
    return `${world}: ${front.map(row => `${nameOf(row)} ${figure(row.error)}`).join(', ')}`
  })
  const caption = `On the front, from cheap to dear, with their errors: ${sentences.join('; ')}.`
  const title = 'What an error costs: equal parameters, equal steps, unequal FLOPs'
  const subtitle = [
    `Error one frame ahead, in nats a cell or of the world’s variance; axes logarithmic; ${intervalNote(published)}.`,
    'Grey steps: the Pareto front, on which nothing is both cheaper and better.',
  ]
  const families = rows.map(({ family }) => family)
  return {
    caption,
    svg: drawDocument({ title, subtitle, caption, families, panels, height: Math.ceil(worlds.length / 2) * height }),
  }
}

export const quickCostsPlot: PlotOfSuite = { name: 'quick-costs', suite: 'quick', draw }
