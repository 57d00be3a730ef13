/**
 * Bouncing balls: equal hard discs in a square box.
 *
 *   dxᵢ/dt = vᵢ between collisions; where two discs touch, vᵢ ← vᵢ − ((vᵢ − vⱼ)·n) n and vⱼ ← vⱼ + ((vᵢ − vⱼ)·n) n;
 *   where a disc touches a wall, vᵢ ← vᵢ − 2 (vᵢ·n) n
 *
 * x position of a centre (cells), v velocity (cells a frame), n unit normal of contact, mass 1, no friction, no
 * rotation. Boundary: four walls. Shown: the fraction of each cell that discs cover, in [0, 1], exact
 * where discs do not overlap (else their sum, at most 1). Speeds start equal and spread as discs collide.
 *
 * Solver: matter-js 0.20. It knows polygons only. A disc is a polygon of 96 sides about the circle that does not turn:
 * contact with walls is exact, between discs its normal is off by up to 180°/96 = 1.9°. Collisions are found at the
 * end of a sub-step, .1 cell at most for a disc of the set speed, and overlaps are then undone without touching
 * velocities: what is left of them is under .1 cell. Energy holds to rounding (1e-11 relative over 10,000 frames);
 * positions follow those of true discs for a few collisions only, as any two billiards part.
 *
 * Source: Sutskever, Hinton & Taylor, The Recurrent Temporal Restricted Boltzmann Machine (NIPS 2008); as in Rahaman
 * et al., Spatially Structured Recurrent Modules (ICLR 2021): 3 balls of radius .12 of the box.
 */
import Matter from 'matter-js'
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'
import { defineEnvironment } from './environment.ts'
import { drawDisc } from './parts/discs.ts'

const parameters = z.object({
  balls: z.int().min(1).max(40).default(3).describe('discs per 24 × 24 cells; a world has at least one'),
  radius: z.number().min(0.5).max(16).default(2.88).describe('radius of a disc, in cells'),
  speed: z.number().min(0.01).max(4).default(1.2).describe('speed of every disc at the start, in cells a frame'),
})
type Parameters = z.output<typeof parameters>

interface State {
  readonly engine: Matter.Engine
  /** The moving bodies of the engine, in order of creation. */
  readonly balls: Matter.Body[]
  readonly size: number
  readonly radius: number
  readonly subSteps: number
}

/** Matter's units in one cell: its thresholds (slop .05, resting speed 2) then are far below anything that moves. */
const unit = 1e6
const sides = 96
const wallThickness = 8
const longestSubStep = 0.1
/** Above this share of the box, random placement gets stuck (random packing jams at .55). */
const densest = 0.4

const ballCount = (balls: number, size: number) => Math.max(1, Math.round((balls * size * size) / (24 * 24)))

function checkFit({ balls, radius }: Parameters, size: number): void {
  const count = ballCount(balls, size)
  const share = (count * Math.PI * radius * radius) / (size * size)
  if (2 * radius >= size)
    throw new UserError(`bouncing-balls: a disc of radius ${radius} does not fit in a box of ${size} cells`)
  if (count > 1 && share > densest)
    throw new UserError(
      `bouncing-balls: ${count} discs of radius ${radius} would fill ${Math.round(100 * share)} % of a box of ` +
        `${size} cells; at most ${100 * densest} % can be placed`,
    )
}

/** Centres at least 2 radii apart and 1 from the walls, uniform among such placements (rejection of each disc). */
function place(count: number, radius: number, size: number, random: Random): { x: number; y: number }[] {
  const centres: { x: number; y: number }[] = []
  const draw = () => radius + (size - 2 * radius) * random.uniform()
  for (let attempt = 0; attempt < 1000; attempt++) {
    centres.length = 0
    for (let tries = 0; tries < 200 * count && centres.length < count; tries++) {
      const centre = { x: draw(), y: draw() }
      if (centres.every(other => Math.hypot(other.x - centre.x, other.y - centre.y) > 2.01 * radius))
        centres.push(centre)
    }
    if (centres.length === count) return centres
  }
  throw new UserError(`bouncing-balls: no room for ${count} discs of radius ${radius} in a box of ${size} cells`)
}

/** Elastic and without friction. The colour is given because matter would draw one from a global stream. */
export const elastic = { restitution: 1, friction: 0, frictionAir: 0, frictionStatic: 0, render: { fillStyle: 'none' } }

function wall(id: number, x: number, y: number, width: number, height: number): Matter.Body {
  const options = { ...elastic, id, isStatic: true }
  return Matter.Bodies.rectangle(x * unit, y * unit, width * unit, height * unit, options)
}

/** Position in cells and velocity in cells a frame of a disc's centre. */
export interface Disc {
  readonly x: number
  readonly y: number
  readonly vx: number
  readonly vy: number
}

/** A box of size × size cells with these discs of one radius in it. */
export function boxOfDiscs(discs: readonly Disc[], radius: number, size: number, subSteps: number): State {
  const [middle, length, offset] = [size / 2, size + 2 * wallThickness, wallThickness / 2]
  const walls = [
    wall(1, middle, -offset, length, wallThickness),
    wall(2, middle, size + offset, length, wallThickness),
    wall(3, -offset, middle, wallThickness, length),
    wall(4, size + offset, middle, wallThickness, length),
  ]
  const balls = discs.map(({ x, y, vx, vy }, i) => {
    const options = { ...elastic, id: walls.length + 1 + i, mass: 1, inertia: Infinity }
    const outerRadius = radius / Math.cos(Math.PI / sides)
    const ball = Matter.Bodies.polygon(x * unit, y * unit, sides, outerRadius * unit, options)
    Matter.Body.setVelocity(ball, { x: (vx * unit) / subSteps, y: (vy * unit) / subSteps })
    return ball
  })
  const engine = Matter.Engine.create({ gravity: { x: 0, y: 0, scale: 0 } })
  // Ids are set here and above, for matter's own count the bodies of all worlds.
  engine.world.id = 0
  Matter.Composite.add(engine.world, [...walls, ...balls])
  return { engine, balls, size, radius, subSteps }
}

/** The discs as they are now: the inverse of `boxOfDiscs`, but for the solver's caches. */
export function discsOf({ balls, subSteps }: State): Disc[] {
  return balls.map(({ position, velocity }) => ({
    x: position.x / unit,
    y: position.y / unit,
    vx: (velocity.x * subSteps) / unit,
    vy: (velocity.y * subSteps) / unit,
  }))
}

export const bouncingBalls = defineEnvironment<typeof parameters, State>({
  id: 'bouncing-balls',
  version: 1,
  title: 'Bouncing balls',
  source: 'Sutskever, Hinton & Taylor, NIPS 2008; Rahaman et al., ICLR 2021',
  range: 'contact (two radii); silent in between',
  parameters,

  field(given, size) {
    checkFit(given, size)
    return {
      height: size,
      width: size,
      channels: [{ name: 'occupancy', unit: 'fraction of the cell' }],
      likelihood: 'bernoulli',
      boundary: 'walls',
      dt: 1,
      burnIn: 0,
    }
  },

  initial(given, size, random) {
    checkFit(given, size)
    const { balls, radius, speed } = given
    const discs = place(ballCount(balls, size), radius, size, random).map(({ x, y }) => {
      const angle = 2 * Math.PI * random.uniform()
      return { x, y, vx: speed * Math.cos(angle), vy: speed * Math.sin(angle) }
    })
    return boxOfDiscs(discs, radius, size, Math.ceil(speed / longestSubStep))
  },

  advance({ engine, subSteps }) {
    for (let i = 0; i < subSteps; i++) Matter.Engine.update(engine)
    // The only trace of the clock in the engine.
    engine.timing.lastElapsed = 0
  },

  observe(state, out) {
    out.fill(0)
    for (const { x, y } of discsOf(state)) drawDisc(out, state.size, state.size, x, y, state.radius)
  },

  /** Moves the disc that covers the cell's centre by `amount` cells, to the first free side, its velocity kept. */
  perturb(state, row, column, amount) {
    const { size, radius } = state
    const discs = discsOf(state)
    const moved = discs.findIndex(({ x, y }) => Math.hypot(x - column - 0.5, y - row - 0.5) <= radius)
    if (moved < 0) return
    const { x, y } = discs[moved]
    const places = [
      { x: x + amount, y },
      { x: x - amount, y },
      { x, y: y + amount },
      { x, y: y - amount },
    ].filter(to => Math.min(to.x, to.y, size - to.x, size - to.y) >= radius)
    const free = (to: Matter.Vector) =>
      discs.every((other, i) => i === moved || Math.hypot(other.x - to.x, other.y - to.y) >= 2 * radius)
    const to = places.find(free) ?? places[0]
    if (to !== undefined) Matter.Body.setPosition(state.balls[moved], { x: to.x * unit, y: to.y * unit })
  },

  invariants(state) {
    const discs = discsOf(state)
    const energy = discs.reduce((sum, { vx, vy }) => sum + (vx * vx + vy * vy) / 2, 0)
    const inside = discs.filter(({ x, y }) => Math.min(x, y) > 0 && Math.max(x, y) < state.size)
    return {
      energy: { value: energy, tolerance: 1e-9 * energy },
      balls: { value: inside.length, tolerance: 0 },
    }
  },

  shifts: {
    'more-balls': { change: { balls: 5 }, why: 'more collisions and touching discs than were ever seen together' },
    'fewer-balls': { change: { balls: 1 }, why: 'a model that counts on three discs must let two of them go' },
    faster: { change: { speed: 1.8 }, why: 'discs move further in a frame than any that was seen' },
    larger: { change: { radius: 3.6 }, why: 'contact begins at distances at which discs used to pass' },
  },
})
