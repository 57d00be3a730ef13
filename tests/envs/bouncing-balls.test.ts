import { describe, expect, it } from 'vitest'
import { bouncingBalls } from '../../envs/bouncing-balls.ts'
import { parseParameters } from '../../envs/environment.ts'
import { type Disc, discsOf } from '../../envs/parts/disc-box.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

const start = (name: string, given: Record<string, unknown> = {}, size = 24) => {
  const parameters = parseParameters(bouncingBalls, given)
  const state = bouncingBalls.initial(parameters, size, randomStream(name))
  return { state, parameters, discs: () => discsOf(state.box) }
}
const speed = ({ vx, vy }: Disc) => Math.hypot(vx, vy)

describe('bouncing-balls', () => {
  it.each([
    [{}, 1e-11],
    [{ spread: 0.5 }, 1e-11],
    [{ balls: 8, radius: 1.5 }, 1e-11],
    [{ gravity: 0.03 }, 2e-3],
    [{ gravity: 0.1, spread: 0.4 }, 2e-3],
  ])('discs with %o keep their energy to %d and stay in the box for 10,000 frames', (given, tolerance) => {
    const { state, parameters, discs } = start('energy', given)
    const energy = () => bouncingBalls.invariants!(state).energy.value
    const before = energy()
    let [drift, overlap] = [0, 0]
    for (let frame = 0; frame < 10_000; frame++) {
      bouncingBalls.advance(state, parameters)
      drift = Math.max(drift, Math.abs(energy() / before - 1))
      const now = discs()
      now.forEach((a, i) => {
        overlap = Math.max(overlap, a.radius - Math.min(a.x, a.y, 24 - a.x, 24 - a.y))
        for (const b of now.slice(0, i))
          overlap = Math.max(overlap, a.radius + b.radius - Math.hypot(a.x - b.x, a.y - b.y))
      })
    }
    expect(drift).toBeLessThan(tolerance)
    expect(overlap).toBeLessThan(0.2)
  })

  it('places discs apart from each other and the walls, all of the given speed, more in a larger box', () => {
    for (const spread of [0, 0.3])
      for (const [size, count] of [
        [8, 1],
        [24, 3],
        [48, 12],
      ]) {
        const discs = start(`place/${size}`, { spread }, size).discs()
        expect(discs).toHaveLength(count)
        discs.forEach((a, i) => {
          expect(speed(a)).toBeCloseTo(1.2, 9)
          expect(Math.min(a.x, a.y, size - a.x, size - a.y)).toBeGreaterThan(a.radius)
          for (const b of discs.slice(0, i))
            expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(a.radius + b.radius)
        })
      }
  })

  it('discs overlap by less than .1 cell at the end of any frame, five as well as three', () => {
    for (const balls of [3, 5]) {
      const { state, parameters, discs } = start('overlaps', { balls })
      let [deepest, met] = [0, 0]
      for (let frame = 0; frame < 3000; frame++) {
        bouncingBalls.advance(state, parameters)
        discs().forEach((a, i, all) => {
          for (const b of all.slice(0, i)) {
            const overlap = a.radius + b.radius - Math.hypot(a.x - b.x, a.y - b.y)
            deepest = Math.max(deepest, overlap)
            if (overlap > 0) met++
          }
        })
      }
      expect(met).toBeGreaterThan(0)
      expect(deepest).toBeLessThan(0.1)
    }
  })

  it('draws radii from radius · [1 − spread, 1 + spread], masses as the areas', () => {
    const discs = Array.from({ length: 40 }, (_, i) => start(`radii/${i}`, { spread: 0.5, balls: 5 }).discs()).flat()
    const ratios = discs.map(({ radius }) => radius / 2.88).sort((a, b) => a - b)
    expect(ratios[0]).toBeGreaterThan(0.5)
    expect(ratios[0]).toBeLessThan(0.55)
    expect(ratios[199]).toBeGreaterThan(1.45)
    expect(ratios[199]).toBeLessThan(1.5)
    for (const { radius, mass } of discs) expect(mass / radius ** 2).toBeCloseTo(1 / 2.88 ** 2, 12)
  })

  it('shows nothing behind the curtain and everything beside it', () => {
    const look = (given: Record<string, unknown>) => {
      const { state, parameters } = start('curtain', { balls: 8, radius: 1.5, ...given })
      // Streams are told apart by name only: both worlds are the same.
      for (let frame = 0; frame < 20; frame++) bouncingBalls.advance(state, parameters)
      const frame = new Float32Array(24 * 24)
      bouncingBalls.observe(state, frame)
      return frame
    }
    const open = look({})
    const hidden = (first: number, last: number) => open.map((x, i) => (i % 24 >= first && i % 24 < last ? 0 : x))
    expect(look({ curtain: 6 })).toEqual(hidden(9, 15))
    expect(look({ curtain: 6 })).not.toEqual(open)
    expect(look({ curtain: 4, curtainAt: 0 })).toEqual(hidden(0, 4))
    expect(look({ curtain: 4, curtainAt: 1 })).toEqual(hidden(20, 24))
  })

  it('moves the one disc that covers the disturbed cell by one cell, and no velocity', () => {
    const { state, discs } = start('disturb', { spread: 0.3 })
    const before = discs()
    const { x, y } = before[1]
    bouncingBalls.perturb(state, Math.floor(y), Math.floor(x), 1)
    const after = discs()
    expect(Math.hypot(after[1].x - x, after[1].y - y)).toBeCloseTo(1, 9)
    after.forEach((disc, i) => {
      expect([disc.vx, disc.vy]).toEqual([before[i].vx, before[i].vy])
      if (i !== 1) expect(disc).toEqual(before[i])
    })
  })

  it('continues identically from a copy, in the middle of bounces under gravity', () => {
    const { state, parameters } = start('copy', { gravity: 0.05, spread: 0.4, balls: 5 })
    for (let frame = 0; frame < 100; frame++) bouncingBalls.advance(state, parameters)
    const copy = structuredClone(state)
    for (let frame = 0; frame < 100; frame++) {
      bouncingBalls.advance(state, parameters)
      bouncingBalls.advance(copy, parameters)
    }
    expect(copy).toEqual(state)
  })

  it.each([
    [{ balls: 20 }, 24, /20 discs of radius 2.88 would fill 90 % of a box of 24 cells; at most 40 %/],
    [{ radius: 12 }, 24, /a disc of radius 12 does not fit in a box of 24 cells/],
    [{ radius: 8, spread: 0.6 }, 24, /a disc of radius 12.8 does not fit in a box of 24 cells/],
    [{ radius: 1, spread: 0.7 }, 24, /spread 0.7 makes discs of radius 0.3; at least 0.5 cells/],
    [{ curtain: 24 }, 24, /a curtain of 24 cells hides all of a box of 24/],
  ])('refuses %o in a box of %i cells', (given, size, message) => {
    const parameters = parseParameters(bouncingBalls, given)
    expect(() => bouncingBalls.field(parameters, size)).toThrow(UserError)
    expect(() => bouncingBalls.field(parameters, size)).toThrow(message)
  })

  it('refuses parameters out of range', () => {
    expect(() => parseParameters(bouncingBalls, { balls: 2.5 })).toThrow(/parameter 'balls'/)
    expect(() => parseParameters(bouncingBalls, { speed: -1 })).toThrow(/parameter 'speed'/)
    expect(() => parseParameters(bouncingBalls, { gravity: -0.1 })).toThrow(/parameter 'gravity'/)
    expect(() => parseParameters(bouncingBalls, { spread: 1 })).toThrow(/parameter 'spread'/)
    expect(() => parseParameters(bouncingBalls, { curtain: 2.5 })).toThrow(/parameter 'curtain'/)
  })
})
