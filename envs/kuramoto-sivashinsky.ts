/**
 * The Kuramoto–Sivashinsky equation: waves on a ring that split, merge and never settle.
 *
 *     ∂u/∂t = −u·∂u/∂x − ∂²u/∂x² − ∂⁴u/∂x⁴
 *
 * u   slope of a flame front, no unit; its mean is kept, and carries everything along at its own speed
 * x   place on the ring, in the equation's own unit of length; a cell is `spacing` long, L = size·spacing
 * t   time in the equation's own unit; a frame is `interval` later than the one before
 *
 * Waves longer than 2π grow, shorter ones fade, fastest grows 2π√2 = 8.9; u·∂u/∂x hands on what grows. Boundary: ring,
 * a field of height 1. Shown: u at the middle of every cell. An episode begins 200 units of time after white noise.
 *
 * Solver: pseudo-spectral, with a fourth-order exponential Runge–Kutta step (ETDRK4) of at most ¼: exact in the stiff
 * linear part, so that accuracy alone sets the step. It works on two points a cell. With the defaults a frame is right
 * to 2e-4, what the points cannot hold is 1e-7: no waves are cut off against aliases, for those that would bring any
 * are damped to nothing within a step.
 *
 * Statistics: long rings are chaotic, with a largest exponent near .09 per unit of time. On short ones equal waves that
 * travel as one may win, which waves 7.5 to 8.3 long do wherever they fit. The default spacing is one at which rings of
 * 20, 24, 32, 40, 48 and 64 cells stayed chaotic for as long as they were watched (24 and 32 for 30,000 units of time
 * from each of many starts); 16 and 28 settle. At a spacing of 1, rings of 24, 32 and 48 do.
 *
 * Source: Cox & Matthews 2002, doi:10.1006/jcph.2002.6995 (the step); Kassam & Trefethen 2005,
 * doi:10.1137/S1064827502410633 (its coefficients); Kuramoto & Tsuzuki 1976, doi:10.1143/PTP.55.356, and Sivashinsky
 * 1977, doi:10.1016/0094-5765(77)90096-0 (the equation).
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import { defineEnvironment } from './environment.ts'
import { fill, planRing, type Ring, toPoints, toWaves, type Waves, waves } from './parts/ring.ts'

const schema = z.object({
  spacing: z.number().min(0.1).max(2).default(1.09).describe('length of a cell, in the unit of x'),
  interval: z.number().min(0.01).max(20).default(3).describe('time from frame to frame, in the unit of t'),
  drift: z.number().min(-1).max(1).default(0).describe('mean of u, the speed at which everything is carried along'),
})

/** The step's coefficients, for the real and the imaginary part of every wave. λ = k² − k⁴, h the step. */
interface Scheme {
  /** e^(hλ) and e^(hλ/2). */
  readonly whole: Float64Array
  readonly half: Float64Array
  /** Weight of the nonlinear term within the stages, and of its values at the start, the middle and the end. */
  readonly stage: Float64Array
  readonly start: Float64Array
  readonly middle: Float64Array
  readonly end: Float64Array
}

interface Flow {
  /** Steps from frame to frame. */
  readonly steps: number
  /** u between two frames, on two points a cell: the even ones are seen. */
  readonly ring: Ring
  /** −k/2 of every wave. */
  readonly bend: Float64Array
  readonly scheme: Scheme
  /** Work of a step: u, its two inner stages, and the nonlinear term of u and of each stage. */
  readonly u: Waves
  readonly a: Waves
  readonly b: Waves
  readonly atU: Waves
  readonly atA: Waves
  readonly atB: Waves
  readonly atC: Waves
}

const longestStep = 0.25

/**
 * φ₁, φ₂ and φ₃ at a real number, where φ₀ = e^z and φ_n(z) = (φ_{n−1}(z) − 1/(n−1)!)/z. Near 0 that cancels, so each
 * is taken as its mean over a circle about the number.
 */
function phi(centre: number): [number, number, number] {
  const points = 32
  const means: [number, number, number] = [0, 0, 0]
  for (let point = 0; point < points; point++) {
    const angle = (2 * Math.PI * (point + 0.5)) / points
    const x = centre + Math.cos(angle)
    const y = Math.sin(angle)
    let re = Math.exp(x) * Math.cos(y)
    let im = Math.exp(x) * Math.sin(y)
    for (const [n, term] of [1, 1, 1 / 2].entries()) {
      const rest = re - term
      re = (rest * x + im * y) / (x * x + y * y)
      im = (im * x - rest * y) / (x * x + y * y)
      means[n] += re / points
    }
  }
  return means
}

function schemeOf(wavenumbers: Float64Array, step: number): Scheme {
  const z = wavenumbers.map(k => step * (k ** 2 - k ** 4))
  const forBothParts = (of: (z: number) => number) => Float64Array.of(...z.map(of), ...z.map(of))
  const weight = (one: number, two: number, three: number) =>
    forBothParts(z => phi(z).reduce((sum, value, n) => sum + step * [one, two, three][n] * value, 0))
  return {
    whole: forBothParts(Math.exp),
    half: forBothParts(z => Math.exp(z / 2)),
    stage: forBothParts(z => (step / 2) * phi(z / 2)[0]),
    start: weight(1, -3, 4),
    middle: weight(0, 2, -4),
    end: weight(0, -1, 4),
  }
}

/** The flow from these values of u at evenly spaced points, an even number of them. */
export function flowFrom(
  values: ArrayLike<number>,
  spacing: number,
  interval: number,
  steps = Math.ceil(interval / longestStep),
): Flow {
  const points = values.length
  const ring = planRing(points)
  fill(ring, values)
  const wavenumbers = Float64Array.from({ length: points / 2 + 1 }, (_, n) => (2 * Math.PI * n) / (points * spacing))
  const bend = wavenumbers.map(k => -k / 2)
  const [u, a, b, atU, atA, atB, atC] = Array.from({ length: 7 }, () => waves(points))
  return { steps, ring, bend, scheme: schemeOf(wavenumbers, interval / steps), u, a, b, atU, atA, atB, atC }
}

/** −u·∂u/∂x = −½·∂u²/∂x of the given waves of u. */
function nonlinear({ ring, bend }: Flow, u: Waves, out: Waves): void {
  const { even, odd } = ring
  toPoints(ring, u)
  for (let j = 0; j < even.length; j++) {
    even[j] *= even[j]
    odd[j] *= odd[j]
  }
  toWaves(ring, out)
  for (let re = 0, im = bend.length; re < bend.length; re++, im++) {
    const real = out[re]
    out[re] = -bend[re] * out[im]
    out[im] = bend[re] * real
  }
}

function step(flow: Flow): void {
  const { u, a, b, atU, atA, atB, atC, scheme } = flow
  const { whole, half, stage, start, middle, end } = scheme
  nonlinear(flow, u, atU)
  for (let n = 0; n < u.length; n++) a[n] = half[n] * u[n] + stage[n] * atU[n]
  nonlinear(flow, a, atA)
  for (let n = 0; n < u.length; n++) b[n] = half[n] * u[n] + stage[n] * atA[n]
  nonlinear(flow, b, atB)
  const c = b
  for (let n = 0; n < u.length; n++) c[n] = half[n] * a[n] + stage[n] * (2 * atB[n] - atU[n])
  nonlinear(flow, c, atC)
  for (let n = 0; n < u.length; n++)
    u[n] = whole[n] * u[n] + start[n] * atU[n] + middle[n] * (atA[n] + atB[n]) + end[n] * atC[n]
}

export const kuramotoSivashinsky = defineEnvironment({
  id: 'kuramoto-sivashinsky',
  version: 1,
  title: 'Kuramoto–Sivashinsky',
  source: 'Kassam & Trefethen 2005, doi:10.1137/S1064827502410633',
  range: 'local, fading over some 6 cells',
  parameters: schema,

  field({ spacing, interval }, size) {
    if (size * spacing <= 2 * Math.PI)
      throw new UserError(
        `kuramoto-sivashinsky: on a ring of ${size} cells of length ${spacing} every wave dies out; ` +
          `at least ${Math.floor((2 * Math.PI) / spacing) + 1} cells`,
      )
    return {
      height: 1,
      width: size,
      channels: [{ name: 'u', unit: '1' }],
      likelihood: 'gaussian',
      boundary: 'torus',
      dt: interval,
      burnIn: Math.ceil(200 / interval),
    }
  },

  initial({ spacing, interval, drift }, size, random) {
    const noise = Float64Array.from({ length: 2 * size }, () => random.normal())
    const mean = noise.reduce((sum, u) => sum + u, 0) / noise.length
    return flowFrom(
      noise.map(u => u - mean + drift),
      spacing / 2,
      interval,
    )
  },

  /** @throws UserError when u has become too large for the step, as a huge disturbance makes it. */
  advance(flow) {
    toWaves(flow.ring, flow.u)
    for (let n = 0; n < flow.steps; n++) step(flow)
    toPoints(flow.ring, flow.u)
    // A number that is not finite reaches every point by the transform.
    if (!Number.isFinite(flow.ring.even[0]))
      throw new UserError('kuramoto-sivashinsky: u has grown beyond all bounds; disturb it less')
  },

  observe: ({ ring }, out) => out.set(ring.even),

  /** Adds the amount to the cell, and half of it to the points between it and its neighbours. */
  perturb({ ring: { even, odd } }, _row, column, amount) {
    even[column] += amount
    odd[column] += amount / 2
    odd[(column + odd.length - 1) % odd.length] += amount / 2
  },

  invariants({ ring: { points, even, odd } }) {
    const sum = even.reduce((sum, u, j) => sum + u + odd[j], 0)
    return { mean: { value: sum / points, tolerance: 1e-12 } }
  },

  shifts: {
    'narrower-waves': {
      change: { spacing: 1.45 },
      why: 'the same waves take up a quarter fewer cells: slopes are steeper and neighbours act from further away',
    },
    drifting: {
      change: { drift: 0.5 },
      why: 'everything travels one way besides, more than a cell a frame, where training had no direction',
    },
    'longer-interval': {
      change: { interval: 4.5 },
      why: 'half as much again happens between two frames, and influence comes from cells that never mattered before',
    },
  },
})
