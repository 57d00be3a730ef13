import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { traffic } from '../../../envs/traffic.ts'
import { carsIn, flowIn, isCar, start, streetsOf, sum } from './cities.ts'

/** Mean flow and the mean, over streets, of what a law says for the density that each of them happened to get. */
function flows(
  given: Record<string, unknown>,
  size: number,
  [warmUp, frames]: number[],
  law: (density: number) => number,
) {
  const { state, advance } = start({ crossings: 'bridges', ...given }, size, warmUp)
  let measured = 0
  for (let frame = 0; frame < frames; frame++) {
    advance()
    measured += flowIn(state.speed) / frames
  }
  const streets = streetsOf(state)
  return { measured, expected: sum(streets.map(street => law(carsIn(street) / size))) / streets.length }
}

describe('without crossings, a Nagel–Schreckenberg ring', () => {
  it('without slowing down carries min(ρ·v_max, 1 − ρ) in every frame', () => {
    const law = fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 6 }),
      (density, v) => {
        const given = { density, maxSpeed: v, slowdown: 0, block: 60 }
        const { measured, expected } = flows(given, 120, [400, 20], rho => Math.min(rho * v, 1 - rho))
        expect(measured).toBeCloseTo(expected, 12)
      },
    )
    fc.assert(law, { numRuns: 100 })
  })

  // Schreckenberg, Schadschneider, Nagel & Ito 1995, doi:10.1103/PhysRevE.51.2939.
  it.each([
    [0.1, 0.2],
    [0.25, 0.5],
    [0.5, 0.5],
    [0.5, 0.8],
    [0.9, 0.3],
  ])('with v_max = 1 carries ½(1 − √(1 − 4(1 − p)ρ(1 − ρ))): p = %f, ρ = %f', (p, density) => {
    const given = { density, maxSpeed: 1, slowdown: p, block: 100 }
    const exact = (rho: number) => (1 - Math.sqrt(1 - 4 * (1 - p) * rho * (1 - rho))) / 2
    const { measured, expected } = flows(given, 500, [1000, 1000], exact)
    expect(Math.abs(measured / expected - 1)).toBeLessThan(0.015)
  })

  it('with v_max = 5 and p = ½ has the published capacity, .318 at a density near .08', () => {
    const flow = (density: number) =>
      flows({ density, maxSpeed: 5, slowdown: 0.5, block: 3000 }, 3000, [1500, 1500], () => 0).measured
    const capacity = Math.max(...[0.07, 0.08, 0.09].map(flow))
    expect(Math.abs(capacity - 0.318)).toBeLessThan(0.01)
    for (const density of [0.04, 0.3]) expect(flow(density)).toBeLessThan(0.9 * capacity)
  })

  it('lets a lone car drive at v_max − p', () => {
    const { state, advance } = start({ crossings: 'bridges', density: 0, maxSpeed: 4, slowdown: 0.3 }, 16)
    traffic.perturb(state, 0, 3, 1)
    advance(10)
    let travelled = 0
    for (let frame = 0; frame < 20_000; frame++) {
      advance()
      travelled += sum(state.speed.filter(isCar))
    }
    expect(travelled / 20_000).toBeCloseTo(3.7, 1.5)
  })
})
