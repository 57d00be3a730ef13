/**
 * Hard discs in a square box, elastic and without friction or rotation, under gravity or none: matter-js 0.20, with
 * contacts of true circles.
 *
 * `Engine.update` of matter takes a circle for a polygon of 10 to 26 sides, whose normal at a contact between discs is
 * off by up to 180°/26 = 7°; one of 96 sides is right to 1.9° and five times as slow. So matter's steps are called here
 * one by one – Verlet's, its pairs, its solver of overlaps, its solver of velocities – and are told which discs touch by
 * their distance: exact along the line of the centres, and several times as fast as the engine with its own circles.
 *
 * Contacts are found at the end of a sub-step, overlaps then undone without touching velocities, so a collision is late
 * by up to a sub-step, and its normal off by what the discs moved since.
 *
 * Gravity: a sub-step of length h moves a disc by v·h + g·h²/2, exact on a parabola, and what collides is v + g·h, its
 * velocity at the end (matter's own mirrors the mean velocity of the sub-step, and so loses energy at every bounce). A
 * disc that is lifted out of an overlap pays for the height with its speed, or owes it until it can.
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

/** A body and its pairs with what the published types of matter leave out. */
type Body = Matter.Body & { readonly positionPrev: Matter.Vector }
type Pairs = Matter.Pairs & { readonly list: Matter.Pair[]; readonly table: Record<string, Matter.Pair | undefined> }

/** Plain data. */
export interface DiscBox {
  /** In order of creation. Their outlines mean nothing. */
  readonly bodies: Body[]
  /** Left, right, upper, lower. */
  readonly walls: Matter.Body[]
  readonly pairs: Pairs
  readonly collisions: Matter.Collision[]
  readonly radii: Float64Array
  readonly size: number
  readonly subSteps: number
  /** Sub-steps so far: matter's time stamp of a pair. */
  time: number
  /** Towards larger y, in cells/frame². */
  readonly gravity: number
  /** y of each disc before it was lifted out of overlaps, and what it owes for that: twice an energy by its mass. */
  readonly unlifted: Float64Array
  readonly debt: Float64Array
}

/** Matter's units in one cell: its thresholds (slop .05, resting speed 2) then are far below anything that moves. */
const unit = 1e9
/** Matter's own time step, for which its velocities are distances a step, and its numbers of passes over all contacts. */
const matterStep = 1000 / 60
const positionPasses = 6
const velocityPasses = 4

/** Elastic and without friction. The colour is given because matter would draw one from a global stream. */
const elastic = { restitution: 1, friction: 0, frictionAir: 0, frictionStatic: 0, render: { fillStyle: 'none' } }

/** A box of size × size cells with these discs in it. */
export function boxOfDiscs(discs: readonly Disc[], size: number, subSteps: number, gravity = 0): DiscBox {
  // Ids are set, for matter's own count the bodies of all worlds.
  const walls = [1, 2, 3, 4].map(id => Matter.Body.create({ ...elastic, id, isStatic: true }))
  const bodies = discs.map(({ x, y, vx, vy, mass }, i) => {
    const position = { x: x * unit, y: y * unit }
    const body = Matter.Body.create({ ...elastic, id: walls.length + 1 + i, position, mass, inertia: Infinity })
    Matter.Body.setVelocity(body, { x: (vx * unit) / subSteps, y: (vy * unit) / subSteps })
    return body as Body
  })
  return {
    bodies,
    walls,
    pairs: Matter.Pairs.create({}) as Pairs,
    collisions: [],
    radii: Float64Array.from(discs, ({ radius }) => radius * unit),
    size,
    subSteps,
    time: 0,
    gravity,
    unlifted: new Float64Array(discs.length),
    debt: new Float64Array(discs.length),
  }
}

/** Notes that b overlaps a by `depth` along the unit vector (x, y) from b to a. */
function touch({ pairs, collisions }: DiscBox, a: Matter.Body, b: Matter.Body, x: number, y: number, depth: number) {
  const known = pairs.table[Matter.Pair.id(a, b)]
  const collision = known?.collision ?? Matter.Collision.create(a, b)
  Object.assign(collision, { collided: true, depth, supportCount: 1 })
  Object.assign(collision.normal, { x, y })
  Object.assign(collision.tangent, { x: -y, y: x })
  // Where they touch does not matter to what cannot turn.
  collision.supports[0] = b.position as Matter.Vertex
  collisions.push(collision)
}

function findContacts(box: DiscBox): void {
  const { bodies, walls, radii } = box
  const side = box.size * unit
  box.collisions.length = 0
  for (let i = 0; i < bodies.length; i++) {
    const { x, y } = bodies[i].position
    const radius = radii[i]
    if (x < radius) touch(box, walls[0], bodies[i], -1, 0, radius - x)
    if (x > side - radius) touch(box, walls[1], bodies[i], 1, 0, x + radius - side)
    if (y < radius) touch(box, walls[2], bodies[i], 0, -1, radius - y)
    if (y > side - radius) touch(box, walls[3], bodies[i], 0, 1, y + radius - side)
    for (let j = 0; j < i; j++) {
      const dx = bodies[j].position.x - x
      const dy = bodies[j].position.y - y
      const reach = radius + radii[j]
      const squared = dx * dx + dy * dy
      if (squared >= reach * reach) continue
      const distance = Math.sqrt(squared)
      touch(box, bodies[j], bodies[i], dx / distance, dy / distance, reach - distance)
    }
  }
}

function subStep(box: DiscBox): void {
  const { bodies, pairs, collisions, unlifted, debt } = box
  const gain = (box.gravity * unit) / (box.subSteps * box.subSteps)
  for (let i = 0; i < bodies.length; i++) {
    const body = bodies[i]
    Matter.Body.update(body, matterStep, 1, 1)
    body.position.y += gain / 2
    body.positionPrev.y -= gain / 2
    unlifted[i] = body.position.y
  }
  findContacts(box)
  if (collisions.length > 0 || pairs.list.length > 0) Matter.Pairs.update(pairs, collisions, ++box.time)
  Matter.Resolver.preSolvePosition(pairs.list)
  for (let pass = 0; pass < positionPasses; pass++) Matter.Resolver.solvePosition(pairs.list, matterStep)
  Matter.Resolver.postSolvePosition(bodies)
  Matter.Resolver.preSolveVelocity(pairs.list)
  for (let pass = 0; pass < velocityPasses; pass++) Matter.Resolver.solveVelocity(pairs.list, matterStep)
  if (gain === 0) return
  for (let i = 0; i < bodies.length; i++) {
    const { position, positionPrev } = bodies[i]
    debt[i] += 2 * gain * (unlifted[i] - position.y)
    const [vx, vy] = [position.x - positionPrev.x, position.y - positionPrev.y]
    const squared = vx * vx + vy * vy
    if (squared <= debt[i]) continue
    const slower = Math.sqrt(1 - debt[i] / squared)
    positionPrev.x = position.x - slower * vx
    positionPrev.y = position.y - slower * vy
    debt[i] = 0
  }
}

/** One frame later. */
export function advanceBox(box: DiscBox): void {
  for (let i = 0; i < box.subSteps; i++) subStep(box)
}

/** The discs as they are now: the inverse of `boxOfDiscs`, but for the solver's caches. */
export function discsOf({ bodies, radii, subSteps }: DiscBox): Disc[] {
  return bodies.map(({ position, positionPrev, mass }, i) => ({
    x: position.x / unit,
    y: position.y / unit,
    vx: ((position.x - positionPrev.x) * subSteps) / unit,
    vy: ((position.y - positionPrev.y) * subSteps) / unit,
    radius: radii[i] / unit,
    mass,
  }))
}

/** Puts a disc elsewhere, its velocity kept. */
export function moveDisc({ bodies }: DiscBox, disc: number, x: number, y: number): void {
  Matter.Body.setPosition(bodies[disc], { x: x * unit, y: y * unit })
}
