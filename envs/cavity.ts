/**
 * A cavity: a box of fluid whose walls are lids that slide along themselves, back and forth, and drag the fluid along.
 *
 *     ∂u/∂t + (u·∇)u = −∇p + ν∇²u,   ∂p/∂t = −s²·∇·u   (∇·u = 0 as s → ∞),   u = a lid's velocity at the lid
 *
 * u   velocity, cells/frame: velocity_x along the columns, velocity_y down the rows
 * p   pressure, by which distant places act on each other; not shown
 * ν   viscosity, cells²/frame
 * s   speed of sound, cells/frame: reach/√3
 *
 * A lid moves with speed·√(2/3)·Σ sin(2πt/T + φ), a sum of three with random φ and with T from half to twice the
 * period, log-uniform. A lid that moved steadily would leave nothing to forecast: the flow would become steady.
 *
 * Boundary: walls half a cell beyond the outermost cells, of which 1 to 4 move, the top first. Time: a frame is `reach`
 * steps of a lattice Boltzmann method with two relaxation times (`parts/lattice-boltzmann.ts`). In a step nothing gets
 * farther than a cell, so `reach` is how far anything acts in a frame, exactly. That is why this method: in `fluid`, as
 * in any incompressible flow, pressure acts everywhere at once; here it travels as sound, at a speed that can be set
 * and beside which the flow is slow. Near the limit that is allowed, as with the defaults, a lid gets to .34 of the
 * speed of sound; velocities are then within 1.5 % of those at four times the reach, on 48 × 48 cells 3 %. A box as
 * long as half a wave of sound of the shortest period, 87 cells with the defaults, begins to ring.
 *
 * Statistics: eddies that the lids throw off reach the middle of 24 × 24 cells with a fifth of their speed, that of
 * 64 × 64 with a fifteenth. The flow follows the lids, without chaos of its own: for viscosities low enough for that the
 * cells would have to be finer. What remembering a frame is worth is decided by the period.
 *
 * Source: Ghia, Ghia & Shin 1982, doi:10.1016/0021-9991(82)90058-4 (a steady lid); He & Luo 1997,
 * doi:10.1023/B:JOSS.0000015179.12689.e4 (the method).
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import { defineEnvironment } from './environment.ts'
import {
  box,
  type Lattice,
  meanDensity,
  push,
  readVelocity,
  sides,
  step,
  stillLattice,
} from './parts/lattice-boltzmann.ts'

const schema = z.object({
  viscosity: z.number().min(0.001).max(100).default(1.5).describe('ν, cells²/frame'),
  speed: z.number().min(0.01).max(40).default(4).describe('root mean square of the speed of a lid, cells/frame'),
  period: z.number().min(4).max(1000).default(12).describe('typical period of the motion of a lid, frames'),
  lids: z.int().min(1).max(4).default(4).describe('walls that move: top, bottom, left, right'),
  reach: z
    .int()
    .min(4)
    .max(512)
    .default(50)
    .describe('cells over which anything can act in a frame: √3 times the speed of sound'),
})
type Parameters = z.output<typeof schema>

/** Sines in the motion of a lid. */
const tones = 3
/** Speed of a lid when all its sines are at their highest, in root mean squares. */
const crest = Math.sqrt(2 * tones)
/** Cells in a step: the fastest that flow may be beside sound, of which a step makes 1/√3. */
const fastest = 0.2
/** Times the viscosity: the sharpest flow that the cells resolve. From 16 on lids that jump make a cavity blow up. */
const sharpest = 12
/** Cells² a step: the highest viscosity for which a step is short enough. */
const thickest = 1 / 6
/** An eddy in a box at rest fades as e^(−52.3·νt/size²) or faster: the lowest buckling load of a clamped square plate. */
const slowest = 52.3
/** Periods after which the lids have set in motion what they reach: a large box need not wait for its slowest eddy. */
const settled = 10

interface State {
  readonly lattice: Lattice
  /** In cells² and cells a step, and steps. */
  readonly viscosity: number
  readonly speed: number
  readonly reach: number
  /** Three for each lid: radians a step, and at the start. */
  readonly turns: Float64Array
  readonly phases: Float64Array
  /** Of every wall, cells a step to the right or down: those that are no lids are at rest. */
  readonly speeds: Float64Array
  /** Steps since the start. */
  time: number
}

/** Sets the speeds of the lids. */
function slide({ speed, turns, phases, speeds, time }: State): void {
  for (let lid = 0; lid < turns.length / tones; lid++) {
    let sum = 0
    for (let tone = lid * tones; tone < (lid + 1) * tones; tone++) sum += Math.sin(turns[tone] * time + phases[tone])
    speeds[lid] = (speed * crest * sum) / tones
  }
}

/** To three decimals, on the safe side. */
const floor = (value: number) => Math.floor(value * 1000) / 1000
const ceil = (value: number) => Math.ceil(value * 1000) / 1000

export const cavity = defineEnvironment({
  id: 'cavity',
  version: 1,
  title: 'Cavity with sliding lids',
  source: 'Ghia, Ghia & Shin 1982, doi:10.1016/0021-9991(82)90058-4',
  range: 'exactly the reach, as sound',
  parameters: schema,

  field({ viscosity, speed, period, reach }, size) {
    if (crest * speed > fastest * reach)
      throw new UserError(
        `cavity: lids of speed ${speed} are too fast beside sound; set 'speed' to ${floor((fastest * reach) / crest)} or lower, or 'reach' to ${Math.ceil((crest * speed) / fastest)} or higher`,
      )
    if (crest * speed > sharpest * viscosity)
      throw new UserError(
        `cavity: lids of speed ${speed} drag eddies too sharp for the cells; set 'viscosity' to ${ceil((crest * speed) / sharpest)} or higher, or 'speed' to ${floor((sharpest * viscosity) / crest)} or lower`,
      )
    if (viscosity > thickest * reach)
      throw new UserError(
        `cavity: a viscosity of ${viscosity} acts beyond the reach; set 'viscosity' to ${floor(thickest * reach)} or lower, or 'reach' to ${Math.ceil(viscosity / thickest)} or higher`,
      )
    return {
      height: size,
      width: size,
      channels: [
        { name: 'velocity_x', unit: 'cells/frame' },
        { name: 'velocity_y', unit: 'cells/frame' },
      ],
      likelihood: 'gaussian',
      boundary: 'walls',
      dt: 1,
      burnIn: 50 + Math.ceil(Math.min((2 * size ** 2) / (slowest * viscosity), settled * period)),
    }
  },

  initial({ viscosity, speed, period, lids, reach }: Parameters, size, random): State {
    const draw = (value: () => number) => Float64Array.from({ length: lids * tones }, value)
    return {
      lattice: stillLattice(size, size),
      viscosity: viscosity / reach,
      speed: speed / reach,
      reach,
      turns: draw(() => (2 * Math.PI * 2 ** (2 * random.uniform() - 1)) / (period * reach)),
      phases: draw(() => 2 * Math.PI * random.uniform()),
      speeds: new Float64Array(sides.length),
      time: 0,
    }
  },

  advance(state) {
    const { lattice, viscosity, reach, speeds } = state
    for (let n = 0; n < reach; n++, state.time++) {
      slide(state)
      box(lattice, speeds)
      step(lattice, viscosity)
    }
  },

  observe: ({ lattice, reach }, out) => readVelocity(lattice, reach, out),

  /** Adds to velocity_x; pressure is as it was. */
  perturb: ({ lattice, reach }, row, column, amount) => push(lattice, row, column, amount / reach, 0),

  invariants: ({ lattice }) => ({ 'mean density': { value: 1 + meanDensity(lattice), tolerance: 1e-5 } }),

  reach: ({ reach }) => reach,

  shifts: {
    thinner: {
      change: { viscosity: 0.85 },
      why: 'lids drag a thinner layer along and eddies live longer: each smoothing that was learned is too strong',
    },
    'one-lid': {
      change: { lids: 1 },
      why: 'three walls stand still, which none ever did: motion at the walls must be seen, not expected',
    },
    hasty: {
      change: { period: 8 },
      why: 'lids turn half as soon again: flow is far from steady, and what continued the last frames overshoots',
    },
    'faster-sound': {
      change: { reach: 100 },
      why: 'pressure comes from twice as far within a frame, while all that is seen moves as before',
    },
  },
})
