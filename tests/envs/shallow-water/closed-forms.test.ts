import { describe, expect, it } from 'vitest'
import { levelWater } from '../../../envs/shallow-water.ts'
import { farthest, fill, planes, run, seen, settings } from './water.ts'

describe('closed forms of the full equations', () => {
  it('level water at any depth stays at rest, bit for bit', () => {
    for (const rise of [0, 0.3, -0.2]) {
      const water = levelWater(settings({}), 24)
      fill(water, planes.h, () => rise)
      run(water, 500)
      expect(new Set(seen(water, planes.h))).toEqual(new Set([Math.fround(rise)]))
      for (const plane of [planes.u, planes.v]) expect(seen(water, plane).every(x => x === 0)).toBe(true)
    }
  })

  it('currents in balance with rotation, −f·u = ∂(gh)/∂y, stay as they are', () => {
    const [size, f, c] = [24, 0.2, 0.6]
    const water = levelWater(settings({ c, rotation: f, viscosity: 0 }), size, 'f64')
    const current = (row: number) => 0.05 * Math.sin((2 * Math.PI * row) / size)
    // From row to row: of flows u·h above and below, their mean times vorticity over mean depth is the rise of B.
    const rise = new Float64Array(size)
    for (let row = 1; row < size; row++) {
      const [above, here] = [current(row - 1), current(row)]
      const forced = (next: number) => {
        const [h, below] = [1 + rise[row - 1], 1 + next]
        const turned = ((f - (here - above)) / ((h + below) / 2)) * ((above * h + here * below) / 2)
        return rise[row - 1] - (turned + (here ** 2 - above ** 2) / 2) / c ** 2
      }
      rise[row] = rise[row - 1]
      for (let i = 0; i < 60; i++) rise[row] = forced(rise[row])
    }
    fill(water, planes.h, row => rise[row])
    fill(water, planes.u, current)
    const before = [planes.h, planes.u, planes.v].map(plane => seen(water, plane))
    // The law itself, to the accuracy of the grid: h falls by the integral of f·u/g over half the wave.
    expect(rise[12] - rise[0]).toBeCloseTo((-f / c ** 2) * 0.05 * 2 * (size / (2 * Math.PI)), 2)
    run(water, 300)
    before.forEach((plane, i) => {
      expect(farthest(seen(water, i), plane)).toBeLessThan(1e-11)
    })
  })

  it('a wave that runs one way steepens as the characteristics say, to the square of the cell', () => {
    // u = 2(√(gh) − √g) carries every height along at u + √(gh) (Stoker, Water Waves, 1957, chapter 10).
    const error = (size: number) => {
      const c = 0.5
      const water = levelWater(settings({ c, rotation: 0, viscosity: 0 }), size, 'f64')
      const height = (x: number) => 1 + 0.1 * Math.sin((2 * Math.PI * x) / size)
      const current = (h: number) => 2 * c * (Math.sqrt(h) - 1)
      const speed = (h: number) => current(h) + c * Math.sqrt(h)
      fill(water, planes.h, (_, column) => height(column) - 1)
      fill(water, planes.u, (_, column) => current(height(column - 0.5)))
      const frames = size
      run(water, frames)
      let far = 0
      for (let column = 0; column < size; column++) {
        let from = column
        for (let i = 0; i < 200; i++) from = column - frames * speed(height(from))
        far = Math.max(far, Math.abs(seen(water, planes.h)[column] + 1 - height(from)))
      }
      return far
    }
    const [coarse, fine] = [error(64), error(128)]
    expect(coarse).toBeLessThan(2e-3)
    expect(coarse / fine).toBeGreaterThan(3.5)
    expect(coarse / fine).toBeLessThan(4.5)
  })
})
