import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { traffic } from '../../../envs/traffic.ts'
import { carsIn, isCar, look, start, sum } from './cities.ts'

/** Doubles would nearly all be tiny, and the cities empty. */
const share = fc.integer({ min: 0, max: 40 }).map(n => n / 40)

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
