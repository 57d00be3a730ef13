import * as Plot from '@observablehq/plot'
import type { Panel } from './document.ts'
import type { Axis } from './frame.ts'
import { figure, tick, withRange } from './numbers.ts'
import { faint, familyColour, fontSize, ink, paper, quiet, textWidth } from './palette.ts'

/** A figure with its interval in a row of a column. */
export interface DotPoint {
  readonly row: string
  readonly column: string
  readonly family: string
  readonly value: number
  readonly low: number | null
  readonly high: number | null
  /** Drawn as a ring, below the filled dot of the same row. */
  readonly hollow: boolean
}

export interface DotPanels {
  readonly points: readonly DotPoint[]
  /** In the order in which they stand from the top. */
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  /** Columns beside each other, before the next line of them begins. */
  readonly across: number
  /** Of what is measured, where that is not skill. */
  readonly axis?: Axis
  /** The colour of the name of a row; ink where rows are no models. */
  readonly colourOf: (row: string) => string
  /** Pixels of a row. */
  readonly pitch: number
  /** Where values are compared with one value in each column: a line with its name, and a band for its interval. */
  readonly line?: (
    column: string,
  ) => { readonly value: number; readonly low: number; readonly high: number } | undefined
  /** Joins the two dots of a row. */
  readonly joined?: boolean
}

const gap = 22
const titleHeight = 22
const axisHeight = 42
const [left, right] = [16, 704]

/** The least range of tenths that holds all intervals; and zero, unless all lie far above it. */
function domainOf(points: readonly DotPoint[]): [number, number] {
  const all = points.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value])
  const [least, most] = [Math.min(...all), Math.max(...all)]
  return [Math.floor((least > 0.5 ? least : Math.min(0, least)) * 10 - 0.2) / 10, Math.ceil(most * 10 + 0.2) / 10]
}

/** Rows of dots with intervals, a panel for each column, all on one scale; and the height of all together. */
export function dotPanels(wish: DotPanels): { readonly panels: Panel[]; readonly height: number } {
  const { points, rows, columns, across, pitch, colourOf, line, joined } = wish
  const axis: Omit<Axis, 'ticks'> = wish.axis ?? { label: 'skill', domain: domainOf(points), format: tick }
  const names = Math.max(...rows.map(row => textWidth(row))) + 8
  const room = (right - left - names - (across - 1) * gap) / across
  const ticks = wish.axis ? [...wish.axis.ticks] : Math.round(room / 34)
  const high = titleHeight + rows.length * pitch + axisHeight
  const panels = columns.map((column, i): Panel => {
    const first = i % across === 0
    const own = points.filter(point => point.column === column)
    const paired = new Set(own.filter(({ hollow }) => hollow).map(({ row }) => row))
    const y = ({ row, hollow }: DotPoint) =>
      rows.indexOf(row) + (joined || !paired.has(row) ? 0 : hollow ? 0.18 : -0.18)
    const colour = ({ family }: DotPoint) => familyColour(family)
    const spans = own.filter(({ low, high }) => low !== null && high !== null)
    const compared = line?.(column)
    const pairs = own.flatMap(point => {
      const other = own.find(({ row, hollow }) => row === point.row && hollow && !point.hollow)
      return other ? [{ ...point, other: other.value }] : []
    })
    return {
      left: left + (first ? 0 : names + (i % across) * (room + gap)),
      top: Math.floor(i / across) * high,
      options: {
        width: room + (first ? names : 0),
        height: high,
        marginLeft: first ? names : 0,
        marginRight: 0,
        marginTop: titleHeight,
        marginBottom: axisHeight,
        x: { type: axis.log ? 'log' : 'linear', domain: [...axis.domain], label: null },
        y: { domain: [-0.5, rows.length - 0.5], axis: null, reverse: true },
        marks: [
          Plot.gridX({ stroke: faint, strokeOpacity: 1, ticks }),
          Plot.ruleY(rows.keys(), { stroke: faint, strokeOpacity: 0.5 }),
          Plot.axisX({
            ticks,
            tickFormat: axis.format,
            label: axis.label,
            labelAnchor: 'center',
            labelArrow: 'none',
            fontSize,
            color: quiet,
          }),
          Plot.text([column], {
            frameAnchor: 'top-left',
            dy: -16,
            fontSize: 12,
            fontWeight: 'bold',
            fill: ink,
          }),
          compared
            ? [
                Plot.rect([compared], { x1: 'low', x2: 'high', fill: quiet, fillOpacity: 0.15 }),
                Plot.ruleX([compared.value], { stroke: quiet }),
              ]
            : [],
          axis.domain[0] <= 0 ? Plot.ruleX([0], { stroke: ink }) : [],
          first
            ? rows.map((row, at) =>
                Plot.text([at], {
                  frameAnchor: 'left',
                  textAnchor: 'end',
                  y: [at],
                  dx: -8,
                  text: [row],
                  fill: colourOf(row),
                }),
              )
            : [],
          joined
            ? Plot.link(pairs, { x1: 'value', x2: 'other', y1: y, y2: y, stroke: colour, strokeOpacity: 0.45 })
            : [],
          Plot.link(spans, { x1: 'low', x2: 'high', y1: y, y2: y, stroke: colour, strokeWidth: 1.8 }),
          Plot.dot(own, {
            x: 'value',
            y,
            r: 3.2,
            stroke: colour,
            strokeWidth: 1.5,
            fill: point => (point.hollow ? paper : colour(point)),
            title: point =>
              `${point.row}, ${point.column}: ${withRange(point.value, point.low, point.high, wish.axis && figure)}`,
          }),
        ],
      },
    }
  })
  return { panels, height: Math.ceil(columns.length / across) * high }
}
