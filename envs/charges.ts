/**
 * Charges: discs in a square box, each of which pulls or pushes every other.
 *
 *     dxᵢ/dt = vᵢ,   dvᵢ/dt = K Σⱼ qᵢqⱼ (xᵢ − xⱼ)/(|xᵢ − xⱼ|² + R²);   at a wall, vᵢ ← vᵢ − 2 (vᵢ·n) n
 *
 * x   position of a centre, cells
 * v   velocity, cells/frame
 * q   charge, +1 or −1; the mass is 1
 * R   radius of a disc, cells
 * K   strength, cells²/frame², 0 … 4
 * n   normal of the wall that the edge of a disc touches
 *
 * This is Coulomb's law where there are two dimensions: the potential is −log r, the force 1/r, and every pair counts.
 * A disc's charge is spread over it (Plummer's softening by its radius), so that discs pass through each other.
 * Boundary: four walls, elastic. Shown: the fraction of each cell that discs of either sign cover, exact where those of
 * one sign do not overlap. A frame is cut into sub-steps; an episode begins 50 frames after a start at random places.
 *
 * The force has no range, so a larger box with as many discs per cell is another world: in more places at once, and
 * with more net charge where the signs are not balanced. Nothing here is local physics that the size could keep.
 *
 * Solver: velocity Verlet, of second order, all pairs at once. Within a sub-step every coordinate runs along a parabola;
 * the first that reaches a wall ends the sub-step there, for all, so that no reflection falls inside of one. Over 10,000
 * frames of the default world energy wanders by .006 K, of some 10 K in all, and does not drift.
 *
 * Source: Hockney & Eastwood, Computer Simulation Using Particles (1988); Plummer, MNRAS 71 (1911),
 * doi:10.1093/mnras/71.5.460 (the softening). As a test of models that relate all things to all, charged particles in a
 * box go back to Kipf et al. 2018, arXiv:1802.04687.
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import { defineEnvironment } from './environment.ts'
import { countIn } from './parts/count.ts'
import { drawDisc } from './parts/discs.ts'

const schema = z.object({
  discs: z.int().min(1).max(40).default(6).describe('discs per 24 × 24 cells; a world has at least one'),
  negative: z.number().min(0).max(1).default(0.5).describe('share of the discs whose charge is negative'),
  radius: z.number().min(0.5).max(16).default(2).describe('R, radius of a disc in cells'),
  strength: z.number().min(0).max(4).default(1).describe('K, force times distance of two discs, cells²/frame²'),
  speed: z.number().min(0).max(4).default(0.7).describe('speed of every disc at the start, in cells a frame'),
})
type Parameters = z.output<typeof schema>

/** Position in cells and velocity in cells a frame of a disc's centre, and its charge. */
export interface ChargedDisc {
  readonly x: number
  readonly y: number
  readonly vx: number
  readonly vy: number
  readonly charge: 1 | -1
}

interface Box {
  readonly size: number
  readonly radius: number
  readonly strength: number
  /** Sub-steps of a frame. */
  readonly steps: number
  readonly charge: Float64Array
  /** x and y of every disc, in turn, as in the arrays below. */
  readonly position: Float64Array
  readonly velocity: Float64Array
  readonly acceleration: Float64Array
  /** The acceleration one sub-step before. */
  readonly previous: Float64Array
}

/** Share of its radius that a disc, as fast as the start and the net charge make it, crosses in a sub-step at most. */
const longestStep = 1 / 16

/** Pairs in all sub-steps of a frame, which then takes some .2 s. */
const mostPairs = 1e7

const pairsOf = (count: number) => (count * (count - 1)) / 2

/** How many of so many discs are negative. */
const negativeOf = (share: number, count: number) => Math.round(share * count)

type Motion = Pick<Parameters, 'radius' | 'strength' | 'speed'>

function subStepsFor(net: number, { radius, strength, speed }: Motion): number {
  const fast = speed + Math.sqrt(strength * (1 + Math.abs(net)))
  return Math.max(1, Math.ceil(fast / (longestStep * radius)))
}

/** A box of size × size cells with these discs in it. */
export function boxOfCharges(discs: readonly ChargedDisc[], motion: Motion, size: number): Box {
  const net = discs.reduce((sum, { charge }) => sum + charge, 0)
  return {
    size,
    radius: motion.radius,
    strength: motion.strength,
    steps: subStepsFor(net, motion),
    charge: Float64Array.from(discs, ({ charge }) => charge),
    position: Float64Array.from(discs.flatMap(({ x, y }) => [x, y])),
    velocity: Float64Array.from(discs.flatMap(({ vx, vy }) => [vx, vy])),
    acceleration: new Float64Array(2 * discs.length),
    previous: new Float64Array(2 * discs.length),
  }
}

/** The discs as they are now. */
export const discsOf = ({ charge, position, velocity }: Box): ChargedDisc[] =>
  Array.from(charge, (sign, i) => ({
    x: position[2 * i],
    y: position[2 * i + 1],
    vx: velocity[2 * i],
    vy: velocity[2 * i + 1],
    charge: sign > 0 ? 1 : -1,
  }))

/** Kinetic energy, and that of all pairs: −K·qᵢqⱼ·½ log(r² + R²). */
export function energy({ charge, position, velocity, radius, strength }: Box): number {
  let sum = 0
  for (let c = 0; c < velocity.length; c++) sum += (velocity[c] * velocity[c]) / 2
  for (let i = 1; i < charge.length; i++)
    for (let j = 0; j < i; j++) {
      const dx = position[2 * i] - position[2 * j]
      const dy = position[2 * i + 1] - position[2 * j + 1]
      sum -= ((strength * charge[i] * charge[j]) / 2) * Math.log(dx * dx + dy * dy + radius * radius)
    }
  return sum
}

/** Sets every disc's acceleration: all pairs, each counted for both. */
export function accelerate({ charge, position, acceleration, radius, strength }: Box): void {
  acceleration.fill(0)
  for (let i = 1; i < charge.length; i++)
    for (let j = 0; j < i; j++) {
      const dx = position[2 * i] - position[2 * j]
      const dy = position[2 * i + 1] - position[2 * j + 1]
      const force = (strength * charge[i] * charge[j]) / (dx * dx + dy * dy + radius * radius)
      acceleration[2 * i] += force * dx
      acceleration[2 * i + 1] += force * dy
      acceleration[2 * j] -= force * dx
      acceleration[2 * j + 1] -= force * dy
    }
}

/** When what is `gap` short of a wall, and moves towards it at v with acceleration a, gets there; infinite if never. */
function timeToWall(gap: number, v: number, a: number): number {
  const square = v * v + 2 * a * gap
  if (square < 0) return Number.POSITIVE_INFINITY
  if (v > 0) return (2 * gap) / (v + Math.sqrt(square))
  return a > 0 ? (Math.sqrt(square) - v) / a : Number.POSITIVE_INFINITY
}

/** Moves all discs by `time`, or until the first of them touches a wall, where it is reflected. @returns what is left. */
function substep(box: Box, time: number): number {
  const { size, radius, position, velocity, acceleration, previous } = box
  let step = time
  let touching = -1
  for (let c = 0; c < position.length; c++) {
    const ahead = timeToWall(size - radius - position[c], velocity[c], acceleration[c])
    const behind = timeToWall(position[c] - radius, -velocity[c], -acceleration[c])
    const soonest = Math.min(ahead, behind)
    if (soonest < step) {
      step = soonest
      touching = c
    }
  }
  for (let c = 0; c < position.length; c++) position[c] += step * (velocity[c] + (step / 2) * acceleration[c])
  previous.set(acceleration)
  accelerate(box)
  for (let c = 0; c < velocity.length; c++) velocity[c] += (step / 2) * (previous[c] + acceleration[c])
  if (touching < 0) return 0
  // A disc that is pressed against a wall would bounce without end: it leaves with what a hundredth of the step gives.
  const least = (Math.abs(acceleration[touching]) / box.steps) * 0.01
  const speed = Math.max(Math.abs(velocity[touching]), least)
  const far = position[touching] > size / 2
  position[touching] = far ? size - radius : radius
  velocity[touching] = far ? -speed : speed
  return time - step
}

export const charges = defineEnvironment({
  id: 'charges',
  version: 1,
  title: 'Charges in a box',
  source: 'Hockney & Eastwood 1988; Kipf et al. 2018, arXiv:1802.04687',
  range: 'every pair, as 1/distance',
  parameters: schema,

  field(parameters, size) {
    const { discs, negative, radius } = parameters
    if (2 * radius >= size)
      throw new UserError(
        `charges: a disc of radius ${radius} does not fit in a box of ${size} cells; it needs more than ${2 * radius}`,
      )
    const count = countIn(discs, size)
    const steps = subStepsFor(count - 2 * negativeOf(negative, count), parameters)
    if (pairsOf(count) * steps > mostPairs)
      throw new UserError(
        `charges: ${count} discs are ${pairsOf(count)} pairs in each of ${steps} sub-steps of a frame, more than ` +
          `${mostPairs} in all; ask for a smaller size or set 'discs' lower`,
      )
    return {
      height: size,
      width: size,
      channels: ['positive', 'negative'].map(name => ({ name, unit: 'fraction of the cell' })),
      likelihood: 'bernoulli',
      boundary: 'walls',
      dt: 1,
      burnIn: 50,
    }
  },

  initial(parameters, size, random) {
    const { discs, negative, radius, speed } = parameters
    const count = countIn(discs, size)
    const place = () => radius + (size - 2 * radius) * random.uniform()
    const placed = Array.from({ length: count }, (_, i): ChargedDisc => {
      const angle = 2 * Math.PI * random.uniform()
      const charge = i < negativeOf(negative, count) ? -1 : 1
      return { x: place(), y: place(), vx: speed * Math.cos(angle), vy: speed * Math.sin(angle), charge }
    })
    return boxOfCharges(placed, parameters, size)
  },

  advance(box) {
    accelerate(box)
    for (let n = 0; n < box.steps; n++) {
      let left = 1 / box.steps
      while (left > 0) left = substep(box, left)
    }
  },

  observe({ size, radius, charge, position }, out) {
    out.fill(0)
    const negative = out.subarray(1)
    for (let i = 0; i < charge.length; i++)
      drawDisc(charge[i] > 0 ? out : negative, size, size, position[2 * i], position[2 * i + 1], radius, 2)
  },

  /** Moves the disc that covers the cell's centre by `amount` cells, to the first side where it fits, velocity kept. */
  perturb(box, row, column, amount) {
    const { size, radius, position } = box
    const i = discsOf(box).findIndex(({ x, y }) => Math.hypot(x - column - 0.5, y - row - 0.5) <= radius)
    if (i < 0) return
    const sides = [
      [2 * i, amount],
      [2 * i, -amount],
      [2 * i + 1, amount],
      [2 * i + 1, -amount],
    ]
    const side = sides.find(([c, by]) => Math.abs(position[c] + by - size / 2) <= size / 2 - radius)
    if (side !== undefined) position[side[0]] += side[1]
  },

  /** Energy may wander by a hundredth of what a disc exchanges with another, and with the net charge, for each disc. */
  invariants(box) {
    const { size, radius, strength, charge, position } = box
    const low = radius - 1e-9
    const inside = charge.filter(
      (_, i) =>
        Math.min(position[2 * i], position[2 * i + 1]) >= low &&
        Math.max(position[2 * i], position[2 * i + 1]) <= size - low,
    )
    const net = charge.reduce((sum, q) => sum + q, 0)
    return {
      energy: { value: energy(box), tolerance: 0.01 * charge.length * strength * (1 + Math.abs(net)) },
      discs: { value: inside.length, tolerance: 0 },
    }
  },

  shifts: {
    'more-charges': {
      change: { discs: 10 },
      why: 'each disc feels nine others instead of five: sums of more forces than were ever seen together',
    },
    'same-sign': {
      change: { negative: 0 },
      why: 'nothing attracts and nothing cancels: discs press each other to the walls, where few were in training',
    },
    stronger: {
      change: { strength: 2 },
      why: 'paths bend twice as much, and what is far away moves a disc as only near ones did',
    },
  },
})
