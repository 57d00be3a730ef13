import { describe, expect, it } from 'vitest'
import { defineEnvironment, parseParameters } from '../../envs/environment.ts'
import { life } from '../../envs/life.ts'
import { environmentById, environments } from '../../envs/registry.ts'
import { checkRule, contractRules } from '../../envs/study/check.ts'

describe.each(environments.map(environment => [environment.id, environment] as const))('%s', (id, environment) => {
  const parameters = parseParameters(environment, {})

  it('is found by its id', () => {
    expect(environmentById(id)).toBe(environment)
    expect(id).toMatch(/^[a-z][a-z0-9-]*$/)
  })

  it.each(contractRules)('%s', rule => {
    const verdict = checkRule(rule, { environment, parameters, size: 24 })
    expect(verdict.outcome, verdict.reason).not.toBe('failed')
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
      'different streams begin differently: no episode is in two splits',
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
    ['a disturbance leaves the rest alone', broken({ perturb: () => {} }), /changes nothing/],
    [
      'a disturbance leaves the rest alone',
      broken({ perturb: ({ cells }) => void cells.set(cells.map(word => ~word)) }),
      /more than 8 cells away/,
    ],
    ['nothing acts beyond the reach', broken({ reach: () => 0 }), /1 cells away is not as it was/],
    ['remembering a frame is neither useless nor enough', broken({ advance: () => {} }), /is 1.000, above 0.8: enough/],
    ['two shifts or more, each with a reason', broken({ shifts: {} }), /there are 0/],
    [
      'two shifts or more, each with a reason',
      broken({ shifts: { a: { change: {}, why: 'x' }, b: { change: { density: 0.1 }, why: 'y' } } }),
      /'a' changes nothing/,
    ],
  ])('%s: a world that breaks it is found', (rule, environment, problem) => {
    const verdict = checkRule(rule, { environment, parameters, size: 24 }, 50)
    expect(verdict).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(problem) })
  })

  it('has nothing to say where a world names no invariant and no reach', () => {
    const silent = broken({ invariants: undefined, reach: undefined })
    for (const rule of ['invariants hold', 'nothing acts beyond the reach'])
      expect(checkRule(rule, { environment: silent, parameters, size: 24 }, 50).outcome).toBe('exempt')
  })
})
