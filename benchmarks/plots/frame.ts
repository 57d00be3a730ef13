import * as Plot from '@observablehq/plot'
import { faint, fontSize, quiet } from './palette.ts'

export interface Axis {
  readonly label: string
  readonly domain: readonly [number, number]
  /** Of positive values only. */
  readonly log?: boolean
  readonly ticks: readonly number[]
  readonly format: (value: number) => string
}

/** Where a value stands on the straight scale that is drawn. */
export const along = ({ log }: Axis, value: number) => (log ? Math.log10(value) : value)

/** Grid, ticks and the title of a panel, whose frame begins so many pixels from its left edge. */
export const frameMarks = (x: Axis, y: Axis, title: string, left: number): Plot.Markish[] => [
  Plot.gridY(
    y.ticks.map(value => along(y, value)),
    { stroke: faint, strokeOpacity: 1 },
  ),
  Plot.axisX(
    x.ticks.map(value => along(x, value)),
    {
      tickFormat: (_: number, i: number) => x.format(x.ticks[i]),
      ...{ label: x.label, labelAnchor: 'center', labelArrow: 'none', labelOffset: 34, fontSize, color: quiet },
    },
  ),
  Plot.axisY(
    y.ticks.map(value => along(y, value)),
    {
      tickFormat: (_: number, i: number) => y.format(y.ticks[i]),
      ...{ tickSize: 0, label: null, fontSize, color: quiet },
    },
  ),
  Plot.text([title], { frameAnchor: 'top-left', dx: -left, dy: -20, fontSize: 12, fontWeight: 'bold' }),
]
