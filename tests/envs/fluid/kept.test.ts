import { describe, expect, it } from 'vitest'
import { energyAndEnstrophy, fluid, fluidFrom } from '../../../envs/fluid.ts'
import { UserError } from '../../../lib/errors.ts'
import { energy, type Fluid, farthest, fieldOf, run, seen, settings, start } from './flows.ts'

/** The same flow in float64, to see the equation below the rounding of float32. */
const doubled = (state: Fluid, given: Record<string, number>) =>
  fluidFrom(settings(given), state.size, seen(state), 'f64')

describe('what the equation keeps', () => {
  it('energy and enstrophy, without viscosity, to the accuracy of the step', () => {
    const drift = (substeps: number) => {
      const state = doubled(start({ viscosity: 0 }, 24), { viscosity: 0 })
      const before = energyAndEnstrophy(state)
      const fine: Fluid = { ...state, steps: substeps }
      const after = energyAndEnstrophy(run(fine, 5))
      return Math.max(Math.abs(after.energy / before.energy - 1), Math.abs(after.enstrophy / before.enstrophy - 1))
    }
    expect(drift(4)).toBeLessThan(1e-2)
    expect(drift(32)).toBeLessThan(1e-6)
    expect(drift(16) / drift(32)).toBeGreaterThan(14)
  })

  it('half the step is a sixteenth of the error', () => {
    const flow = (steps: number) => {
      const state = doubled(start({ viscosity: 0.05 }, 24), { viscosity: 0.05 })
      const decay = state.decay.map(d => d ** (state.steps / steps))
      return seen(run({ ...state, steps, decay }, 1))
    }
    const truth = flow(64)
    const ratio = farthest(flow(4), truth) / farthest(flow(8), truth)
    expect(ratio).toBeGreaterThan(10)
    expect(ratio).toBeLessThan(30)
  })

  it('energy rises only where a force brings it, and what is missing was dissipated', () => {
    for (const change of [{}, ...Object.values(fluid.shifts).map(shift => shift.change)]) {
      const state = start(change, 24)
      const before = fluid.invariants!(state)
      for (let frame = 0; frame < 40; frame++) {
        const energyBefore = energy(state)
        run(state, 1, change)
        if (change.force === undefined) expect(energy(state)).toBeLessThan(energyBefore)
      }
      for (const [name, { value, tolerance }] of Object.entries(fluid.invariants!(state)))
        expect(Math.abs(value - before[name].value)).toBeLessThanOrEqual(tolerance)
      expect(seen(state).reduce((sum, w) => sum + w, 0) / 576).toBeCloseTo(0, 6)
    }
  })

  it.each<Record<string, number>>([
    { viscosity: 0.005, speed: 3 },
    { viscosity: 0.005, speed: 5 },
    { viscosity: 0.002, speed: 5, eddy: 24 },
    { viscosity: 0.002, speed: 1.5, eddy: 6 },
    { force: 1, drag: 0.1, speed: 0.01 },
    { force: 0.5, viscosity: 0.3, speed: 0.01, eddy: 24 },
    { force: 1, drag: 1, viscosity: 1 },
  ])('energy is accounted for wherever parameters lead: %o', given => {
    const state = run(start(given, 24), fluid.field(settings(given), 24).burnIn, given)
    const account = () => fluid.invariants!(state)['energy accounted for']
    const before = account().value
    for (let n = 0; n < 20; n++) {
      run(state, 20, given)
      expect(Math.abs(account().value - before)).toBeLessThan(account().tolerance)
    }
  })

  it('no force that is allowed drives the flow beyond the speed that it is refused for', () => {
    const allowed = (given: Record<string, number>) => () => fluid.field(settings(given), 24)
    const driven: Record<string, number>[] = [
      { force: 1, drag: 0.04, eddy: 24 },
      { force: 0.09, drag: 0, eddy: 12 },
      { force: 1, drag: 0.02, viscosity: 0.1, eddy: 8 },
    ]
    for (const given of driven) {
      expect(allowed(given)).not.toThrow()
      expect(allowed({ ...given, force: 10 * given.force })).toThrow(UserError)
      const state = start(given, 24)
      for (let frame = 0; frame < 200; frame++) expect(Math.sqrt(2 * energy(run(state, 1, given)))).toBeLessThan(25)
    }
    // Of the longest wave the laminar flow, F/(νκ² + α)·sin κy, is the fastest.
    expect(allowed({ force: 0.1, eddy: 24 })).toThrow(
      /^fluid: a force of 0.1 may drive the flow to 52 cells a frame, .* 'force' to 0.048 or lower$/,
    )
  })

  it('rounding to float32 is far below what the time step leaves out', () => {
    const flow = (precision: 'f32' | 'f64', finer: number) => {
      const state = fluidFrom(settings({}), 24, seen(start({}, 24)), precision)
      const decay = state.decay.map(d => d ** (1 / finer))
      return seen(run({ ...state, steps: finer * state.steps, decay }, 1))
    }
    const rounding = farthest(flow('f32', 1), flow('f64', 1))
    const stepping = farthest(flow('f64', 1), flow('f64', 8))
    expect(rounding).toBeLessThan(stepping / 500)
  })

  it('a driven flow finds a balance that lasts, at about the speed that it began with', () => {
    const { change } = fluid.shifts.driven
    const given = settings(change as Record<string, number>)
    const state = start(change as Record<string, number>, 24)
    run(state, fluid.field(given, 24).burnIn, given)
    for (const _ of [1, 2, 3]) {
      let speed = 0
      for (let frame = 0; frame < 300; frame++) speed += Math.sqrt(2 * energy(run(state, 1, given))) / 300
      expect(speed).toBeGreaterThan(1.1)
      expect(speed).toBeLessThan(1.7)
    }
    expect(fluid.invariants!(state)['energy accounted for'].value).toBeCloseTo(1, 3)
  })

  it('a shifted, a turned and a mirrored start give the same flow shifted, turned and mirrored', () => {
    const size = 30
    const field = seen(start({}, size))
    const at = (x: number, y: number) => field[((y + size) % size) * size + ((x + size) % size)]
    const evolved = (vorticity: (x: number, y: number) => number) => {
      const out = seen(run(fluidFrom(settings({}), size, fieldOf(size, vorticity)), 3))
      return (x: number, y: number) => out[((y + size) % size) * size + ((x + size) % size)]
    }
    const plain = evolved(at)
    const same = (vorticity: (x: number, y: number) => number, back: (x: number, y: number) => number) =>
      farthest(fieldOf(size, evolved(vorticity)), fieldOf(size, back))
    expect(
      same(
        (x, y) => at(x - 5, y + 7),
        (x, y) => plain(x - 5, y + 7),
      ),
    ).toBeLessThan(3e-5)
    expect(
      same(
        (x, y) => at(y, -x),
        (x, y) => plain(y, -x),
      ),
    ).toBeLessThan(3e-5)
    // A mirror turns the sense of rotation round.
    expect(
      same(
        (x, y) => -at(-x, y),
        (x, y) => -plain(-x, y),
      ),
    ).toBeLessThan(3e-5)
  })
})
