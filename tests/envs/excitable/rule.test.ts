import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { excitable } from '../../../envs/excitable.ts'
import { randomStream } from '../../../lib/random.ts'
import { calm, look, naive, randomPhases, worldOf } from './worlds.ts'

const durations = fc.record({
  excited: fc.integer({ min: 1, max: 5 }),
  refractory: fc.integer({ min: 1, max: 6 }),
  threshold: fc.integer({ min: 1, max: 4 }),
})

describe('the rule', () => {
  it('is the definition, cell by cell, for all durations, thresholds and sizes', () => {
    const sizes = fc.constantFrom(3, 7, 24, 31, 32, 33, 40)
    fc.assert(
      fc.property(durations, sizes, fc.nat(), (given, size, seed) => {
        const parameters = calm(given)
        let phases = randomPhases(size, parameters, seed)
        const state = worldOf(phases, size, parameters)
        for (let t = 0; t < 15; t++) {
          phases = naive(phases, size, parameters)
          excitable.advance(state, parameters)
          expect(look(state)).toEqual(phases.map(phase => (phase === 0 ? 0 : phase <= parameters.excited ? 1 : 2)))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('refractory order: every cell is excited for exactly E frames, refractory for exactly R, then at rest', () => {
    fc.assert(
      fc.property(durations, fc.constantFrom(0, 0.3), fc.nat(), ({ excited, refractory }, delay, seed) => {
        const parameters = excitable.parameters.parse({ excited, refractory, delay, threshold: 1 })
        const state = excitable.initial(parameters, 12, randomStream(`order/${seed}`))
        const films = Array.from({ length: 144 }, () => '')
        for (let t = 0; t < 60; t++) {
          look(state).forEach((seen, cell) => {
            films[cell] += seen
          })
          excitable.advance(state, parameters)
        }
        const whole = new RegExp(`^(0|1{${excited}}2{${refractory}}(?=0|$))*$`)
        // What had begun before the film, and what goes on after it, may be cut short.
        for (const film of films) expect(film.replace(/^1*2*/, '').replace(/1+2*$/, '')).toMatch(whole)
      }),
      { numRuns: 30 },
    )
  })

  it('a cell that should fire waits with the chance of delay', () => {
    const parameters = excitable.parameters.parse({ excited: 1, threshold: 1, delay: 0.3 })
    const state = worldOf([], 120, parameters)
    // Lone excited cells, far from each other: 400 × 8 neighbours.
    for (let row = 3; row < 120; row += 6)
      for (let column = 3; column < 120; column += 6) excitable.perturb(state, row, column, 1)
    excitable.advance(state, parameters)
    const fired = look(state).filter(seen => seen === 1).length
    // Five standard deviations of a binomial count.
    expect(Math.abs(fired / 3200 - 0.7)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / 3200))
  })
})
