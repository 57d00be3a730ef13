import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseParameters } from '../../envs/environment.ts'
import { excitable } from '../../envs/excitable.ts'
import { setBit } from '../../envs/parts/bits.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

type Parameters = ReturnType<typeof excitable.parameters.parse>
type World = ReturnType<typeof excitable.initial>

const calm = (given: Record<string, unknown>) => excitable.parameters.parse({ delay: 0, ...given })

/** A world whose cells are in the given places of their cycles: 0 at rest, 1 just fired, up to excited + refractory. */
function worldOf(phases: readonly number[], size: number, parameters: Parameters): World {
  const state = excitable.initial(parameters, size, randomStream('noise'))
  for (const plane of [state.fired, state.excited, state.refractory]) plane.fill(0)
  phases.forEach((phase, i) => {
    if (phase === 0) return
    const [row, column] = [Math.floor(i / size), i % size]
    const cycle = parameters.excited + parameters.refractory
    setBit(state.fired, size, ((state.now - (phase - 1) + cycle) % cycle) * size + row, column)
    setBit(phase <= parameters.excited ? state.excited : state.refractory, size, row, column)
  })
  return state
}

/** What is seen: 0 at rest, 1 excited, 2 refractory. A cell that is both would be 3. */
function look(state: World): number[] {
  const out = new Float32Array(2 * state.size ** 2)
  excitable.observe(state, out)
  return Array.from({ length: state.size ** 2 }, (_, i) => out[2 * i] + 2 * out[2 * i + 1])
}

const isAlive = (state: World) => look(state).some(seen => seen !== 0)

function run(state: World, parameters: Parameters, frames: number): World {
  for (let t = 0; t < frames; t++) excitable.advance(state, parameters)
  return state
}

/** The eight neighbours of a cell on the torus. */
function neighbours(i: number, size: number): number[] {
  const [row, column] = [Math.floor(i / size), i % size]
  return [-1, 0, 1].flatMap(down =>
    [-1, 0, 1]
      .filter(right => down !== 0 || right !== 0)
      .map(right => ((row + down + size) % size) * size + ((column + right + size) % size)),
  )
}

/** One frame without delay, cell by cell, straight from the definition. */
function naive(phases: readonly number[], size: number, { excited, refractory, threshold }: Parameters): number[] {
  return phases.map((phase, i) => {
    if (phase > 0) return (phase + 1) % (excited + refractory + 1)
    const calls = neighbours(i, size).filter(j => phases[j] > 0 && phases[j] <= excited).length
    return calls >= threshold ? 1 : 0
  })
}

const durations = fc.record({
  excited: fc.integer({ min: 1, max: 5 }),
  refractory: fc.integer({ min: 1, max: 6 }),
  threshold: fc.integer({ min: 1, max: 4 }),
})

/** Random places in the cycle, each cell for itself. */
const randomPhases = (size: number, { excited, refractory }: Parameters, seed: number) => {
  const random = randomStream(`phases/${seed}`)
  return Array.from({ length: size * size }, () => random.integer(excited + refractory + 1))
}

describe('the rule', () => {
  it('is the definition, cell by cell, for all durations, thresholds and sizes', () => {
    const sizes = fc.constantFrom(3, 7, 24, 31, 32, 33, 40)
    fc.assert(
      fc.property(durations, sizes, fc.nat(), (given, size, seed) => {
        const parameters = calm(given)
        let phases = randomPhases(size, parameters, seed)
        const state = worldOf(phases, size, parameters)
        for (let t = 0; t < 15; t++) {
          phases = naive(phases, size, parameters)
          excitable.advance(state, parameters)
          expect(look(state)).toEqual(phases.map(phase => (phase === 0 ? 0 : phase <= parameters.excited ? 1 : 2)))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('refractory order: every cell is excited for exactly E frames, refractory for exactly R, then at rest', () => {
    fc.assert(
      fc.property(durations, fc.constantFrom(0, 0.3), fc.nat(), ({ excited, refractory }, delay, seed) => {
        const parameters = excitable.parameters.parse({ excited, refractory, delay, threshold: 1 })
        const state = excitable.initial(parameters, 12, randomStream(`order/${seed}`))
        const films = Array.from({ length: 144 }, () => '')
        for (let t = 0; t < 60; t++) {
          look(state).forEach((seen, cell) => {
            films[cell] += seen
          })
          excitable.advance(state, parameters)
        }
        const whole = new RegExp(`^(0|1{${excited}}2{${refractory}}(?=0|$))*$`)
        // What had begun before the film, and what goes on after it, may be cut short.
        for (const film of films) expect(film.replace(/^1*2*/, '').replace(/1+2*$/, '')).toMatch(whole)
      }),
      { numRuns: 30 },
    )
  })

  it('a cell that should fire waits with the chance of delay', () => {
    const parameters = excitable.parameters.parse({ excited: 1, threshold: 1, delay: 0.3 })
    const state = worldOf([], 120, parameters)
    // Lone excited cells, far from each other: 400 × 8 neighbours.
    for (let row = 3; row < 120; row += 6)
      for (let column = 3; column < 120; column += 6) excitable.perturb(state, row, column, 1)
    excitable.advance(state, parameters)
    const fired = look(state).filter(seen => seen === 1).length
    // Five standard deviations of a binomial count.
    expect(Math.abs(fired / 3200 - 0.7)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / 3200))
  })
})

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
