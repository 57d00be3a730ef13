import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseParameters } from '../../envs/environment.ts'
import { traffic } from '../../envs/traffic.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

function start(given: Record<string, unknown>, size: number, frames = 0, stream = 'test/traffic') {
  const parameters = traffic.parameters.parse(given)
  const state = traffic.initial(parameters, size, randomStream(stream))
  const advance = (count = 1) => {
    for (let frame = 0; frame < count; frame++) traffic.advance(state, parameters)
  }
  advance(frames)
  return { parameters, state, advance }
}
type State = ReturnType<typeof start>['state']

const isCar = (v: number) => v >= 0
const sum = (values: Iterable<number>) => Array.from(values).reduce((total, value) => total + value, 0)
const carsIn = (places: Int8Array) => places.filter(isCar).length
const flowIn = (places: Int8Array) => sum(places.filter(isCar)) / places.length
const streetsOf = ({ size, speed }: State) =>
  Array.from({ length: speed.length / size }, (_, street) => speed.subarray(street * size, (street + 1) * size))

function look(state: State) {
  const frame = new Float32Array(3 * state.size ** 2)
  traffic.observe(state, frame)
  return frame
}

/** Mean flow and the mean, over streets, of what a law says for the density that each of them happened to get. */
function flows(
  given: Record<string, unknown>,
  size: number,
  [warmUp, frames]: number[],
  law: (density: number) => number,
) {
  const { state, advance } = start({ crossings: 'bridges', ...given }, size, warmUp)
  let measured = 0
  for (let frame = 0; frame < frames; frame++) {
    advance()
    measured += flowIn(state.speed) / frames
  }
  const streets = streetsOf(state)
  return { measured, expected: sum(streets.map(street => law(carsIn(street) / size))) / streets.length }
}

/** Doubles would nearly all be tiny, and the cities empty. */
const share = fc.integer({ min: 0, max: 40 }).map(n => n / 40)

describe('without crossings, a Nagel–Schreckenberg ring', () => {
  it('without slowing down carries min(ρ·v_max, 1 − ρ) in every frame', () => {
    const law = fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 6 }),
      (density, v) => {
        const given = { density, maxSpeed: v, slowdown: 0, block: 60 }
        const { measured, expected } = flows(given, 120, [400, 20], rho => Math.min(rho * v, 1 - rho))
        expect(measured).toBeCloseTo(expected, 12)
      },
    )
    fc.assert(law, { numRuns: 100 })
  })

  // Schreckenberg, Schadschneider, Nagel & Ito 1995, doi:10.1103/PhysRevE.51.2939.
  it.each([
    [0.1, 0.2],
    [0.25, 0.5],
    [0.5, 0.5],
    [0.5, 0.8],
    [0.9, 0.3],
  ])('with v_max = 1 carries ½(1 − √(1 − 4(1 − p)ρ(1 − ρ))): p = %f, ρ = %f', (p, density) => {
    const given = { density, maxSpeed: 1, slowdown: p, block: 100 }
    const exact = (rho: number) => (1 - Math.sqrt(1 - 4 * (1 - p) * rho * (1 - rho))) / 2
    const { measured, expected } = flows(given, 500, [1000, 1000], exact)
    expect(Math.abs(measured / expected - 1)).toBeLessThan(0.015)
  })

  it('with v_max = 5 and p = ½ has the published capacity, .318 at a density near .08', () => {
    const flow = (density: number) =>
      flows({ density, maxSpeed: 5, slowdown: 0.5, block: 3000 }, 3000, [1500, 1500], () => 0).measured
    const capacity = Math.max(...[0.07, 0.08, 0.09].map(flow))
    expect(Math.abs(capacity - 0.318)).toBeLessThan(0.01)
    for (const density of [0.04, 0.3]) expect(flow(density)).toBeLessThan(0.9 * capacity)
  })

  it('lets a lone car drive at v_max − p', () => {
    const { state, advance } = start({ crossings: 'bridges', density: 0, maxSpeed: 4, slowdown: 0.3 }, 16)
    traffic.perturb(state, 0, 3, 1)
    advance(10)
    let travelled = 0
    for (let frame = 0; frame < 20_000; frame++) {
      advance()
      travelled += sum(state.speed.filter(isCar))
    }
    expect(travelled / 20_000).toBeCloseTo(3.7, 1.5)
  })
})

const city = fc.record({
  density: share,
  maxSpeed: fc.integer({ min: 1, max: 30 }),
  slowdown: share,
  turn: share,
  block: fc.constantFrom(3, 6, 12),
  green: fc.integer({ min: 1, max: 12 }),
  crossings: fc.constantFrom('signals', 'together'),
})
const stream = fc.integer({ min: 0, max: 1_000_000 })

describe('in every city', () => {
  it('cars are as many as before, in cells of their own, no faster than v_max', () => {
    const law = fc.property(city, stream, (given, name) => {
      const { parameters, state, advance } = start(given, 24, 0, `test/${name}`)
      const { cars } = traffic.invariants!(state)
      const frame = look(state)
      expect(cars.value).toBe(Math.round(given.density * 24 * (24 / given.block) * 2 * (1 - 1 / given.block)))
      for (let t = 0; t < 60; t++) {
        advance()
        traffic.observe(state, frame)
        const seen = Array.from({ length: 24 ** 2 }, (_, cell) => frame[3 * cell] + frame[3 * cell + 1])
        expect(sum(seen)).toBe(cars.value)
        expect(Math.max(...seen)).toBeLessThanOrEqual(1)
        expect(Math.max(...state.speed)).toBeLessThanOrEqual(parameters.maxSpeed)
      }
    })
    fc.assert(law, { numRuns: 40 })
  })

  it('cars that do not turn come from v cells behind, and pass a crossing only on green and when it is empty', () => {
    const law = fc.property(city, stream, (given, name) => {
      const { state, advance } = start({ ...given, turn: 0 }, 24, 0, `test/${name}`)
      for (let t = 0; t < 40; t++) {
        const [speed, isGreen] = [state.speed.slice(), state.isGreen.slice()]
        advance()
        const origins = new Set<number>()
        const offences = { fromNowhere: 0, faster: 0, throughCars: 0, onRed: 0, throughCrossTraffic: 0 }
        state.speed.forEach((v, place) => {
          if (!isCar(v)) return
          const behind = (cells: number) => place - (place % 24) + (((place % 24) - cells + 24) % 24)
          origins.add(behind(v))
          if (!isCar(speed[behind(v)])) offences.fromNowhere++
          if (v > speed[behind(v)] + 1) offences.faster++
          for (let cells = 0; cells < v; cells++) {
            const passed = behind(cells)
            if (isCar(speed[passed])) offences.throughCars++
            if (passed % given.block !== 0) continue
            if (!isGreen[passed]) offences.onRed++
            if (isCar(speed[state.twin[passed]])) offences.throughCrossTraffic++
          }
        })
        expect(offences).toEqual({ fromNowhere: 0, faster: 0, throughCars: 0, onRed: 0, throughCrossTraffic: 0 })
        expect(origins.size).toBe(carsIn(speed))
      }
    })
    fc.assert(law, { numRuns: 25 })
  })

  it('who stands in a crossing can leave it', () => {
    const law = fc.property(city, stream, (given, name) => {
      const { state, advance } = start(given, 24, 0, `test/${name}`)
      for (let t = 0; t < 60; t++) {
        advance()
        for (const east of state.crossings)
          for (const place of [east, state.twin[east]])
            if (isCar(state.speed[place])) expect(state.speed[state.ahead[place]]).toBe(-1)
      }
    })
    fc.assert(law, { numRuns: 40 })
  })

  it('a signal is green for east as long as for south, and shown as it will be obeyed', () => {
    const { state, advance } = start({ green: 5, density: 0 }, 24)
    const shown = Array.from({ length: 30 }, () => {
      const frame = look(state)
      advance()
      return Array.from(state.crossings, place => frame[3 * state.cell[place] + 2])
    })
    for (let t = 0; t < 20; t++) expect(shown[t + 5]).toEqual(shown[t].map(green => 1 - green))
    expect(new Set(shown[0]).size).toBe(2)
    const together = look(start({ green: 5, crossings: 'together' }, 24).state).filter((_, i) => i % 3 === 2)
    expect([0, 9]).toContain(sum(together))
  })
})

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

describe('a disturbance', () => {
  /** How far, along rows or columns, one frame takes the change of one cell; the same noise for all. */
  function spread(given: Record<string, unknown>, stream: string): number {
    const { parameters, state, advance } = start(given, 24, 40, stream)
    let farthest = 0
    for (let frame = 0; frame < 5; frame++, advance()) {
      const truth = structuredClone(state)
      traffic.advance(truth, parameters)
      for (const cell of new Set(state.cell)) {
        const [row, column] = [Math.floor(cell / 24), cell % 24]
        const disturbed = structuredClone(state)
        traffic.perturb(disturbed, row, column, 1)
        traffic.advance(disturbed, parameters)
        disturbed.speed.forEach((v, place) => {
          if (v === truth.speed[place]) return
          const [down, right] = [Math.floor(state.cell[place] / 24) - row, (state.cell[place] % 24) - column]
          const distances = [down, right].map(Math.abs).map(cells => Math.min(cells, 24 - cells))
          farthest = Math.max(farthest, ...distances)
        })
      }
    }
    return farthest
  }

  it.each([1, 2, 3, 5])('reaches exactly as far in one frame as is said, v_max = %i', maxSpeed => {
    const parameters = traffic.parameters.parse({ maxSpeed })
    const farthest = ['a', 'b', 'c'].map(name => spread({ maxSpeed, density: 0.25 }, `test/reach/${name}`))
    expect(Math.max(...farthest)).toBe(traffic.reach!(parameters, 24))
  })

  it('takes a car away or puts one there, in that cell alone, and does nothing beside the streets', () => {
    const { state } = start({}, 24, 50)
    for (let cell = 0; cell < 24 ** 2; cell++) {
      const [before, changed] = [look(state), structuredClone(state)]
      traffic.perturb(changed, Math.floor(cell / 24), cell % 24, 1)
      const differing = Array.from(look(changed)).flatMap((value, i) =>
        value === before[i] ? [] : [Math.floor(i / 3)],
      )
      expect(differing).toEqual(state.cell.includes(cell) ? [cell] : [])
    }
  })
})

it('a size that streets do not divide is refused', () => {
  const field = (given: Record<string, unknown>, size: number) =>
    traffic.field(parseParameters(traffic, given) as ReturnType<typeof traffic.parameters.parse>, size)
  expect(() => field({ block: 7 }, 24)).toThrow(UserError)
  expect(() => field({ block: 7 }, 24)).toThrow('must be a multiple of 7')
  for (const size of [16, 24, 48, 64, 96, 256]) expect(field({}, size)).toMatchObject({ height: size, width: size })
  for (const wrong of [{ density: 1.1 }, { maxSpeed: 0 }, { maxSpeed: 2.5 }, { block: 1 }, { green: 0 }, { turn: -1 }])
    expect(() => parseParameters(traffic, wrong)).toThrow(`parameter '${Object.keys(wrong)[0]}'`)
  expect(() => parseParameters(traffic, { crossings: 'roundabouts' })).toThrow("parameter 'crossings'")
})
