import * as Plot from '@observablehq/plot'
import type { Panel } from './document.ts'
import { type Axis, along, frameMarks } from './frame.ts'
import { figure, spread, withRange } from './numbers.ts'
import { familyColour, ink, inOrder, paper, textWidth } from './palette.ts'

/** A figure with its interval on a line. */
export interface LinePoint {
  readonly line: string
  readonly family: string
  readonly x: number
  readonly y: number
  readonly low: number | null
  readonly high: number | null
  /** Not of the line itself: drawn as a ring that a dotted link joins to the line's dot at this x. */
  readonly from?: number
}

export interface LinePanel {
  readonly title: string
  readonly points: readonly LinePoint[]
  readonly x: Axis
  readonly y: Axis
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** A value that others are compared with. */
  readonly rule?: number
  /** Points of a Pareto front, by x: drawn as steps. */
  readonly front?: readonly { readonly x: number; readonly y: number }[]
}

const dashes = ['', '6,3', '2,2', '8,3,2,3', '4,2,1,2,1,2', '12,3']
const [marginTop, marginBottom, marginLeft] = [24, 44, 40]
/** Pixels between the names of lines. */
const pitch = 13
/** Pixels from the right end of the axis to the names. */
const leader = 10

/** One name and one dash a line: dashes tell lines of one family, and so of one colour, apart. */
function stylesOf(points: readonly LinePoint[]) {
  const families = new Map(points.map(({ line, family }) => [line, family]))
  const names = [...families.keys()].sort()
  return inOrder(families.values()).flatMap(family =>
    names
      .filter(name => families.get(name) === family)
      .map((name, i) => ({ name, family, dash: dashes[i % dashes.length] })),
  )
}

/** Lines with intervals, each named at its end. */
export function linePanel(wish: LinePanel): Panel {
  const { title, x, y, left, top, width, height, rule, front = [] } = wish
  const points = wish.points
    .map(point => ({
      ...point,
      text: `${point.line}, ${x.format(point.x)}: ${withRange(point.y, point.low, point.high, figure)}`,
      x: along(x, point.x),
      y: along(y, point.y),
      low: point.low === null ? null : along(y, point.low),
      high: point.high === null ? null : along(y, point.high),
      from: point.from === undefined ? undefined : along(x, point.from),
    }))
    .sort((a, b) => a.x - b.x)
  type Point = (typeof points)[number]
  const own = points.filter(({ from }) => from === undefined)
  const styles = stylesOf(points)
  const marginRight = leader + 8 + Math.max(...styles.map(({ name }) => textWidth(name)))
  const colour = ({ family }: { readonly family: string }) => familyColour(family)
  const [start, finish] = x.domain.map(value => along(x, value))
  const [bottom, ceiling] = y.domain.map(value => along(y, value))
  const ends = styles.map(
    ({ name }) => (own.findLast(({ line }) => line === name) ?? points.findLast(({ line }) => line === name))!,
  )
  const gap = (pitch * (ceiling - bottom)) / (height - marginTop - marginBottom)
  const places = spread(
    ends.map(end => end.y),
    gap,
    bottom,
    ceiling,
  )
  const beyond = finish + (leader * (finish - start)) / (width - marginLeft - marginRight)
  const labels = ends.map((end, i) => ({ ...end, place: places[i], beyond }))
  const hops = points.flatMap(point => {
    const origin = own.find(other => other.line === point.line && other.x === point.from)
    return origin ? [{ ...point, fromY: origin.y }] : []
  })
  const many = new Set(points.map(point => point.x)).size > 8
  const options: Plot.PlotOptions = {
    ...{ width, height, marginTop, marginBottom, marginLeft, marginRight },
    x: { type: 'linear', domain: [start, finish], label: null },
    y: { type: 'linear', domain: [bottom, ceiling], label: null },
    marks: [
      frameMarks(x, y, title, marginLeft),
      rule === undefined ? [] : Plot.ruleY([along(y, rule)], { stroke: ink }),
      Plot.link(
        points.filter(({ low, high }) => low !== null && high !== null),
        { x: 'x', y1: 'low', y2: 'high', stroke: colour, strokeOpacity: 0.55, strokeWidth: 1.5 },
      ),
      styles.map(({ name, family, dash }) =>
        Plot.line(
          own.filter(({ line }) => line === name),
          { x: 'x', y: 'y', stroke: familyColour(family), strokeDasharray: dash, strokeWidth: 1.5 },
        ),
      ),
      Plot.link(hops, { x1: 'from', x2: 'x', y1: 'fromY', y2: 'y', stroke: colour, strokeDasharray: '1,3' }),
      front.length > 0
        ? Plot.line(
            front.map(point => ({ x: along(x, point.x), y: along(y, point.y) })),
            { x: 'x', y: 'y', curve: 'step-after', stroke: ink, strokeWidth: 2.5, strokeOpacity: 0.6 },
          )
        : [],
      Plot.dot(points, {
        ...{ x: 'x', y: 'y', r: many ? 2 : 3, stroke: colour, strokeWidth: 1.5 },
        fill: (point: Point) => (point.from === undefined ? colour(point) : paper),
        title: 'text',
      }),
      Plot.link(labels, { x1: 'x', x2: 'beyond', y1: 'y', y2: 'place', stroke: colour, strokeOpacity: 0.4 }),
      Plot.text(labels, { x: 'beyond', y: 'place', text: 'line', textAnchor: 'start', dx: 3, fill: colour }),
    ],
  }
  return { left, top, options }
}
