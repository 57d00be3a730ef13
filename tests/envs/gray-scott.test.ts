import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseParameters } from '../../envs/environment.ts'
import { emptyTray, grayScott, react } from '../../envs/gray-scott.ts'
import { cellIndex, readPlane } from '../../envs/parts/grid.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

type Tray = ReturnType<typeof emptyTray>
type Parameters = ReturnType<typeof grayScott.parameters.parse>
const settings = (given: Partial<Parameters>) => grayScott.parameters.parse(given)

function fill({ grid, now }: Tray, u: (row: number, column: number) => number, v: typeof u): void {
  for (let row = 0; row < grid.height; row++)
    for (let column = 0; column < grid.width; column++) {
      grid.values[cellIndex(grid, now, row, column)] = u(row, column)
      grid.values[cellIndex(grid, now + 1, row, column)] = v(row, column)
    }
}

function seen({ grid, now }: Tray): { u: Float64Array; v: Float64Array } {
  const [u, v] = [0, 1].map(plane => {
    const out = new Float64Array(grid.height * grid.width)
    readPlane(grid, now + plane, out)
    return out
  })
  return { u, v }
}

/** A tray in float64 with the same u and v everywhere, plus something. */
function uniform(size: number, u: number, v: number, more: (row: number, column: number) => [number, number]): Tray {
  const tray = emptyTray(size, 'f64')
  fill(
    tray,
    (row, column) => u + more(row, column)[0],
    (row, column) => v + more(row, column)[1],
  )
  return tray
}

/** u·v = F + k and F·(1 − u) = (F + k)·v: the states without a pattern, other than the empty one. */
function fixedPoints({ feed, kill }: Parameters): [number, number][] {
  const root = Math.sqrt(1 - (4 * (feed + kill) ** 2) / feed)
  return [1 - root, 1 + root].map(twice => [twice / 2, (feed * (1 - twice / 2)) / (feed + kill)])
}

describe('states without a pattern', () => {
  it('a tray of U alone stays as it is, bit for bit', () => {
    const tray = emptyTray(24)
    for (let step = 0; step < 1000; step++) react(tray, settings({}))
    const { u, v } = seen(tray)
    expect(new Set(u)).toEqual(new Set([1]))
    expect(new Set(v)).toEqual(new Set([0]))
  })

  it('the two others are fixed, where F ≥ 4(F + k)²', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (f, x) => {
          const parameters = settings({ feed: f, kill: x * 0.999 * (Math.sqrt(f / 4) - f) })
          for (const [u, v] of fixedPoints(parameters)) {
            const tray = uniform(8, u, v, () => [0, 0])
            react(tray, parameters)
            const after = seen(tray)
            expect(after.u[13]).toBeCloseTo(u, 14)
            expect(after.v[13]).toBeCloseTo(v, 14)
          }
        },
      ),
    )
  })
})

describe('the dispersion of one mode', () => {
  /** I + J − D·4(sin²(kx/2) + sin²(ky/2)), row by row: what a step does to a small wave on a state without a pattern. */
  function growth(
    { feed, kill, diffusionU, diffusionV }: Parameters,
    [u, v]: [number, number],
    kx: number,
    ky: number,
  ) {
    const symbol = 4 * (Math.sin(kx / 2) ** 2 + Math.sin(ky / 2) ** 2)
    return [
      [1 - v * v - feed - diffusionU * symbol, -2 * u * v],
      [v * v, 1 + 2 * u * v - feed - kill - diffusionV * symbol],
    ]
  }

  it.each([
    [1, 0],
    [3, 2],
    [-5, 7],
    [12, 12],
  ])('wave (%i, %i) grows in a step by I + J − D·4sin²(k/2), to 1e-8', (waveX, waveY) => {
    const parameters = settings({ feed: 0.03, kill: 0.055, diffusionU: 0.16, diffusionV: 0.08 })
    const [kx, ky] = [waveX, waveY].map(wave => (2 * Math.PI * wave) / 24)
    const wave = (row: number, column: number) => 1e-5 * Math.cos(kx * column + ky * row)
    for (const state of [[1, 0] as [number, number], ...fixedPoints(parameters)]) {
      const matrix = growth(parameters, state, kx, ky)
      for (const given of [0, 1]) {
        // Half the difference of a wave and its opposite: squares fall out.
        const [after, opposite] = [1, -1].map(sign => {
          const more = (row: number, column: number) => (given === 0 ? sign * wave(row, column) : 0)
          const other = (row: number, column: number) => (given === 1 ? sign * wave(row, column) : 0)
          const tray = uniform(24, ...state, (row, column) => [more(row, column), other(row, column)])
          react(tray, parameters)
          return seen(tray)
        })
        expect((after.u[0] - opposite.u[0]) / 2e-5).toBeCloseTo(matrix[0][given], 8)
        expect((after.v[0] - opposite.v[0]) / 2e-5).toBeCloseTo(matrix[1][given], 8)
      }
    }
  })

  it('the fastest wave outgrows the rest by its eigenvalue, step by step', () => {
    const parameters = settings({ feed: 0.042, kill: 0.06, diffusionU: 0.16, diffusionV: 0.08 })
    const state = fixedPoints(parameters)[0]
    const rate = (wave: number) => {
      const [[a, b], [c, d]] = growth(parameters, state, (2 * Math.PI * wave) / 32, 0)
      // The real part where the two are complex, as those of the longest waves are.
      return { eigenvalue: (a + d + Math.sqrt(Math.max(0, (a - d) ** 2 + 4 * b * c))) / 2, a, b }
    }
    const fastest = [1, 2, 3, 4, 5, 6].reduce((best, wave) =>
      rate(wave).eigenvalue > rate(best).eigenvalue ? wave : best,
    )
    const { eigenvalue, a, b } = rate(fastest)
    expect(eigenvalue).toBeGreaterThan(1)
    const wave = (column: number) => 1e-9 * Math.cos((2 * Math.PI * fastest * column) / 32)
    const tray = uniform(32, ...state, (_, column) => [b * wave(column), (eigenvalue - a) * wave(column)])
    for (let step = 0; step < 200; step++) react(tray, parameters)
    const amplitude = seen(tray).u.reduce((sum, u, cell) => sum + (u - state[0]) * wave(cell % 32), 0)
    expect(amplitude / (b * 1e-18 * 512) / eigenvalue ** 200).toBeCloseTo(1, 6)
  })
})

describe('what the equation keeps', () => {
  it('all that is in the tray came in or went out: Σ(u + v) grows by ΣF(1 − u) − (F + k)v a step', () => {
    const parameters = settings({})
    const random = randomStream('test/gray-scott')
    const tray = emptyTray(20, 'f64')
    fill(
      tray,
      () => random.uniform(),
      () => random.uniform() / 2,
    )
    const total = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0)
    for (let step = 0; step < 200; step++) {
      const before = seen(tray)
      react(tray, parameters)
      const after = seen(tray)
      const balance = parameters.feed * (400 - total(before.u)) - (parameters.feed + parameters.kill) * total(before.v)
      expect(total(after.u) + total(after.v) - total(before.u) - total(before.v)).toBeCloseTo(balance, 11)
    }
  })

  it('concentrations stay in range, or the world says that it is unstable', () => {
    const [rate, diffusion] = [0.1, 0.175].map(max => fc.double({ min: 0, max, noNaN: true }))
    let stable = 0
    fc.assert(
      fc.property(rate, rate, diffusion, fc.double({ min: 0, max: 1, noNaN: true }), (feed, kill, diffusionU, part) => {
        const parameters = settings({
          feed,
          kill,
          diffusionU,
          diffusionV: Math.min(0.16, part * diffusionU),
          steps: 20,
        })
        grayScott.field(parameters, 16)
        const tray = grayScott.initial(parameters, 16, randomStream('test/gray-scott'))
        try {
          for (let frame = 0; frame < 50; frame++) grayScott.advance(tray, parameters)
          stable++
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
          return
        }
        const { u, v } = seen(tray)
        expect(Math.min(...u, ...v)).toBeGreaterThan(-1e-3)
        expect(Math.max(...u)).toBeLessThan(1 + 1e-6)
        expect(Math.max(...v)).toBeLessThan(Infinity)
      }),
      { numRuns: 100 },
    )
    expect(stable).toBeGreaterThan(50)
  })
})

describe('patterns', () => {
  /** Spread of v over the cells, and how much of it a frame changes. */
  function activity(tray: Tray, parameters: Parameters) {
    const before = seen(tray).v
    grayScott.advance(tray, parameters)
    const after = seen(tray).v
    const mean = before.reduce((sum, x) => sum + x, 0) / before.length
    const spread = before.reduce((sum, x) => sum + (x - mean) ** 2, 0) / before.length
    const change = before.reduce((sum, x, cell) => sum + (after[cell] - x) ** 2, 0) / before.length
    return { spread: Math.sqrt(spread), change: change / spread }
  }
  function later(given: Partial<Parameters>, size: number, frames: number, start = 0) {
    const parameters = settings(given)
    const tray = grayScott.initial(parameters, size, randomStream(`test/gray-scott/${start}`))
    for (let frame = 0; frame < frames; frame++) grayScott.advance(tray, parameters)
    return activity(tray, parameters)
  }

  it.each([0, 1])('on 24 × 24 cells they still change after 10,000 frames: start %i', start => {
    const { spread, change } = later({}, 24, 10_000, start)
    expect(spread).toBeGreaterThan(0.05)
    expect(change).toBeGreaterThan(0.03)
  })

  it("end in Pearson's classes: nothing for k above .07, worms at rest for μ", () => {
    expect(later({ feed: 0.046, kill: 0.072 }, 32, 200).spread).toBeLessThan(1e-6)
    const worms = later({ feed: 0.046, kill: 0.065 }, 32, 2000)
    expect(worms.spread).toBeGreaterThan(0.05)
    expect(worms.change).toBeLessThan(1e-3)
  })
})

it('begins with squares of (½, ¼), a tenth more or less, in a tray of (1, 0), four per 24 × 24 cells', () => {
  for (const [size, squares] of [
    [24, 4],
    [48, 16],
  ]) {
    const { u, v } = seen(grayScott.initial(settings({}), size, randomStream(`start/${size}`)))
    const sown = Array.from(v.keys()).filter(cell => v[cell] !== 0)
    expect(sown.length).toBeGreaterThan(18 * squares)
    expect(sown.length).toBeLessThanOrEqual(36 * squares)
    for (const [values, middle] of [
      [u, 0.5],
      [v, 0.25],
    ] as const) {
      expect(sown.reduce((sum, cell) => sum + values[cell], 0) / sown.length / middle).toBeCloseTo(1, 1)
      for (const cell of sown) expect(Math.abs(values[cell] / middle - 1)).toBeLessThan(0.1 + 1e-6)
    }
    expect(u.filter(value => value === 1)).toHaveLength(size * size - sown.length)
  }
})

it('a disturbance goes one cell a step, and no concentration leaves [0, 1]', () => {
  const parameters = settings({ steps: 3 })
  const tray = grayScott.initial(parameters, 24, randomStream('test/gray-scott'))
  for (let frame = 0; frame < 400; frame++) grayScott.advance(tray, parameters)
  const disturbed = structuredClone(tray)
  grayScott.perturb(disturbed, 12, 12, 0.5)
  for (let frame = 1; frame <= 3; frame++) {
    grayScott.advance(tray, parameters)
    grayScott.advance(disturbed, parameters)
    const [one, other] = [seen(tray), seen(disturbed)]
    const far = [...one.u.keys()]
      .filter(cell => one.u[cell] !== other.u[cell] || one.v[cell] !== other.v[cell])
      .map(cell => Math.abs(Math.floor(cell / 24) - 12) + Math.abs((cell % 24) - 12))
    expect(Math.max(...far)).toBeLessThanOrEqual(3 * frame)
    expect(Math.max(...far)).toBeGreaterThanOrEqual(2 * frame)
  }
  for (const amount of [0.3, -0.3, 5, -5]) {
    grayScott.perturb(disturbed, 3, 4, amount)
    expect(grayScott.invariants!(disturbed).outside.value).toBe(0)
  }
})

it.each([
  [{ diffusionU: 0.3 }, "diffusionU = 0.3 is unstable; set 'diffusionU' to 0.185 or lower"],
  [{ diffusionV: 0.2 }, "diffusionV = 0.2 is unstable; set 'diffusionV' to 0.179 or lower"],
])('refuses %o in one line', (given, problem) => {
  expect(() => grayScott.field(settings(given), 24)).toThrow(UserError)
  expect(() => grayScott.field(settings(given), 24)).toThrow(problem)
})

it('refuses what has no meaning', () => {
  expect(() => grayScott.field(settings({}), 4)).toThrow('the size is at least 6')
  expect(() => parseParameters(grayScott, { feed: -0.1 })).toThrow("parameter 'feed'")
  expect(() => parseParameters(grayScott, { steps: 1.5 })).toThrow("parameter 'steps'")
})
