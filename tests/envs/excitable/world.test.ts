import { expect, it } from 'vitest'
import { parseParameters } from '../../../envs/environment.ts'
import { excitable } from '../../../envs/excitable.ts'
import { UserError } from '../../../lib/errors.ts'
import { randomStream } from '../../../lib/random.ts'
import { calm, isAlive, look, neighbours, run } from './worlds.ts'

it('acts over 1 cell a frame, delays elsewhere being what they were', () => {
  const parameters = excitable.parameters.parse({})
  const size = 40
  for (const cell of [0, 31, 39 * size + 32, 20 * size + 39]) {
    const state = run(excitable.initial(parameters, size, randomStream(`reach/${cell}`)), parameters, 50)
    const disturbed = structuredClone(state)
    excitable.perturb(disturbed, Math.floor(cell / size), cell % size, 1)
    let reached = new Set([cell])
    for (let t = 1; t <= 15; t++) {
      reached = new Set([...reached].flatMap(i => [i, ...neighbours(i, size)]))
      const [one, other] = [look(run(state, parameters, 1)), look(run(disturbed, parameters, 1))]
      expect(one.findIndex((seen, i) => seen !== other[i] && !reached.has(i))).toBe(-1)
    }
  }
})

it('begins with patches anywhere in their cycle: E of E + R + 1 are excited, R refractory', () => {
  const cells = look(excitable.initial(calm({ excited: 3, refractory: 6, patch: 1 }), 96, randomStream('patches')))
  const share = (seen: number) => cells.filter(cell => cell === seen).length / cells.length
  // Four standard deviations of 96² draws.
  for (const [seen, expected] of [0.1, 0.3, 0.6].entries()) expect(Math.abs(share(seen) - expected)).toBeLessThan(0.02)
})

it('is alive from every start, and stays so', () => {
  const parameters = excitable.parameters.parse({})
  for (let start = 0; start < 100; start++) {
    const state = excitable.initial(parameters, 24, randomStream(`alive/${start}`))
    expect(isAlive(run(state, parameters, 2000))).toBe(true)
  }
})

it('a disturbance fires a cell at rest and calms any other, which then live on like the rest', () => {
  const parameters = excitable.parameters.parse({})
  for (const wanted of [0, 1, 2]) {
    const state = run(excitable.initial(parameters, 33, randomStream('disturbed')), parameters, 50)
    const before = look(state)
    const cell = before.lastIndexOf(wanted)
    excitable.perturb(state, Math.floor(cell / 33), cell % 33, 1)
    const after = look(state)
    expect(after[cell]).toBe(wanted === 0 ? 1 : 0)
    expect(after.filter((seen, i) => seen !== before[i])).toHaveLength(1)
    const film = Array.from({ length: 12 }, () => look(run(state, parameters, 1))[cell]).join('')
    if (wanted === 0) expect(film).toMatch(/^111112222220$/)
    else expect(film).toMatch(/^0*(1{0,6}|1{6}2{0,6})$/)
  }
})

it.each([
  [{ excited: 0 }, /parameter 'excited'/],
  [{ refractory: 2.5 }, /parameter 'refractory'/],
  [{ threshold: 9 }, /parameter 'threshold'/],
  [{ delay: 1 }, /parameter 'delay'/],
  [{ patch: 0 }, /parameter 'patch'/],
  [{ period: 3 }, /no parameter 'period'; it has: excited, refractory, threshold, delay, patch/],
])('refuses %o in one line', (given, message) => {
  expect(() => parseParameters(excitable, given)).toThrow(UserError)
  expect(() => parseParameters(excitable, given)).toThrow(message)
  expect(() => parseParameters(excitable, given)).toThrow(/^.*$/)
})
