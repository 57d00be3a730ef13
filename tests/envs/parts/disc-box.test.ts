import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bouncingBalls } from '../../../envs/bouncing-balls.ts'
import { advanceBox, boxOfDiscs, type Disc, discsOf } from '../../../envs/parts/disc-box.ts'
import { randomStream } from '../../../lib/random.ts'

const world = (name: string, given: Record<string, unknown>) =>
  bouncingBalls.initial(bouncingBalls.parameters.parse(given), 24, randomStream(name))
const disc = (x: number, y: number, vx: number, vy: number, radius = 2, mass = 1) => ({ x, y, vx, vy, radius, mass })
const sum = (discs: Disc[], of: (disc: Disc) => number) => discs.reduce((total, disc) => total + of(disc), 0)

/** Runs a box of two discs until their velocities change, and returns them before and after. */
function collide(first: Disc, second: Disc, subSteps: number): { before: Disc[]; after: Disc[] } {
  const box = boxOfDiscs([first, second], 40, subSteps)
  for (let frame = 0; frame < 30; frame++) {
    const before = discsOf(box)
    advanceBox(box)
    const after = discsOf(box)
    if (after.some((disc, n) => Math.abs(disc.vx - before[n].vx) > 1e-6)) return { before, after }
  }
  throw new Error('no collision')
}

/** Where discs are after `time` frames: flown from one collision to the next, each found in closed form. */
function billiard(discs: readonly Disc[], size: number, time: number): Disc[] {
  const now = discs.map(d => ({ ...d }))
  const untilWall = (x: number, v: number, radius: number) => ((v > 0 ? size - radius : radius) - x) / v
  for (let left = time; ; ) {
    let next = { after: left, collide: () => {} }
    now.forEach((a, i) => {
      const events = [
        { after: untilWall(a.x, a.vx, a.radius), collide: () => Object.assign(a, { vx: -a.vx }) },
        { after: untilWall(a.y, a.vy, a.radius), collide: () => Object.assign(a, { vy: -a.vy }) },
        ...now.slice(0, i).map(b => {
          const [x, y, u, v, reach] = [a.x - b.x, a.y - b.y, a.vx - b.vx, a.vy - b.vy, a.radius + b.radius]
          const [approach, square] = [x * u + y * v, u * u + v * v]
          const discriminant = approach ** 2 - square * (x * x + y * y - reach ** 2)
          const meets = approach < 0 && discriminant >= 0
          const collide = () => {
            const [nx, ny] = [(a.x - b.x) / reach, (a.y - b.y) / reach]
            const impulse = (2 * ((a.vx - b.vx) * nx + (a.vy - b.vy) * ny)) / (1 / a.mass + 1 / b.mass)
            a.vx -= (impulse / a.mass) * nx
            a.vy -= (impulse / a.mass) * ny
            b.vx += (impulse / b.mass) * nx
            b.vy += (impulse / b.mass) * ny
          }
          return { after: meets ? (-approach - Math.sqrt(discriminant)) / square : Infinity, collide }
        }),
      ]
      for (const event of events) if (event.after < next.after) next = event
    })
    for (const d of now) {
      d.x += d.vx * next.after
      d.y += d.vy * next.after
    }
    next.collide()
    left -= next.after
    if (left <= 0) return now
  }
}

describe('elastic discs', () => {
  it('exchange velocities when they meet head-on', () => {
    const { after } = collide(disc(10, 20, 1, 0), disc(20, 20, -0.5, 0), 10)
    expect(after[0].vx).toBeCloseTo(-0.5, 9)
    expect(after[1].vx).toBeCloseTo(1, 9)
    expect(Math.max(Math.abs(after[0].vy), Math.abs(after[1].vy))).toBeLessThan(1e-9)
  })

  it('of masses m and M leave a head-on collision at ((m − M)v + 2MV)/(m + M)', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 20, noNaN: true }), mass => {
        const { after } = collide(disc(10, 20, 1, 0, 1), disc(20, 20, -0.5, 0, 3, mass), 10)
        expect(after[0].vx).toBeCloseTo((1 - mass - mass) / (1 + mass), 9)
        expect(after[1].vx).toBeCloseTo((2 - 0.5 * (mass - 1)) / (1 + mass), 9)
      }),
      { numRuns: 20 },
    )
  })

  it('keep momentum and energy in oblique collisions, along the line of the centres', () => {
    fc.assert(
      fc.property(fc.double({ min: -3.5, max: 3.5, noNaN: true }), impact => {
        const { before, after } = collide(disc(10, 20 + impact, 1, 0), disc(20, 20, 0, 0), 500)
        for (const of of [(d: Disc) => d.vx, (d: Disc) => d.vy, (d: Disc) => d.vx ** 2 + d.vy ** 2])
          expect(sum(after, of)).toBeCloseTo(sum(before, of), 9)
        // The disc that was at rest leaves along the line of the centres at contact.
        const truth = Math.atan2(-impact, Math.sqrt(16 - impact ** 2))
        const error = Math.atan2(after[1].vy, after[1].vx) - truth
        // A collision is late by .002 cell at most.
        expect(Math.abs(error)).toBeLessThan(0.002)
      }),
      { numRuns: 25 },
    )
  })

  it('of one mass that touch in a row pass a blow on to the last, within the sub-step in which the first is hit', () => {
    // From the far end on, so that each disc learns of the blow after the one behind it was asked.
    const cradle = [0, 1, 2, 3].map(i => disc(30 - (4 - 1e-6) * i, 20, 0, 0))
    const box = boxOfDiscs([...cradle, disc(30 - 16 - 0.05, 20, 0.1, 0)], 40, 1)
    advanceBox(box)
    expect(discsOf(box).map(({ vx }) => vx)).toEqual([0.1, 0, 0, 0, 0].map(v => expect.closeTo(v, 9)))
  })

  it('packed too closely in a row come apart, and no further', () => {
    const box = boxOfDiscs(
      [0, 1, 2, 3, 4].map(i => disc(20 + 3.9 * i, 20, 0, 0)),
      60,
      10,
    )
    advanceBox(box)
    const places = discsOf(box).map(({ x }) => x)
    for (let i = 1; i < places.length; i++) {
      expect(places[i] - places[i - 1]).toBeGreaterThan(4 - 1e-3)
      expect(places[i] - places[i - 1]).toBeLessThan(4.12)
    }
  })

  it('that stand on one another under gravity sink into one another by less than .005 of a cell', () => {
    const box = boxOfDiscs(
      [0, 1, 2, 3].map(i => disc(10, 18 - 4 * i, 0, 0)),
      20,
      12,
      0.05,
    )
    for (let frame = 0; frame < 100; frame++) {
      advanceBox(box)
      const heights = discsOf(box).map(({ y }) => y)
      expect(heights[0]).toBeLessThan(18.005)
      for (let i = 1; i < heights.length; i++) expect(heights[i - 1] - heights[i]).toBeGreaterThan(3.995)
    }
  })

  it('mirror their velocity at a wall', () => {
    const box = boxOfDiscs([disc(12, 12, 0.7, -0.4, 3)], 24, 10)
    for (let frame = 0; frame < 15; frame++) advanceBox(box)
    const [{ vx, vy }] = discsOf(box)
    expect([vx, vy].map(v => Math.round(v * 1e9) / 1e9)).toEqual([-0.7, -0.4])
  })

  it('fall on the parabola y + v·t + g·t²/2, whatever their mass', () => {
    const box = boxOfDiscs([disc(5, 5, 0.3, -0.2, 2, 1), disc(20, 8, -0.1, 0.1, 1, 7)], 40, 12, 0.02)
    for (let frame = 0; frame < 40; frame++) advanceBox(box)
    const [a, b] = discsOf(box)
    expect([a.x, a.y, a.vx, a.vy].map(v => v.toFixed(8))).toEqual(
      [5 + 0.3 * 40, 5 - 0.2 * 40 + 0.01 * 1600, 0.3, -0.2 + 0.02 * 40].map(v => v.toFixed(8)),
    )
    expect([b.x, b.y, b.vx, b.vy].map(v => v.toFixed(8))).toEqual(
      [20 - 0.1 * 40, 8 + 0.1 * 40 + 0.01 * 1600, -0.1, 0.1 + 0.02 * 40].map(v => v.toFixed(8)),
    )
  })

  it('rise to the height that they fell from, at every bounce', () => {
    const [gravity, drop] = [0.02, 12]
    const box = boxOfDiscs([disc(12, 24 - 2 - drop, 0, 0)], 24, 12, gravity)
    let highest = 24
    const fall = Math.sqrt((2 * drop) / gravity)
    // From the middle of the fourth bounce's way up to the middle of its way down.
    for (let frame = 1; frame < 8.5 * fall; frame++) {
      advanceBox(box)
      if (frame > 7.5 * fall) highest = Math.min(highest, discsOf(box)[0].y)
    }
    expect(highest).toBeGreaterThan(24 - 2 - drop - 1e-6)
    expect(highest).toBeLessThan(24 - 2 - drop + 0.01)
  })

  it('follow the exact billiard as sub-steps shrink, equal or not', () => {
    for (const spread of [0, 0.4]) {
      const errors = (subSteps: number) =>
        Array.from({ length: 11 }, (_, i) => {
          const discs = discsOf(world(`exact/${i}`, { spread }).box)
          const box = boxOfDiscs(discs, 24, subSteps)
          for (let frame = 0; frame < 10; frame++) advanceBox(box)
          const truth = billiard(discs, 24, 10)
          return Math.max(...discsOf(box).map(({ x, y }, n) => Math.hypot(x - truth[n].x, y - truth[n].y)))
        }).sort((a, b) => a - b)
      const [coarse, fine] = [errors(12)[5], errors(1200)[5]]
      expect(fine).toBeLessThan(0.02)
      expect(fine).toBeLessThan(coarse / 20)
    }
  })

  it.each([
    [1, 3],
    [100, 31],
    [10_000, 314],
  ])("count Galperin's collisions: mass ratio %i gives %i", (ratio, expected) => {
    // A wall, a disc at rest, and a heavy one that comes at .001 cell a sub-step, on one line.
    const step = 1e-3
    const box = boxOfDiscs([disc(2, 2, 0, 0, 1), disc(4.01, 2, -step, 0, 1, ratio)], 1e4, 1)
    const [small, large] = box.bodies
    const velocity = ({ position, positionPrev }: (typeof box.bodies)[number]) => position.x - positionPrev.x
    const start = -velocity(large)
    let [collisions, last] = [0, 0]
    while (velocity(small) < 0 || velocity(large) < velocity(small) || collisions === 0) {
      advanceBox(box)
      if (Math.abs(velocity(small) - last) > 1e-6 * start) collisions++
      last = velocity(small)
    }
    expect(collisions).toBe(expected)
    expect((velocity(small) ** 2 / ratio + velocity(large) ** 2) / start ** 2).toBeCloseTo(1, 9)
  })
})
