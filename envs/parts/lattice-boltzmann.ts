/**
 * A fluid as populations that move on a square lattice, nine velocities c in every cell (D2Q9), and collide there:
 *
 *     f_i(x + c_i, t + 1) = f_i − ω⁺·(f_i⁺ − e_i⁺) − ω⁻·(f_i⁻ − e_i⁻),   f_i^± = (f_i ± f_j)/2 with c_j = −c_i
 *
 *     e_i⁺ = w_i·(ρ + 9/2·(c_i·u)² − 3/2·|u|²),   e_i⁻ = 3w_i·c_i·u,   ρ = Σ f_i,   u = Σ f_i·c_i
 *
 * f     populations less their values at rest, which are w_i: this leaves float32 its digits for what moves
 * w_i   4/9 for the one that stays, 1/9 along the axes, 1/36 along the diagonals
 * ρ     density less 1: three times the pressure
 * u     velocity, cells a step; its parts u along the columns and v down the rows
 * ω^±   rates: 1/ω⁺ = ½ + 3ν for the viscosity ν, cells² a step, and (1/ω⁺ − ½)·(1/ω⁻ − ½) = 3/16
 *
 * Slow flow then obeys Navier and Stokes. Momentum is u, not ρ·u (He & Luo 1997,
 * doi:10.1023/B:JOSS.0000015179.12689.e4), so that a steady flow is without divergence; one that changes is compressed
 * a little, and its pressure travels at 1/√3 cells a step. Two rates rather than one (BGK): at 3/16 a wall that throws
 * populations back stands exactly half a cell beyond the last, whatever the viscosity (Ginzbourg & Adler 1994,
 * doi:10.1051/jp2:1994123; Ginzburg, Verhaeghe & d'Humières 2008, Commun. Comput. Phys. 3, 427).
 */
import { type Precision, sum } from '../../lib/simd/lanes.ts'
import { cellIndex, createGrid, type Grid, type Stencil, stencilOn } from './grid.ts'

/** Velocities: columns to the right and rows down in a step. */
const cx = [0, 1, 0, -1, 0, 1, -1, -1, 1]
const cy = [0, 0, 1, 0, -1, 1, 1, -1, -1]
const opposite = [0, 3, 4, 1, 2, 7, 8, 5, 6]
const weights = cx.map((x, i) => [4 / 9, 1 / 9, 1 / 36][x ** 2 + cy[i] ** 2])

/** Plain data: a copy is a lattice too. */
export interface Lattice {
  /** Nine populations, after they collided, and room for nine more. */
  readonly grid: Grid
  /** The plane of the first population; the others are those after it. */
  now: 0 | 9
}

/** A fluid at rest. */
export const stillLattice = (height: number, width: number, precision: Precision = 'f32'): Lattice => ({
  grid: createGrid(height, width, 2 * cx.length, precision),
  now: 0,
})

const collision: Stencil<'from' | 'to', 'even' | 'odd'> = {
  planes: ['from', 'to'],
  numbers: ['even', 'odd'],
  rule({ from }, { even, odd }) {
    const f = cx.map((x, i) => from(-cy[i], -x, i))
    const pairs = [1, 2, 5, 6].map(i => ({ i, sum: f[i].plus(f[opposite[i]]), difference: f[i].minus(f[opposite[i]]) }))
    const [right, down, rightDown, leftDown] = pairs.map(({ difference }) => difference)
    const [u, v] = [sum(right, rightDown).minus(leftDown), sum(down, rightDown, leftDown)]
    const density = sum(f[0], ...pairs.map(pair => pair.sum))
    const isotropic = density.minus(u.times(u).plus(v.times(v)).times(1.5))
    const to = [f[0].minus(f[0].minus(isotropic.times(weights[0])).times(even))]
    const along = [u, v, u.plus(v), v.minus(u)]
    pairs.forEach(({ i, sum, difference }, pair) => {
      const speed = along[pair]
      const evenPart = isotropic.plus(speed.times(speed).times(4.5)).times(weights[i])
      const oddPart = speed.times(3 * weights[i])
      const evenChange = sum.times(0.5).minus(evenPart).times(even)
      const oddChange = difference.times(0.5).minus(oddPart).times(odd)
      to[i] = f[i].minus(evenChange.plus(oddChange))
      to[opposite[i]] = f[opposite[i]].minus(evenChange.minus(oddChange))
    })
    return { to }
  },
}

/** All populations move one cell, out of the margins too, and collide. */
export function step(lattice: Lattice, viscosity: number): void {
  const even = 1 / (0.5 + 3 * viscosity)
  const odd = 1 / (0.5 + 3 / 16 / (3 * viscosity))
  const next = lattice.now === 0 ? 9 : 0
  stencilOn(collision, lattice.grid)(lattice.now, next, even, odd)
  lattice.now = next
}

export const sides = ['top', 'bottom', 'left', 'right'] as const
export type Side = (typeof sides)[number]

/** For every side, the populations that come in there. */
const incoming: Readonly<Record<Side, readonly number[]>> = {
  top: [2, 5, 6],
  bottom: [4, 7, 8],
  left: [1, 5, 8],
  right: [3, 6, 7],
}

/** Where the cells along a side stand in a plane: the first, how far from one to the next, and how many. */
function edge({ height, width, pitch }: Grid, side: Side) {
  const start = side === 'bottom' ? (height - 1) * pitch : side === 'right' ? width - 1 : 0
  return side === 'top' || side === 'bottom'
    ? { start, stride: 1, count: width }
    : { start, stride: pitch, count: height }
}

/**
 * A wall half a cell beyond a side, which moves along itself by so many cells a step, to the right or down: what would
 * leave through it comes back and takes 6w_i·c_i·(the wall's velocity) with it.
 */
export function wall({ grid, now }: Lattice, side: Side, speed: number): void {
  const { values } = grid
  const { start, stride, count } = edge(grid, side)
  for (const population of incoming[side]) {
    const [x, y] = [cx[population], cy[population]]
    const taken = (speed * (stride === 1 ? x : y)) / 6
    let from = cellIndex(grid, now + opposite[population], 0, 0) + start
    let to = cellIndex(grid, now + population, -y, -x) + start
    for (let cell = 0; cell < count; cell++, from += stride, to += stride) values[to] = values[from] + taken
  }
}

/**
 * Of four walls: what comes back from the corners comes as from walls at rest. If it took a lid's velocity with it, the
 * error of a cavity's flow would fall with the length of a cell, so it falls with its square (at Re 100, in the middle
 * of 65 × 65 cells, .0003 of the lid's speed instead of .006).
 */
function corners({ grid, now }: Lattice): void {
  for (const population of [5, 6, 7, 8]) {
    const [x, y] = [cx[population], cy[population]]
    const [row, column] = [y > 0 ? 0 : grid.height - 1, x > 0 ? 0 : grid.width - 1]
    const from = cellIndex(grid, now + opposite[population], row, column)
    grid.values[cellIndex(grid, now + population, row - y, column - x)] = grid.values[from]
  }
}

/** A box: walls on all four sides, which move along themselves at these speeds, in the order of `sides`. */
export function box(lattice: Lattice, speeds: ArrayLike<number>): void {
  for (let i = 0; i < sides.length; i++) wall(lattice, sides[i], speeds[i])
  corners(lattice)
}

/** Density less 1 and velocity of a cell. */
export function momentsAt({ grid, now }: Lattice, row: number, column: number) {
  let [density, u, v] = [0, 0, 0]
  for (let i = 0; i < cx.length; i++) {
    const f = grid.values[cellIndex(grid, now + i, row, column)]
    density += f
    u += f * cx[i]
    v += f * cy[i]
  }
  return { density, u, v }
}

/** Writes u and v of all cells, `scale` times, row-major. */
export function readVelocity({ grid, now }: Lattice, scale: number, out: Float32Array | Float64Array): void {
  const { height, width, values } = grid
  const plane = cellIndex(grid, 1, 0, 0) - cellIndex(grid, 0, 0, 0)
  for (let row = 0, to = 0; row < height; row++)
    for (let column = 0; column < width; column++, to += 2) {
      let [u, v] = [0, 0]
      for (let i = 1, from = cellIndex(grid, now + i, row, column); i < cx.length; i++, from += plane) {
        u += values[from] * cx[i]
        v += values[from] * cy[i]
      }
      out[to] = scale * u
      out[to + 1] = scale * v
    }
}

/** Mean density less 1. */
export function meanDensity(lattice: Lattice): number {
  const { height, width } = lattice.grid
  let total = 0
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) total += momentsAt(lattice, row, column).density
  return total / (height * width)
}

/** Changes the velocity of a cell, its density as it is, by what that changes of the equilibrium. */
export function push(lattice: Lattice, row: number, column: number, du: number, dv: number): void {
  const { grid, now } = lattice
  const { u, v } = momentsAt(lattice, row, column)
  const equilibrium = (i: number, u: number, v: number) => {
    const along = cx[i] * u + cy[i] * v
    return weights[i] * (3 * along + 4.5 * along ** 2 - 1.5 * (u ** 2 + v ** 2))
  }
  for (let i = 0; i < cx.length; i++)
    grid.values[cellIndex(grid, now + i, row, column)] += equilibrium(i, u + du, v + dv) - equilibrium(i, u, v)
}
