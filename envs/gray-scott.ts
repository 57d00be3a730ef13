/**
 * Gray–Scott: two substances that react and diffuse, U + 2V → 3V and V → P, in a tray that is fed with U.
 *
 *     ∂u/∂t = Du·∇²u − u·v² + F·(1 − u),   ∂v/∂t = Dv·∇²v + u·v² − (F + k)·v
 *
 * u, v     concentrations, no unit: u in [0, 1], v ≥ 0 and, in the patterns, below 0.7
 * F        feed, 1/step: U comes in and everything is washed out at this rate
 * k        kill, 1/step: V decays
 * Du, Dv   diffusion, cells²/step; twice as fast for U, as with Pearson
 *
 * Boundary: torus. Time: explicit Euler steps of length 1 on the five-point Laplacian, many of them in a frame, for
 * nothing moves far in one. That is the scheme of Pearson's pictures and what this world means, not an approximation
 * to something finer; with the defaults a spot is some five cells wide.
 *
 * What becomes of a start is a matter of F and k. Pearson's letters, each at a place where its pattern is found: fronts
 * and spots that come and go for ever, α (.010, .047) and ε (.020, .055); stripes, θ (.040, .060); worms that fill the
 * world and come to rest, μ (.046, .065); nothing for k above .07. The default lies between α and ε: fronts break, spots
 * split, and where they crowd they die. A fifth of Pearson's diffusion lets enough of them live in a small world: on
 * 24 × 24 cells 24 starts of 24 were still at it after 10,000 frames, each frame as unlike the last as at first.
 *
 * The start is his: squares of (½, ¼), disturbed a little, in a tray of (1, 0). Their number goes with the area.
 *
 * Source: Pearson 1993, Complex patterns in a simple system, doi:10.1126/science.261.5118.189
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import { lanes, type Precision } from '../lib/simd/lanes.ts'
import { defineEnvironment } from './environment.ts'
import { countIn } from './parts/count.ts'
import {
  cellIndex,
  createGrid,
  fold,
  type Grid,
  laplacian,
  leastOf,
  readPlane,
  type Stencil,
  stencilOn,
  wrap,
} from './parts/grid.ts'

const schema = z.object({
  feed: z.number().min(0).max(0.2).default(0.016).describe('F, 1/step'),
  kill: z.number().min(0).max(0.2).default(0.049).describe('k, 1/step'),
  diffusionU: z.number().min(0).max(1).default(0.04).describe('Du, cells²/step'),
  diffusionV: z.number().min(0).max(1).default(0.02).describe('Dv, cells²/step'),
  steps: z.int().min(1).max(1000).default(50).describe('Euler steps in a frame'),
  squares: z.number().min(0).max(50).default(4).describe('squares of V at the start, per 24 × 24 cells (one at least)'),
})
type Parameters = z.output<typeof schema>

interface State {
  /** Planes u, v and, for the next step, u, v once more. */
  grid: Grid
  /** The plane of u now, 0 or 2; v is the one after it. */
  now: number
}

const euler: Stencil<'now' | 'next', 'feed' | 'washout' | 'diffusionU' | 'diffusionV'> = {
  planes: ['now', 'next'],
  numbers: ['feed', 'washout', 'diffusionU', 'diffusionV'],
  rule({ now: u }, { feed, washout, diffusionU, diffusionV }) {
    const v = (rows: number, columns: number) => u(rows, columns, 1)
    const [here, there] = [u(0, 0), v(0, 0)]
    const reaction = here.times(there).times(there)
    const supply = lanes(1).minus(here).times(feed)
    return {
      next: [
        here.plus(laplacian(u).times(diffusionU)).minus(reaction).plus(supply),
        there.plus(laplacian(v).times(diffusionV)).plus(reaction).minus(there.times(washout)),
      ],
    }
  },
}

/** A tray that holds U only; float64 is for those who compare it with closed forms. */
export function emptyTray(size: number, precision: Precision = 'f32'): State {
  const grid = createGrid(size, size, 4, precision)
  for (let row = 0; row < size; row++) grid.values.fill(1, cellIndex(grid, 0, row, 0), cellIndex(grid, 0, row, size))
  return { grid, now: 0 }
}

/** One Euler step. */
export function react(state: State, { feed, kill, diffusionU, diffusionV }: Parameters): void {
  const { grid, now } = state
  const next = 2 - now
  wrap(grid, now)
  wrap(grid, now + 1)
  stencilOn(euler, grid)(now, next, feed, feed + kill, diffusionU, diffusionV)
  state.now = next
}

/** Width of a square of the start, cells. */
const side = 6

export const grayScott = defineEnvironment({
  id: 'gray-scott',
  version: 1,
  title: 'Gray–Scott reaction and diffusion',
  source: 'Pearson 1993, doi:10.1126/science.261.5118.189',
  range: 'diffusion: a few cells a frame',
  parameters: schema,

  field({ feed, kill, diffusionU, diffusionV, steps }, size) {
    if (size < side)
      throw new UserError(`gray-scott: ${size} cells hold no square of ${side}; the size is at least ${side}`)
    // A step must not overshoot: 8·D + the rate of all else ≤ 2, of which v² takes less than ½.
    for (const [name, diffusion, rate] of [
      ['diffusionU', diffusionU, feed],
      ['diffusionV', diffusionV, feed + kill],
    ] as const)
      if (8 * diffusion + rate > 1.5) {
        const most = Math.floor(((1.5 - rate) / 8) * 1000) / 1000
        throw new UserError(
          `gray-scott: a step with ${name} = ${diffusion} is unstable; set '${name}' to ${most} or lower`,
        )
      }
    return {
      height: size,
      width: size,
      channels: [
        { name: 'u', unit: '1' },
        { name: 'v', unit: '1' },
      ],
      likelihood: 'gaussian',
      boundary: 'torus',
      dt: steps,
      burnIn: 60,
    }
  },

  initial({ squares }, size, random) {
    const state = emptyTray(size)
    const { values } = state.grid
    const around = () => 1 + 0.1 * (2 * random.uniform() - 1)
    for (let square = countIn(squares, size); square > 0; square--) {
      const [top, left] = [random.integer(size), random.integer(size)]
      for (let y = top; y < top + side; y++)
        for (let x = left; x < left + side; x++) {
          const [row, column] = [fold(y, size), fold(x, size)]
          values[cellIndex(state.grid, 0, row, column)] = 0.5 * around()
          values[cellIndex(state.grid, 1, row, column)] = 0.25 * around()
        }
    }
    return state
  },

  /** @throws UserError when a step took more of U than there was, from which on everything grows beyond bounds. */
  advance(state, parameters) {
    for (let step = 0; step < parameters.steps; step++) react(state, parameters)
    if (!(leastOf(state.grid, state.now) > -1e-3))
      throw new UserError(
        `gray-scott: steps are unstable where v gets as high as here; set 'kill' or 'diffusionV' higher`,
      )
  },

  observe({ grid, now }, out) {
    readPlane(grid, now, out, 0, 2)
    readPlane(grid, now + 1, out, 1, 2)
  },

  /** Adds U, or takes as much away where more than 1 or less than 0 would be left. */
  perturb({ grid, now }, row, column, amount) {
    const cell = cellIndex(grid, now, row, column)
    const raised = grid.values[cell] + amount
    const changed = raised >= 0 && raised <= 1 ? raised : grid.values[cell] - amount
    grid.values[cell] = Math.min(1, Math.max(0, changed))
  },

  /** Rounding aside, no concentration is negative, and u is at most 1: that is what flows in. */
  invariants({ grid, now }) {
    let outside = 0
    for (let row = 0; row < grid.height; row++)
      for (let column = 0; column < grid.width; column++) {
        const [u, v] = [now, now + 1].map(plane => grid.values[cellIndex(grid, plane, row, column)])
        if (!(u >= -1e-6 && u <= 1 + 1e-6 && v >= -1e-6 && v < Infinity)) outside++
      }
    return { outside: { value: outside, tolerance: 0 } }
  },

  /** A step of five points carries one cell; of what gets that far, next to nothing is left. */
  reach: ({ steps }) => steps,

  shifts: {
    'richer-feed': {
      change: { feed: 0.018 },
      why: 'what was eaten grows back sooner: spots split sooner and stand closer than any that were trained on',
    },
    'poorer-feed': {
      change: { feed: 0.014 },
      why: 'exhausted ground stays barren for longer: fronts thin out, and where the next can run has to be remembered',
    },
    'longer-frames': {
      change: { steps: 75 },
      why: 'half as much again happens unseen between two frames: what took three steps of a model has to happen in two',
    },
  },
})
