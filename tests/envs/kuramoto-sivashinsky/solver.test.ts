import { describe, expect, it } from 'vitest'
import { flowFrom } from '../../../envs/kuramoto-sivashinsky.ts'
import { fill, planRing, toPoints, toWaves, waves } from '../../../envs/parts/ring.ts'
import { noise, run, sampled, start, valuesOf } from './flows.ts'

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((far, x, i) => Math.max(far, Math.abs(x - b[i])), 0)

describe('closed forms', () => {
  it.each([
    [1, 6],
    [4, 6],
    [7, 6],
    [9, 3],
  ])('a small wave, %i on a ring of 40, grows or fades as e^((k² − k⁴)t)', (number, time) => {
    const k = (2 * Math.PI * number) / 40
    const flow = flowFrom(
      sampled(80, 40, x => 1e-8 * Math.cos(k * x)),
      0.5,
      time,
    )
    const expected = sampled(80, 40, x => Math.cos(k * x)).map(u => u * Math.exp((k ** 2 - k ** 4) * time))
    const found = valuesOf(run(flow, 1)).map(u => u * 1e8)
    expect(farthest(found, expected) / Math.max(...expected)).toBeLessThan(1e-7)
  })

  it('follows the equation: u = a·sin kx + b·cos 2kx', () => {
    const [a, b, k, length, h] = [0.7, 0.4, 0.6, (2 * Math.PI) / 0.6, 1e-5]
    const u = (x: number) => a * Math.sin(k * x) + b * Math.cos(2 * k * x)
    const slope = (x: number) => a * k * Math.cos(k * x) - 2 * b * k * Math.sin(2 * k * x)
    const linear = (x: number) =>
      a * (k ** 2 - k ** 4) * Math.sin(k * x) + b * (4 * k ** 2 - 16 * k ** 4) * Math.cos(2 * k * x)
    const before = sampled(32, length, u)
    const later = valuesOf(run(flowFrom(before, length / 32, h), 1))
    const rate = later.map((value, j) => (value - before[j]) / h)
    expect(
      farthest(
        rate,
        sampled(32, length, x => linear(x) - u(x) * slope(x)),
      ),
    ).toBeLessThan(1e-4)
  })

  it('a mean of u carries everything along at its own speed, and does nothing else', () => {
    const u = valuesOf(start({}, 32))
    // In 3 units of time 4 points of .5625 go by.
    const drift = (4 * 0.5625) / 3
    const still = valuesOf(run(flowFrom(u, 0.5625, 3, 200), 1))
    const moving = valuesOf(
      run(
        flowFrom(
          u.map(x => x + drift),
          0.5625,
          3,
          200,
        ),
        1,
      ),
    )
    expect(
      farthest(
        moving,
        still.map((_, j) => still[(j + 60) % 64] + drift),
      ),
    ).toBeLessThan(1e-6)
  })

  it('a mirrored start, u(x) → −u(−x), gives the mirrored flow, and a shifted one the shifted', () => {
    const u = valuesOf(start({}, 24))
    const evolved = (values: Float64Array) => valuesOf(run(flowFrom(values, 0.545, 3), 2))
    const plain = evolved(u)
    const mirrored = evolved(u.map((_, j) => -u[(48 - j) % 48]))
    const shifted = evolved(u.map((_, j) => u[(j + 7) % 48]))
    expect(
      farthest(
        mirrored,
        plain.map((_, j) => -plain[(48 - j) % 48]),
      ),
    ).toBeLessThan(1e-10)
    expect(
      farthest(
        shifted,
        plain.map((_, j) => plain[(j + 7) % 48]),
      ),
    ).toBeLessThan(1e-10)
  })
})

describe('accuracy', () => {
  it('half the step is a sixteenth of the error, where no wave fades within a step', () => {
    const from = noise(16, 'order')
    const evolved = (steps: number) => valuesOf(run(flowFrom(from, 2, 8, steps), 1))
    const truth = evolved(8192)
    const errors = [128, 256, 512].map(steps => farthest(evolved(steps), truth))
    expect(errors[1] / errors[2]).toBeGreaterThan(15)
    expect(errors[1] / errors[2]).toBeLessThan(17)
  })

  // Waves that fade within a step cost a stiff scheme some of its order (Hochbruck & Ostermann 2005,
  // doi:10.1137/040611434).
  it('half the step is at most a tenth of the error on the whole, from the start of Kassam & Trefethen', () => {
    const length = 32 * Math.PI
    const from = sampled(128, length, x => Math.cos(x / 16) * (1 + Math.sin(x / 16)))
    const evolved = (steps: number) => valuesOf(run(flowFrom(from, length / 128, 30, steps), 1))
    const truth = evolved(3840)
    const errors = [30, 60, 120, 240].map(steps => farthest(evolved(steps), truth))
    expect(errors[0] / errors[3]).toBeGreaterThan(1000)
    expect(errors[2]).toBeLessThan(1e-4)
  })

  it('a frame is right to 1e-3, against twice the points and many times the steps', () => {
    for (const name of ['a', 'b', 'c']) {
      const flow = start({}, 24, name)
      const u = valuesOf(flow)
      const ring = planRing(48)
      fill(ring, u)
      const coarse = waves(48)
      toWaves(ring, coarse)
      const fine = waves(96)
      for (let k = 0; k < 24; k++) [fine[k], fine[49 + k]] = [coarse[k], coarse[25 + k]]
      const finer = planRing(96)
      toPoints(finer, fine)
      const truth = flowFrom(
        Float64Array.from({ length: 96 }, (_, j) => (j % 2 === 0 ? finer.even : finer.odd)[Math.floor(j / 2)]),
        1.09 / 4,
        3,
        300,
      )
      const exact = valuesOf(run(truth, 1))
      expect(
        farthest(
          valuesOf(run(flow, 1)),
          u.map((_, j) => exact[2 * j]),
        ),
      ).toBeLessThan(1e-3)
    }
  })
})
