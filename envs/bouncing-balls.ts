/**
 * Bouncing balls: equal hard discs in a square box.
 *
 *   dxᵢ/dt = vᵢ between collisions; where two discs touch, vᵢ ← vᵢ − ((vᵢ − vⱼ)·n) n and vⱼ ← vⱼ + ((vᵢ − vⱼ)·n) n;
 *   where a disc touches a wall, vᵢ ← vᵢ − 2 (vᵢ·n) n
 *
 * x position of a centre (cells), v velocity (cells a frame), n unit normal of contact, mass 1, no friction, no
 * rotation. Boundary: four walls. Shown: the fraction of each cell that discs cover, in [0, 1], exact.
 * Speeds start equal and spread as discs collide.
 *
 * Solver: matter-js 0.20. It knows polygons only. A disc is a polygon of 96 sides about the circle, so that walls and
 * head-on contacts are exact, discs never overlap, and a normal of contact is off by up to 180°/96 = 1.9°: the law is
 * that of very round polygons that do not turn. Its collisions are found at the end of a sub-step, .1 cell at most for
 * a disc of the set speed, and overlaps are then undone without touching velocities. So energy holds to rounding
 * (1e-11 relative over 10,000 frames), positions follow true discs for a few collisions only, as in any billiard.
 *
 * Source: Sutskever, Hinton & Taylor, The Recurrent Temporal Restricted Boltzmann Machine (NIPS 2008); as in Rahaman
 * et al., Spatially Structured Recurrent Modules (ICLR 2021): 3 balls of radius .12 of the box.
 */
import Matter from 'matter-js'
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'
import { drawDisc } from './discs.ts'
import { defineEnvironment } from './environment.ts'

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
  if (2 * radius >= size) throw new UserError(`a disc of radius ${radius} does not fit in a box of ${size} cells`)
  const share = (count * Math.PI * radius * radius) / (size * size)
  if (share > densest)
    throw new UserError(
      `${count} discs of radius ${radius} fill ${Math.round(100 * share)} % of a box of ${size} cells; ` +
        `at most ${100 * densest} % can be placed`,
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
  throw new UserError(`no room for ${count} discs of radius ${radius} in a box of ${size} cells`)
}

// Bodies take their ids and colours here, for matter's own depend on how many were made before.
const common = { restitution: 1, friction: 0, frictionAir: 0, frictionStatic: 0, render: { fillStyle: 'none' } }

function wall(id: number, x: number, y: number, width: number, height: number): Matter.Body {
  const options = { ...common, id, isStatic: true }
  return Matter.Bodies.rectangle(x * unit, y * unit, width * unit, height * unit, options)
}

/** The velocity of a body, in cells a frame: matter keeps the last two positions. */
const velocity = (ball: Matter.Body, subSteps: number) => ({
  x: (ball.velocity.x * subSteps) / unit,
  y: (ball.velocity.y * subSteps) / unit,
})

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
    const { balls: density, radius, speed } = given
    const subSteps = Math.ceil(speed / longestSubStep)
    const centres = place(ballCount(density, size), radius, size, random)
    const [middle, length, offset] = [size / 2, size + 2 * wallThickness, wallThickness / 2]
    const walls = [
      wall(1, middle, -offset, length, wallThickness),
      wall(2, middle, size + offset, length, wallThickness),
      wall(3, -offset, middle, wallThickness, length),
      wall(4, size + offset, middle, wallThickness, length),
    ]
    const balls = centres.map(({ x, y }, i) => {
      const options = { ...common, id: walls.length + 1 + i, mass: 1, inertia: Infinity }
      const outerRadius = radius / Math.cos(Math.PI / sides)
      const ball = Matter.Bodies.polygon(x * unit, y * unit, sides, outerRadius * unit, options)
      const angle = 2 * Math.PI * random.uniform()
      const step = (speed * unit) / subSteps
      Matter.Body.setVelocity(ball, { x: step * Math.cos(angle), y: step * Math.sin(angle) })
      return ball
    })
    const engine = Matter.Engine.create({ gravity: { x: 0, y: 0, scale: 0 } })
    engine.world.id = 0
    Matter.Composite.add(engine.world, [...walls, ...balls])
    return { engine, balls, size, radius, subSteps }
  },

  advance({ engine, subSteps }) {
    for (let i = 0; i < subSteps; i++) Matter.Engine.update(engine)
    // The only trace of the clock in the engine.
    engine.timing.lastElapsed = 0
  },

  observe({ balls, size, radius }, out) {
    out.fill(0)
    for (const { position } of balls) drawDisc(out, size, size, position.x / unit, position.y / unit, radius)
  },

  /** Moves the disc that covers the cell's centre by `amount` cells, to the first free side, its velocity kept. */
  perturb({ balls, size, radius }, row, column, amount) {
    const distance = (a: Matter.Vector, x: number, y: number) => Math.hypot(a.x / unit - x, a.y / unit - y)
    const ball = balls.find(({ position }) => distance(position, column + 0.5, row + 0.5) <= radius)
    if (ball === undefined) return
    const places = [
      [amount, 0],
      [-amount, 0],
      [0, amount],
      [0, -amount],
    ].map(([dx, dy]) => ({ x: ball.position.x / unit + dx, y: ball.position.y / unit + dy }))
    const inside = ({ x, y }: Matter.Vector) => Math.min(x, y, size - x, size - y) >= radius
    const free = ({ x, y }: Matter.Vector) =>
      balls.every(other => other === ball || distance(other.position, x, y) >= 2 * radius)
    const target = places.find(to => inside(to) && free(to)) ?? places.find(inside)
    if (target !== undefined) Matter.Body.setPosition(ball, { x: target.x * unit, y: target.y * unit })
  },

  invariants({ balls, size, subSteps }) {
    const velocities = balls.map(ball => velocity(ball, subSteps))
    const energy = velocities.reduce((sum, { x, y }) => sum + (x * x + y * y) / 2, 0)
    const inside = balls.filter(({ position: { x, y } }) => Math.min(x, y) > 0 && Math.max(x, y) < size * unit)
    return {
      energy: { value: energy, tolerance: 1e-6 * energy },
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
