import { describe, expect, it } from 'vitest'
import { flowFrom } from '../../../envs/kuramoto-sivashinsky.ts'
import { planRing, toWaves, waves } from '../../../envs/parts/ring.ts'
import { lyapunovExponent, meanSquare, noise, run, sampled, valuesOf } from './flows.ts'

describe('published figures', () => {
  // Cvitanović, Davidchack & Siminos 2010, doi:10.1137/070705623: energies ⟨u²/2⟩ of the equilibria E₂ and E₃ at
  // L = 22, which are those of one wave on a half and a third of that ring.
  it.each([
    [2, 0.4382],
    [3, 1.5876],
  ])('the equilibrium of %i equal waves at L = 22 has the energy %f', (number, energy) => {
    const length = 22 / number
    const flow = flowFrom(
      sampled(32, length, x => Math.sin((2 * Math.PI * x) / length)),
      length / 32,
      10,
    )
    expect(meanSquare(valuesOf(run(flow, 30))) / 2).toBeCloseTo(energy, 4)
  })

  // Edson, Bunder, Mattner & Roberts 2019, doi:10.1017/S1446181119000105: λ_i ≈ .093 − .94(i − .39)/L.
  it('the largest exponent at L = 100 is .087', () => {
    const flow = run(flowFrom(noise(128, 'exponent'), 100 / 128, 1), 300)
    expect(Math.abs(lyapunovExponent(flow, 2500) - (0.093 - (0.94 * 0.61) / 100))).toBeLessThan(0.006)
  })

  // Wittenberg & Holmes 1999, doi:10.1063/1.166419: flat where waves are long, a peak at the waves that grow fastest,
  // k⁻⁴ beyond it, exponential where they fade.
  it('the spectrum has its plateau, peak and tails', () => {
    const [points, spacing] = [256, 0.785]
    const flow = run(flowFrom(noise(points, 'spectrum'), spacing, 2), 100)
    const ring = planRing(points)
    const modes = waves(points)
    const power = new Float64Array(points / 2)
    let [gain, loss] = [0, 0]
    const k = (n: number) => (2 * Math.PI * n) / (points * spacing)
    for (let frame = 0; frame < 1500; frame++) {
      run(flow, 1)
      ring.even.set(flow.ring.even)
      ring.odd.set(flow.ring.odd)
      toWaves(ring, modes)
      power.forEach((_, n) => {
        const square = modes[n] ** 2 + modes[points / 2 + 1 + n] ** 2
        power[n] += square
        gain += k(n) ** 2 * square
        loss += k(n) ** 4 * square
      })
    }
    const between = (low: number, high: number) => {
      const band = Array.from(power).filter((_, n) => k(n) > low && k(n) < high)
      return band.reduce((sum, s) => sum + s, 0) / band.length
    }
    expect(between(0.02, 0.18) / between(0.18, 0.35)).toBeGreaterThan(0.7)
    expect(between(0.02, 0.18) / between(0.18, 0.35)).toBeLessThan(1.3)
    expect(Math.abs(k(power.indexOf(Math.max(...power))) - Math.SQRT1_2)).toBeLessThan(0.08)
    expect(between(0.65, 0.75) / between(0.1, 0.3)).toBeGreaterThan(7)
    const exponent = Math.log(between(0.76, 0.84) / between(1.26, 1.34)) / Math.log(1.3 / 0.8)
    expect(Math.abs(exponent - 4)).toBeLessThan(0.5)
    const rates = [2, 2.5, 3].map(at => Math.log(between(at - 0.05, at + 0.05) / between(at + 0.45, at + 0.55)) / 0.5)
    expect(Math.max(...rates) / Math.min(...rates)).toBeLessThan(1.15)
    // What long waves gain, short ones lose: ⟨u_x²⟩ = ⟨u_xx²⟩.
    expect(gain / loss).toBeCloseTo(1, 2)
  })
})
