import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseParameters } from '../../../envs/environment.ts'
import { shallowWater } from '../../../envs/shallow-water.ts'
import { UserError } from '../../../lib/errors.ts'
import { randomStream } from '../../../lib/random.ts'
import { farthest, planes, run, seen, settings } from './water.ts'

describe('the world', () => {
  it('stays in bounds for all that its parameters allow', () => {
    const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })
    fc.assert(
      fc.property(
        between(0.05, 10),
        between(0, 2),
        between(0, 0.25),
        between(0.001, 0.6),
        between(1.5, 3),
        (c, rotation, viscosity, height, width) => {
          const parameters = settings({ c, rotation, viscosity, height, width })
          shallowWater.field(parameters, 20)
          const water = run(shallowWater.initial(parameters, 20, randomStream('test/shallow-water')), 40)
          const { 'energy gained': gained, 'mean depth': depth } = shallowWater.invariants!(water)
          expect(gained.value).toBeLessThanOrEqual(gained.tolerance)
          expect(Math.abs(depth.value - 1)).toBeLessThan(depth.tolerance)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('still moves after 10,000 frames', () => {
    const water = run(shallowWater.initial(settings({}), 24, randomStream('test/shallow-water/late')), 10_000)
    const before = seen(water, planes.h)
    const after = seen(run(water, 1), planes.h)
    const spread = Math.sqrt(before.reduce((sum, h) => sum + h * h, 0) / 576)
    expect(spread).toBeGreaterThan(2e-3)
    expect(farthest(before, after)).toBeGreaterThan(spread / 10)
  })

  it('a disturbance goes no further than the reach, and gets there', () => {
    const parameters = settings({ c: 0.6 })
    const reach = shallowWater.reach!(parameters, 48)
    expect(reach).toBe(4)
    const water = run(shallowWater.initial(parameters, 48, randomStream('test/shallow-water')), 5)
    const disturbed = structuredClone(water)
    shallowWater.perturb(disturbed, 24, 24, 0.3)
    run(water, 1)
    run(disturbed, 1)
    const [one, other] = [seen(water, planes.h), seen(disturbed, planes.h)]
    const far = [...one.keys()]
      .filter(cell => one[cell] !== other[cell])
      .map(cell => Math.max(Math.abs(Math.floor(cell / 48) - 24), Math.abs((cell % 48) - 24)))
    expect(Math.max(...far)).toBe(reach)
  })

  it('says so when a disturbance dries a cell', () => {
    const water = shallowWater.initial(settings({}), 24, randomStream('test/shallow-water'))
    shallowWater.perturb(water, 3, 5, -20)
    expect(() => run(water, 20)).toThrow(UserError)
  })

  it.each([
    [{ c: 13 }, "set 'c' to 12 or lower"],
    [{ width: 5 }, 'a heap of width 5 needs 30 cells each way, not 24'],
  ])('refuses %o in one line', (given, problem) => {
    expect(() => shallowWater.field(settings(given), 24)).toThrow(UserError)
    expect(() => shallowWater.field(settings(given), 24)).toThrow(problem)
  })

  it('refuses what has no meaning', () => {
    expect(() => parseParameters(shallowWater, { height: 1.2 })).toThrow("parameter 'height'")
    expect(() => parseParameters(shallowWater, { viscosity: 1 })).toThrow("parameter 'viscosity'")
  })
})
