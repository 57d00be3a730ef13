import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseParameters } from '../../envs/environment.ts'
import { cellIndex, readPlane } from '../../envs/parts/grid.ts'
import { energy, flow, levelWater, shallowWater } from '../../envs/shallow-water.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

type Water = ReturnType<typeof levelWater>
type Parameters = ReturnType<typeof shallowWater.parameters.parse>
const settings = (given: Partial<Parameters>) => shallowWater.parameters.parse(given)
const planes = { h: 0, u: 1, v: 2 } as const

function fill({ grid }: Water, plane: number, value: (row: number, column: number) => number): void {
  for (let row = 0; row < grid.height; row++)
    for (let column = 0; column < grid.width; column++)
      grid.values[cellIndex(grid, plane, row, column)] = value(row, column)
}

/** h − 1, u or v, row-major. */
function seen({ grid }: Water, plane: number): Float64Array {
  const out = new Float64Array(grid.height * grid.width)
  readPlane(grid, plane, out)
  return out
}

function run(water: Water, frames: number): Water {
  for (let frame = 0; frame < frames; frame++) shallowWater.advance(water, settings({}))
  return water
}

const farthest = (a: Float64Array, b: Float64Array) => a.reduce((far, x, i) => Math.max(far, Math.abs(x - b[i])), 0)

describe('gentle waves', () => {
  /** Water at rest, h − 1 a small cosine. */
  function cosine(given: Partial<Parameters>, size: number, waveX: number, waveY: number) {
    const water = levelWater(settings(given), size, 'f64')
    const [kx, ky] = [waveX, waveY].map(wave => (2 * Math.PI * wave) / size)
    const wave = (row: number, column: number) => Math.cos(kx * column + ky * row)
    fill(water, planes.h, (row, column) => 1e-8 * wave(row, column))
    return { water, wave, kx, ky }
  }
  /** Classical Runge–Kutta on an oscillation that turns by x. */
  const rungeKutta = (x: number) => 1 - x ** 2 / 2 + x ** 4 / 24
  /** The part of h that is in phase with the start. */
  const amplitude = (water: Water, wave: (row: number, column: number) => number) => {
    const size = water.grid.width
    let [product, square] = [0, 0]
    seen(water, planes.h).forEach((h, cell) => {
      const w = wave(Math.floor(cell / size), cell % size)
      product += h * w
      square += w * w
    })
    return product / square / 1e-8
  }

  it.each([
    [0.6, 1, 0],
    [0.6, 3, 2],
    [0.6, -5, 7],
    [0.6, 11, 12],
    [0.3, 2, 1],
  ])('at √(gh) = %f, wave (%i, %i) turns by 2√(gh)·|sin(k/2)| a frame', (c, waveX, waveY) => {
    const { water, wave, kx, ky } = cosine({ c, rotation: 0, viscosity: 0 }, 24, waveX, waveY)
    const omega = 2 * c * Math.hypot(Math.sin(kx / 2), Math.sin(ky / 2))
    flow(water, 1)
    expect(amplitude(water, wave)).toBeCloseTo(rungeKutta(omega), 7)
  })

  it('long ones travel at √(gh): c cells a frame, to a thousandth', () => {
    // A standing wave is level after a quarter of the time that a running one takes across the world, 200 frames.
    const { water, wave } = cosine({ c: 0.5, rotation: 0, viscosity: 0 }, 100, 1, 0)
    const before = amplitude(run(water, 49), wave)
    const level = 49 + (2 * before) / (before - amplitude(run(water, 2), wave))
    expect(level / 50).toBeCloseTo(1, 3)
    expect(amplitude(run(water, 149), wave)).toBeCloseTo(1, 3)
  })

  it.each([
    [0.3, 1, 0],
    [0.3, 3, 2],
    [1, -5, 7],
    [1, 0, 0],
  ])('with rotation %f, wave (%i, %i) obeys ω² = f²·cos²(kx/2)·cos²(ky/2) + 4gh·sin²(k/2)', (f, waveX, waveY) => {
    const { water, wave, kx, ky } = cosine({ c: 0.5, rotation: f, viscosity: 0 }, 24, waveX, waveY)
    const turning = f * Math.cos(kx / 2) * Math.cos(ky / 2)
    const [sx, sy] = [Math.sin(kx / 2), Math.sin(ky / 2)]
    const omega = Math.sqrt(turning ** 2 + (Math.hypot(sx, sy) * 2 * 0.5) ** 2)
    // All of h that does not stay behind as a balanced current oscillates; with k = 0, u does.
    if (kx === 0 && ky === 0) {
      fill(water, planes.h, () => 0)
      fill(water, planes.u, () => 1e-8)
      flow(water, 1)
      expect(seen(water, planes.u)[0] / 1e-8).toBeCloseTo(rungeKutta(f), 7)
      expect(seen(water, planes.v)[0] / 1e-8).toBeCloseTo(-(f - f ** 3 / 6), 7)
    } else {
      const balanced = turning ** 2 / omega ** 2
      flow(water, 1)
      expect(amplitude(water, wave)).toBeCloseTo(balanced + (1 - balanced) * rungeKutta(omega), 7)
    }
  })
})

describe('closed forms of the full equations', () => {
  it('level water at any depth stays at rest, bit for bit', () => {
    for (const rise of [0, 0.3, -0.2]) {
      const water = levelWater(settings({}), 24)
      fill(water, planes.h, () => rise)
      run(water, 500)
      expect(new Set(seen(water, planes.h))).toEqual(new Set([Math.fround(rise)]))
      for (const plane of [planes.u, planes.v]) expect(seen(water, plane).every(x => x === 0)).toBe(true)
    }
  })

  it('currents in balance with rotation, −f·u = ∂(gh)/∂y, stay as they are', () => {
    const [size, f, c] = [24, 0.2, 0.6]
    const water = levelWater(settings({ c, rotation: f, viscosity: 0 }), size, 'f64')
    const current = (row: number) => 0.05 * Math.sin((2 * Math.PI * row) / size)
    // From row to row: of flows u·h above and below, their mean times vorticity over mean depth is the rise of B.
    const rise = new Float64Array(size)
    for (let row = 1; row < size; row++) {
      const [above, here] = [current(row - 1), current(row)]
      const forced = (next: number) => {
        const [h, below] = [1 + rise[row - 1], 1 + next]
        const turned = ((f - (here - above)) / ((h + below) / 2)) * ((above * h + here * below) / 2)
        return rise[row - 1] - (turned + (here ** 2 - above ** 2) / 2) / c ** 2
      }
      rise[row] = rise[row - 1]
      for (let i = 0; i < 60; i++) rise[row] = forced(rise[row])
    }
    fill(water, planes.h, row => rise[row])
    fill(water, planes.u, current)
    const before = [planes.h, planes.u, planes.v].map(plane => seen(water, plane))
    // The law itself, to the accuracy of the grid: h falls by the integral of f·u/g over half the wave.
    expect(rise[12] - rise[0]).toBeCloseTo((-f / c ** 2) * 0.05 * 2 * (size / (2 * Math.PI)), 2)
    run(water, 300)
    before.forEach((plane, i) => {
      expect(farthest(seen(water, i), plane)).toBeLessThan(1e-11)
    })
  })

  it('a wave that runs one way steepens as the characteristics say, to the square of the cell', () => {
    // u = 2(√(gh) − √g) carries every height along at u + √(gh) (Stoker, Water Waves, 1957, chapter 10).
    const error = (size: number) => {
      const c = 0.5
      const water = levelWater(settings({ c, rotation: 0, viscosity: 0 }), size, 'f64')
      const height = (x: number) => 1 + 0.1 * Math.sin((2 * Math.PI * x) / size)
      const current = (h: number) => 2 * c * (Math.sqrt(h) - 1)
      const speed = (h: number) => current(h) + c * Math.sqrt(h)
      fill(water, planes.h, (_, column) => height(column) - 1)
      fill(water, planes.u, (_, column) => current(height(column - 0.5)))
      const frames = size
      run(water, frames)
      let far = 0
      for (let column = 0; column < size; column++) {
        let from = column
        for (let i = 0; i < 200; i++) from = column - frames * speed(height(from))
        far = Math.max(far, Math.abs(seen(water, planes.h)[column] + 1 - height(from)))
      }
      return far
    }
    const [coarse, fine] = [error(64), error(128)]
    expect(coarse).toBeLessThan(2e-3)
    expect(coarse / fine).toBeGreaterThan(3.5)
    expect(coarse / fine).toBeLessThan(4.5)
  })
})

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
