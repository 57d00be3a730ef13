import { describe, expect, it } from 'vitest'
import { flow, levelWater } from '../../../envs/shallow-water.ts'
import { fill, type Parameters, planes, run, seen, settings, type Water } from './water.ts'

describe('gentle waves', () => {
  /** Water at rest, h − 1 a small cosine. */
  function cosine(given: Partial<Parameters>, size: number, waveX: number, waveY: number) {
    const water = levelWater(settings(given), size, 'f64')
    const [kx, ky] = [waveX, waveY].map(wave => (2 * Math.PI * wave) / size)
    const wave = (row: number, column: number) => Math.cos(kx * column + ky * row)
    fill(water, planes.h, (row, column) => 1e-8 * wave(row, column))
    return { water, wave, kx, ky }
  }
  /** Classical Runge–Kutta on an oscillation that turns by x. */
  const rungeKutta = (x: number) => 1 - x ** 2 / 2 + x ** 4 / 24
  /** The part of h that is in phase with the start. */
  const amplitude = (water: Water, wave: (row: number, column: number) => number) => {
    const size = water.grid.width
    let [product, square] = [0, 0]
    seen(water, planes.h).forEach((h, cell) => {
      const w = wave(Math.floor(cell / size), cell % size)
      product += h * w
      square += w * w
    })
    return product / square / 1e-8
  }

  it.each([
    [0.6, 1, 0],
    [0.6, 3, 2],
    [0.6, -5, 7],
    [0.6, 11, 12],
    [0.3, 2, 1],
  ])('at √(gh) = %f, wave (%i, %i) turns by 2√(gh)·|sin(k/2)| a frame', (c, waveX, waveY) => {
    const { water, wave, kx, ky } = cosine({ c, rotation: 0, viscosity: 0 }, 24, waveX, waveY)
    const omega = 2 * c * Math.hypot(Math.sin(kx / 2), Math.sin(ky / 2))
    flow(water, 1)
    expect(amplitude(water, wave)).toBeCloseTo(rungeKutta(omega), 7)
  })

  it('long ones travel at √(gh): c cells a frame, to a thousandth', () => {
    // A standing wave is level after a quarter of the time that a running one takes across the world, 200 frames.
    const { water, wave } = cosine({ c: 0.5, rotation: 0, viscosity: 0 }, 100, 1, 0)
    const before = amplitude(run(water, 49), wave)
    const level = 49 + (2 * before) / (before - amplitude(run(water, 2), wave))
    expect(level / 50).toBeCloseTo(1, 3)
    expect(amplitude(run(water, 149), wave)).toBeCloseTo(1, 3)
  })

  it.each([
    [0.3, 1, 0],
    [0.3, 3, 2],
    [1, -5, 7],
    [1, 0, 0],
  ])('with rotation %f, wave (%i, %i) obeys ω² = f²·cos²(kx/2)·cos²(ky/2) + 4gh·sin²(k/2)', (f, waveX, waveY) => {
    const { water, wave, kx, ky } = cosine({ c: 0.5, rotation: f, viscosity: 0 }, 24, waveX, waveY)
    const turning = f * Math.cos(kx / 2) * Math.cos(ky / 2)
    const [sx, sy] = [Math.sin(kx / 2), Math.sin(ky / 2)]
    const omega = Math.sqrt(turning ** 2 + (Math.hypot(sx, sy) * 2 * 0.5) ** 2)
    // All of h that does not stay behind as a balanced current oscillates; with k = 0, u does.
    if (kx === 0 && ky === 0) {
      fill(water, planes.h, () => 0)
      fill(water, planes.u, () => 1e-8)
      flow(water, 1)
      expect(seen(water, planes.u)[0] / 1e-8).toBeCloseTo(rungeKutta(f), 7)
      expect(seen(water, planes.v)[0] / 1e-8).toBeCloseTo(-(f - f ** 3 / 6), 7)
    } else {
      const balanced = turning ** 2 / omega ** 2
      flow(water, 1)
      expect(amplitude(water, wave)).toBeCloseTo(balanced + (1 - balanced) * rungeKutta(omega), 7)
    }
  })
})
