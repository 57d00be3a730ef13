import { describe, expect, it } from 'vitest'
import { coupledMaps } from '../../../envs/coupled-maps.ts'
import type { Environment } from '../../../envs/environment.ts'
import { life } from '../../../envs/life.ts'
import { extents, influence } from '../../../envs/study/influence.ts'
import { lyapunovExponent } from '../../../envs/study/lyapunov.ts'
import { memory } from '../../../envs/study/memory.ts'
import { channelStatistics } from '../../../envs/study/statistics.ts'
import { lineUnder } from './made-up.ts'

const subject = (environment: Environment, size: number, given: Record<string, unknown> = {}) => ({
  environment,
  parameters: environment.parameters.parse(given),
  size,
})
const maps = coupledMaps as unknown as Environment

describe('the statistics of channels', () => {
  it('are taken over all frames and cells, each channel by itself', () => {
    // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, deviation 2.
    const [a, b] = [
      [2, 4, 4, 4],
      [5, 5, 7, 9],
    ].map(values => Float32Array.from(values.flatMap(value => [value, -3])))
    expect(channelStatistics([a, b], 2)).toEqual([
      { mean: 5, min: 2, max: 9, sum: 40, deviation: 2 },
      { mean: -3, min: -3, max: -3, sum: -24, deviation: 0 },
    ])
  })
})

describe('memory', () => {
  // x′ = a·x + √(1 − a²)·noise (Yule 1927): correlation a^n after n frames.
  it.each([0.5, 0.8])('of an autoregression with a = %d has the skill a² and lasts −1/ln a frames', a => {
    const autoregression = lineUnder((x, noise) => {
      for (let i = 0; i < x.length; i++) x[i] = a * x[i] + Math.sqrt(1 - a * a) * noise()
    })
    const { calibrated, plain, correlationTime } = memory(subject(autoregression, 100))
    expect(calibrated).toBeCloseTo(a * a, 1)
    expect(plain).toBeCloseTo(2 * a - 1, 1)
    // Two whole frames are joined by a straight line.
    const whole = Math.floor(-1 / Math.log(a))
    const between = (a ** whole - 1 / Math.E) / (a ** whole - a ** (whole + 1))
    expect(Math.abs(correlationTime - whole - between)).toBeLessThan(0.15)
  })

  it('of what changes its sign every frame is perfect when calibrated, and worse than useless as it is', () => {
    const flipping = lineUnder(x => x.set(x.map(value => -value)))
    const { calibrated, plain } = memory(subject(flipping, 10))
    expect(calibrated).toBeCloseTo(1, 3)
    expect(plain).toBeCloseTo(-3, 2)
  })

  it('of what stands still lasts longer than any film', () => {
    expect(
      memory(
        subject(
          lineUnder(() => {}),
          10,
        ),
      ),
    ).toMatchObject({ correlationTime: Infinity })
  })
})

describe('the largest Lyapunov exponent', () => {
  it('is ln 2 of logistic maps at a = 2 that do not hear each other', () => {
    expect(lyapunovExponent(subject(maps, 64, { a: 2, range: 0 }), 8, 200)).toBeCloseTo(Math.LN2, 1)
  })

  it.each([0.5, 0.9, 1])('is ln %d where every difference shrinks by so much', factor => {
    const shrinking = lineUnder(x => x.set(x.map(value => factor * value + 1)))
    expect(lyapunovExponent(subject(shrinking, 10))).toBeCloseTo(Math.log(factor), 2)
  })

  it('is not defined of cells that are dead or alive', () => {
    expect(lyapunovExponent(subject(life as unknown as Environment, 24))).toBeUndefined()
  })
})

describe('influence', () => {
  it('of what moves 2 cells to the right every frame lies there, undiminished', () => {
    const moving = lineUnder(x => {
      const [a, b] = x.subarray(x.length - 2)
      x.copyWithin(2, 0)
      x.set([a, b])
    })
    const measured = influence(subject(moving, 40), 2)
    expect(measured).toMatchObject({ rows: 1, columns: 40, count: 16 })
    for (const { frames, values } of measured.maps) {
      const place = (measured.origin.column + 2 * frames) % 40
      expect(values.findIndex(value => value > 0)).toBe(place)
      expect(values.filter(value => value > 0)).toHaveLength(1)
    }
    expect(extents(measured)).toMatchObject([
      { frames: 0, half: 0, most: 0, nearlyAll: 0, reach: 0, speed: null, strength: 1 },
      { frames: 1, half: 2, most: 2, nearlyAll: 2, reach: 2, speed: 2, strength: expect.closeTo(1, 4) },
      { frames: 4, half: 8, most: 8, nearlyAll: 8, reach: 8, speed: 2, strength: expect.closeTo(1, 4) },
      // Once round: 32 cells to the right are 8 to the left.
      { frames: 16, half: 8, most: 8, nearlyAll: 8, reach: 8, speed: 0, strength: expect.closeTo(1, 4) },
    ])
  })

  it('between walls is counted where it lies in the world, and never comes round', () => {
    const moving = lineUnder(
      x => {
        x.copyWithin(1, 0)
        x[0] = 0
      },
      { boundary: 'walls' },
    )
    const measured = influence(subject(moving, 30), 8)
    expect(measured).toMatchObject({ columns: 59, origin: { row: 0, column: 29 } })
    expect(extents(measured).map(({ reach }) => reach)).toEqual([0, 1, 4, 16])
    expect(extents(measured)[3].strength).toBeCloseTo(1, 4)
  })

  it('of life is exactly one cell a frame', () => {
    const rows = extents(influence(subject(life as unknown as Environment, 48), 24))
    expect(rows.map(({ frames, reach }) => [frames, reach])).toEqual([
      [0, 0],
      [1, 1],
      [4, 4],
      [16, 16],
    ])
  })

  it.each([1, 3, 5])('of coupled maps is at multiples of r = %i and nowhere else', range => {
    const { maps: measured, origin } = influence(subject(maps, 64, { range }), 4, [1, 4])
    for (const { frames, values } of measured)
      for (const [place, value] of values.entries()) {
        const sites = Math.abs(place - origin.column)
        expect(value > 0, `${sites} sites after ${frames}`).toBe(sites % range === 0 && sites <= frames * range)
      }
  })

  it('of a power law is everywhere at once, and fades with the square of the distance', () => {
    const parameters = { coupling: 'power-law', exponent: 2 }
    const { maps: measured, origin, disturbance } = influence(subject(maps, 65, parameters), 24, [1])
    const at = (sites: number) => measured[0].values[origin.column + sites]
    expect(measured[0].values.every(value => value > 0)).toBe(true)
    expect(at(2) / at(8)).toBeGreaterThan(13)
    expect(at(2) / at(8)).toBeLessThan(19)
    expect(disturbance.values[origin.column]).toBeCloseTo(0.1, 2)
  })
})
