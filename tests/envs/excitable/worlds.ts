import { excitable } from '../../../envs/excitable.ts'
import { setBit } from '../../../envs/parts/bits.ts'
import { randomStream } from '../../../lib/random.ts'

type Parameters = ReturnType<typeof excitable.parameters.parse>

type World = ReturnType<typeof excitable.initial>

export const calm = (given: Record<string, unknown>) => excitable.parameters.parse({ delay: 0, ...given })

/** A world whose cells are in the given places of their cycles: 0 at rest, 1 just fired, up to excited + refractory. */
export function worldOf(phases: readonly number[], size: number, parameters: Parameters): World {
  const state = excitable.initial(parameters, size, randomStream('noise'))
  for (const plane of [state.fired, state.excited, state.refractory]) plane.fill(0)
  phases.forEach((phase, i) => {
    if (phase === 0) return
    const [row, column] = [Math.floor(i / size), i % size]
    const cycle = parameters.excited + parameters.refractory
    setBit(state.fired, size, ((state.now - (phase - 1) + cycle) % cycle) * size + row, column)
    setBit(phase <= parameters.excited ? state.excited : state.refractory, size, row, column)
  })
  return state
}

/** What is seen: 0 at rest, 1 excited, 2 refractory. A cell that is both would be 3. */
export function look(state: World): number[] {
  const out = new Float32Array(2 * state.size ** 2)
  excitable.observe(state, out)
  return Array.from({ length: state.size ** 2 }, (_, i) => out[2 * i] + 2 * out[2 * i + 1])
}

export const isAlive = (state: World) => look(state).some(seen => seen !== 0)

export function run(state: World, parameters: Parameters, frames: number): World {
  for (let t = 0; t < frames; t++) excitable.advance(state, parameters)
  return state
}

/** The eight neighbours of a cell on the torus. */
export function neighbours(i: number, size: number): number[] {
  const [row, column] = [Math.floor(i / size), i % size]
  return [-1, 0, 1].flatMap(down =>
    [-1, 0, 1]
      .filter(right => down !== 0 || right !== 0)
      .map(right => ((row + down + size) % size) * size + ((column + right + size) % size)),
  )
}

/** One frame without delay, cell by cell, straight from the definition. */
export function naive(
  phases: readonly number[],
  size: number,
  { excited, refractory, threshold }: Parameters,
): number[] {
  return phases.map((phase, i) => {
    if (phase > 0) return (phase + 1) % (excited + refractory + 1)
    const calls = neighbours(i, size).filter(j => phases[j] > 0 && phases[j] <= excited).length
    return calls >= threshold ? 1 : 0
  })
}

/** Random places in the cycle, each cell for itself. */
export const randomPhases = (size: number, { excited, refractory }: Parameters, seed: number) => {
  const random = randomStream(`phases/${seed}`)
  return Array.from({ length: size * size }, () => random.integer(excited + refractory + 1))
}
