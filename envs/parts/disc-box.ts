/**
 * Hard discs in a square box, elastic and without friction or rotation, under gravity or none, solved by matter-js 0.20.
 *
 * matter knows polygons only. A disc is a polygon of 96 sides about the circle that does not turn: contact with walls is
 * exact, between discs its normal is off by up to 180°/96 = 1.9°. Collisions are found at the end of a sub-step, and
 * overlaps are then undone without touching velocities.
 *
 * matter's own gravity loses energy at every bounce, for what it mirrors is a velocity of half a sub-step ago. So
 * gravity is applied here: a sub-step of length h moves a disc by v·h + g·h²/2, exact on a parabola, and what collides
 * is v + g·h, its velocity at the end. A disc that is lifted out of an overlap pays for the height with its speed.
 */
import Matter from 'matter-js'

/** Position in cells and velocity in cells a frame of a disc's centre, radius in cells, mass in any unit. */
export interface Disc {
  readonly x: number
  readonly y: number
  readonly vx: number
  readonly vy: number
  readonly radius: number
  readonly mass: number
}

/** Plain data but for the engine, which `structuredClone` copies too. */
export interface DiscBox {
  readonly engine: Matter.Engine
  /** The moving bodies of the engine, in order of creation. */
  readonly bodies: Matter.Body[]
  readonly radii: Float64Array
  readonly size: number
  readonly subSteps: number
  /** Towards larger y, in cells/frame². */
  readonly gravity: number
  /** Where each disc would be at the end of a sub-step had it met nothing: y in matter's unit. */
  readonly aim: Float64Array
  readonly debt: Float64Array
}

/** Matter's units in one cell: its thresholds (slop .05, resting speed 2) then are far below anything that moves. */
const unit = 1e6
const sides = 96
const wallThickness = 8

/** Elastic and without friction. The colour is given because matter would draw one from a global stream. */
export const elastic = { restitution: 1, friction: 0, frictionAir: 0, frictionStatic: 0, render: { fillStyle: 'none' } }

function wall(id: number, x: number, y: number, width: number, height: number): Matter.Body {
  const options = { ...elastic, id, isStatic: true }
  return Matter.Bodies.rectangle(x * unit, y * unit, width * unit, height * unit, options)
}

/** A box of size × size cells with these discs in it. */
export function boxOfDiscs(discs: readonly Disc[], size: number, subSteps: number, gravity = 0): DiscBox {
  const [middle, length, offset] = [size / 2, size + 2 * wallThickness, wallThickness / 2]
  const walls = [
    wall(1, middle, -offset, length, wallThickness),
    wall(2, middle, size + offset, length, wallThickness),
    wall(3, -offset, middle, wallThickness, length),
    wall(4, size + offset, middle, wallThickness, length),
  ]
  const bodies = discs.map(({ x, y, vx, vy, radius, mass }, i) => {
    const options = { ...elastic, id: walls.length + 1 + i, mass, inertia: Infinity }
    const outerRadius = radius / Math.cos(Math.PI / sides)
    const body = Matter.Bodies.polygon(x * unit, y * unit, sides, outerRadius * unit, options)
    Matter.Body.setVelocity(body, { x: (vx * unit) / subSteps, y: (vy * unit) / subSteps })
    return body
  })
  const engine = Matter.Engine.create({ gravity: { x: 0, y: 0, scale: 0 } })
  // Ids are set here and above, for matter's own count the bodies of all worlds.
  engine.world.id = 0
  Matter.Composite.add(engine.world, [...walls, ...bodies])
  const radii = Float64Array.from(discs, ({ radius }) => radius)
  return {
    engine,
    bodies,
    radii,
    size,
    subSteps,
    gravity,
    aim: new Float64Array(discs.length),
    debt: new Float64Array(discs.length),
  }
}

/** One sub-step of discs that fall. */
function fall({ engine, bodies, subSteps, gravity, aim, debt }: DiscBox): void {
  const gain = (gravity * unit) / (subSteps * subSteps)
  bodies.forEach((body, i) => {
    const { position, velocity } = body
    aim[i] = position.y + velocity.y + gain / 2
    Matter.Body.translate(body, { x: 0, y: -gain / 2 })
    Matter.Body.setVelocity(body, { x: velocity.x, y: velocity.y + gain })
  })
  Matter.Engine.update(engine)
  bodies.forEach((body, i) => {
    debt[i] += 2 * gain * (aim[i] - body.position.y)
    const squared = Matter.Vector.magnitudeSquared(body.velocity)
    if (squared <= debt[i]) return
    Matter.Body.setVelocity(body, Matter.Vector.mult(body.velocity, Math.sqrt(1 - debt[i] / squared)))
    debt[i] = 0
  })
}

/** One frame later. */
export function advanceBox(box: DiscBox): void {
  const { engine, subSteps, gravity } = box
  for (let i = 0; i < subSteps; i++) gravity === 0 ? Matter.Engine.update(engine) : fall(box)
  // The only trace of the clock in the engine.
  engine.timing.lastElapsed = 0
}

/** The discs as they are now: the inverse of `boxOfDiscs`, but for the solver's caches. */
export function discsOf({ bodies, radii, subSteps }: DiscBox): Disc[] {
  return bodies.map(({ position, velocity, mass }, i) => ({
    x: position.x / unit,
    y: position.y / unit,
    vx: (velocity.x * subSteps) / unit,
    vy: (velocity.y * subSteps) / unit,
    radius: radii[i],
    mass,
  }))
}

/** Puts a disc elsewhere, its velocity kept. */
export function moveDisc({ bodies }: DiscBox, disc: number, x: number, y: number): void {
  Matter.Body.setPosition(bodies[disc], { x: x * unit, y: y * unit })
}
