/**
 * Coupled logistic maps: chaos at every site, and a range of interaction that is known.
 *
 *     x_i(t+1) = f( (1 − ε)·x_i(t) + ε·Σ_j w_ij·x_j(t) ),   f(x) = 1 − a·x²,   Σ_j w_ij = 1
 *
 * x    value of a site, no unit, in [1 − a, 1] from the first frame on
 * a    nonlinearity, 0 … 2: a single map is chaotic for most a above 1.401
 * ε    strength of coupling, 0 … 1
 * w    weights of the partners: equal for those at exactly distance r (on a ring i − r and i + r, on a torus
 *      r rows up and down and r columns left and right), or for all with at most r rows and r columns between
 *      (Chebyshev), or ∝ distance^(−exponent) over the whole world (Euclidean)
 *
 * Boundary: ring (a field of height 1) or torus, distances taken the short way round. Time: one frame = one iteration.
 *
 * Control property: with partners at exactly r on a ring of N sites, r coprime to N, the map i ↦ i·r mod N takes the
 * system with range 1 to the system with range r. Every such range has the same statistics, the same Lyapunov
 * exponents and the same difficulty: only the distance differs. Each sum is taken in an order that is the same from
 * every site and its mirror image, so this holds bit for bit.
 *
 * A high value is followed by a low one: the one-frame correlation of a site is about −.65, so that repeating the last
 * value has a skill of −2.3 over climatology, and climatology + a·anomaly, with a fitted, one of .4. With the default
 * parameters a few starts in a hundred end in order, frozen or periodic; the others have a largest exponent of .3 or so.
 *
 * Source: Kaneko, Period-doubling of kink-antikink patterns (1984), doi:10.1143/PTP.72.480, and Overview of coupled
 * map lattices (1992), doi:10.1063/1.165869.
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import { defineEnvironment } from './environment.ts'

const schema = z.object({
  a: z.number().min(0).max(2).default(1.95).describe('nonlinearity of the map 1 − a·x²'),
  strength: z.number().min(0).max(1).default(0.4).describe('share of the next value that comes from the partners'),
  coupling: z
    .enum(['exactly', 'within', 'power-law'])
    .default('exactly')
    .describe('partners: at exactly the range, all within it, or everyone with a weight that falls with distance'),
  range: z.int().min(0).default(1).describe('distance of the partners in cells, 0 = none; power-law ignores it'),
  exponent: z.number().min(0).max(20).default(2).describe('power-law: weight ∝ distance^−exponent'),
  dimension: z.int().min(1).max(2).default(1).describe('1 = ring of `size` sites, 2 = torus of size × size sites'),
})
type Parameters = z.output<typeof schema>

/** Partners in pairs of opposite offsets, each with the weight of one partner. Row and column offsets are in [0, side). */
interface Partners {
  rows: Int32Array
  columns: Int32Array
  weights: Float64Array
}

interface State {
  height: number
  width: number
  /** height × width values. */
  x: Float64Array
  /** height × 2·width: each row twice, side by side, so that no column offset has to wrap. */
  doubled: Float64Array
  /** height × width: Σ_j w_ij·x_j. */
  mean: Float64Array
  partners: Partners
}

function shape(parameters: Parameters, size: number): { height: number; width: number } {
  return { height: parameters.dimension === 1 ? 1 : size, width: size }
}

/** Weight, not yet normalised, of a partner that many rows and columns away, the short way round. */
function weightAt(rows: number, columns: number, { coupling, range, exponent }: Parameters): number {
  if (coupling === 'exactly') return Math.min(rows, columns) === 0 && Math.max(rows, columns) === range ? 1 : 0
  if (coupling === 'within') return Math.max(rows, columns) <= range ? 1 : 0
  return (rows * rows + columns * columns) ** (-exponent / 2)
}

/** Of a site. */
function partnersOf({ coupling, range, dimension }: Parameters, sites: number): number {
  if (coupling === 'power-law') return sites - 1
  return coupling === 'within' ? (2 * range + 1) ** dimension - 1 : range === 0 ? 0 : 2 * dimension
}

/** Partners of all sites together: a frame then takes half a second. */
const mostPartners = 1e8

function findPartners(parameters: Parameters, size: number): Partners {
  const { height, width } = shape(parameters, size)
  const found: { row: number; column: number; weight: number }[] = []
  for (let index = 1; index < height * width; index++) {
    const row = Math.floor(index / width)
    const column = index % width
    const opposite = ((height - row) % height) * width + ((width - column) % width)
    if (opposite < index) continue
    const weight = weightAt(Math.min(row, height - row), Math.min(column, width - column), parameters)
    // Half-way round, a partner is its own opposite and would count twice.
    if (weight > 0) found.push({ row, column, weight: opposite === index ? weight / 2 : weight })
  }
  const total = found.reduce((sum, { weight }) => sum + 2 * weight, 0)
  return {
    rows: Int32Array.from(found, ({ row }) => row),
    columns: Int32Array.from(found, ({ column }) => column),
    weights: Float64Array.from(found, ({ weight }) => weight / total),
  }
}

function averagePartners({ height, width, x, doubled, mean, partners }: State): void {
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = x[row * width + column]
      doubled[2 * row * width + column] = value
      doubled[(2 * row + 1) * width + column] = value
    }
  }
  mean.fill(0)
  for (let pair = 0; pair < partners.weights.length; pair++) {
    const weight = partners.weights[pair]
    const below = partners.rows[pair]
    const right = partners.columns[pair]
    for (let row = 0; row < height; row++) {
      const here = row * width
      const ahead = 2 * width * ((row + below) % height) + right
      const behind = 2 * width * ((row + height - below) % height) + width - right
      for (let column = 0; column < width; column++)
        mean[here + column] += weight * (doubled[ahead + column] + doubled[behind + column])
    }
  }
}

export const coupledMaps = defineEnvironment({
  id: 'coupled-maps',
  version: 1,
  title: 'Coupled logistic maps',
  source: 'Kaneko 1992, doi:10.1063/1.165869',
  range: 'exactly r cells a frame',
  parameters: schema,

  field(parameters, size) {
    const { coupling, range } = parameters
    if (coupling !== 'power-law' && 2 * range >= size)
      throw new UserError(
        `coupled-maps: range ${range} does not fit ${size} sites, where partners coincide; at most ${Math.ceil(size / 2) - 1}`,
      )
    const { height, width } = shape(parameters, size)
    const partners = partnersOf(parameters, height * width)
    if (height * width * partners > mostPartners)
      throw new UserError(
        `coupled-maps: ${height * width} sites with ${partners} partners each are too many for a frame, which takes ` +
          `${mostPartners} in all; ask for a smaller size${coupling === 'within' ? " or set 'range' lower" : ''}`,
      )
    return {
      height,
      width,
      channels: [{ name: 'x', unit: '1' }],
      likelihood: 'gaussian',
      boundary: 'torus',
      dt: 1,
      burnIn: 60,
    }
  },

  initial(parameters, size, random): State {
    const { height, width } = shape(parameters, size)
    return {
      height,
      width,
      x: Float64Array.from({ length: height * width }, () => 2 * random.uniform() - 1),
      doubled: new Float64Array(2 * height * width),
      mean: new Float64Array(height * width),
      partners: findPartners(parameters, size),
    }
  },

  advance(state, { a, strength }) {
    averagePartners(state)
    const { x, mean } = state
    const epsilon = state.partners.weights.length > 0 ? strength : 0
    for (let site = 0; site < x.length; site++) {
      const mixed = (1 - epsilon) * x[site] + epsilon * mean[site]
      x[site] = 1 - a * mixed * mixed
    }
  },

  observe: (state, out) => out.set(state.x),

  /** Adds the amount, or takes it away where the sum would leave [−1, 1], outside which the map escapes to infinity. */
  perturb({ width, x }, row, column, amount) {
    const site = row * width + column
    const moved = Math.abs(x[site] + amount) <= 1 ? x[site] + amount : x[site] - amount
    x[site] = Math.max(-1, Math.min(1, moved))
  },

  reach: ({ coupling, range }, size) => (coupling === 'power-law' ? Math.floor(size / 2) : range),

  /** No site may leave [−1, 1], which holds [1 − a, 1] for every a; beyond it the weights' rounding is let pass. */
  invariants({ x }) {
    let outside = 0
    for (const value of x) if (!(Math.abs(value) <= 1 + 1e-12)) outside++
    return { outside: { value: outside, tolerance: 0 } }
  },

  shifts: {
    'weaker-coupling': {
      change: { strength: 0.3 },
      why: 'the same partners count for less: a model that learned their share instead of reading it is off everywhere',
    },
    'stronger-coupling': {
      change: { strength: 0.5 },
      why: 'partners count as much as the site itself, so a missed partner costs more than it ever did in training',
    },
    'milder-chaos': {
      change: { a: 1.85 },
      why: 'the map bends less: values fill a narrower interval with another density than the model was fitted to',
    },
    'fuller-chaos': {
      change: { a: 2 },
      why: 'the map fills all of [−1, 1]: the largest values were never seen, and errors double every frame',
    },
  },
})
