import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accelerate, boxOfCharges, type ChargedDisc, charges, discsOf, energy } from '../../envs/charges.ts'
import { parseParameters } from '../../envs/environment.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

type Box = ReturnType<typeof boxOfCharges>
const settings = (given: Record<string, number>) => charges.parameters.parse(given)
const start = (given: Record<string, number>, size = 24, name = 'start') =>
  charges.initial(settings(given), size, randomStream(`test/charges/${name}`))

function run(box: Box, frames: number): Box {
  for (let frame = 0; frame < frames; frame++) charges.advance(box, settings({}))
  return box
}

const disc = (x: number, y: number, vx: number, vy: number, charge: 1 | -1 = 1): ChargedDisc => ({
  x,
  y,
  vx,
  vy,
  charge,
})

/** A box in which a frame has as many sub-steps as are asked for. */
const boxOf = (discs: ChargedDisc[], given: Record<string, number>, size: number, steps?: number): Box => {
  const box = boxOfCharges(discs, settings(given), size)
  return steps === undefined ? box : { ...box, steps }
}

/** Two opposite discs on a circle about the middle of a box of 40 cells, with the speed that keeps them on it. */
function pair(distance: number, strength: number, radius: number, steps?: number) {
  const speed = Math.sqrt((strength * distance ** 2) / (2 * (distance ** 2 + radius ** 2)))
  const [left, right] = [20 - distance / 2, 20 + distance / 2]
  const discs = [disc(left, 20, 0, speed, 1), disc(right, 20, 0, -speed, -1)]
  return { box: boxOf(discs, { strength, radius }, 40, steps), period: (Math.PI * distance) / speed, speed }
}

/** Pictures of the two channels. */
function seen(box: Box): { positive: Float32Array; negative: Float32Array } {
  const out = new Float32Array(2 * box.size ** 2).fill(Number.NaN)
  charges.observe(box, out)
  return { positive: out.filter((_, i) => i % 2 === 0), negative: out.filter((_, i) => i % 2 === 1) }
}

describe('two opposite charges', () => {
  it.each([
    [6, 1, 1],
    [14, 0.5, 2],
    [10, 2, 0.5],
  ])('circle each other, %i cells apart, at v² = K·d²/2(d² + R²): K %f, R %f', (distance, strength, radius) => {
    const frames = 40
    const { box, period, speed } = pair(distance, strength, radius, 200)
    const [one, other] = discsOf(run(box, frames))
    const angle = Math.PI - (2 * Math.PI * frames) / period
    expect(one.x).toBeCloseTo(20 + (distance / 2) * Math.cos(angle), 2)
    expect(one.y).toBeCloseTo(20 + (distance / 2) * Math.sin(angle), 2)
    expect([one.x + other.x, one.y + other.y]).toEqual([expect.closeTo(40, 9), expect.closeTo(40, 9)])
    expect(Math.hypot(one.vx, one.vy)).toBeCloseTo(speed, 4)
  })

  it('do so at √(K/2), however far apart, as only a force of 1/r makes them', () => {
    for (const distance of [10, 20, 30]) {
      const discs = [disc(20 - distance / 2, 20, 0, 1), disc(20 + distance / 2, 20, 0, -1, -1)]
      const box = boxOf(discs, { strength: 2, radius: 0.5 }, 40, 100)
      let [least, most] = [Infinity, 0]
      for (let frame = 0; frame < 60; frame++) {
        const [one, other] = discsOf(run(box, 1))
        least = Math.min(least, Math.hypot(one.x - other.x, one.y - other.y))
        most = Math.max(most, Math.hypot(one.x - other.x, one.y - other.y))
      }
      expect(least / distance).toBeGreaterThan(0.99)
      expect(most / distance).toBeLessThan(1.01)
    }
  })
})

describe('the force', () => {
  it('is K·d/(d² + R²): half of it at twice the distance, far away', () => {
    const force = (distance: number, charge: 1 | -1) => {
      const box = boxOf([disc(10, 50, 0, 0), disc(10 + distance, 50, 0, 0, charge)], { strength: 1.5, radius: 1 }, 100)
      accelerate(box)
      return box.acceleration[2]
    }
    expect(force(3, 1)).toBeCloseTo((1.5 * 3) / 10, 14)
    expect(force(3, -1)).toBeCloseTo((-1.5 * 3) / 10, 14)
    expect(force(40, 1) / force(80, 1)).toBeCloseTo(2, 2)
  })

  it('is minus the gradient of the energy', () => {
    const box = start({ discs: 10 })
    accelerate(box)
    box.position.forEach((x, c) => {
      const at = (offset: number) => {
        box.position[c] = x + offset
        return energy(box)
      }
      expect(box.acceleration[c]).toBeCloseTo((at(-1e-5) - at(1e-5)) / 2e-5, 8)
      box.position[c] = x
    })
  })

  const place = fc.double({ min: 2, max: 22, noNaN: true })
  const anyDisc = fc.record({
    x: place,
    y: place,
    vx: fc.constant(0),
    vy: fc.constant(0),
    charge: fc.constantFrom<(1 | -1)[]>(1, -1),
  })

  it('sums to nothing, and so does its torque', () => {
    fc.assert(
      fc.property(fc.array(anyDisc, { minLength: 1, maxLength: 12 }), discs => {
        const box = boxOf(discs, {}, 24)
        accelerate(box)
        const sum = (of: (i: number) => number) => discs.reduce((total, _, i) => total + of(i), 0)
        expect(sum(i => box.acceleration[2 * i])).toBeCloseTo(0, 12)
        expect(sum(i => box.acceleration[2 * i + 1])).toBeCloseTo(0, 12)
        expect(sum(i => discs[i].x * box.acceleration[2 * i + 1] - discs[i].y * box.acceleration[2 * i])).toBeCloseTo(
          0,
          10,
        )
      }),
    )
  })

  it('does not ask for the name of the charge: all signs turned, everything moves the same', () => {
    const box = start({ discs: 8 })
    const turned = { ...structuredClone(box), charge: box.charge.map(q => -q) }
    expect(run(turned, 20).position).toEqual(run(box, 20).position)
    expect(seen(turned).positive).toEqual(seen(box).negative)
  })

  it('acts at once from one end of the world to the other', () => {
    const box = boxOf([disc(3, 3, 0, 0), disc(93, 93, 0, 0, -1)], {}, 96)
    const moved = structuredClone(box)
    charges.perturb(moved, 3, 3, 1)
    expect(discsOf(moved)[1]).toEqual(discsOf(box)[1])
    const change = discsOf(run(moved, 1))[1].x - discsOf(run(box, 1))[1].x
    // ½·Δ(K·d/(d² + R²)) along x, to first order in the distance by which the other was moved.
    expect(change).not.toBe(0)
    const pull = (dx: number) => dx / (dx ** 2 + 90 ** 2 + 4)
    expect(change / ((pull(90) - pull(89)) / 2)).toBeCloseTo(1, 1)
  })

  it('bends a path by the order of a cell within five frames', () => {
    let [away, count] = [0, 0]
    for (let n = 0; n < 40; n++) {
      const box = run(start({}, 24, `bend/${n}`), 50)
      const free = { ...structuredClone(box), strength: 0 }
      const straight = discsOf(run(free, 5))
      discsOf(run(box, 5)).forEach(({ x, y }, i) => {
        away += Math.hypot(x - straight[i].x, y - straight[i].y)
        count++
      })
    }
    expect(away / count).toBeGreaterThan(0.5)
    expect(away / count).toBeLessThan(3)
  })
})

describe('what the law keeps', () => {
  it('energy, better by four with half the sub-step', () => {
    const wander = (steps: number) => {
      const box = boxOf([disc(17, 20, 0, 0.3), disc(23, 20, 0, -0.3, -1)], { radius: 1 }, 40, steps)
      const before = energy(box)
      let most = 0
      for (let frame = 0; frame < 30; frame++) most = Math.max(most, Math.abs(energy(run(box, 1)) - before))
      return most
    }
    expect(wander(40) / wander(80)).toBeGreaterThan(3.5)
    expect(wander(40) / wander(80)).toBeLessThan(4.5)
    expect(wander(80)).toBeLessThan(1e-3)
  })

  it('energy and the discs in the box, over 10,000 frames with walls', () => {
    const box = run(start({}), 50)
    const before = charges.invariants!(box)
    let [early, late] = [0, 0]
    for (let frame = 0; frame < 10_000; frame++) {
      const { energy: now, discs } = charges.invariants!(run(box, 1))
      expect(Math.abs(now.value - before.energy.value)).toBeLessThan(0.5 * before.energy.tolerance)
      expect(discs.value).toBe(6)
      const heat = box.velocity.reduce((sum, v) => sum + v * v, 0)
      if (frame < 5000) early += heat
      else late += heat
    }
    // Nothing heats up or comes to rest.
    expect(late / early).toBeGreaterThan(0.9)
    expect(late / early).toBeLessThan(1.1)
  })

  it('momentum and angular momentum, while no disc touches a wall', () => {
    const discs = [disc(45, 50, 0.1, 0.2), disc(52, 47, 0, -0.1, -1), disc(55, 53, -0.1, 0), disc(50, 55, 0.2, 0, -1)]
    const box = boxOf(discs, {}, 100)
    const sums = () => {
      const now = discsOf(box)
      const sum = (of: (d: ChargedDisc) => number) => now.reduce((total, d) => total + of(d), 0)
      return [sum(d => d.vx), sum(d => d.vy), sum(d => d.x * d.vy - d.y * d.vx)]
    }
    const before = sums()
    run(box, 20)
    expect(discsOf(box).every(({ x, y }) => Math.min(x, y) > 4 && Math.max(x, y) < 96)).toBe(true)
    sums().forEach((value, i) => {
      expect(value).toBeCloseTo(before[i], 10)
    })
  })

  it('time: turned round, it runs back to where it came from', () => {
    const box = boxOf([disc(17, 20, 0, 0.3), disc(23, 20, 0.1, -0.3, -1), disc(20, 26, -0.2, 0)], {}, 60)
    const before = discsOf(box)
    run(box, 30)
    box.velocity.forEach((v, c) => {
      box.velocity[c] = -v
    })
    discsOf(run(box, 30)).forEach(({ x, y }, i) => {
      expect(x).toBeCloseTo(before[i].x, 8)
      expect(y).toBeCloseTo(before[i].y, 8)
    })
  })
})

describe('walls', () => {
  it('mirror a lone disc: where it is, folded back into the box', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (vx, vy) => {
          const [lone] = discsOf(run(boxOf([disc(9, 14, vx, vy)], {}, 24), 50))
          const folded = (x: number) => 2 + Math.abs(((((x - 2 + 20) % 40) + 40) % 40) - 20)
          expect(lone.x).toBeCloseTo(folded(9 + 50 * vx), 9)
          expect(lone.y).toBeCloseTo(folded(14 + 50 * vy), 9)
          expect([Math.abs(lone.vx), Math.abs(lone.vy)]).toEqual([Math.abs(vx), Math.abs(vy)])
        },
      ),
    )
  })

  it('hold a disc that another presses against them', () => {
    const box = boxOf([disc(2, 12, 0, 0), disc(6, 12, 0, 0), disc(22, 22, 0, 0)], {}, 24)
    const before = energy(box)
    run(box, 200)
    expect(charges.invariants!(box).discs.value).toBe(3)
    expect(Math.abs(energy(box) - before)).toBeLessThan(0.01)
  })
})

describe('charges', () => {
  it('shows both signs, each in a channel of its own and whole', () => {
    const box = boxOf([disc(6, 6, 0, 0), disc(15, 6, 0, 0), disc(12, 16, 0, 0, -1)], {}, 24)
    const { positive, negative } = seen(box)
    const area = (picture: Float32Array) => picture.reduce((sum, cell) => sum + cell, 0)
    expect(area(positive)).toBeCloseTo(2 * Math.PI * 4, 4)
    expect(area(negative)).toBeCloseTo(Math.PI * 4, 4)
    expect([positive[6 * 24 + 6], negative[6 * 24 + 6], negative[16 * 24 + 12]]).toEqual([1, 0, 1])
  })

  it.each([
    [{}, 24, 3, 3],
    [{}, 48, 12, 12],
    [{ negative: 0 }, 24, 6, 0],
    [{ discs: 5, negative: 0.2 }, 24, 4, 1],
    [{}, 8, 0, 1],
  ])('%o in %i cells: %i positive, %i negative', (given, size, positive, negative) => {
    const { charge } = start(given, size)
    expect(charge.filter(q => q === 1)).toHaveLength(positive)
    expect(charge.filter(q => q === -1)).toHaveLength(negative)
  })

  it('moves the one disc that covers the disturbed cell, and no velocity', () => {
    const box = boxOf([disc(21.5, 6, 0.1, 0), disc(8, 16, 0, 0, -1)], {}, 24)
    const before = discsOf(box)
    charges.perturb(box, 6, 21, 1)
    expect(discsOf(box)).toEqual([{ ...before[0], x: 20.5 }, before[1]])
    charges.perturb(box, 12, 12, 1)
    expect(discsOf(box)).toEqual([{ ...before[0], x: 20.5 }, before[1]])
  })

  it('says what is wrong in one line', () => {
    expect(() => charges.field(settings({ radius: 12 }), 24)).toThrow(UserError)
    expect(() => charges.field(settings({ radius: 12 }), 24)).toThrow(/radius 12 does not fit in a box of 24 cells/)
    expect(() => charges.field(settings({}), 1000)).toThrow(UserError)
    expect(() => charges.field(settings({}), 1000)).toThrow(
      /^charges: 10417 discs are 54251736 pairs in each of 17 .*$/,
    )
    // What all repel one another gets fast, and takes shorter sub-steps.
    expect(() => charges.field(settings({ negative: 0 }), 300)).toThrow('938 discs are 439453 pairs in each of 251')
    expect(charges.field(settings({}), 300)).toMatchObject({ width: 300 })
    expect(() => parseParameters(charges, { negative: 1.5 })).toThrow(/parameter 'negative'/)
    expect(() => parseParameters(charges, { discs: 2.5 })).toThrow(/parameter 'discs'/)
  })
})
