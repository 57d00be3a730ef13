import { describe, expect, it } from 'vitest'
import { energyAndEnstrophy, fluid, fluidFrom } from '../../envs/fluid.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

type Fluid = ReturnType<typeof fluidFrom>
const settings = (given: Record<string, number>) => fluid.parameters.parse(given)
const start = (given: Record<string, number>, size: number, name = 'start') =>
  fluid.initial(settings(given), size, randomStream(`test/fluid/${name}`))

function run(state: Fluid, frames: number, given: Record<string, number> = {}): Fluid {
  for (let frame = 0; frame < frames; frame++) fluid.advance(state, settings(given))
  return state
}

const energy = (state: Fluid) => energyAndEnstrophy(state).energy
/** The same flow in float64, to see the equation below the rounding of float32. */
const doubled = (state: Fluid, given: Record<string, number>) =>
  fluidFrom(settings(given), state.size, seen(state), 'f64')

function seen(state: Fluid): Float32Array {
  const out = new Float32Array(state.size ** 2)
  fluid.observe(state, out)
  return out
}

/** Vorticity given cell by cell, x along the columns and y down the rows. */
const fieldOf = (size: number, vorticity: (x: number, y: number) => number) =>
  Float64Array.from({ length: size * size }, (_, cell) => vorticity(cell % size, Math.floor(cell / size)))

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((far, x, i) => Math.max(far, Math.abs(x - b[i])), 0)

describe('closed forms', () => {
  it.each([
    { size: 24, waves: 1, viscosity: 0.1, precision: 'f64', digits: 11 },
    { size: 64, waves: 3, viscosity: 0.5, precision: 'f64', digits: 11 },
    { size: 24, waves: 1, viscosity: 0.1, precision: 'f32', digits: 4 },
    { size: 65, waves: 3, viscosity: 0.5, precision: 'f32', digits: 4 },
  ] as const)('the Taylor–Green vortex decays as e^(−4νk²t): %o', ({ size, waves, viscosity, precision, digits }) => {
    const k = (2 * Math.PI * waves) / size
    const vorticity = fieldOf(size, (x, y) => 0.3 * Math.cos(k * x) * Math.cos(k * y))
    const state = fluidFrom(settings({ viscosity }), size, vorticity, precision)
    const before = energy(state)
    expect((before / 0.3 ** 2) * 16 * k ** 2).toBeCloseTo(1, digits)
    run(state, 20)
    expect(energy(state) / before / Math.exp(-4 * viscosity * k ** 2 * 20)).toBeCloseTo(1, digits)
    const left = Math.exp(-2 * viscosity * k ** 2 * 20)
    expect(
      farthest(
        seen(state),
        vorticity.map(w => w * left),
      ),
    ).toBeLessThan(precision === 'f64' ? 1e-7 : 3e-6)
  })

  it('from rest, a force F·sin κy makes u = F/(νκ² + α)·(1 − e^(−(νκ² + α)t))·sin κy', () => {
    const [size, given] = [24, { viscosity: 0.5, force: 0.05, drag: 0.02, eddy: 12 }]
    const state = fluidFrom(settings(given), size, new Float64Array(size ** 2), 'f64')
    run(state, 10, given)
    const wave = (2 * Math.PI) / 12
    const rate = given.viscosity * wave ** 2 + given.drag
    const speed = (given.force / rate) * (1 - Math.exp(-10 * rate))
    // ω = −∂u/∂y.
    const expected = fieldOf(size, (_, y) => -speed * wave * Math.cos(wave * y))
    expect(farthest(seen(state), expected)).toBeLessThan(1e-6)
    // Work and loss are summed frame by frame, by the trapezium rule.
    expect(energy(state) / (speed ** 2 / 4)).toBeCloseTo(1, 6)
    expect(fluid.invariants!(state)['energy accounted for'].value).toBeCloseTo(1, 2)
  })

  it('advection has its sign and size: two crossed shear waves', () => {
    // ψ = a·cos kx + b·cos 2ky gives −u·∇ω = 6ab·k⁴·sin kx·sin 2ky.
    const size = 24
    const k = (2 * Math.PI) / size
    const [a, b] = [2e-3, 1e-3]
    const vorticity = fieldOf(size, (x, y) => k ** 2 * (a * Math.cos(k * x) + 4 * b * Math.cos(2 * k * y)))
    const state = fluidFrom(settings({ viscosity: 0 }), size, vorticity, 'f64')
    const before = state.vorticity.re.slice()
    run(state, 1)
    const mode = state.vorticity.re.length / size + 2 // kx = k, ky = 2k
    expect(state.vorticity.re[mode] - before[mode]).toBeCloseTo(-(6 * a * b * k ** 4) / 4, 12)
    expect((state.vorticity.re[mode] - before[mode]) / (-(6 * a * b * k ** 4) / 4)).toBeCloseTo(1, 3)
  })

  it('a pair of opposite vortices travels the way that each carries the other, at Γ/2πd', () => {
    const [size, distance, width, peak] = [64, 10, 2, 1]
    const circulation = 2 * Math.PI * width ** 2 * peak
    const vortex = (x: number, y: number) => peak * Math.exp(-(x ** 2 + y ** 2) / (2 * width ** 2))
    const pair = fieldOf(size, (x, y) => vortex(x - 27, y - 20) - vortex(x - 27 - distance, y - 20))
    const state = fluidFrom(settings({ viscosity: 0 }), size, pair)
    const row = () => {
      const positive = seen(state).map(w => (w > 0.3 ? w : 0))
      const weight = positive.reduce((sum, w) => sum + w, 0)
      return positive.reduce((sum, w, cell) => sum + w * Math.floor(cell / size), 0) / weight
    }
    const before = row()
    run(state, 20)
    const speed = (row() - before) / 20
    // Around the left, positive one v > 0 on its right: both go down. On a torus the rest flows back at Γd/size².
    const expected = circulation / (2 * Math.PI * distance) - (circulation * distance) / size ** 2
    expect(speed / expected).toBeGreaterThan(0.9)
    expect(speed / expected).toBeLessThan(1.1)
  })
})

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
    expect(() => fluid.field(settings({ eddy: 30 }), 24)).toThrow(UserError)
    const state = start({}, 24)
    fluid.perturb(state, 0, 0, 1000)
    expect(() => run(state, 5)).toThrow(UserError)
  })
})
