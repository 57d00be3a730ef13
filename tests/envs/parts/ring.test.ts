import { describe, expect, it } from 'vitest'
import { fill, planRing, toPoints, toWaves, waves } from '../../../envs/parts/ring.ts'
import { randomStream } from '../../../lib/random.ts'

describe('waves on a ring', () => {
  it.each([8, 14, 30, 48, 64])('are those of the plain sum: %i points', points => {
    const random = randomStream('test/ring')
    const values = Float64Array.from({ length: points }, () => random.normal())
    const ring = planRing(points)
    fill(ring, values)
    const found = waves(points)
    toWaves(ring, found)
    for (let k = 0; k <= points / 2; k++) {
      const part = (of: (angle: number) => number) =>
        values.reduce((sum, x, j) => sum + (x * of((2 * Math.PI * j * k) / points)) / points, 0)
      expect(found[k]).toBeCloseTo(part(Math.cos), 13)
      expect(found[points / 2 + 1 + k]).toBeCloseTo(-part(Math.sin), 13)
    }
    toPoints(ring, found)
    values.forEach((x, j) => {
      expect((j % 2 === 0 ? ring.even : ring.odd)[Math.floor(j / 2)]).toBeCloseTo(x, 13)
    })
  })
})
