import { type flowFrom, kuramotoSivashinsky } from '../../../envs/kuramoto-sivashinsky.ts'
import { randomStream } from '../../../lib/random.ts'

export type Flow = ReturnType<typeof flowFrom>

export const settings = (given: Record<string, number>) => kuramotoSivashinsky.parameters.parse(given)

export function run(flow: Flow, frames: number): Flow {
  for (let frame = 0; frame < frames; frame++) kuramotoSivashinsky.advance(flow, settings({}))
  return flow
}

/** u at every point of the ring. */
export const valuesOf = ({ ring: { points, even, odd } }: Flow) =>
  Float64Array.from({ length: points }, (_, j) => (j % 2 === 0 ? even : odd)[Math.floor(j / 2)])

/** On `points` points of a ring of the given length, x = 0 first. */
export const sampled = (points: number, length: number, u: (x: number) => number) =>
  Float64Array.from({ length: points }, (_, j) => u((j * length) / points))

export const noise = (points: number, name: string) => {
  const random = randomStream(`test/kuramoto-sivashinsky/${name}`)
  return Float64Array.from({ length: points }, () => random.normal())
}

/** The world after its burn-in, with more frames if asked for. */
export function start(given: Record<string, number>, size: number, name = 'start', frames = 0): Flow {
  const parameters = settings(given)
  const flow = kuramotoSivashinsky.initial(parameters, size, randomStream(`test/kuramoto-sivashinsky/${name}`))
  return run(flow, kuramotoSivashinsky.field(parameters, size).burnIn + frames)
}

export const meanSquare = (u: Float64Array) => u.reduce((sum, x) => sum + x * x, 0) / u.length

/** Growth per unit of time of a tiny disturbance, held at 1e-7 (Benettin et al. 1980), over frames of one unit. */
export function lyapunovExponent(flow: Flow, frames: number): number {
  const neighbour = structuredClone(flow)
  kuramotoSivashinsky.perturb(neighbour, 0, 3, 1e-7)
  let growth = 0
  for (let frame = -50; frame < frames; frame++) {
    run(flow, 1)
    run(neighbour, 1)
    const halves = (['even', 'odd'] as const).map(half => [flow.ring[half], neighbour.ring[half]])
    const distance = Math.hypot(...halves.flatMap(([a, b]) => Array.from(a, (u, j) => b[j] - u)))
    if (frame >= 0) growth += Math.log(distance / 1e-7) / frames
    for (const [a, b] of halves)
      a.forEach((u, j) => {
        b[j] = u + ((b[j] - u) * 1e-7) / distance
      })
  }
  return growth
}
