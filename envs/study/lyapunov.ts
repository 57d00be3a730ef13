import { begin, liveliest, look, type Running, type Subject, scalesOf, studyStream } from './run.ts'

/** Root mean square distance, in standard deviations, at which the disturbed world is held. */
const HELD = 1e-4

/**
 * The largest Lyapunov exponent, 1/frame (Benettin, Galgani, Giorgilli & Strelcyn 1980, doi:10.1007/BF02128236): a
 * disturbed copy of a world is pulled back after every frame to a small distance from it, and the mean logarithm of
 * what it was pulled back by is the exponent. Distances are taken between frames.
 * @returns undefined where no disturbance is small, as in worlds of whole numbers
 */
export function lyapunovExponent(subject: Subject, starts = 8, frames = 100, transient = 20): number | undefined {
  const scale = scalesOf(subject, 'lyapunov')
  let growth = 0
  for (let start = 0; start < starts; start++) {
    const world = begin(subject, studyStream(subject, `lyapunov/${start}`))
    const other = disturbed(subject, world, scale)
    if (other === undefined) return undefined
    for (let frame = 0; frame < transient + frames; frame++) {
      subject.environment.advance(world.state, subject.parameters)
      subject.environment.advance(other.state, subject.parameters)
      const apart = distance(subject, world, other, scale)
      // Two that have met stay together: nothing can be measured any more.
      if (apart === 0) break
      if (frame >= transient) growth += Math.log(apart / HELD)
      pull(world.state, other.state, HELD / apart)
    }
  }
  return growth / (starts * frames)
}

/** Root mean square over all that is seen, in standard deviations. */
function distance(subject: Subject, a: Running, b: Running, scale: Float64Array): number {
  const [first, second] = [look(subject, a), look(subject, b)]
  let squares = 0
  for (let i = 0; i < first.length; i++) squares += ((second[i] - first[i]) / scale[i % scale.length]) ** 2
  return Math.sqrt(squares / first.length)
}

/** A copy at the distance `HELD`; undefined where half a disturbance does not reach about half as far. */
function disturbed(subject: Subject, world: Running, scale: Float64Array): Running | undefined {
  const { row, column } = liveliest(world, look(subject, world))
  const amount = HELD * scale[0] * Math.sqrt(world.values)
  const [whole, half] = [amount, amount / 2].map(by => {
    const other = { ...world, state: structuredClone(world.state) }
    subject.environment.perturb(other.state, row, column, by)
    return { other, apart: distance(subject, world, other, scale) }
  })
  const share = half.apart / whole.apart
  if (!(share > 0.25 && share < 0.75)) return undefined
  pull(world.state, whole.other.state, HELD / whole.apart)
  return whole.other
}

/** Moves every real number of `other` towards that of `state`, to `share` of their distance, in place. */
function pull(state: unknown, other: unknown, share: number, visited = new Set<unknown>()): void {
  if (isReal(state) && isReal(other)) {
    // Equal numbers stay: the difference of two infinities is none.
    for (let i = 0; i < state.length; i++)
      if (state[i] !== other[i]) other[i] = state[i] + share * (other[i] - state[i])
  } else if (isObject(state) && isObject(other) && !ArrayBuffer.isView(state) && !visited.has(other)) {
    visited.add(other)
    for (const key of Object.keys(state)) {
      const [a, b] = [state[key], other[key]]
      if (typeof a !== 'number' || typeof b !== 'number') pull(a, b, share, visited)
      else if (a !== b) other[key] = a + share * (b - a)
    }
  }
}

const isReal = (value: unknown) => value instanceof Float64Array || value instanceof Float32Array
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
