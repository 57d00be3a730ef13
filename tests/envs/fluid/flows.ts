import { energyAndEnstrophy, fluid, type fluidFrom } from '../../../envs/fluid.ts'
import { randomStream } from '../../../lib/random.ts'

export type Fluid = ReturnType<typeof fluidFrom>

/** Not checked: some closed forms are of flows without viscosity. */
export const settings = (given: Record<string, number>) => ({ ...fluid.parameters.parse({}), ...given })

export const start = (given: Record<string, number>, size: number, name = 'start') =>
  fluid.initial(settings(given), size, randomStream(`test/fluid/${name}`))

export function run(state: Fluid, frames: number, given: Record<string, number> = {}): Fluid {
  const parameters = settings(given)
  for (let frame = 0; frame < frames; frame++) fluid.advance(state, parameters)
  return state
}

export const energy = (state: Fluid) => energyAndEnstrophy(state).energy

export function seen(state: Fluid): Float32Array {
  const out = new Float32Array(state.size ** 2)
  fluid.observe(state, out)
  return out
}

/** Vorticity given cell by cell, x along the columns and y down the rows. */
export const fieldOf = (size: number, vorticity: (x: number, y: number) => number) =>
  Float64Array.from({ length: size * size }, (_, cell) => vorticity(cell % size, Math.floor(cell / size)))

export const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((far, x, i) => Math.max(far, Math.abs(x - b[i])), 0)
