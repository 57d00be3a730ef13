import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseParameters } from '../../envs/environment.ts'
import { flowFrom, kuramotoSivashinsky } from '../../envs/kuramoto-sivashinsky.ts'
import { fill, planRing, toPoints, toWaves, waves } from '../../envs/parts/ring.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

type Flow = ReturnType<typeof flowFrom>
const settings = (given: Record<string, number>) => kuramotoSivashinsky.parameters.parse(given)

function run(flow: Flow, frames: number): Flow {
  for (let frame = 0; frame < frames; frame++) kuramotoSivashinsky.advance(flow, settings({}))
  return flow
}

/** u at every point of the ring. */
const valuesOf = ({ ring: { points, even, odd } }: Flow) =>
  Float64Array.from({ length: points }, (_, j) => (j % 2 === 0 ? even : odd)[Math.floor(j / 2)])

function seen(flow: Flow): Float32Array {
  const out = new Float32Array(flow.ring.even.length)
  kuramotoSivashinsky.observe(flow, out)
  return out
}

/** On `points` points of a ring of the given length, x = 0 first. */
const sampled = (points: number, length: number, u: (x: number) => number) =>
  Float64Array.from({ length: points }, (_, j) => u((j * length) / points))

const noise = (points: number, name: string) => {
  const random = randomStream(`test/kuramoto-sivashinsky/${name}`)
  return Float64Array.from({ length: points }, () => random.normal())
}

/** The world after its burn-in, with more frames if asked for. */
function start(given: Record<string, number>, size: number, name = 'start', frames = 0): Flow {
  const parameters = settings(given)
  const flow = kuramotoSivashinsky.initial(parameters, size, randomStream(`test/kuramoto-sivashinsky/${name}`))
  return run(flow, kuramotoSivashinsky.field(parameters, size).burnIn + frames)
}

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((far, x, i) => Math.max(far, Math.abs(x - b[i])), 0)

const meanSquare = (u: Float64Array) => u.reduce((sum, x) => sum + x * x, 0) / u.length

/** Growth per unit of time of a tiny disturbance, held at 1e-7 (Benettin et al. 1980), over frames of one unit. */
function lyapunovExponent(flow: Flow, frames: number): number {
  const neighbour = structuredClone(flow)
  kuramotoSivashinsky.perturb(neighbour, 0, 3, 1e-7)
  let growth = 0
  for (let frame = -50; frame < frames; frame++) {
    run(flow, 1)
    run(neighbour, 1)
    const halves = (['even', 'odd'] as const).map(half => [flow.ring[half], neighbour.ring[half]])
    const distance = Math.hypot(...halves.flatMap(([a, b]) => Array.from(a, (u, j) => b[j] - u)))
    if (frame >= 0) growth += Math.log(distance / 1e-7) / frames
    for (const [a, b] of halves)
      a.forEach((u, j) => {
        b[j] = u + ((b[j] - u) * 1e-7) / distance
      })
  }
  return growth
}

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

describe('the world', () => {
  it('stays chaotic at the sizes that the header names, and under every shift', () => {
    const changes = [{}, ...Object.values(kuramotoSivashinsky.shifts).map(shift => shift.change)]
    for (const { spacing = 1.09, drift = 0 } of changes)
      for (const size of spacing === 1.09 && drift === 0 ? [24, 32, 48, 64] : [24]) {
        const flow = start({ spacing, drift, interval: 1 }, size, `chaos/${size}`, 1000)
        expect(lyapunovExponent(flow, 400)).toBeGreaterThan(0.025)
      }
  })

  it('keeps the mean of u', () => {
    for (const drift of [0, 0.5]) {
      const flow = start({ drift }, 24)
      expect(kuramotoSivashinsky.invariants!(run(flow, 500)).mean.value).toBeCloseTo(drift, 12)
      expect(seen(flow).reduce((sum, u) => sum + u / 24, 0)).toBeCloseTo(drift, 2)
    }
  })

  it.each([7, 24, 25, 30])('any number of cells will do: %i', size => {
    expect(Math.abs(meanSquare(valuesOf(start({}, size))) - 2)).toBeLessThan(1.9)
  })

  it('a disturbance is a hat about one cell, and all others stay as they are, bit for bit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 23 }), fc.double({ min: -2, max: 2, noNaN: true }), (column, amount) => {
        const flow = flowFrom(noise(48, 'hat'), 0.5, 1)
        const before = valuesOf(flow)
        kuramotoSivashinsky.perturb(flow, 0, column, amount)
        valuesOf(flow).forEach((u, j) => {
          const apart = Math.min((j - 2 * column + 48) % 48, (2 * column - j + 48) % 48)
          expect(u).toBe(apart > 1 ? before[j] : before[j] + amount / (1 + apart))
        })
      }),
    )
  })

  it('says what is wrong in one line', () => {
    expect(() => kuramotoSivashinsky.field(settings({}), 5)).toThrow(UserError)
    expect(() => kuramotoSivashinsky.field(settings({}), 5)).toThrow(/every wave dies out; at least 6 cells$/)
    expect(kuramotoSivashinsky.field(settings({}), 6)).toMatchObject({ height: 1, width: 6, boundary: 'torus' })
    expect(() => parseParameters(kuramotoSivashinsky, { spacing: 0 })).toThrow(/parameter 'spacing'/)
    const flow = start({}, 24)
    kuramotoSivashinsky.perturb(flow, 0, 3, 1e6)
    expect(() => run(flow, 3)).toThrow(UserError)
  })
})

describe('waves on a ring', () => {
  it.each([8, 14, 30, 48, 64])('are those of the plain sum: %i points', points => {
    const values = noise(points, 'sum')
    const ring = planRing(points)
    fill(ring, values)
    const found = waves(points)
    toWaves(ring, found)
    for (let k = 0; k <= points / 2; k++) {
      const part = (of: (angle: number) => number) =>
        values.reduce((sum, x, j) => sum + (x * of((2 * Math.PI * j * k) / points)) / points, 0)
      expect(found[k]).toBeCloseTo(part(Math.cos), 13)
      expect(found[points / 2 + 1 + k]).toBeCloseTo(-part(Math.sin), 13)
    }
    toPoints(ring, found)
    values.forEach((x, j) => {
      expect((j % 2 === 0 ? ring.even : ring.odd)[Math.floor(j / 2)]).toBeCloseTo(x, 13)
    })
  })
})
