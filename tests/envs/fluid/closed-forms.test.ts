import { describe, expect, it } from 'vitest'
import { fluid, fluidFrom } from '../../../envs/fluid.ts'
import { energy, farthest, fieldOf, run, seen, settings } from './flows.ts'

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
