import { describe, expect, it } from 'vitest'
import { traffic } from '../../../envs/traffic.ts'
import { carsIn, flowIn, isCar, start, streetsOf, sum } from './cities.ts'

describe('queues and jams', () => {
  it('at a red light everybody stands, one behind the other', () => {
    const { state, advance } = start({ green: 100_000, crossings: 'together', turn: 0, density: 0.4 }, 24)
    state.clock.fill(0)
    advance(300)
    const south = streetsOf(state).slice(3)
    expect(sum(south.map(carsIn))).toBeGreaterThan(10)
    for (const street of south) {
      expect(flowIn(street)).toBe(0)
      for (let at = 0; at < 24; at++) if (isCar(street[at]) && (at + 1) % 8 !== 0) expect(street[at + 1]).toBe(0)
    }
  })

  it('a turning car goes on in the other street', () => {
    const { state, advance } = start({ density: 0, turn: 1, slowdown: 0, green: 100_000 }, 24)
    state.isGreen.fill(1)
    state.clock.fill(0)
    traffic.perturb(state, 8, 5, 1)
    const path = [1, 2, 3, 4].map(() => {
      advance()
      const place = state.speed.findIndex(isCar)
      return [Math.floor(state.cell[place] / 24), state.cell[place] % 24]
    })
    // Speeds 1, 2, 3, 3; the crossing is at (8, 8), where the car turns, and it is red for south at (16, 8).
    expect(path).toEqual([
      [8, 6],
      [8, 8],
      [11, 8],
      [14, 8],
    ])
  })

  it('a share q of those who cross turns', () => {
    const { state, advance } = start({ density: 0, turn: 0.3, maxSpeed: 1, slowdown: 0 }, 24)
    traffic.perturb(state, 8, 5, 1)
    const turns: number[] = []
    for (let frame = 0; frame < 30_000; frame++) {
      const from = state.speed.findIndex(isCar)
      advance()
      const to = state.speed.findIndex(isCar)
      if (to !== from && state.twin[to] >= 0) turns.push(Number(to !== state.ahead[from]))
    }
    expect(turns.length).toBeGreaterThan(1000)
    expect(sum(turns) / turns.length).toBeCloseTo(0.3, 1.3)
  })

  it('a city without a hole stands still; with a single one it never does', () => {
    const { state, advance } = start({ density: 1 }, 24)
    const before = state.speed.slice()
    advance(100)
    expect(state.speed).toEqual(before)
    traffic.perturb(state, 8, 5, 1)
    for (let period = 0; period < 10; period++) {
      let moved = 0
      for (let frame = 0; frame < 200; frame++) {
        advance()
        moved += sum(state.speed.filter(isCar))
      }
      expect(moved).toBeGreaterThan(0)
    }
  })

  it('flow rises with density while roads are free, and falls when queues fill the blocks', () => {
    const flow = (density: number) => {
      const { state, advance } = start({ density }, 24, 300)
      let total = 0
      for (let frame = 0; frame < 2000; frame++) {
        advance()
        total += flowIn(state.speed) / 2000
      }
      return total
    }
    const [night, day, jam] = [0.05, 0.35, 0.9].map(flow)
    expect(day).toBeGreaterThan(2 * night)
    expect(day).toBeGreaterThan(2 * jam)
  })

  it('traffic is the same at every size, and after thousands of frames', () => {
    const speed = (size: number, warmUp: number, frames: number) => {
      const { state, advance } = start({}, size, warmUp)
      let total = 0
      for (let frame = 0; frame < frames; frame++) {
        advance()
        total += sum(state.speed.filter(isCar)) / carsIn(state.speed) / frames
      }
      return total
    }
    const early = speed(24, 100, 4000)
    expect(speed(24, 10_000, 4000)).toBeCloseTo(early, 1.3)
    expect(speed(96, 100, 300)).toBeCloseTo(early, 1.3)
  })
})
