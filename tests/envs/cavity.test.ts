import { describe, expect, it } from 'vitest'
import { cavity } from '../../envs/cavity.ts'
import { parseParameters } from '../../envs/environment.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

type Parameters = ReturnType<typeof cavity.parameters.parse>
const settings = (given: Partial<Parameters>) => cavity.parameters.parse(given)

function start(given: Partial<Parameters>, size: number, name = 'start') {
  const parameters = settings(given)
  const state = cavity.initial(parameters, size, randomStream(`test/cavity/${name}`))
  const out = new Float32Array(2 * size * size)
  return {
    state,
    run(frames: number) {
      for (let frame = 0; frame < frames; frame++) cavity.advance(state, parameters)
    },
    seen() {
      cavity.observe(state, out)
      return out.slice()
    },
  }
}

const rootMeanSquare = (numbers: Float32Array) => Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length)

describe('a steady lid at Re = 100, 65 × 65 cells', () => {
  const size = 65
  // A lid at a fifth of a cell a step, its sines all at their crests for ever.
  const reach = 50
  const lid = 0.2 * reach
  const { state, run, seen } = start({ lids: 1, reach, speed: lid / Math.sqrt(6), viscosity: (lid * size) / 100 }, size)
  state.turns.fill(0)
  state.phases.fill(Math.PI / 2)
  run(200)
  const flow = seen().map(u => u / lid)
  const u = (row: number, column: number) => flow[2 * (row * size + column)]
  const middle = (size - 1) / 2
  const between = (place: number, at: (index: number) => number) => {
    const below = Math.floor(place)
    return at(below) + (place - below) * (at(below + 1) - at(below))
  }

  it.each([
    [0.9766, 0.84123],
    [0.9531, 0.68717],
    [0.8516, 0.23151],
    [0.7344, 0.00332],
    [0.6172, -0.13641],
    [0.5, -0.20581],
    [0.4531, -0.2109],
    [0.2813, -0.15662],
    [0.1719, -0.1015],
    [0.1016, -0.06434],
    [0.0547, -0.03717],
  ])('at x = ½, y = %f above the bottom u is %f of the lid’s (Ghia, Ghia & Shin 1982)', (y, expected) => {
    const measured = between((1 - y) * size - 0.5, row => u(row, middle))
    expect(Math.abs(measured - expected)).toBeLessThan(0.01)
  })

  it('the vortex is where Ghia, Ghia & Shin found it, (.6172, .7344)', () => {
    // The stream function of a column, from the bottom up; the vortex is where it is farthest from zero.
    let [deepest, x, y] = [0, 0, 0]
    for (let column = 0; column < size; column++) {
      let stream = 0
      for (let row = size - 1; row > 0; row--) {
        stream += (u(row, column) + (row < size - 1 ? u(row + 1, column) : 0)) / (row < size - 1 ? 2 : 4)
        if (stream < deepest) [deepest, x, y] = [stream, (column + 0.5) / size, 1 - (row + 0.5) / size]
      }
    }
    expect(Math.hypot(x - 0.6172, y - 0.7344)).toBeLessThan(1 / size)
    // ψ there: −.103423.
    expect(Math.abs(deepest / size + 0.103423)).toBeLessThan(0.001)
  })

  it('as much flows to the right as to the left through every column, as without compression', () => {
    for (let column = 0; column < size; column++) {
      let flux = 0
      for (let row = 0; row < size; row++) flux += u(row, column)
      expect(Math.abs(flux)).toBeLessThan(5e-4)
    }
  })
})

describe('walls', () => {
  const size = 12
  /** Velocities along top, bottom, left and right, continued from the two outermost cells to the wall, at its middle. */
  const atWalls = (flow: Float32Array) =>
    [
      (depth: number) => flow[2 * (depth * size + size / 2)],
      (depth: number) => flow[2 * ((size - 1 - depth) * size + size / 2)],
      (depth: number) => flow[2 * ((size / 2) * size + depth) + 1],
      (depth: number) => flow[2 * ((size / 2) * size + size - 1 - depth) + 1],
    ].map(along => 1.5 * along(0) - 0.5 * along(1))

  it.each([1, 2, 3, 4])('%i of them slide, at the given root mean square, and the others stand still', lids => {
    const [squares, speed, episodes, frames] = [[0, 0, 0, 0], 2, 25, 60]
    for (let episode = 0; episode < episodes; episode++) {
      const { run, seen } = start({ speed, viscosity: 8, lids }, size, `lids/${episode}`)
      run(20)
      for (let frame = 0; frame < frames; frame++) {
        run(1)
        atWalls(seen()).forEach((along, wall) => {
          squares[wall] += along ** 2 / (episodes * frames)
        })
      }
    }
    squares.forEach((square, wall) => {
      expect(Math.abs(Math.sqrt(square) - (wall < lids ? speed : 0))).toBeLessThan(0.2)
    })
  })
})

it('every lid moves with periods from half to twice the given one, in equal parts above and below it', () => {
  const periods = Array.from(
    { length: 50 },
    (_, i) => start({ period: 12, reach: 50 }, 4, `periods/${i}`).state,
  ).flatMap(({ turns }) => Array.from(turns, turn => (2 * Math.PI) / turn / 50))
  expect(periods).toHaveLength(50 * 4 * 3)
  expect(Math.min(...periods)).toBeGreaterThan(6)
  expect(Math.min(...periods)).toBeLessThan(6.2)
  expect(Math.max(...periods)).toBeLessThan(24)
  expect(Math.max(...periods)).toBeGreaterThan(23.2)
  const longer = periods.filter(period => period > 12).length
  // Four standard deviations of a fair coin.
  expect(Math.abs(longer - 300)).toBeLessThan(4 * Math.sqrt(600 / 4))
})

it('an episode begins when the slowest eddy has faded, or at the latest after ten periods of the lids', () => {
  const burnIn = (given: Partial<Parameters>, size: number) => cavity.field(settings(given), size).burnIn
  expect(burnIn({}, 24)).toBe(50 + Math.ceil((2 * 24 ** 2) / (52.3 * 1.5)))
  expect(burnIn({}, 1000)).toBe(50 + 10 * 12)
  expect(burnIn({ period: 40 }, 1000)).toBe(50 + 10 * 40)
  expect(burnIn({ viscosity: 0.01, speed: 0.04 }, 24)).toBe(50 + 10 * 12)
})

it('after the burn-in of a large box, the flow near the lids does not tell when they began to move', () => {
  const [size, given] = [96, { period: 6, viscosity: 1.5 }]
  const { burnIn } = cavity.field(settings(given), size)
  const [earlier, later] = [start(given, size), start(given, size)]
  // The same lids, a hundred frames into their motion.
  later.state.time = 100 * 50
  earlier.run(100 + burnIn)
  later.run(burnIn)
  const near = (flow: Float32Array) => flow.filter((_, i) => Math.floor(i / 2 / size) < 4)
  const [one, other] = [near(earlier.seen()), near(later.seen())]
  expect(rootMeanSquare(one.map((u, i) => u - other[i])) / rootMeanSquare(one)).toBeLessThan(0.1)
})

it('flow is nearly the same when sound is twice as fast', () => {
  const [slow, fast] = [start({ reach: 50 }, 24), start({ reach: 100 }, 24)]
  for (const { run } of [slow, fast]) run(40)
  const [one, other] = [slow.seen(), fast.seen()]
  expect(rootMeanSquare(one.map((u, i) => u - other[i])) / rootMeanSquare(other)).toBeLessThan(0.02)
})

it.each([4, 6, 9])('at a reach of %i, so many cells a frame and not one more', reach => {
  const parameters = settings({ reach, speed: 0.3, viscosity: 0.5, period: 4 })
  const { state, run, seen } = start(parameters, 40)
  run(5)
  const disturbed = structuredClone(state)
  cavity.perturb(disturbed, 20, 20, 0.1)
  for (let frame = 0; frame < 2; frame++) {
    const other = new Float32Array(2 * 40 * 40)
    cavity.observe(disturbed, other)
    const here = seen()
    const far = [...here.keys()]
      .filter(i => here[i] !== other[i])
      .map(i => Math.max(Math.abs(Math.floor(i / 80) - 20), Math.abs((Math.floor(i / 2) % 40) - 20)))
    expect(Math.max(...far)).toBe(frame * cavity.reach!(parameters, 40))
    run(1)
    cavity.advance(disturbed, parameters)
  }
})

it('neither blows up nor comes to rest at the sharpest flow that is allowed', () => {
  const { run, seen } = start({ viscosity: 0.817, period: 40 }, 24)
  run(1500)
  expect(rootMeanSquare(seen())).toBeGreaterThan(0.1)
  expect(rootMeanSquare(seen())).toBeLessThan(4)
})

it.each([
  [{ speed: 6 }, "set 'speed' to 4.082 or lower, or 'reach' to 74 or higher"],
  [{ viscosity: 0.5 }, "set 'viscosity' to 0.817 or higher, or 'speed' to 2.449 or lower"],
  [{ viscosity: 9 }, "set 'viscosity' to 8.333 or lower, or 'reach' to 54 or higher"],
])('refuses %o in one line', (given, problem) => {
  expect(() => cavity.field(settings(given), 24)).toThrow(UserError)
  expect(() => cavity.field(settings(given), 24)).toThrow(problem)
})

it('refuses settings without meaning', () => {
  expect(() => parseParameters(cavity, { lids: 5 })).toThrow("parameter 'lids'")
  expect(() => parseParameters(cavity, { viscosity: Number.NaN })).toThrow("parameter 'viscosity'")
  expect(() => parseParameters(cavity, { reach: 2.5 })).toThrow("parameter 'reach'")
})
