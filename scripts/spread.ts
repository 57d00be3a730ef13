import type { Spread } from '../benchmarks/speed/rounds.ts'

/** Three digits that mean something. */
export const digits = (value: number): string => {
  const places = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places })
}

/** `19.2–20.1` */
export const quartiles = ({ low, high }: Spread): string => `${digits(low)}–${digits(high)}`
