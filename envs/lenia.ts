/**
 * Lenia: a cellular automaton with continuous cells, whose neighbourhood is a smooth ring.
 *
 *     A′ = clip(A + G(K ∗ A)/T, 0, 1),   G(u) = 2·exp(−(u − μ)²/2σ²) − 1,   K ∝ exp(4 − 1/(r(1 − r))),  r = distance/R < 1
 *
 * A   a cell, 0 … 1
 * K   kernel; its weights sum to 1, so that u is a mean of cells, 0 … 1
 * R   its radius, cells: nothing acts farther than that in one step
 * μ   the mean at which a cell grows fastest
 * σ   how far the mean may be from it: within 1.18 σ a cell grows, beyond it shrinks
 * T   steps in which a cell can grow from 0 to 1
 *
 * Boundary: torus of size × size cells, at least 2R + 1. A frame is some steps. Shown: A.
 *
 * An episode begins with squares of noise. Most rules of Lenia let them die or set; the defaults make a soup of them
 * that boils for 10,000 frames and more, from 64 of 64 starts in 24 × 24 cells. It needs some rings' room: 5 R or so. A
 * coarse T keeps it hot, where a fine one lets it set, and so one step is a frame: its reach is a ring. Orbium, the
 * swimmer that Lenia is known for, is a start too, with a rule of its own.
 *
 * The sum over the ring is a product of Fourier modes (`parts/convolution.ts`). All waves that the cells hold are
 * computed: a ring a few cells wide has no smooth spectrum (at R = 13 the finest wave still has 2·10⁻⁴ of its weight).
 * A transform rounds everywhere, so that a disturbance is seen beyond its reach at 10⁻¹⁴ of its size; in float32 that
 * would be 10⁻⁵, hence float64. e^−x is a power of a polynomial, to 2·10⁻¹⁰, and the same on every machine.
 *
 * Source: B. W.-C. Chan, Lenia: Biology of Artificial Life, Complex Systems 28 (2019), arXiv:1812.05433
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'
import type { Lanes } from '../lib/simd/lanes.ts'
import { bindLoop, compileLoop } from '../lib/simd/loop.ts'
import { defineEnvironment } from './environment.ts'
import { cellIndex, planConvolution } from './parts/convolution.ts'
import { orbium } from './parts/orbium.ts'

const schema = z.object({
  radius: z.int().min(2).max(64).default(5).describe('R, cells'),
  center: z.number().min(0.05).max(0.5).default(0.16).describe('μ, the mean of cells at which growth is fastest'),
  width: z.number().min(0.001).max(0.1).default(0.026).describe('σ, how far from it cells still grow'),
  resolution: z.int().min(1).max(1000).default(2).describe('T, steps in which a cell can grow from 0 to 1'),
  steps: z.int().min(1).max(100).default(1).describe('steps a frame'),
  start: z
    .enum(['patches', 'orbium'])
    .default('patches')
    .describe('squares of noise, or one Orbium, which lives at R 13, T 10, μ 0.15, σ 0.015'),
  density: z
    .number()
    .min(0)
    .max(1)
    .default(0.35)
    .describe('cells of those squares, R × R each, as a share of all; they may overlap'),
})
type Parameters = z.output<typeof schema>

interface State {
  readonly size: number
  readonly radius: number
  /** In the order of `cellIndex`. */
  readonly cells: Float64Array
}

const precision = 'f64'

/** Weights of the ring around row 0 and column 0. */
export function ringKernel(size: number, radius: number): Float64Array {
  const shortWay = (i: number) => Math.min(i, size - i)
  const kernel = Float64Array.from({ length: size * size }, (_, cell) => {
    const r = Math.hypot(shortWay(Math.floor(cell / size)), shortWay(cell % size)) / radius
    return r > 0 && r < 1 ? Math.exp(4 - 1 / (r * (1 - r))) : 0
  })
  const sum = kernel.reduce((total, weight) => total + weight, 0)
  return kernel.map(weight => weight / sum)
}

/** e^−x for 0 ≤ x ≤ 18: the 32nd power of a Taylor polynomial of e^(−x/32). */
function exponential(x: Lanes): Lanes {
  const y = x.times(-1 / 32)
  const square = y.times(y)
  // Two terms at a time, so that not every operation waits for the one before.
  const highest = square.times(1 / 720).plus(y.times(1 / 120).plus(1 / 24))
  let power = square.times(square.times(highest).plus(y.times(1 / 6).plus(1 / 2))).plus(y.plus(1))
  for (let doubling = 0; doubling < 5; doubling++) power = power.times(power)
  return power
}

function compileLenia(size: number, radius: number) {
  const convolution = planConvolution(size, ringKernel(size, radius), precision, ['cells'])
  const { planes, memory, arrays, convolve } = convolution
  const grow = bindLoop(
    compileLoop({
      precision,
      arrays: ['mean', 'cell'],
      numbers: ['center', 'sharpness', 'step'],
      body(read, { center, sharpness, step }) {
        const distance = read.mean().minus(center)
        const likeness = exponential(distance.times(distance).times(sharpness).min(18))
        const next = read
          .cell()
          .plus(step.times(likeness.times(2).minus(1)))
          .max(0)
          .min(1)
        // Where the mean was, the next transform wants the cell.
        return { cell: [[0, next]], mean: [[0, next]] }
      },
    }),
    memory,
  )
  const { fieldLength, pitch } = planes
  const [left, right] = [arrays.cells.subarray(0, fieldLength), arrays.cells.subarray(fieldLength)]
  const count = size * pitch
  return {
    planes,
    run(cells: Float64Array, { center, width, resolution, steps }: Parameters) {
      arrays.cells.set(cells)
      arrays.first.set(left)
      arrays.second.set(right)
      const sharpness = 1 / (2 * width ** 2)
      for (let step = 0; step < steps; step++) {
        convolve()
        grow(arrays.first.byteOffset, left.byteOffset, center, sharpness, 1 / resolution, count)
        grow(arrays.second.byteOffset, right.byteOffset, center, sharpness, 1 / resolution, count)
      }
      cells.set(arrays.cells)
    },
  }
}

const compiled = new Map<string, ReturnType<typeof compileLenia>>()

/** One for all worlds of a size: nothing is kept in it from frame to frame. */
function leniaOn(size: number, radius: number) {
  const key = `${size} ${radius}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  const made = compileLenia(size, radius)
  compiled.set(key, made)
  return made
}

/** Squares of noise at random places; where they overlap, the last one counts. */
function sow(
  set: (row: number, column: number, value: number) => void,
  { density, radius }: Parameters,
  size: number,
  random: Random,
) {
  for (let left = Math.round((density * size ** 2) / radius ** 2); left > 0; left--) {
    const [top, start] = [random.integer(size), random.integer(size)]
    for (let row = 0; row < radius; row++)
      for (let column = 0; column < radius; column++) set((top + row) % size, (start + column) % size, random.uniform())
  }
}

export const lenia = defineEnvironment<typeof schema, State>({
  id: 'lenia',
  version: 1,
  title: 'Lenia',
  source: 'Chan 2019, arXiv:1812.05433',
  range: 'R cells a step',
  parameters: schema,

  field({ radius, start }, size) {
    if (size < 2 * radius + 1)
      throw new UserError(`lenia: a ring of radius ${radius} needs ${2 * radius + 1} cells each way, not ${size}`)
    if (start === 'orbium' && size < orbium.length)
      throw new UserError(`lenia: an Orbium needs ${orbium.length} cells each way, not ${size}`)
    return {
      height: size,
      width: size,
      channels: [{ name: 'state', unit: '0 to 1' }],
      likelihood: 'gaussian',
      boundary: 'torus',
      dt: 1,
      burnIn: 50,
    }
  },

  initial(parameters, size, random) {
    const { radius, start } = parameters
    const { planes } = leniaOn(size, radius)
    const cells = new Float64Array(2 * planes.fieldLength)
    const set = (row: number, column: number, value: number) => {
      cells[cellIndex(planes, row, column)] = value
    }
    if (start === 'patches') sow(set, parameters, size, random)
    else {
      const [top, left, turns, mirrored] = [
        random.integer(size),
        random.integer(size),
        random.integer(4),
        random.integer(2),
      ]
      orbium.forEach((states, i) => {
        states.forEach((value, j) => {
          let [row, column] = mirrored === 1 ? [j, i] : [i, j]
          for (let turn = 0; turn < turns; turn++) [row, column] = [column, orbium.length - 1 - row]
          set((top + row) % size, (left + column) % size, value)
        })
      })
    }
    return { size, radius, cells }
  },

  advance({ size, radius, cells }, parameters) {
    leniaOn(size, radius).run(cells, parameters)
  },

  observe({ size, radius, cells }, out) {
    const { planes } = leniaOn(size, radius)
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++) out[row * size + column] = cells[cellIndex(planes, row, column)]
  },

  /** Up, or down where there is no room above. */
  perturb({ size, radius, cells }, row, column, amount) {
    const at = cellIndex(leniaOn(size, radius).planes, row, column)
    cells[at] = Math.max(0, cells[at] + (cells[at] + amount <= 1 ? amount : -amount))
  },

  reach: ({ radius, steps }) => (radius - 1) * steps,

  invariants: ({ cells }) => ({
    'cells outside 0 to 1': { value: cells.reduce((count, a) => count + Number(!(a >= 0 && a <= 1)), 0), tolerance: 0 },
  }),

  shifts: {
    'smaller-ring': {
      change: { radius: 4 },
      why: 'the same law over a ring a fifth smaller: what a model learned of distances is wrong everywhere',
    },
    'slower-growth': {
      change: { resolution: 3 },
      why: 'a step is a third instead of a half, and the soup sets to spots and stripes that training never held',
    },
    'thinner-soup': {
      change: { center: 0.15, width: 0.025 },
      why: 'growth asks for emptier surroundings: the same look under another law, a tenth less of it',
    },
  },
})
