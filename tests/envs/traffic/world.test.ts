import { describe, expect, it } from 'vitest'
import { parseParameters } from '../../../envs/environment.ts'
import { traffic } from '../../../envs/traffic.ts'
import { UserError } from '../../../lib/errors.ts'
import { look, start } from './cities.ts'

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
