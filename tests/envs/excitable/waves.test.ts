import { describe, expect, it } from 'vitest'
import { excitable } from '../../../envs/excitable.ts'
import { calm, isAlive, look, run, worldOf } from './worlds.ts'

describe('waves', () => {
  const size = 40

  it.each([1, 2, 3])('a straight front moves exactly 1 cell a frame, for ever, at threshold %i', threshold => {
    const parameters = calm({ threshold })
    const length = parameters.excited + parameters.refractory
    for (const down of [false, true]) {
      // Column 0 has just fired, those behind it before.
      const wave = (front: number) =>
        Array.from({ length: size * size }, (_, i) => {
          const behind = (front - (down ? Math.floor(i / size) : i % size) + 10 * size) % size
          return behind < length ? behind + 1 : 0
        })
      const state = worldOf(wave(0), size, parameters)
      for (let t = 1; t <= 3 * size; t++) {
        excitable.advance(state, parameters)
        if (t % 13 === 0) expect(look(state)).toEqual(look(worldOf(wave(t), size, parameters)))
      }
    }
  })

  it('a straight front dies at threshold 4: a cell before it sees three', () => {
    const parameters = calm({ threshold: 4, excited: 1 })
    const state = worldOf(
      Array.from({ length: size * size }, (_, i) => Number(i % size === 0)),
      size,
      parameters,
    )
    expect(isAlive(run(state, parameters, 20))).toBe(false)
  })

  it('a spark at threshold 1 is a ring of radius t after t frames, which dies where it meets itself', () => {
    const parameters = calm({ threshold: 1 })
    const state = worldOf([], 41, parameters)
    excitable.perturb(state, 20, 20, 1)
    for (let t = 1; t <= 20; t++) {
      excitable.advance(state, parameters)
      const expected = Array.from({ length: 41 * 41 }, (_, i) => {
        const age = t - Math.max(Math.abs(Math.floor(i / 41) - 20), Math.abs((i % 41) - 20))
        return age < 0 || age >= 12 ? 0 : age < 6 ? 1 : 2
      })
      expect(look(state)).toEqual(expected)
    }
    expect(isAlive(run(state, parameters, 12))).toBe(false)
  })

  it('a broken wave curls into spirals, which turn in E + R + 1 frames', () => {
    for (const given of [{ threshold: 2 }, { threshold: 1 }, { excited: 3, refractory: 5, threshold: 1 }]) {
      const parameters = calm(given)
      const cycle = parameters.excited + parameters.refractory
      const broken = Array.from({ length: size * size }, (_, i) => {
        const [row, behind] = [Math.floor(i / size), 20 - (i % size)]
        return row >= 10 && row < 30 && behind >= 0 && behind < cycle ? behind + 1 : 0
      })
      const state = run(worldOf(broken, size, parameters), parameters, 300)
      const frames = Array.from({ length: cycle + 2 }, () => look(run(state, parameters, 1)))
      expect(frames.slice(1).findIndex(frame => frame.every((seen, i) => seen === frames[0][i]))).toBe(cycle)
      // Every cell takes part.
      expect(frames[0].every((_, cell) => frames.some(frame => frame[cell] === 1))).toBe(true)
    }
  })
})
