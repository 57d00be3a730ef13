/**
 * Shallow water on a turning torus: waves that pile up and run faster where they are high, and eddies that they leave.
 *
 *     ∂h/∂t = −∂(hu)/∂x − ∂(hv)/∂y
 *     ∂u/∂t = +q·hv − ∂B/∂x + ν∇²u,   q = (f + ∂v/∂x − ∂u/∂y) / h
 *     ∂v/∂t = −q·hu − ∂B/∂y + ν∇²v,   B = g·h + ½(u² + v²)
 *
 * x, y   column and row, cells; y runs down the rows
 * h      depth, in units of its mean, which is 1 and stays 1
 * u, v   velocity along x and y, cells/frame
 * q      potential vorticity, 1/frame: water carries it along;  B  Bernoulli's sum, cells²/frame²
 * c      √g, speed of long gentle waves, cells/frame;  g  gravity by mean depth, cells²/frame²
 * f      rotation, 1/frame: currents turn, and heaps wider than c/f cells stay as eddies;  ν  viscosity, cells²/frame
 *
 * Boundary: torus. Time: a frame is cut into steps of four stages, y + dt/4, dt/3, dt/2 and dt times the slope at the
 * stage before (Jameson, Schmidt & Turkel 1981, doi:10.2514/6.1981-1259): like Runge–Kutta's classical step for waves,
 * and stable while no wave, on a heap and with the current, goes more than a cell. Only what is short as cells is worn.
 *
 * In space Sadourny's scheme that keeps energy, on Arakawa's grid C: u is kept at a cell's left edge and v at its upper
 * one (half a cell from where they are shown), h in its middle, q at its corner. Water that leaves a cell is what its
 * neighbour gets, to the bit; kept as h − 1, so that rounding in float32 is small against the 1e-6 that mass may err.
 *
 * The start is heaps and hollows at rest, their number by the area. Nothing drives the world, and it decays slowly: long
 * waves break up into short ones, which viscosity and the steps wear down. With the defaults two thirds of the amplitude
 * are left after 1,000 frames and a quarter after 10,000.
 *
 * Source: Sadourny 1975, doi:10.1175/1520-0469(1975)032<0680:TDOFDM>2.0.CO;2
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import { type Lanes, type Precision, sum } from '../lib/simd/lanes.ts'
import { defineEnvironment } from './environment.ts'
import { countIn } from './parts/count.ts'
import {
  cellIndex,
  createGrid,
  fold,
  type Grid,
  laplacian,
  leastOf,
  type Neighbour,
  readPlane,
  type Stencil,
  stencilOn,
  sumOf,
  wrap,
} from './parts/grid.ts'

const schema = z.object({
  c: z.number().min(0.01).max(16).default(1.2).describe('speed of long gentle waves, cells/frame'),
  rotation: z.number().min(0).max(2).default(0.2).describe('f, 1/frame; 0: no eddies ever'),
  viscosity: z.number().min(0).max(0.25).default(0.002).describe('ν, cells²/frame'),
  heaps: z
    .number()
    .min(0)
    .max(50)
    .default(5)
    .describe('heaps and hollows at the start, per 24 × 24 cells (one at least)'),
  height: z.number().min(0.001).max(0.6).default(0.25).describe('height of a heap, depth of a hollow, in mean depths'),
  width: z.number().min(1.5).max(64).default(2).describe('σ of a heap, cells'),
})
type Parameters = z.output<typeof schema>

interface State {
  /** Three times h − 1, u and v: planes 0 to 2 hold the world, the others the stages of a step. */
  grid: Grid
  /** Steps in a frame. */
  steps: number
  gravity: number
  rotation: number
  viscosity: number
  /** Mean energy of a cell that the start and disturbances brought. */
  supplied: number
}

/** Asked twice for the same place, gives the same expression, which is then computed once. */
function once(of: Neighbour): Neighbour {
  const known = new Map<string, Lanes>()
  return (row, column) => {
    const place = `${row} ${column}`
    if (!known.has(place)) known.set(place, of(row, column))
    return known.get(place)!
  }
}

/** next = base + step · slope(now), each of them three planes. */
const stage: Stencil<'now' | 'base' | 'next', 'step' | 'gravity' | 'rotation' | 'viscosity'> = {
  planes: ['now', 'base', 'next'],
  numbers: ['step', 'gravity', 'rotation', 'viscosity'],
  rule({ now: surface, base }, { step, gravity, rotation, viscosity }) {
    const u = (row: number, column: number) => surface(row, column, 1)
    const v = (row: number, column: number) => surface(row, column, 2)
    const half = (a: Lanes, b: Lanes) => a.plus(b).times(0.5)
    /** Water through a left and through an upper edge. */
    const flowX = once((i, j) => u(i, j).times(half(surface(i, j - 1), surface(i, j)).plus(1)))
    const flowY = once((i, j) => v(i, j).times(half(surface(i - 1, j), surface(i, j)).plus(1)))
    const vorticity = once((i, j) => {
      const depth = sum(surface(i - 1, j - 1), surface(i - 1, j), surface(i, j - 1), surface(i, j))
      const curl = v(i, j)
        .minus(v(i, j - 1))
        .minus(u(i, j).minus(u(i - 1, j)))
      return rotation.plus(curl).over(depth.times(0.25).plus(1))
    })
    const square = once((i, j) => u(i, j).times(u(i, j)))
    const squareY = once((i, j) => v(i, j).times(v(i, j)))
    const bernoulli = once((i, j) => {
      const squares = half(square(i, j), square(i, j + 1)).plus(half(squareY(i, j), squareY(i + 1, j)))
      return gravity.times(surface(i, j)).plus(squares.times(0.5))
    })
    const turnX = (i: number) => vorticity(i, 0).times(half(flowY(i, -1), flowY(i, 0)))
    const turnY = (j: number) => vorticity(0, j).times(half(flowX(-1, j), flowX(0, j)))
    const slopes = [
      flowX(0, 0)
        .minus(flowX(0, 1))
        .plus(flowY(0, 0).minus(flowY(1, 0))),
      half(turnX(0), turnX(1))
        .plus(bernoulli(0, -1).minus(bernoulli(0, 0)))
        .plus(laplacian(u).times(viscosity)),
      bernoulli(-1, 0)
        .minus(bernoulli(0, 0))
        .minus(half(turnY(0), turnY(1)))
        .plus(laplacian(v).times(viscosity)),
    ]
    return { next: slopes.map((slope, plane) => base(0, 0, plane).plus(slope.times(step))) }
  },
}

/** Steps in a frame: the scheme is stable while no wave turns by more than 2√2 radians in one. */
function stepsFor({ c, height, rotation }: Parameters): number {
  const largestTurn = 2.5
  // The shortest wave turns by 2√2 for each cell that it moves: on a heap, with the current.
  return Math.ceil(Math.hypot(2 * Math.SQRT2 * c * (Math.sqrt(1 + height) + height), rotation) / largestTurn)
}

/** Level water at rest; float64 is for those who compare it with closed forms. */
export function levelWater(parameters: Parameters, size: number, precision: Precision = 'f32'): State {
  const { c, rotation, viscosity } = parameters
  return {
    grid: createGrid(size, size, 9, precision),
    steps: stepsFor(parameters),
    gravity: c ** 2,
    rotation,
    viscosity,
    supplied: 0,
  }
}

/** One step of four stages. */
export function flow({ grid, gravity, rotation, viscosity }: State, step: number): void {
  const run = stencilOn(stage, grid)
  const [world, one, other] = [0, 3, 6]
  for (const [now, next, part] of [
    [world, one, 1 / 4],
    [one, other, 1 / 3],
    [other, one, 1 / 2],
    [one, world, 1],
  ]) {
    for (let plane = now; plane < now + 3; plane++) wrap(grid, plane)
    run(now, world, next, part * step, gravity, rotation, viscosity)
  }
}

/** Mean over the cells of ½(h·u² + h·v² + g·(h − 1)²), cells²/frame²: what the scheme keeps but for viscosity. */
export function energy({ grid, gravity }: State): number {
  const { height, width, values } = grid
  const [h, u, v] = [0, 1, 2].map(plane => cellIndex(grid, plane, 0, 0))
  let sum = 0
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const here = row * grid.pitch + column
      const left = row * grid.pitch + (column === 0 ? width : column) - 1
      const above = ((row === 0 ? height : row) - 1) * grid.pitch + column
      const rise = values[h + here]
      sum += gravity * rise ** 2
      sum += (1 + (values[h + left] + rise) / 2) * values[u + here] ** 2
      sum += (1 + (values[h + above] + rise) / 2) * values[v + here] ** 2
    }
  return sum / (2 * height * width)
}

export const shallowWater = defineEnvironment({
  id: 'shallow-water',
  version: 1,
  title: 'Shallow water',
  source: 'Sadourny 1975, doi:10.1175/1520-0469(1975)032<0680:TDOFDM>2.0.CO;2',
  range: 'speed c: little beyond c cells a frame',
  parameters: schema,

  field({ c, width }, size) {
    if (c > size / 2)
      throw new UserError(
        `shallow-water: at c = ${c} a frame takes a wave across ${size} cells; set 'c' to ${size / 2} or lower`,
      )
    if (6 * width > size)
      throw new UserError(
        `shallow-water: a heap of width ${width} needs ${Math.ceil(6 * width)} cells each way, not ${size}`,
      )
    return {
      height: size,
      width: size,
      channels: [
        { name: 'h', unit: 'mean depths' },
        { name: 'u', unit: 'cells/frame' },
        { name: 'v', unit: 'cells/frame' },
      ],
      likelihood: 'gaussian',
      boundary: 'torus',
      dt: 1,
      burnIn: 20,
    }
  },

  initial(parameters, size, random) {
    const state = levelWater(parameters, size)
    const { heaps, height, width } = parameters
    const rise = new Float64Array(size * size)
    const radius = Math.ceil(5 * width)
    for (let heap = countIn(heaps, size); heap > 0; heap--) {
      const [row, column] = [random.uniform() * size, random.uniform() * size]
      const sign = random.integer(2) === 0 ? -1 : 1
      for (let y = Math.round(row) - radius; y <= Math.round(row) + radius; y++)
        for (let x = Math.round(column) - radius; x <= Math.round(column) + radius; x++) {
          rise[fold(y, size) * size + fold(x, size)] +=
            sign * Math.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * width ** 2))
        }
    }
    // Where many lie on top of one another, they get no higher than one.
    const limited = rise.map(x => height * Math.tanh(x))
    const mean = limited.reduce((sum, x) => sum + x, 0) / (size * size)
    limited.forEach((x, cell) => {
      state.grid.values[cellIndex(state.grid, 0, Math.floor(cell / size), cell % size)] = x - mean
    })
    state.supplied = energy(state)
    return state
  },

  /** @throws UserError when a cell has run dry, as a huge disturbance makes it. */
  advance(state) {
    for (let step = 0; step < state.steps; step++) flow(state, 1 / state.steps)
    if (!(leastOf(state.grid, 0) > -1))
      throw new UserError(
        "shallow-water: a cell has run dry, which this world cannot show; set 'height' lower or disturb it less",
      )
  },

  observe({ grid }, out) {
    for (let plane = 0; plane < 3; plane++) readPlane(grid, plane, out, plane, 3)
    for (let at = 0; at < out.length; at += 3) out[at] += 1
  },

  /** Pours water into a cell, or takes it out. */
  perturb(state, row, column, amount) {
    const before = energy(state)
    state.grid.values[cellIndex(state.grid, 0, row, column)] += amount
    state.supplied += energy(state) - before
  },

  /** Water neither comes nor goes, and there is never more energy than there was; the steps may err by a hundredth. */
  invariants(state) {
    const { grid } = state
    return {
      'mean depth': { value: 1 + sumOf(grid, 0) / (grid.height * grid.width), tolerance: 1e-6 },
      'energy gained': {
        value: Math.max(0, energy(state) - state.supplied),
        tolerance: 1e-2 * state.supplied,
      },
    }
  },

  /** Each stage looks at the next cell in all eight directions. */
  reach: parameters => 4 * stepsFor(parameters),

  shifts: {
    'higher-heaps': {
      change: { height: 0.4 },
      why: 'high water outruns low water more than ever seen: superposition, nearly right in training, breaks down',
    },
    'no-rotation': {
      change: { rotation: 0 },
      why: 'nothing holds a heap together: all of it leaves as waves, and the slow eddies are gone',
    },
    'faster-rotation': {
      change: { rotation: 0.4 },
      why: 'currents turn twice as fast and smaller heaps stay as eddies: another share of slow and fast',
    },
  },
})
