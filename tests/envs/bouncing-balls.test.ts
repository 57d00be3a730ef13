import fc from 'fast-check'
import Matter from 'matter-js'
import { describe, expect, it } from 'vitest'
import { bouncingBalls, boxOfDiscs, type Disc, discsOf, elastic } from '../../envs/bouncing-balls.ts'
import { parseParameters } from '../../envs/environment.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

const defaults = bouncingBalls.parameters.parse({})
const start = (name: string, size = 24, parameters = defaults) =>
  bouncingBalls.initial(parameters, size, randomStream(name))
const energy = (state: ReturnType<typeof start>) => bouncingBalls.invariants!(state).energy.value
const speed = ({ vx, vy }: Disc) => Math.hypot(vx, vy)

/** Runs a box of two discs of radius 2 until their velocities change, and returns them before and after. */
function collide(first: Disc, second: Disc, subSteps: number): { before: Disc[]; after: Disc[] } {
  const state = boxOfDiscs([first, second], 2, 40, subSteps)
  for (let i = 0; i < 30 * subSteps; i++) {
    const before = discsOf(state)
    Matter.Engine.update(state.engine)
    const after = discsOf(state)
    if (after.some((disc, n) => Math.abs(disc.vx - before[n].vx) > 1e-6)) return { before, after }
  }
  throw new Error('no collision')
}

describe('elastic discs', () => {
  it('keep their energy and stay in the box for 10,000 frames', () => {
    const state = start('energy')
    const before = energy(state)
    expect(before).toBeCloseTo((3 * 1.2 ** 2) / 2, 9)
    let [drift, overlap] = [0, 0]
    for (let frame = 0; frame < 10_000; frame++) {
      bouncingBalls.advance(state, defaults)
      const discs = discsOf(state)
      drift = Math.max(drift, Math.abs(energy(state) / before - 1))
      discs.forEach((a, i) => {
        overlap = Math.max(overlap, 2.88 - Math.min(a.x, a.y, 24 - a.x, 24 - a.y))
        for (const b of discs.slice(0, i)) overlap = Math.max(overlap, 2 * 2.88 - Math.hypot(a.x - b.x, a.y - b.y))
      })
    }
    expect(drift).toBeLessThan(1e-11)
    expect(overlap).toBeLessThan(0.1)
  })

  it('exchange velocities when they meet head-on', () => {
    const { after } = collide({ x: 10, y: 20, vx: 1, vy: 0 }, { x: 20, y: 20, vx: -0.5, vy: 0 }, 10)
    expect(after[0].vx).toBeCloseTo(-0.5, 9)
    expect(after[1].vx).toBeCloseTo(1, 9)
    expect(Math.max(Math.abs(after[0].vy), Math.abs(after[1].vy))).toBeLessThan(1e-9)
  })

  it('keep momentum and energy in oblique collisions, along a normal that is right to 1.9°', () => {
    fc.assert(
      fc.property(fc.double({ min: -3.5, max: 3.5, noNaN: true }), impact => {
        const { before, after } = collide({ x: 10, y: 20 + impact, vx: 1, vy: 0 }, { x: 20, y: 20, vx: 0, vy: 0 }, 1000)
        const sum = (discs: Disc[], of: (disc: Disc) => number) => discs.reduce((total, disc) => total + of(disc), 0)
        for (const of of [(d: Disc) => d.vx, (d: Disc) => d.vy, (d: Disc) => d.vx ** 2 + d.vy ** 2])
          expect(sum(after, of)).toBeCloseTo(sum(before, of), 9)
        // The disc that was at rest leaves along the line of the centres at contact.
        const truth = Math.atan2(-impact, Math.sqrt(16 - impact ** 2))
        const error = Math.atan2(after[1].vy, after[1].vx) - truth
        expect((Math.abs(error) * 180) / Math.PI).toBeLessThan(1.95)
      }),
      { numRuns: 40 },
    )
  })

  it('mirror their velocity at a wall', () => {
    const state = boxOfDiscs([{ x: 12, y: 12, vx: 0.7, vy: -0.4 }], 3, 24, 10)
    for (let frame = 0; frame < 15; frame++) bouncingBalls.advance(state, defaults)
    const [{ vx, vy }] = discsOf(state)
    expect([vx, vy].map(v => Math.round(v * 1e9) / 1e9)).toEqual([-0.7, -0.4])
  })

  it.each([
    [1, 3],
    [100, 31],
  ])("counts Galperin's collisions on the same solver: mass ratio %i gives %i", (ratio, expected) => {
    // Ratio 10⁴ comes out right from 2,000 sub-steps a frame on, after 3 million of them: too slow for here.
    const [unit, subSteps] = [1e6, 300]
    const block = (x: number, mass: number) =>
      Matter.Bodies.rectangle(x * unit, 0, unit, unit, { ...elastic, mass, inertia: Infinity })
    const wall = Matter.Bodies.rectangle(-5 * unit, 0, 10 * unit, 10 * unit, { ...elastic, isStatic: true })
    const [small, large] = [block(1.5, 1), block(3.5, ratio)]
    Matter.Body.setVelocity(large, { x: -unit / subSteps, y: 0 })
    const engine = Matter.Engine.create({ gravity: { x: 0, y: 0, scale: 0 } })
    Matter.Composite.add(engine.world, [wall, small, large])
    let collisions = 0
    let last = 0
    while (small.velocity.x < 0 || large.velocity.x < small.velocity.x || collisions === 0) {
      Matter.Engine.update(engine)
      if (Math.abs(small.velocity.x - last) > 1e-6 * (unit / subSteps)) collisions++
      last = small.velocity.x
    }
    expect(collisions).toBe(expected)
  })
})

describe('bouncing-balls', () => {
  it('places discs apart from each other and the walls, all of the given speed, more in a larger box', () => {
    for (const [size, count] of [
      [8, 1],
      [24, 3],
      [48, 12],
    ]) {
      const discs = discsOf(start(`place/${size}`, size))
      expect(discs).toHaveLength(count)
      discs.forEach((a, i) => {
        expect(speed(a)).toBeCloseTo(1.2, 9)
        expect(Math.min(a.x, a.y, size - a.x, size - a.y)).toBeGreaterThan(2.88)
        for (const b of discs.slice(0, i)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(2 * 2.88)
      })
    }
  })

  it('moves the one disc that covers the disturbed cell by one cell, and no velocity', () => {
    const state = start('disturb')
    const before = discsOf(state)
    const { x, y } = before[1]
    bouncingBalls.perturb(state, Math.floor(y), Math.floor(x), 1)
    const after = discsOf(state)
    expect(Math.hypot(after[1].x - x, after[1].y - y)).toBeCloseTo(1, 9)
    after.forEach((disc, i) => {
      expect([disc.vx, disc.vy]).toEqual([before[i].vx, before[i].vy])
      if (i !== 1) expect(disc).toEqual(before[i])
    })
  })

  it.each([
    [{ balls: 20 }, 24, /20 discs of radius 2.88 would fill 90 % of a box of 24 cells; at most 40 %/],
    [{ radius: 12 }, 24, /a disc of radius 12 does not fit in a box of 24 cells/],
  ])('refuses %o in a box of %i cells', (given, size, message) => {
    const parameters = parseParameters(bouncingBalls, given)
    expect(() => bouncingBalls.field(parameters, size)).toThrow(UserError)
    expect(() => bouncingBalls.field(parameters, size)).toThrow(message)
  })

  it('refuses parameters out of range', () => {
    expect(() => parseParameters(bouncingBalls, { balls: 2.5 })).toThrow(/parameter 'balls'/)
    expect(() => parseParameters(bouncingBalls, { speed: -1 })).toThrow(/parameter 'speed'/)
  })
})
