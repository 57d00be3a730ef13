import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { excitable } from '../../../envs/excitable.ts'
import { calm, isAlive, look, naive, randomPhases, run, worldOf } from './worlds.ts'

/** The way from phase a to phase b, the short way round a cycle of that many phases. */
function way(a: number, b: number, cycle: number): number {
  const forward = (b - a + cycle) % cycle
  return forward > cycle / 2 ? forward - cycle : forward
}

// Greenberg, Hassard and Hastings, Pattern formation and periodic structures in systems modeled by reaction-diffusion
// equations, Bulletin of the American Mathematical Society 84 (1978), and Greenberg, Greene and Hastings, A combinatorial
// problem arising in the study of reaction-diffusion equations, SIAM Journal on Algebraic and Discrete Methods 1 (1980):
// for E = R = k = 1, winding numbers are kept, and a pattern lives for ever exactly if one of them is not 0. They are kept
// for all E and R too, on loops where no neighbours are further apart in phase than E and R: whoever is ahead by no more
// than E is excited when the other comes to rest, and calls it.
describe('winding numbers', () => {
  /** Loops of neighbours: triangles, squares of side 1, 2 and 4, and the rows and columns around the torus. */
  function loopsOf(size: number): number[][] {
    const at = (row: number, column: number) => (row % size) * size + (column % size)
    const steps = Array.from({ length: size }, (_, i) => i)
    const loops = steps.flatMap(i => [steps.map(j => at(i, j)), steps.map(j => at(j, i))])
    for (const row of steps)
      for (const column of steps) {
        const square = [at(row, column), at(row, column + 1), at(row + 1, column + 1), at(row + 1, column)]
        for (const left of square) loops.push(square.filter(cell => cell !== left))
        for (const side of [1, 2, 4]) {
          const along = Array.from({ length: side }, (_, i) => i)
          loops.push([
            ...along.map(i => at(row, column + i)),
            ...along.map(i => at(row + i, column + side)),
            ...along.map(i => at(row + side, column + side - i)),
            ...along.map(i => at(row + side - i, column)),
          ])
        }
      }
    return loops
  }

  const ways = (loop: readonly number[], phases: readonly number[], cycle: number) =>
    loop.map((cell, i) => way(phases[cell], phases[loop[(i + 1) % loop.length]], cycle))

  const winding = (loop: readonly number[], phases: readonly number[], cycle: number) =>
    ways(loop, phases, cycle).reduce((sum, step) => sum + step, 0) / cycle

  it('a loop without gaps keeps its winding number; where it is not 0, all of it fires again and again', () => {
    const size = 9
    const loops = loopsOf(size)
    let wound = 0
    for (let seed = 0; seed < 24; seed++) {
      const parameters = calm({ excited: 1 + (seed % 4), refractory: 1 + (seed % 3), threshold: 1 })
      const cycle = parameters.excited + parameters.refractory + 1
      const gap = Math.min(parameters.excited, parameters.refractory)
      let phases = randomPhases(size, parameters, seed)
      const state = worldOf(phases, size, parameters)
      const whole = loops.filter(loop => ways(loop, phases, cycle).every(step => Math.abs(step) <= gap))
      const before = whole.map(loop => winding(loop, phases, cycle))
      const counts = new Int32Array(size * size)
      for (let t = 1; t <= 20 * cycle; t++) {
        const seen = look(state)
        phases = naive(phases, size, parameters)
        excitable.advance(state, parameters)
        look(state).forEach((now, cell) => {
          if (now === 1 && seen[cell] === 0) counts[cell]++
        })
        if (t % 7 === 0) expect(whole.map(loop => winding(loop, phases, cycle))).toEqual(before)
      }
      whole.forEach((loop, i) => {
        if (before[i] === 0) return
        wound++
        for (const cell of loop) expect(counts[cell]).toBeGreaterThan(3)
      })
    }
    expect(wound).toBeGreaterThan(100)
  })

  it('with E = R = k = 1 a pattern lives for ever exactly if some loop has a winding number', () => {
    const size = 16
    const triangles = loopsOf(size).filter(loop => loop.length === 3)
    const outcomes = new Set<boolean>()
    const parameters = calm({ excited: 1, refractory: 1, threshold: 1 })
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 6 }), patch => {
        const phases = Array.from({ length: size * size }, () => 0)
        patch.forEach((phase, i) => {
          phases[(5 + Math.floor(i / 3)) * size + 5 + (i % 3)] = phase
        })
        // The pattern lies in a world at rest: all loops are sums of triangles, and those around the torus wind 0 times.
        const wound = triangles.some(triangle => winding(triangle, phases, 3) !== 0)
        outcomes.add(wound)
        expect(isAlive(run(worldOf(phases, size, parameters), parameters, 200))).toBe(wound)
      }),
    )
    expect(outcomes.size).toBe(2)
  })
})
