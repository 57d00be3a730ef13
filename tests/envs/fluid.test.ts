import { describe, expect, it } from 'vitest'
import { energy, enstrophy, fluid, fluidFrom } from '../../envs/fluid.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

type Fluid = ReturnType<typeof fluidFrom>
const settings = (given: Record<string, number>) => fluid.parameters.parse(given)
const start = (given: Record<string, number>, size: number, name = 'start') =>
  fluid.initial(settings(given), size, randomStream(`test/fluid/${name}`))

function run(state: Fluid, frames: number): Fluid {
  for (let frame = 0; frame < frames; frame++) fluid.advance(state, settings({}))
  return state
}

function seen(state: Fluid): Float32Array {
  const out = new Float32Array(state.spectral.size ** 2)
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
    { size: 24, waves: 1, viscosity: 0.1 },
    { size: 64, waves: 3, viscosity: 0.5 },
  ])('the Taylor–Green vortex decays as e^(−4νk²t): %o', ({ size, waves, viscosity }) => {
    const k = (2 * Math.PI * waves) / size
    const vorticity = fieldOf(size, (x, y) => 0.3 * Math.cos(k * x) * Math.cos(k * y))
    const state = fluidFrom(settings({ viscosity }), size, vorticity)
    const before = energy(state)
    expect(before).toBeCloseTo(0.3 ** 2 / (16 * k ** 2), 12)
    run(state, 20)
    expect(energy(state) / before / Math.exp(-4 * viscosity * k ** 2 * 20)).toBeCloseTo(1, 11)
    const left = Math.exp(-2 * viscosity * k ** 2 * 20)
    expect(
      farthest(
        seen(state),
        vorticity.map(w => w * left),
      ),
    ).toBeLessThan(1e-7)
  })

  it('advection has its sign and size: two crossed shear waves', () => {
    // ψ = a·cos kx + b·cos 2ky gives −u·∇ω = 6ab·k⁴·sin kx·sin 2ky.
    const size = 24
    const k = (2 * Math.PI) / size
    const [a, b] = [2e-3, 1e-3]
    const vorticity = fieldOf(size, (x, y) => k ** 2 * (a * Math.cos(k * x) + 4 * b * Math.cos(2 * k * y)))
    const state = fluidFrom(settings({ viscosity: 0 }), size, vorticity)
    const before = state.vorticity.re.slice()
    run(state, 1)
    const mode = state.spectral.columns + 2 // kx = k, ky = 2k
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
      const state = start({ viscosity: 0 }, 24)
      const [energyBefore, enstrophyBefore] = [energy(state), enstrophy(state)]
      const fine: Fluid = { ...state, steps: substeps }
      run(fine, 5)
      return Math.max(Math.abs(energy(fine) / energyBefore - 1), Math.abs(enstrophy(fine) / enstrophyBefore - 1))
    }
    expect(drift(4)).toBeLessThan(1e-2)
    expect(drift(32)).toBeLessThan(1e-6)
    expect(drift(16) / drift(32)).toBeGreaterThan(14)
  })

  it('half the step is a sixteenth of the error', () => {
    const flow = (steps: number) => {
      const state = start({ viscosity: 0.05 }, 24)
      const decay = state.decay.map(d => d ** (state.steps / steps))
      return seen(run({ ...state, steps, decay }, 1))
    }
    const truth = flow(64)
    const ratio = farthest(flow(4), truth) / farthest(flow(8), truth)
    expect(ratio).toBeGreaterThan(10)
    expect(ratio).toBeLessThan(30)
  })

  it('energy never rises, and what is missing was dissipated', () => {
    for (const change of [{}, ...Object.values(fluid.shifts).map(shift => shift.change)]) {
      const state = start(change, 24)
      const before = fluid.invariants!(state)
      for (let frame = 0; frame < 40; frame++) {
        const energyBefore = energy(state)
        run(state, 1)
        expect(energy(state)).toBeLessThan(energyBefore)
      }
      for (const [name, { value, tolerance }] of Object.entries(fluid.invariants!(state)))
        expect(Math.abs(value - before[name].value)).toBeLessThanOrEqual(tolerance)
      expect(seen(state).reduce((sum, w) => sum + w, 0) / 576).toBeCloseTo(0, 6)
    }
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
    ).toBeLessThan(1e-6)
    expect(
      same(
        (x, y) => at(y, -x),
        (x, y) => plain(y, -x),
      ),
    ).toBeLessThan(1e-6)
    // A mirror turns the sense of rotation round.
    expect(
      same(
        (x, y) => -at(-x, y),
        (x, y) => -plain(-x, y),
      ),
    ).toBeLessThan(1e-6)
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
    expect(fluid.invariants!(state)['energy left and spent'].value).toBeCloseTo(
      total['energy left and spent'].value,
      12,
    )
  })

  it('says what is wrong in one line', () => {
    expect(() => fluid.field(settings({ eddy: 30 }), 24)).toThrow(UserError)
    const state = start({}, 24)
    fluid.perturb(state, 0, 0, 1000)
    expect(() => run(state, 5)).toThrow(UserError)
  })
})
