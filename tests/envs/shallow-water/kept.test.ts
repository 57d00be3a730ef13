import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { energy, flow, levelWater, shallowWater } from '../../../envs/shallow-water.ts'
import { randomStream } from '../../../lib/random.ts'
import { fill, type Parameters, planes, run, seen, settings, type Water } from './water.ts'

describe('what the scheme keeps', () => {
  /** Rough water and rough currents. */
  function rough(given: Partial<Parameters>, name: string, precision: 'f32' | 'f64' = 'f64'): Water {
    const water = levelWater(settings(given), 16, precision)
    const random = randomStream(`test/shallow-water/${name}`)
    for (const plane of [planes.h, planes.u, planes.v]) fill(water, plane, () => 0.3 * (2 * random.uniform() - 1))
    return water
  }

  it('energy: without viscosity no flow whatever changes it, in the limit of short steps', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, rotation) => {
        const water = rough({ rotation, viscosity: 0 }, `${seed}`)
        const before = energy(water)
        flow(water, 1e-5)
        // A slope of the energy itself would show at 1e-5, its square at 1e-10.
        expect(Math.abs(energy(water) / before - 1)).toBeLessThan(2e-9)
      }),
      { numRuns: 30 },
    )
  })

  it('energy, to the square of the step', () => {
    const drift = (step: number) => {
      const water = rough({ rotation: 0.3, viscosity: 0 }, 'drift')
      const before = energy(water)
      for (let n = 0; n < Math.round(1 / step); n++) flow(water, step)
      return Math.abs(energy(water) / before - 1)
    }
    expect(drift(0.1)).toBeLessThan(1e-3)
    expect(drift(0.0125) / drift(0.00625)).toBeCloseTo(4, 1)
  })

  it('mass, to rounding, in float32 and with viscosity too', () => {
    const water = shallowWater.initial(settings({ height: 0.5 }), 24, randomStream('test/shallow-water/mass'))
    const mass = () => seen(water, planes.h).reduce((sum, h) => sum + h, 0) / 576
    const before = mass()
    run(water, 1000)
    expect(Math.abs(mass() - before)).toBeLessThan(1e-7)
    shallowWater.perturb(water, 3, 5, 0.1)
    expect(mass() - before).toBeCloseTo(0.1 / 576, 7)
  })

  it('without rotation, water that began without eddies has none later', () => {
    const water = shallowWater.initial(settings({ rotation: 0 }), 24, randomStream('test/shallow-water/curl'))
    run(water, 200)
    const [u, v] = [seen(water, planes.u), seen(water, planes.v)]
    const curl = u.map((_, cell) => {
      const [row, column] = [Math.floor(cell / 24), cell % 24]
      const [left, above] = [row * 24 + ((column + 23) % 24), ((row + 23) % 24) * 24 + column]
      return v[cell] - v[left] - (u[cell] - u[above])
    })
    expect(Math.max(...u)).toBeGreaterThan(0.02)
    expect(Math.max(...curl.map(Math.abs))).toBeLessThan(1e-5)
  })

  it('nothing but rotation tells the world from its mirror image', () => {
    const mirrored = (rotation: number) => {
      const [one, other] = [0, 1].map(() => rough({ rotation, viscosity: 0.01 }, 'mirror'))
      const [h, u, v] = [0, 1, 2].map(plane => seen(one, plane))
      // Columns turned about: left edges take the place of right ones, and u its opposite.
      const at = (plane: Float64Array, row: number, column: number) => plane[row * 16 + ((column + 16) % 16)]
      fill(other, planes.h, (row, column) => at(h, row, 15 - column))
      fill(other, planes.u, (row, column) => -at(u, row, 16 - column))
      fill(other, planes.v, (row, column) => at(v, row, 15 - column))
      for (const water of [one, other]) for (let n = 0; n < 20; n++) flow(water, 0.1)
      const [a, b] = [one, other].map(water => seen(water, planes.h))
      return a.reduce((far, x, cell) => Math.max(far, Math.abs(x - at(b, Math.floor(cell / 16), 15 - (cell % 16)))), 0)
    }
    expect(mirrored(0)).toBeLessThan(1e-13)
    expect(mirrored(0.3)).toBeGreaterThan(1e-4)
  })
})
