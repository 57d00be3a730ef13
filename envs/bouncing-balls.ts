/**
 * Bouncing balls: hard discs in a square box, of equal or unequal size, with or without gravity.
 *
 *   dxᵢ/dt = vᵢ, dvᵢ/dt = g between collisions; where discs touch,
 *   vᵢ ← vᵢ − 2mⱼ/(mᵢ + mⱼ) ((vᵢ − vⱼ)·n) n and vⱼ ← vⱼ + 2mᵢ/(mᵢ + mⱼ) ((vᵢ − vⱼ)·n) n: equal masses exchange their
 *   velocities along n; where a disc touches a wall, vᵢ ← vᵢ − 2 (vᵢ·n) n
 *
 * x position of a centre (cells), v velocity (cells a frame), g gravity towards the last row (cells/frame²), n unit
 * normal of contact, m mass ∝ area; no friction, no rotation. Boundary: four walls. Shown: the fraction of each cell
 * that discs cover, in [0, 1], exact where discs do not overlap (else their sum, at most 1). A curtain hides a strip of
 * columns, which then looks empty: discs go on behind it. Speeds start equal and spread as discs collide.
 *
 * Solver: steps and solver of matter-js, contacts of true circles (parts/disc-box.ts), in sub-steps of .1 cell at most for
 * a disc of the set speed. What it holds, over 10,000 frames: energy to rounding (1e-11 relative) without gravity, to
 * .001 with it; overlaps under .1 cell at the end of a frame (small, fast discs: .2). Two discs before a wall count
 * Galperin's 3, 31 and 314 collisions of masses 1 : 1, 100 and 10⁴ right, the last in sub-steps of .001 cell. Positions
 * converge to the exact billiard with the first power of the sub-step; as set, three discs are .6 cells from it after
 * 20 frames and a whole cell after 26, three collisions on, as any two billiards part.
 *
 * Source: Sutskever, Hinton & Taylor, The Recurrent Temporal Restricted Boltzmann Machine (NIPS 2008); as in Rahaman
 * et al., Spatially Structured Recurrent Modules (ICLR 2021): 3 balls of radius .12 of the box, and a curtain.
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'
import { defineEnvironment } from './environment.ts'
import { countIn } from './parts/count.ts'
import { advanceBox, boxOfDiscs, type DiscBox, discsOf, moveDisc } from './parts/disc-box.ts'
import { drawDisc } from './parts/discs.ts'

const parameters = z.object({
  balls: z.int().min(1).max(40).default(3).describe('discs per 24 × 24 cells; a world has at least one'),
  radius: z.number().min(0.5).max(16).default(2.88).describe('mean radius of the discs, in cells'),
  spread: z.number().min(0).max(0.8).default(0).describe('radii are uniform in radius · [1 − spread, 1 + spread]'),
  speed: z.number().min(0.01).max(4).default(1.2).describe('speed of every disc at the start, in cells a frame'),
  gravity: z.number().min(0).max(0.5).default(0).describe('acceleration towards the last row, in cells/frame²'),
  curtain: z.int().min(0).max(256).default(0).describe('width of the strip of columns that looks empty, in cells'),
  curtainAt: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('where that strip is: 0 = at the left wall, 1 = at the right wall'),
})
type Parameters = z.output<typeof parameters>

interface State {
  readonly box: DiscBox
  /** Columns from the first to before the last are behind the curtain. */
  readonly curtain: { readonly first: number; readonly last: number }
}

const longestSubStep = 0.1
/** Above this share of the box, random placement gets stuck (random packing jams at .55). */
const densest = 0.4
/** Of the smallest disc, in cells. */
const smallestRadius = 0.5

function checkFit({ balls, radius, spread, curtain }: Parameters, size: number): void {
  const count = countIn(balls, size)
  const [smallest, largest] = [1 - spread, 1 + spread].map(ratio => Number((ratio * radius).toPrecision(3)))
  const share = (count * Math.PI * radius * radius * (1 + spread ** 2 / 3)) / (size * size)
  if (smallest < smallestRadius)
    throw new UserError(
      `bouncing-balls: spread ${spread} makes discs of radius ${smallest}; at least ${smallestRadius} cells`,
    )
  if (2 * largest >= size)
    throw new UserError(
      `bouncing-balls: a disc of radius ${largest} does not fit in a box of ${size} cells; it needs more than ${2 * largest}`,
    )
  if (count > 1 && share > densest)
    throw new UserError(
      `bouncing-balls: ${count} discs of radius ${radius} would fill ${Math.round(100 * share)} % of a box of ` +
        `${size} cells; at most ${100 * densest} % can be placed`,
    )
  if (curtain >= size)
    throw new UserError(`bouncing-balls: a curtain of ${curtain} cells hides all of a box of ${size}`)
}

/** Centres of discs apart from each other and the walls, uniform among such placements (rejection of each disc). */
function place(radii: readonly number[], size: number, random: Random): { x: number; y: number; radius: number }[] {
  const discs: { x: number; y: number; radius: number }[] = []
  for (let attempt = 0; attempt < 1000; attempt++) {
    discs.length = 0
    for (let tries = 0; tries < 200 * radii.length && discs.length < radii.length; tries++) {
      const radius = radii[discs.length]
      const draw = () => radius + (size - 2 * radius) * random.uniform()
      const disc = { x: draw(), y: draw(), radius }
      if (discs.every(other => Math.hypot(other.x - disc.x, other.y - disc.y) > 1.005 * (other.radius + radius)))
        discs.push(disc)
    }
    if (discs.length === radii.length) return discs
  }
  throw new UserError(`bouncing-balls: no room for ${radii.length} discs in a box of ${size} cells`)
}

export const bouncingBalls = defineEnvironment<typeof parameters, State>({
  id: 'bouncing-balls',
  version: 2,
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
    const { balls, radius, spread, speed, gravity, curtain, curtainAt } = given
    const sizes = random.split('radii')
    const radii = Array.from({ length: countIn(balls, size) }, () => radius * (1 + spread * (2 * sizes.uniform() - 1)))
    const discs = place(radii, size, random).map(disc => {
      const angle = 2 * Math.PI * random.uniform()
      const mass = (disc.radius / radius) ** 2
      return { ...disc, vx: speed * Math.cos(angle), vy: speed * Math.sin(angle), mass }
    })
    const fastest = Math.sqrt(speed * speed + 2 * gravity * size)
    const first = Math.round(curtainAt * (size - curtain))
    return {
      box: boxOfDiscs(discs, size, Math.ceil(fastest / longestSubStep), gravity),
      curtain: { first, last: first + curtain },
    }
  },

  advance({ box }) {
    advanceBox(box)
  },

  observe({ box, curtain }, out) {
    const { size } = box
    out.fill(0)
    for (const { x, y, radius } of discsOf(box)) drawDisc(out, size, size, x, y, radius)
    for (let row = 0; row < size; row++) out.fill(0, row * size + curtain.first, row * size + curtain.last)
  },

  /** Moves the disc that covers the cell's centre by `amount` cells, to the first free side, its velocity kept. */
  perturb({ box }, row, column, amount) {
    const discs = discsOf(box)
    const moved = discs.findIndex(({ x, y, radius }) => Math.hypot(x - column - 0.5, y - row - 0.5) <= radius)
    if (moved < 0) return
    const { x, y, radius } = discs[moved]
    const places = [
      { x: x + amount, y },
      { x: x - amount, y },
      { x, y: y + amount },
      { x, y: y - amount },
    ].filter(to => Math.min(to.x, to.y, box.size - to.x, box.size - to.y) >= radius)
    const to =
      places.find(to =>
        discs.every((other, i) => i === moved || Math.hypot(other.x - to.x, other.y - to.y) >= other.radius + radius),
      ) ?? places[0]
    if (to !== undefined) moveDisc(box, moved, to.x, to.y)
  },

  invariants({ box }) {
    const { size, gravity } = box
    const discs = discsOf(box)
    const energy = discs.reduce(
      (sum, { y, vx, vy, mass }) => sum + mass * ((vx * vx + vy * vy) / 2 + gravity * (size - y)),
      0,
    )
    const mass = discs.reduce((sum, disc) => sum + disc.mass, 0)
    const inside = discs.filter(({ x, y }) => Math.min(x, y) > 0 && Math.max(x, y) < size)
    return {
      // Under gravity a disc may owe the height of a lift: see disc-box.ts.
      energy: { value: energy, tolerance: 1e-9 * energy + gravity * longestSubStep * mass },
      balls: { value: inside.length, tolerance: 0 },
    }
  },

  shifts: {
    'more-balls': { change: { balls: 5 }, why: 'more collisions and touching discs than were ever seen together' },
    'fewer-balls': { change: { balls: 1 }, why: 'a model that counts on three discs must let two of them go' },
    faster: { change: { speed: 1.8 }, why: 'discs move further in a frame than any that was seen' },
    larger: { change: { radius: 3.6 }, why: 'contact begins at distances at which discs used to pass' },
    unequal: {
      change: { spread: 0.4 },
      why: 'a small disc bounces off a large one: velocities are no longer exchanged',
    },
    gravity: { change: { gravity: 0.03 }, why: 'paths bend and speeds change where nothing is near' },
    curtain: { change: { curtain: 6 }, why: 'discs vanish while they move, meet unseen and must be expected back' },
  },
})
