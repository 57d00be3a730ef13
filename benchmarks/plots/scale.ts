import type { CostRow } from '../board/costs.ts'
import { isOracle } from '../board/leaderboard-table.ts'
import { doublingAxis, flopsAxis, logAxis } from './axes.ts'
import { drawDocument } from './document.ts'
import { type LinePoint, linePanel } from './line-panel.ts'
import { figure } from './numbers.ts'
import type { Drawing, PlotOfSuite } from './plot.ts'
import { errorInterval, intervalNote, namesAmong, ofMainBudget, type Published, worldsOf } from './published.ts'

const [width, height] = [344, 270]

/** The size of the world that a row was measured on; undefined where it is not one frame ahead of the plain world. */
function testedSize({ condition, size }: CostRow): number | undefined {
  if (condition === 'filter') return size
  const other = /^size-(\d+)\/filter$/.exec(condition)?.[1]
  return other === undefined ? undefined : Number(other)
}

/**
 * The error of a row in the units of the size that it was measured on. What was moved there was measured on fewer
 * episodes, in units of the world that it came from: of that only the share of persistence's error carries over.
 */
function comparableError(row: CostRow, own: readonly CostRow[]): number | null {
  if (row.condition === 'filter') return row.error
  const measure = own.find(
    ({ model, condition, size }) => model === 'persistence' && condition === 'filter' && size === testedSize(row),
  )
  const floored = row.score === null || row.score <= -1
  return floored || !measure ? null : (1 - row.score!) * measure.error!
}

function draw(published: Published): Drawing | null {
  // The oracle is so far below all that forecasts that no axis would show them apart.
  const measured = published.costs.filter(
    row =>
      row.model !== 'climatology' &&
      !isOracle(row) &&
      !row.scrambled &&
      row.error !== null &&
      testedSize(row) !== undefined,
  )
  const worlds = worldsOf(measured)
  // What is moved to a larger world is only of interest for what was trained.
  const rows = ofMainBudget(measured).filter(row => row.family !== 'reference' || row.condition === 'filter')
  if (new Set(rows.map(testedSize)).size < 2) return null
  const nameOf = namesAmong(rows)
  const x = doublingAxis(
    'side of the world, in cells',
    rows.map(row => testedSize(row)!),
  )
  const panels = worlds.flatMap((world, i) => {
    const own = rows.filter(row => row.environment === world)
    const points = own.flatMap((row): LinePoint[] => {
      const error = comparableError(row, own)
      if (error === null) return []
      const moved = row.condition === 'filter' ? {} : { from: row.size }
      const identity = { line: nameOf(row), family: row.family, x: testedSize(row)!, y: error }
      return [{ ...identity, ...errorInterval(row, error), ...moved }]
    })
    const priced = own.filter(row => row.condition === 'filter' && row.flops !== null && row.flops > 0)
    const costs = priced.map(
      (row): LinePoint => ({
        line: nameOf(row),
        family: row.family,
        x: row.size,
        y: row.flops!,
        low: null,
        high: null,
      }),
    )
    const place = { top: i * height, width, height, x }
    const error = logAxis(
      'error',
      points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]),
    )
    return [
      linePanel({ ...place, title: `${world}: error`, points, y: error, left: 16 }),
      ...(costs.length > 0
        ? [
            linePanel({
              ...place,
              title: `${world}: FLOPs of the training`,
              points: costs,
              y: flopsAxis(
                'FLOPs',
                costs.map(({ y }) => y),
              ),
              left: 360,
            }),
          ]
        : []),
    ]
  })
  const sentences = worlds.flatMap(world => {
    const own = rows.filter(row => row.environment === world)
    const factors = own.flatMap(row => {
      if (row.condition === 'filter') return []
      const home = own.find(
        ({ model, variant, size, condition }) =>
          model === row.model && variant === row.variant && size === testedSize(row) && condition === 'filter',
      )
      const error = comparableError(row, own)
      return home && error !== null ? [{ name: nameOf(row), factor: error / home.error! }] : []
    })
    if (factors.length === 0) return []
    const sorted = factors.sort((a, b) => a.factor - b.factor)
    const [best, worst] = [sorted[0], sorted.at(-1)!]
    return [`${world} ${figure(best.factor)} (${best.name}) to ${figure(worst.factor)} (${worst.name})`]
  })
  const moves =
    sentences.length > 0
      ? `Error of what was trained on a smaller world over that of what was trained on the larger one, each as a share of persistence’s: ${sentences.join(', ')}.`
      : ''
  const caption = moves === '' ? `Error and cost of ${worlds.join(', ')} by size.` : moves
  const title = 'Size as scale: error and cost on larger worlds'
  const subtitle = [
    `Error one frame ahead, in nats a cell or of the world’s variance; axes logarithmic; ${intervalNote(published)}.`,
    `The same local physics, the same part seen, more of it; equal steps at every size.`,
  ]
  const families = rows.map(({ family }) => family)
  const key = rows.some(({ condition }) => condition !== 'filter')
    ? '● trained on that size   ○ trained on a smaller one, and moved'
    : ''
  return {
    caption,
    svg: drawDocument({ title, subtitle, caption, families, key, panels, height: worlds.length * height }),
  }
}

export const scalePlot: PlotOfSuite = { name: 'scale', suite: 'scale', draw }
