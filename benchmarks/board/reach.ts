import type { CellSpec } from '../cell.ts'

/**
 * How far a model's built-in interaction reaches in a frame, in cells, where that is certain: not of what learns its
 * partners, and not of modules of many tiles, which reach further for some of them than for others.
 */
export function builtInReach({ model, options, schedule }: CellSpec): number | undefined {
  if (Number(options.block ?? 1) > 1) return undefined
  if (model === 's2gru-self') return 0
  if (model === 's2gru-local') return Number(options.radius ?? 1) * schedule.tile
  return model === 's2gru-global' ? Infinity : undefined
}

/** How far apart partners are in coupled maps on a ring, in cells, the shorter way; undefined of other worlds. */
export function partnerDistance({ environment, parameters, size }: CellSpec): number | undefined {
  if (environment !== 'coupled-maps') return undefined
  const around = Number(parameters.range) % size
  return Math.min(around, size - around)
}
