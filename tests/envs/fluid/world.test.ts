import { describe, expect, it } from 'vitest'
import { parseParameters } from '../../../envs/environment.ts'
import { fluid } from '../../../envs/fluid.ts'
import { UserError } from '../../../lib/errors.ts'
import { energy, run, seen, settings, start } from './flows.ts'

describe('the world', () => {
  it('a copied state continues bit for bit, whatever the original does', () => {
    const state = run(start({}, 24), 2)
    const copy = structuredClone(state)
    run(state, 3)
    expect(seen(run(copy, 3))).toEqual(seen(state))
  })

  it.each([7, 15, 24, 32, 65])('any side will do: %i', size => {
    const state = run(start({ eddy: 6 }, size), 3)
    expect(seen(state).every(Number.isFinite)).toBe(true)
  })

  it('its local statistics do not depend on its size', () => {
    const statistics = (size: number, starts: number) => {
      let [speed, square, neighbours] = [0, 0, 0]
      for (let n = 0; n < starts; n++) {
        const state = start({}, size, `${n}`)
        speed += (2 * energy(state)) / starts
        const field = seen(state)
        field.forEach((w, cell) => {
          square += w * w
          neighbours += w * field[Math.floor(cell / size) * size + ((cell + 3) % size)]
        })
      }
      return { speed: Math.sqrt(speed), vorticity: square / (starts * size * size), correlation: neighbours / square }
    }
    const [small, large] = [statistics(24, 200), statistics(48, 50)]
    expect(small.speed).toBeCloseTo(1.5, 1)
    expect(large.speed).toBeCloseTo(1.5, 1)
    expect(large.vorticity / small.vorticity).toBeCloseTo(1, 1)
    expect(large.correlation).toBeCloseTo(small.correlation, 1)
  })

  it('remembering is neither useless nor enough', () => {
    const { burnIn } = fluid.field(settings({}), 24)
    let [square, change] = [0, 0]
    for (let episode = 0; episode < 10; episode++) {
      const state = run(start({}, 24, `${episode}`), burnIn)
      for (let frame = 0; frame < 30; frame++) {
        const before = seen(state)
        seen(run(state, 1)).forEach((w, cell) => {
          square += w ** 2
          change += (w - before[cell]) ** 2
        })
      }
    }
    expect(1 - change / square).toBeGreaterThan(0.2)
    expect(1 - change / square).toBeLessThan(0.8)
  })

  it('a disturbance is a small vortex in a ring of the opposite sense', () => {
    const state = start({}, 24)
    const before = seen(state)
    const total = fluid.invariants!(state)
    fluid.perturb(state, 3, 20, 0.5)
    const change = seen(state).map((w, cell) => w - before[cell])
    const apart = (a: number, b: number) => Math.min((a - b + 24) % 24, (b - a + 24) % 24)
    const distance = (cell: number) => Math.hypot(apart(Math.floor(cell / 24), 3), apart(cell % 24, 20))
    expect(change.reduce((sum, w) => sum + w, 0)).toBeCloseTo(0, 4)
    change.forEach((w, cell) => {
      const square = distance(cell) ** 2 / (2 * 2 ** 2)
      if (distance(cell) < 6) expect(Math.abs(w - 0.5 * (1 - square) * Math.exp(-square))).toBeLessThan(0.005)
    })
    expect(Math.max(...change.filter((_, cell) => distance(cell) > 8).map(Math.abs))).toBeLessThan(0.005)
    expect(fluid.invariants!(state)['energy accounted for'].value).toBeCloseTo(total['energy accounted for'].value, 12)
  })

  it('says what is wrong in one line', () => {
    expect(() => parseParameters(fluid, { viscosity: 0 })).toThrow("parameter 'viscosity'")
    expect(() => fluid.field(settings({ eddy: 30 }), 24)).toThrow(UserError)
    const state = start({}, 24)
    fluid.perturb(state, 0, 0, 1000)
    expect(() => run(state, 5)).toThrow(UserError)
  })
})
