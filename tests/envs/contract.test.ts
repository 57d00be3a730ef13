import { describe, expect, it } from 'vitest'
import { defineEnvironment, parseParameters } from '../../envs/environment.ts'
import { life } from '../../envs/life.ts'
import { environmentById, environments } from '../../envs/registry.ts'
import { checkRule, contractRules, persistenceSkill } from '../../envs/study/check.ts'

describe.each(environments.map(environment => [environment.id, environment] as const))('%s', (id, environment) => {
  const parameters = parseParameters(environment, {})

  it('is found by its id', () => {
    expect(environmentById(id)).toBe(environment)
    expect(id).toMatch(/^[a-z][a-z0-9-]*$/)
  })

  it.each(contractRules)('%s', rule => {
    expect(checkRule(rule, environment, parameters, 24)).toBeUndefined()
  })

  it('can be remembered for a frame neither in vain nor well enough', () => {
    const { calibrated } = persistenceSkill(environment, parameters, 24, 24, 20)
    expect(calibrated).toBeGreaterThan(0.2)
    expect(calibrated).toBeLessThan(0.8)
  })
})

describe('the contract', () => {
  const parameters = life.parameters.parse({})
  const broken = (change: Partial<typeof life>) => defineEnvironment({ ...life, ...change })
  let steps = 0

  it.each([
    [
      'a stream determines the state, whatever other worlds do',
      broken({ advance: ({ cells }) => void cells.fill(steps++) }),
      /another world changed|differ/,
    ],
    [
      'different streams begin differently',
      broken({ initial: (given, size, random) => life.initial({ ...given, density: 0 }, size, random) }),
      /equal/,
    ],
    ['every value is written, finite and in range', broken({ observe: (_, out) => void out.fill(1, 1) }), /NaN/],
    [
      'every value is written, finite and in range',
      broken({ observe: (_, out) => void out.fill(2) }),
      /is 2 in frame 0/,
    ],
    [
      'invariants hold',
      broken({ invariants: ({ cells }) => ({ cells: { value: cells[0], tolerance: 0 } }) }),
      /cells is -?\d+ after \d+ frames/,
    ],
    ['a disturbance is local and in place', broken({ perturb: () => {} }), /changes nothing/],
    [
      'a disturbance is local and in place',
      broken({ perturb: ({ cells }) => void cells.set(cells.map(word => ~word)) }),
      /more than half/,
    ],
    ['two shifts or more, each with a reason', broken({ shifts: {} }), /there are 0/],
  ])('%s: a world that breaks it is found', (rule, environment, problem) => {
    expect(checkRule(rule, environment, parameters, 24, 50)).toMatch(problem)
  })
})
