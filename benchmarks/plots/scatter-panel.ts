import * as Plot from '@observablehq/plot'
import type { Panel } from './document.ts'
import { type Axis, along, frameMarks } from './frame.ts'
import { figure, withRange } from './numbers.ts'
import { familyColour, ink, textWidth } from './palette.ts'

/** A named point with the interval of its height. */
export interface ScatterPoint {
  readonly name: string
  readonly family: string
  readonly x: number
  readonly y: number
  readonly low: number | null
  readonly high: number | null
}

export interface ScatterPanel {
  readonly title: string
  readonly points: readonly ScatterPoint[]
  readonly x: Axis
  readonly y: Axis
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** Points of a Pareto front, by x: drawn as steps. */
  readonly front: readonly { readonly x: number; readonly y: number }[]
}

const margins = { marginTop: 24, marginBottom: 44, marginLeft: 40, marginRight: 12 }

/** A rectangle in pixels. */
interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Where a name may stand beside its dot, the best first. */
const sides = [
  { textAnchor: 'start', dx: 7, dy: 0 },
  { textAnchor: 'end', dx: -7, dy: 0 },
  { textAnchor: 'middle', dx: 0, dy: -11 },
  { textAnchor: 'middle', dx: 0, dy: 11 },
  { textAnchor: 'start', dx: 6, dy: -9 },
  { textAnchor: 'start', dx: 6, dy: 9 },
  { textAnchor: 'end', dx: -6, dy: -9 },
  { textAnchor: 'end', dx: -6, dy: 9 },
  { textAnchor: 'middle', dx: 0, dy: -22 },
  { textAnchor: 'middle', dx: 0, dy: 22 },
] as const

const overlap = (a: Box, b: Box) =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top))

/** A side for each name, one after the other: the first on which it covers no dot, no bar, no name
 * and nothing of `others`, or the least. */
export function sidesOf(
  dots: readonly { name: string; x: number; y: number; bar: Box }[],
  frame: Box,
  others: readonly Box[] = [],
) {
  const taken = dots
    .flatMap(({ x, y, bar }) => [bar, { left: x - 4, right: x + 4, top: y - 4, bottom: y + 4 }])
    .concat(others)
  return dots.map(({ name, x, y }) => {
    const wide = textWidth(name)
    const options = sides.map(side => {
      const start = x + side.dx - { start: 0, middle: wide / 2, end: wide }[side.textAnchor]
      const box = { left: start, right: start + wide, top: y + side.dy - 6, bottom: y + side.dy + 6 }
      const outside = wide * 12 - overlap(box, frame)
      return { side, box, cost: taken.reduce((sum, other) => sum + overlap(box, other), 0) + 10 * outside }
    })
    const best = options.reduce((a, b) => (b.cost < a.cost ? b : a))
    taken.push(best.box)
    return best
  })
}

/** Points, each with its name beside it. */
export function scatterPanel({ title, x, y, left, top, width, height, front, ...wish }: ScatterPanel): Panel {
  const [xs, ys] = [x.domain.map(value => along(x, value)), y.domain.map(value => along(y, value))]
  const frame = {
    left: margins.marginLeft,
    right: width - margins.marginRight,
    top: margins.marginTop,
    bottom: height - margins.marginBottom,
  }
  const pixelX = (value: number) => frame.left + ((value - xs[0]) / (xs[1] - xs[0])) * (frame.right - frame.left)
  const pixelY = (value: number) => frame.bottom - ((value - ys[0]) / (ys[1] - ys[0])) * (frame.bottom - frame.top)
  const points = wish.points.map(point => ({
    ...point,
    text: `${point.name}, ${x.format(point.x)}: ${withRange(point.y, point.low, point.high, figure)}`,
    x: along(x, point.x),
    y: along(y, point.y),
    low: along(y, point.low ?? point.y),
    high: along(y, point.high ?? point.y),
  }))
  const colour = ({ family }: { readonly family: string }) => familyColour(family)
  const steps = front.slice(1).flatMap((point, i): Box[] => {
    const [x1, x2] = [front[i].x, point.x].map(value => pixelX(along(x, value)))
    const [y1, y2] = [front[i].y, point.y].map(value => pixelY(along(y, value)))
    return [
      { left: x1, right: x2, top: y1 - 1, bottom: y1 + 1 },
      { left: x2 - 1, right: x2 + 1, top: y1, bottom: y2 },
    ]
  })
  const placed = sidesOf(
    points.map(point => {
      const at = pixelX(point.x)
      const bar = { left: at - 1, right: at + 1, top: pixelY(point.high), bottom: pixelY(point.low) }
      return { name: point.name, x: at, y: pixelY(point.y), bar }
    }),
    frame,
    steps,
  )
  const options: Plot.PlotOptions = {
    ...{ width, height, ...margins },
    x: { domain: xs, label: null },
    y: { domain: ys, label: null },
    marks: [
      frameMarks(x, y, title, frame.left),
      Plot.line(
        front.map(point => ({ x: along(x, point.x), y: along(y, point.y) })),
        { x: 'x', y: 'y', curve: 'step-after', stroke: ink, strokeWidth: 1.5, strokeOpacity: 0.4 },
      ),
      Plot.link(points, { x: 'x', y1: 'low', y2: 'high', stroke: colour, strokeWidth: 1.8 }),
      Plot.dot(points, { x: 'x', y: 'y', r: 3.2, fill: colour, title: 'text' }),
      points.map((point, i) => Plot.text([point], { x: 'x', y: 'y', text: 'name', fill: colour, ...placed[i].side })),
    ],
  }
  return { left, top, options }
}
