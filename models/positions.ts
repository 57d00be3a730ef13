import type { Lattice } from './model.ts'

/** Octaves of an axis with n tiles: the finest wave tells two neighbouring tiles apart. */
const octaves = (n: number) => (n === 1 ? 0 : Math.ceil(Math.log2(n)) + 1)

/** P: how many numbers encode a position on this lattice. An axis with a single tile needs none. */
export function positionSize(lattice: Lattice): number {
  return 2 * (octaves(lattice.rows) + octaves(lattice.columns))
}

/**
 * Writes the encoding of a point (row, column), measured in tiles, into `out` at `offset`: sin and cos of π·2ʲ·x for
 * walls, of 2π·2ʲ·x for a torus, x ∈ [0, 1], j = 0 … ⌈log₂ n⌉, rows first. Opposite walls stay apart, opposite sides
 * of a torus meet. (Fourier features as in Mildenhall et al. 2020, eq. 4.)
 */
export function encodePosition(lattice: Lattice, row: number, column: number, out: Float32Array, offset: number): void {
  const turn = lattice.boundary === 'torus' ? 2 * Math.PI : Math.PI
  let next = offset
  for (const [coordinate, n] of [
    [row, lattice.rows],
    [column, lattice.columns],
  ]) {
    for (let j = 0; j < octaves(n); j++) {
      const angle = (turn * 2 ** j * coordinate) / n
      out[next++] = Math.sin(angle)
      out[next++] = Math.cos(angle)
    }
  }
}

/** The encodings of the centres of all tiles, row-major: [rows·columns, P]. */
export function tilePositions(lattice: Lattice): Float32Array {
  return blockPositions(lattice, 1)
}

/** The encodings of the centres of all squares of `block` × `block` tiles (1 × `block` in a 1-D world): [blocks, P]. */
export function blockPositions(lattice: Lattice, block: number): Float32Array {
  const size = positionSize(lattice)
  const [height, width] = [lattice.rows === 1 ? 1 : block, block]
  const [rows, columns] = [lattice.rows / height, lattice.columns / width]
  const out = new Float32Array(rows * columns * size)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      encodePosition(lattice, (row + 0.5) * height, (column + 0.5) * width, out, (row * columns + column) * size)
  return out
}
