import { cellIndex, readPlane } from '../../../envs/parts/grid.ts'
import { type levelWater, shallowWater } from '../../../envs/shallow-water.ts'

export type Water = ReturnType<typeof levelWater>

export type Parameters = ReturnType<typeof shallowWater.parameters.parse>

export const settings = (given: Partial<Parameters>) => shallowWater.parameters.parse(given)

export const planes = { h: 0, u: 1, v: 2 } as const

export function fill({ grid }: Water, plane: number, value: (row: number, column: number) => number): void {
  for (let row = 0; row < grid.height; row++)
    for (let column = 0; column < grid.width; column++)
      grid.values[cellIndex(grid, plane, row, column)] = value(row, column)
}

/** h − 1, u or v, row-major. */
export function seen({ grid }: Water, plane: number): Float64Array {
  const out = new Float64Array(grid.height * grid.width)
  readPlane(grid, plane, out)
  return out
}

export function run(water: Water, frames: number): Water {
  for (let frame = 0; frame < frames; frame++) shallowWater.advance(water, settings({}))
  return water
}

export const farthest = (a: Float64Array, b: Float64Array) =>
  a.reduce((far, x, i) => Math.max(far, Math.abs(x - b[i])), 0)
