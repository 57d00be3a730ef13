import type { Axis } from './frame.ts'
import { tick } from './numbers.ts'

/** An axis of powers of ten with some numbers between them, about positive values. */
export function logAxis(label: string, values: readonly number[], format = tick): Axis {
  const positive = values.filter(value => value > 0)
  const [least, most] = [Math.min(...positive) / 1.15, Math.max(...positive) * 1.15]
  const [from, to] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))]
  const steps = to - from > 3 ? [1] : most / least > 6 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7]
  const all = Array.from({ length: to - from + 1 }, (_, i) => from + i).flatMap(power =>
    steps.map(step => Number(`${step}e${power}`)),
  )
  return {
    label,
    domain: [least, most],
    log: true,
    ticks: all.filter(value => value >= least && value <= most),
    format,
  }
}

/** An axis of skill that holds all values, and zero. */
export function skillAxis(values: readonly number[]): Axis {
  const [least, most] = [Math.min(0, ...values), Math.max(0.1, ...values)]
  const step = most - least > 1.6 ? 0.5 : most - least > 0.5 ? 0.2 : 0.1
  const [from, to] = [Math.floor(least / step - 1e-9), Math.ceil(most / step + 1e-9)]
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => Number(((from + i) * step).toFixed(2)))
  return {
    label: 'skill',
    domain: [least - 0.03, most + 0.03],
    ticks: ticks.filter(at => at >= least - 0.03 && at <= most + 0.03),
    format: tick,
  }
}

/** An axis of numbers of things, each twice the one before. */
export function doublingAxis(label: string, values: readonly number[]): Axis {
  const ticks = [...new Set(values)].sort((a, b) => a - b)
  return { label, domain: [ticks[0], ticks.at(-1)!], log: true, ticks, format: tick }
}

/** An axis of counts that are many, in thousands of millions or millions of them: `200 G`. */
export const flopsAxis = (label: string, values: readonly number[]): Axis =>
  logAxis(label, values, value => (value < 1e12 ? `${value / 1e9} G` : `${value / 1e12} T`))
