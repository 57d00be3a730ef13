import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseParameters } from '../../envs/environment.ts'
import { cellIndex, readPlane } from '../../envs/parts/grid.ts'
import { addPulse, energy, stillWaves, waves } from '../../envs/waves.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

type Waves = ReturnType<typeof stillWaves>
type Given = Partial<ReturnType<typeof waves.parameters.parse>>
const settings = (given: Given) => waves.parameters.parse(given)
const velocity = 2

function run(state: Waves, frames: number): Waves {
  for (let frame = 0; frame < frames; frame++) waves.advance(state, settings({}))
  return state
}

/** u, row-major. */
function seen({ grid, now }: Waves): Float64Array {
  const out = new Float64Array(grid.height * grid.width)
  readPlane(grid, now, out)
  return out
}

function fill({ grid }: Waves, plane: number, value: (row: number, column: number) => number): void {
  for (let row = 0; row < grid.height; row++)
    for (let column = 0; column < grid.width; column++)
      grid.values[cellIndex(grid, plane, row, column)] = value(row, column)
}

const farthest = (a: Float64Array, b: Float64Array) => a.reduce((far, x, i) => Math.max(far, Math.abs(x - b[i])), 0)

/** Angle that a wave turns per leapfrog step: sin²(ω/2) = (c·dt)²·(sin²(kx/2) + sin²(ky/2)). */
const turn = (courant: number, kx: number, ky: number) =>
  2 * Math.asin(courant * Math.hypot(Math.sin(kx / 2), Math.sin(ky / 2)))

describe('the discrete dispersion relation', () => {
  /** Largest distance from cos(ωn)·(one mode) over 200 frames. */
  function error(given: Given, size: number, waveX: number, waveY: number, precision: 'f32' | 'f64'): number {
    const state = stillWaves(settings(given), size, precision)
    const walls = given.boundary === 'walls'
    // Walls half a cell beyond the outermost cells hold half waves that are cosines from there.
    const [kx, ky] = [waveX, waveY].map(wave => (wave * (walls ? 1 : 2) * Math.PI) / size)
    const mode = (row: number, column: number) =>
      walls ? Math.cos(kx * (column + 0.5)) * Math.cos(ky * (row + 0.5)) : Math.cos(kx * column + ky * row)
    const omega = turn(given.c! / state.steps, kx, ky)
    fill(state, 0, mode)
    fill(state, velocity, (row, column) => (1 - Math.cos(omega)) * mode(row, column))
    const expected = stillWaves(settings(given), size, 'f64')
    let far = 0
    for (let frame = 1; frame <= 200; frame++) {
      run(state, 1)
      fill(expected, 0, (row, column) => Math.cos(omega * state.steps * frame) * mode(row, column))
      far = Math.max(far, farthest(seen(state), seen(expected)))
    }
    return far
  }

  it.each([
    [{ c: 0.7 }, 24, 1, 0],
    [{ c: 0.7 }, 24, 5, -3],
    [{ c: 0.3 }, 25, 12, 12],
    [{ c: 5 }, 24, 2, 7],
    [{ c: 0.7, boundary: 'walls' as const }, 24, 3, 2],
    [{ c: 2, boundary: 'walls' as const }, 25, 24, 11],
  ])('%o: on %i² cells, wave (%i, %i) turns by 2·asin(c·dt·|sin(k/2)|) a step', (given, size, waveX, waveY) => {
    expect(error(given, size, waveX, waveY, 'f64')).toBeLessThan(1e-10)
    expect(error(given, size, waveX, waveY, 'f32')).toBeLessThan(2e-4)
  })

  it('one frame in float32 is exact to a few roundings', () => {
    const state = stillWaves(settings({}), 24)
    const omega = turn(0.7, Math.PI / 6, Math.PI / 4)
    const mode = (row: number, column: number) => Math.cos((Math.PI / 6) * column + (Math.PI / 4) * row)
    fill(state, 0, mode)
    fill(state, velocity, (row, column) => (1 - Math.cos(omega)) * mode(row, column))
    const before = seen(state)
    const expected = before.map(u => Math.cos(omega) * u)
    expect(farthest(seen(run(state, 1)), expected)).toBeLessThan(1e-6)
  })
})

describe('waves on the plane', () => {
  it('the middle of a pulse moves as the closed form says', () => {
    // By Hankel's transform a Gaussian hill at rest has u(0, t) = 1 − √2·a·D(a/√2), a = ct/σ, D Dawson's integral. The
    // pulse is minus half σ² of its Laplacian, and Δu = ∂²u/c²∂t²: u(0, t) = −½·d²/da² of that.
    const dawson = (x: number) => {
      const steps = 2000
      let sum = 0
      for (let i = 0; i < steps; i++) sum += Math.exp(((i + 0.5) * (x / steps)) ** 2 - x * x)
      return (sum * x) / steps
    }
    const hill = (a: number) => 1 - Math.SQRT2 * a * dawson(a / Math.SQRT2)
    const centre = (a: number) => -(hill(a + 0.01) - 2 * hill(a) + hill(a - 0.01)) / (2 * 0.01 ** 2)
    const worst = (sigma: number) => {
      const state = stillWaves(settings({ c: 0.6 }), 32 * sigma, 'f64')
      addPulse(state, 16 * sigma, 16 * sigma, 1, sigma)
      // v(−½) of a start at rest: half of what the first step adds, with the opposite sign.
      const start = seen(state)
      run(state, 1)
      const second = seen(state)
      fill(state, velocity, (row, column) => {
        const cell = row * 32 * sigma + column
        return (start[cell] - second[cell]) / -2
      })
      fill(state, state.now, (row, column) => {
        const cell = row * 32 * sigma + column
        return (start[cell] + second[cell]) / 2
      })
      let far = 0
      for (let frame = 2; frame <= 8 * sigma; frame++) {
        run(state, 1)
        const middle = state.grid.values[cellIndex(state.grid, state.now, 16 * sigma, 16 * sigma)]
        far = Math.max(far, Math.abs(middle - centre((0.6 * frame) / sigma)))
      }
      return far
    }
    expect(worst(3)).toBeLessThan(0.04)
    expect(worst(6)).toBeLessThan(0.01)
    expect(worst(3) / worst(6)).toBeGreaterThan(3.5)
  })

  it('a ring leaves a pulse at the speed c', () => {
    const state = stillWaves(settings({ c: 0.7 }), 256)
    addPulse(state, 128, 128, 1, 5)
    /** Distance from the pulse, along a row, of the highest crest. */
    const crest = () => {
      const row = seen(state).slice(128 * 256 + 128, 129 * 256)
      return row.indexOf(Math.max(...row))
    }
    run(state, 60)
    const early = crest()
    run(state, 80)
    expect(Math.abs(crest() - early - 0.7 * 80)).toBeLessThanOrEqual(1)
  })
})

describe('how far it acts', () => {
  it.each([
    [0.7, 1],
    [0.71, 2],
    [2, 3],
  ])('at c = %f, %i cells a frame and not one more', (c, reach) => {
    const parameters = settings({ c })
    expect(waves.reach!(parameters, 48)).toBe(reach)
    const state = run(waves.initial(parameters, 48, randomStream('test/waves')), 5)
    const disturbed = structuredClone(state)
    waves.perturb(disturbed, 20, 30, 1)
    for (let frame = 0; frame <= 4; frame++) {
      const [one, other] = [seen(state), seen(disturbed)]
      const far = [...one.keys()]
        .filter(cell => one[cell] !== other[cell])
        .map(cell => Math.abs(Math.floor(cell / 48) - 20) + Math.abs((cell % 48) - 30))
      expect(Math.max(...far)).toBe(reach * frame)
      run(state, 1)
      run(disturbed, 1)
    }
  })
})

describe('the boundary', () => {
  it('a wall is a mirror: two mirrored worlds on a torus twice the side go the same way', () => {
    const [walled, doubled] = [
      stillWaves(settings({ boundary: 'walls' }), 24, 'f64'),
      stillWaves(settings({ boundary: 'torus' }), 48, 'f64'),
    ]
    addPulse(walled, 3.3, 8.2, 1, 2)
    for (const row of [3.3, -4.3]) for (const column of [8.2, -9.2]) addPulse(doubled, row, column, 1, 2)
    for (let frame = 0; frame < 100; frame++) {
      const [one, two] = [seen(run(walled, 1)), seen(run(doubled, 1))]
      const part = one.map((_, cell) => two[Math.floor(cell / 24) * 48 + (cell % 24)])
      expect(farthest(one, part)).toBeLessThan(1e-12)
    }
  })

  it('a torus has no place of its own: a start moved is an episode moved', () => {
    fc.assert(
      fc.property(fc.nat(23), fc.nat(23), (down, right) => {
        const [one, other] = [stillWaves(settings({}), 24), stillWaves(settings({}), 24)]
        addPulse(one, 5, 6, 1, 2)
        addPulse(other, 5 + down, 6 + right, 1, 2)
        const [a, b] = [seen(run(one, 30)), seen(run(other, 30))]
        const moved = a.map((_, cell) => {
          const [row, column] = [Math.floor(cell / 24) + down, (cell % 24) + right]
          return b[(row % 24) * 24 + (column % 24)]
        })
        expect(farthest(a, moved)).toBeLessThan(1e-5)
      }),
      { numRuns: 20 },
    )
  })
})

describe('what the scheme keeps', () => {
  it('energy, to rounding, at any stable speed and either boundary', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 6, noNaN: true }), fc.boolean(), (c, walls) => {
        const state = stillWaves(settings({ c, boundary: walls ? 'walls' : 'torus' }), 20, 'f64')
        const random = randomStream(`test/waves/${c}`)
        fill(state, 0, () => random.normal())
        fill(state, velocity, () => random.normal())
        const before = energy(state)
        run(state, 50)
        expect(Math.abs(energy(state) / before - 1)).toBeLessThan(1e-11)
      }),
      { numRuns: 25 },
    )
  })

  it('a standing wave of height 1 and turn ω has the energy 1/8 sin²ω of its own scheme', () => {
    const state = stillWaves(settings({ c: 0.5 }), 24, 'f64')
    const k = Math.PI / 6
    const omega = turn(0.5, k, k)
    const mode = (row: number, column: number) => Math.cos(k * row) * Math.cos(k * column)
    fill(state, 0, mode)
    fill(state, velocity, (row, column) => (1 - Math.cos(omega)) * mode(row, column))
    // u = cos ωn and cos ω(n − 1): ½(u − u′)² + ½·4sin²(ω/2)·u·u′ = ½sin²ω, times the mean square ¼ of the mode.
    expect(energy(state)).toBeCloseTo(Math.sin(omega) ** 2 / 8, 14)
  })

  it('starts of all sizes hold the energy of their pulses, ¾πc² each', () => {
    const mean = (size: number, starts: number) => {
      let sum = 0
      for (let i = 0; i < starts; i++)
        sum += energy(waves.initial(settings({ pulses: 100, width: 2 }), size, randomStream(`test/${size}/${i}`)))
      return sum / starts
    }
    // The integral of ½c²|∇u|² over one pulse is ¾πc², whatever its width; heights have the variance 1. Differences
    // between cells are a little less than slopes: by 1/4σ² of the energy, and on.
    const expected = (100 * 0.75 * Math.PI * 0.7 ** 2 * (1 - 1 / 16)) / 24 ** 2
    expect(Math.abs(mean(24, 256) / expected - 1)).toBeLessThan(0.05)
    expect(Math.abs(mean(96, 16) / expected - 1)).toBeLessThan(0.05)
  })
})

it.each([
  [{ c: 13 }, "set 'c' to 12 or lower"],
  [{ width: 5 }, 'a pulse of width 5 needs 30 cells each way, not 24'],
])('refuses %o in one line', (given, problem) => {
  expect(() => waves.field(settings(given), 24)).toThrow(UserError)
  expect(() => waves.field(settings(given), 24)).toThrow(problem)
})

it('refuses speeds without meaning', () => {
  expect(() => parseParameters(waves, { c: 0 })).toThrow("parameter 'c'")
  expect(() => parseParameters(waves, { c: Number.NaN })).toThrow("parameter 'c'")
  expect(() => parseParameters(waves, { boundary: 'open' })).toThrow("parameter 'boundary'")
})
