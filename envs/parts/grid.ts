/**
 * Grids of cells with a margin of one cell around them, and stencils that run over them in WebAssembly, four float32 or
 * two float64 cells at a time.
 *
 * A grid is planes of (height + 2) × `pitch` numbers: one for each quantity, or for each version of it. The margin
 * holds what lies beyond the edge (`wrap`, `mirror`), so that a stencil is the same expression in every cell and one
 * loop over all rows. A row's first cell stands at column `margin` = one register; numbers between the rows mean nothing.
 */
import { type Lanes, type Precision, sum } from '../../lib/simd/lanes.ts'
import { bindLoop, bytesOf, compileLoop, type Loop, laneCount, memoryOf } from '../../lib/simd/loop.ts'

/** Plain data: a copy is a grid too. */
export interface Grid {
  readonly height: number
  readonly width: number
  readonly planes: number
  readonly precision: Precision
  /** Numbers from a cell to the one below it. */
  readonly pitch: number
  /** Column of a row's first cell. */
  readonly margin: number
  /** planes × (height + 2) × pitch numbers, and room for the last register. */
  values: Float32Array | Float64Array
}

/** Zero everywhere. */
export function createGrid(height: number, width: number, planes: number, precision: Precision = 'f32'): Grid {
  const margin = laneCount(precision)
  const pitch = Math.ceil((margin + width + 1) / margin) * margin
  const length = planes * (height + 2) * pitch + margin
  const memory = memoryOf(length * bytesOf(precision))
  const values =
    precision === 'f32' ? new Float32Array(memory.buffer, 0, length) : new Float64Array(memory.buffer, 0, length)
  homes.set(memory.buffer, { memory, loops: new Map() })
  return { height, width, planes, precision, pitch, margin, values }
}

/** Numbers in a plane. */
const planeLength = ({ height, pitch }: Grid) => (height + 2) * pitch

/** Index in `values` of a cell; row and column may be one beyond the edge. */
export const cellIndex = (grid: Grid, plane: number, row: number, column: number): number =>
  plane * planeLength(grid) + (row + 1) * grid.pitch + grid.margin + column

/** Writes a plane's cells, row-major, to every `stride`-th place of `out` from `start` on. */
export function readPlane(grid: Grid, plane: number, out: Float32Array | Float64Array, start = 0, stride = 1): void {
  const { height, width, values } = grid
  let to = start
  for (let row = 0; row < height; row++) {
    const from = cellIndex(grid, plane, row, 0)
    for (let column = 0; column < width; column++, to += stride) out[to] = values[from + column]
  }
}

/** Sum of a plane's cells. */
export function sumOf(grid: Grid, plane: number): number {
  let sum = 0
  for (let row = 0; row < grid.height; row++) {
    const first = cellIndex(grid, plane, row, 0)
    for (let column = 0; column < grid.width; column++) sum += grid.values[first + column]
  }
  return sum
}

/** Least of a plane's cells; NaN where one is. */
export function leastOf(grid: Grid, plane: number): number {
  let least = Infinity
  for (let row = 0; row < grid.height; row++) {
    const first = cellIndex(grid, plane, row, 0)
    for (let column = 0; column < grid.width; column++) least = Math.min(least, grid.values[first + column])
  }
  return least
}

/** The row or column that one beyond the edge stands for: that of the torus, or, between walls, its mirror image. */
export function fold(index: number, size: number, boundary: 'torus' | 'walls' = 'torus'): number {
  const period = boundary === 'torus' ? size : 2 * size
  const place = ((index % period) + period) % period
  return place < size ? place : period - 1 - place
}

/** Margins of a torus: every edge continues at the opposite one, corners included. */
export function wrap(grid: Grid, plane: number): void {
  const { height, width, pitch, values } = grid
  const first = cellIndex(grid, plane, 0, 0)
  for (let row = 0; row < height; row++) {
    const left = first + row * pitch
    values[left - 1] = values[left + width - 1]
    values[left + width] = values[left]
  }
  const last = first + (height - 1) * pitch
  values.copyWithin(first - pitch - 1, last - 1, last + width + 1)
  values.copyWithin(last + pitch - 1, first - 1, first + width + 1)
}

/**
 * Margins of a wall between the cells and the margin: `sign` = 1 mirrors the cells (no gradient across the wall),
 * −1 mirrors and negates them (zero at the wall).
 */
export function mirror(grid: Grid, plane: number, sign: 1 | -1): void {
  const { height, width, pitch, values } = grid
  const first = cellIndex(grid, plane, 0, 0)
  for (let row = 0; row < height; row++) {
    const left = first + row * pitch
    values[left - 1] = sign * values[left]
    values[left + width] = sign * values[left + width - 1]
  }
  const last = first + (height - 1) * pitch
  for (let column = -1; column <= width; column++) {
    values[first - pitch + column] = sign * values[first + column]
    values[last + pitch + column] = sign * values[last + column]
  }
}

/** The value that many rows down and columns to the right, that many planes on. */
export type Neighbour = (rows: number, columns: number, plane?: number) => Lanes

/** Δ: the sum of the four nearest, less four times the cell itself. */
export const laplacian = (of: Neighbour): Lanes =>
  sum(of(-1, 0), of(1, 0), of(0, -1), of(0, 1)).minus(of(0, 0).times(4))

/** What is done in every cell at once. */
export interface Stencil<Plane extends string = string, Scalar extends string = string> {
  /** Planes that are read or written: the first arguments of the function, each a plane's number. */
  readonly planes: readonly Plane[]
  /** Numbers that are the same in all cells: the next arguments. */
  readonly numbers: readonly Scalar[]
  /**
   * The new value of the cell in each plane that is written; a list is for that plane and those after it. A plane may
   * be read and written only where all reads of it are at the cell itself.
   */
  rule(
    cell: Readonly<Record<Plane, Neighbour>>,
    number: Readonly<Record<Scalar, Lanes>>,
  ): Partial<Readonly<Record<Plane, Lanes | readonly Lanes[]>>>
}

/** The memory that a grid lives in, and the stencils that were bound to it. */
interface Home {
  readonly memory: WebAssembly.Memory
  readonly loops: Map<Stencil, Loop>
}
const homes = new WeakMap<ArrayBufferLike, Home>()
/** Compiled once for each shape of grid. */
const modules = new WeakMap<Stencil, Map<string, WebAssembly.Module>>()

/** A copy of a grid, as `structuredClone` makes it, is given a memory of its own when it is first used. */
function homeOf(grid: Grid): Home {
  const known = homes.get(grid.values.buffer)
  if (known !== undefined) return known
  const { height, width, planes, precision, values } = grid
  const fresh = createGrid(height, width, planes, precision)
  fresh.values.set(values)
  grid.values = fresh.values
  return homes.get(fresh.values.buffer)!
}

function moduleFor(stencil: Stencil, grid: Grid): WebAssembly.Module {
  const { height, width, pitch, margin, precision } = grid
  const compiled = modules.get(stencil) ?? new Map<string, WebAssembly.Module>()
  modules.set(stencil, compiled)
  const shape = `${precision} ${height} × ${width}`
  const known = compiled.get(shape)
  if (known !== undefined) return known
  const length = planeLength(grid)
  const place = (rows: number, columns: number, plane: number) => plane * length + rows * pitch + columns
  const program = {
    precision,
    arrays: stencil.planes,
    numbers: stencil.numbers,
    body: (read: Record<string, (place: number) => Lanes>, number: Record<string, Lanes>) => {
      const neighbour =
        (of: string): Neighbour =>
        (rows, columns, plane = 0) =>
          read[of](place(rows, columns, plane))
      const results = stencil.rule(Object.fromEntries(stencil.planes.map(of => [of, neighbour(of)])), number)
      return Object.fromEntries(
        Object.entries(results).map(([of, result]) => [
          of,
          [result!].flat().map((value, plane) => [place(0, 0, plane), value as Lanes] as const),
        ]),
      )
    },
  }
  const bytes = bytesOf(precision)
  const module = compileLoop(program, {
    scale: length * bytes,
    bias: (pitch + margin) * bytes,
    count: height * pitch - margin,
  })
  compiled.set(shape, module)
  return module
}

/**
 * The function `run(...planes, ...numbers)` that applies a stencil to all cells of a grid once, margins as they are. It
 * is bound to the memory where the grid is now: ask for it anew in every frame.
 */
export function stencilOn<Plane extends string, Scalar extends string>(
  stencil: Stencil<Plane, Scalar>,
  grid: Grid,
): Loop {
  const { memory, loops } = homeOf(grid)
  const known = loops.get(stencil as unknown as Stencil)
  if (known !== undefined) return known
  const loop = bindLoop(moduleFor(stencil as unknown as Stencil, grid), memory)
  loops.set(stencil as unknown as Stencil, loop)
  return loop
}
