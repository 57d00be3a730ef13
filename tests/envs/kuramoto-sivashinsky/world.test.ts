import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseParameters } from '../../../envs/environment.ts'
import { flowFrom, kuramotoSivashinsky } from '../../../envs/kuramoto-sivashinsky.ts'
import { UserError } from '../../../lib/errors.ts'
import { type Flow, lyapunovExponent, meanSquare, noise, run, settings, start, valuesOf } from './flows.ts'

function seen(flow: Flow): Float32Array {
  const out = new Float32Array(flow.ring.even.length)
  kuramotoSivashinsky.observe(flow, out)
  return out
}

describe('the world', () => {
  it('stays chaotic at the sizes that the header names, and under every shift', () => {
    const changes = [{}, ...Object.values(kuramotoSivashinsky.shifts).map(shift => shift.change)]
    for (const { spacing = 1.09, drift = 0 } of changes)
      for (const size of spacing === 1.09 && drift === 0 ? [24, 32, 48, 64] : [24]) {
        const flow = start({ spacing, drift, interval: 1 }, size, `chaos/${size}`, 1000)
        expect(lyapunovExponent(flow, 400)).toBeGreaterThan(0.025)
      }
  })

  it('keeps the mean of u', () => {
    for (const drift of [0, 0.5]) {
      const flow = start({ drift }, 24)
      expect(kuramotoSivashinsky.invariants!(run(flow, 500)).mean.value).toBeCloseTo(drift, 12)
      expect(seen(flow).reduce((sum, u) => sum + u / 24, 0)).toBeCloseTo(drift, 2)
    }
  })

  it.each([7, 24, 25, 30])('any number of cells will do: %i', size => {
    expect(Math.abs(meanSquare(valuesOf(start({}, size))) - 2)).toBeLessThan(1.9)
  })

  it('a disturbance is a hat about one cell, and all others stay as they are, bit for bit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 23 }), fc.double({ min: -2, max: 2, noNaN: true }), (column, amount) => {
        const flow = flowFrom(noise(48, 'hat'), 0.5, 1)
        const before = valuesOf(flow)
        kuramotoSivashinsky.perturb(flow, 0, column, amount)
        valuesOf(flow).forEach((u, j) => {
          const apart = Math.min((j - 2 * column + 48) % 48, (2 * column - j + 48) % 48)
          expect(u).toBe(apart > 1 ? before[j] : before[j] + amount / (1 + apart))
        })
      }),
    )
  })

  it('says what is wrong in one line', () => {
    expect(() => kuramotoSivashinsky.field(settings({}), 5)).toThrow(UserError)
    expect(() => kuramotoSivashinsky.field(settings({}), 5)).toThrow(/every wave dies out; at least 6 cells$/)
    expect(kuramotoSivashinsky.field(settings({}), 6)).toMatchObject({ height: 1, width: 6, boundary: 'torus' })
    expect(() => parseParameters(kuramotoSivashinsky, { spacing: 0 })).toThrow(/parameter 'spacing'/)
    const flow = start({}, 24)
    kuramotoSivashinsky.perturb(flow, 0, 3, 1e6)
    expect(() => run(flow, 3)).toThrow(UserError)
  })
})
