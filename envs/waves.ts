/**
 * Waves of one speed on a square, as of sound in air or of a stretched skin.
 *
 *     ∂²u/∂t² = c²∇²u
 *
 * u   deflection, no unit; only u is seen, and one frame of it does not tell which way anything moves: two do
 * c   speed of all waves, cells/frame, up to half the world's side
 *
 * Boundary: torus, or walls half a cell beyond the outermost cells that reflect without loss and without change of sign
 * (∂u/∂n = 0). Time: a frame is cut into equal leapfrog steps of the five-point Laplacian, as few as are stable: a step
 * of c·dt ≤ 1/√2 cells is, so a frame is a single one up to c = .7. The scheme loses no energy at all and is exact along
 * the diagonals at the limit; short waves along the axes run behind a little. With v = the increase of u per step,
 *
 *     v(n + ½) = v(n − ½) + (c·dt)²·Δu(n),   u(n + 1) = u(n) + v(n + ½)
 *
 * keeps ½|v|² + ½(c·dt)²·∇u(n)·∇u(n + 1), summed over the cells, to the last bit but rounding. Adding v up, rather than
 * taking 2u(n) − u(n − 1), keeps the rounding of float32 from growing with the square of the time.
 *
 * The start is pulses at rest, (1 − r²/2σ²)·exp(−r²/2σ²) with random places and heights: they have no mean, so each one
 * leaves as a thin ring. Their number goes with the area, so statistics do not depend on the size.
 *
 * Source: Courant, Friedrichs & Lewy 1928, doi:10.1007/BF01448839 (the scheme, and how far it acts in a step).
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import type { Precision } from '../lib/simd/lanes.ts'
import { defineEnvironment } from './environment.ts'
import { countIn } from './parts/count.ts'
import {
  cellIndex,
  createGrid,
  fold,
  type Grid,
  laplacian,
  mirror,
  readPlane,
  type Stencil,
  stencilOn,
  sumOf,
  wrap,
} from './parts/grid.ts'

const schema = z.object({
  c: z.number().min(0.01).max(64).default(0.7).describe('speed of the waves, cells/frame'),
  boundary: z
    .enum(['torus', 'walls'])
    .default('torus')
    .describe('waves leave and come back opposite, or are reflected'),
  pulses: z.number().min(0).max(100).default(4).describe('pulses at the start, per 24 × 24 cells (one at least)'),
  width: z
    .number()
    .min(1)
    .max(24)
    .default(2)
    .describe('σ of a pulse, cells: the ring that it leaves is about 3σ thick'),
})
type Parameters = z.output<typeof schema>

/** Planes of the grid: u takes the first two in turns. */
const velocity = 2

interface State {
  grid: Grid
  boundary: Parameters['boundary']
  /** Leapfrog steps in a frame. */
  steps: number
  /** (c·dt)², cells². */
  squaredCourant: number
  /** The plane of u(n). */
  now: 0 | 1
}

const leapfrog: Stencil<'now' | 'next' | 'velocity', 'squaredCourant'> = {
  planes: ['now', 'next', 'velocity'],
  numbers: ['squaredCourant'],
  rule({ now, velocity }, { squaredCourant }) {
    const faster = velocity(0, 0).plus(laplacian(now).times(squaredCourant))
    return { velocity: faster, next: now(0, 0).plus(faster) }
  },
}

/** Leapfrog steps in a frame: c·dt is one part in a hundred below 1/√2, where the finest chequerboard begins to grow. */
const stepsAt = (c: number) => Math.ceil(c / 0.7)

/** A world at rest, u = 0 everywhere; float64 is for those who compare it with closed forms. */
export function stillWaves({ c, boundary }: Parameters, size: number, precision: Precision = 'f32'): State {
  const steps = stepsAt(c)
  return { grid: createGrid(size, size, 3, precision), boundary, steps, squaredCourant: (c / steps) ** 2, now: 0 }
}

/** Adds a pulse to u, the part beyond the edge included, where the boundary puts it. */
export function addPulse(state: State, row: number, column: number, height: number, width: number): void {
  const { grid, boundary, now } = state
  const radius = Math.ceil(6 * width)
  for (let y = Math.round(row) - radius; y <= Math.round(row) + radius; y++)
    for (let x = Math.round(column) - radius; x <= Math.round(column) + radius; x++) {
      const square = ((y - row) ** 2 + (x - column) ** 2) / (2 * width ** 2)
      const cell = cellIndex(grid, now, fold(y, grid.height, boundary), fold(x, grid.width, boundary))
      grid.values[cell] += height * (1 - square) * Math.exp(-square)
    }
}

/** Mean over the cells of the energy that the scheme keeps: ½(∂u/∂t)² + ½c²|∇u|², per frame². */
export function energy({ grid, boundary, steps, squaredCourant, now }: State): number {
  const { height, width, values } = grid
  const [u, v] = [cellIndex(grid, now, 0, 0), cellIndex(grid, velocity, 0, 0)]
  let sum = 0
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const here = row * grid.pitch + column
      sum += values[v + here] ** 2
      for (const [y, x] of [
        [row + 1, column],
        [row, column + 1],
      ]) {
        const there = fold(y, height, boundary) * grid.pitch + fold(x, width, boundary)
        const slope = values[u + there] - values[u + here]
        sum += squaredCourant * slope * (slope - (values[v + there] - values[v + here]))
      }
    }
  return (sum * steps ** 2) / (2 * height * width)
}

/** Mean over the cells of ∂u/∂t, 1/frame: neither the torus nor the walls push. */
function meanVelocity({ grid, steps }: State): number {
  return (sumOf(grid, velocity) * steps) / (grid.height * grid.width)
}

export const waves = defineEnvironment({
  id: 'waves',
  version: 1,
  title: 'Waves',
  source: 'Courant, Friedrichs & Lewy 1928, doi:10.1007/BF01448839',
  range: 'speed c: c / .7 cells a frame, rounded up',
  parameters: schema,

  field({ c, boundary, width }, size) {
    if (c > size / 2)
      throw new UserError(
        `waves: at c = ${c} a frame takes a wave across ${size} cells; set 'c' to ${size / 2} or lower`,
      )
    if (6 * width > size)
      throw new UserError(`waves: a pulse of width ${width} needs ${Math.ceil(6 * width)} cells each way, not ${size}`)
    return {
      height: size,
      width: size,
      channels: [{ name: 'u', unit: '1' }],
      likelihood: 'gaussian',
      boundary,
      dt: 1,
      burnIn: 20,
    }
  },

  initial(parameters, size, random) {
    const state = stillWaves(parameters, size)
    for (let pulse = countIn(parameters.pulses, size); pulse > 0; pulse--) {
      const [row, column] = [random.uniform() * size - 0.5, random.uniform() * size - 0.5]
      addPulse(state, row, column, random.normal(), parameters.width)
    }
    return state
  },

  advance(state) {
    const { grid, boundary, steps, squaredCourant } = state
    const step = stencilOn(leapfrog, grid)
    for (let n = 0; n < steps; n++) {
      if (boundary === 'torus') wrap(grid, state.now)
      else mirror(grid, state.now, 1)
      const next = state.now === 0 ? 1 : 0
      step(state.now, next, velocity, squaredCourant)
      state.now = next
    }
  },

  observe: ({ grid, now }, out) => readPlane(grid, now, out),

  /** Adds to u and leaves ∂u/∂t as it is. */
  perturb({ grid, now }, row, column, amount) {
    grid.values[cellIndex(grid, now, row, column)] += amount
  },

  /** Rounding of float32 is all that they lose. */
  invariants(state) {
    const value = energy(state)
    return {
      energy: { value, tolerance: 1e-4 * value },
      'mean velocity': { value: meanVelocity(state), tolerance: 1e-5 * Math.sqrt(value) },
    }
  },

  /** A step of five points carries one cell along a row or a column. */
  reach: ({ c }) => stepsAt(c),

  shifts: {
    faster: {
      change: { c: 1 },
      why: 'waves come from half as far again: a model that reached just far enough for c = .7 sees them too late',
    },
    'more-pulses': {
      change: { pulses: 12 },
      why: 'three times the rings, which cross and add up to heights never seen: superposition must have been learned',
    },
    'thinner-rings': {
      change: { width: 1.5 },
      why: 'shorter waves turn further within a frame, and the grid slows them down, which longer ones did not show',
    },
  },
})
