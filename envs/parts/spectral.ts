/**
 * Fields on a torus as sums of waves, for worlds that are solved wave by wave.
 *
 *     f(x, y) = Σ_k f̂_k·e^(i(kx·x + ky·y)),   |kx|, |ky| < 2π/3 per cell
 *
 * The band leaves out the upper third of the waves that a grid can hold, so that the product of two fields, formed cell
 * by cell, has no aliases in it (Orszag 1971, doi:10.1175/1520-0469(1971)028<1074:OTEOAI>2.0.CO;2).
 */
import { type FftPlan, fft, inverseFft, planFft } from '../../lib/fft.ts'

/** Complex numbers, the two parts in arrays of their own. */
export interface Complex {
  readonly re: Float64Array
  readonly im: Float64Array
}

export const complex = (length: number): Complex => ({ re: new Float64Array(length), im: new Float64Array(length) })

/**
 * Plans and work arrays, plain data. With n the largest wave number of the band in waves per side, the modes of a real
 * field are (n + 1) × `columns` numbers, row-major: kx = 0 … n down the rows, ky = 0 … n, −n … −1 along the
 * `columns` = 2n + 1. The others are f̂(−k) = conj f̂(k).
 */
export interface Spectral {
  readonly size: number
  readonly columns: number
  /** Number of modes. */
  readonly count: number
  /** Wave vector of each mode, 1/cell. */
  readonly kx: Float64Array
  readonly ky: Float64Array
  /** Where `band` holds the opposite of each mode; the mode itself has the same index in both. */
  readonly opposite: Int32Array
  /** size × columns: all kx, zero beyond the band, by the band's ky. */
  readonly band: Complex
  readonly bandPlan: FftPlan
  /** size × `pitch`, y by x; numbers beyond x = size − 1 are zero and mean nothing. */
  readonly grid: Complex
  readonly pitch: number
  readonly gridPlan: FftPlan
}

/** @param size side of the torus, cells: any; lengths of small factors are fastest. */
export function planSpectral(size: number): Spectral {
  const most = Math.ceil(size / 3) - 1
  const columns = 2 * most + 1
  const count = (most + 1) * columns
  const wave = (2 * Math.PI) / size
  // Rows a power of two apart fall on the same lines of the processor's cache, and cost half as much again.
  const pitch = size % 32 === 0 ? size + 4 : size
  const modes = Array.from({ length: count }, (_, mode) => ({
    row: Math.floor(mode / columns),
    column: mode % columns,
  }))
  return {
    size,
    columns,
    count,
    kx: Float64Array.from(modes, ({ row }) => wave * row),
    ky: Float64Array.from(modes, ({ column }) => wave * (column <= most ? column : column - columns)),
    opposite: Int32Array.from(
      modes,
      ({ row, column }) => ((size - row) % size) * columns + ((columns - column) % columns),
    ),
    band: complex(size * columns),
    bandPlan: planFft(size, columns),
    grid: complex(size * pitch),
    pitch,
    gridPlan: planFft(size, pitch),
  }
}

/** From `band` to `grid`: the complex field of the given modes. Uses up `band`. */
export function toGrid({ size, columns, band, bandPlan, grid, pitch, gridPlan }: Spectral): void {
  inverseFft(bandPlan, band.re, band.im)
  grid.re.fill(0)
  grid.im.fill(0)
  for (let column = 0; column < columns; column++) {
    const row = 2 * column < columns ? column : size + column - columns
    for (let x = 0; x < size; x++) {
      grid.re[row * pitch + x] = band.re[x * columns + column]
      grid.im[row * pitch + x] = band.im[x * columns + column]
    }
  }
  inverseFft(gridPlan, grid.re, grid.im)
}

/** From `grid` to `band`: the modes of a complex field, times size². Uses up `grid`; rows past the band are not zero. */
export function toModes({ size, columns, band, bandPlan, grid, pitch, gridPlan }: Spectral): void {
  fft(gridPlan, grid.re, grid.im)
  for (let column = 0; column < columns; column++) {
    const row = 2 * column < columns ? column : size + column - columns
    for (let x = 0; x < size; x++) {
      band.re[x * columns + column] = grid.re[row * pitch + x]
      band.im[x * columns + column] = grid.im[row * pitch + x]
    }
  }
  fft(bandPlan, band.re, band.im)
}

/** The modes of size × size real numbers. */
export function analyse(spectral: Spectral, field: ArrayLike<number>, modes: Complex): void {
  const { size, count, grid, pitch, band } = spectral
  grid.im.fill(0)
  for (let row = 0; row < size; row++) for (let x = 0; x < size; x++) grid.re[row * pitch + x] = field[row * size + x]
  toModes(spectral)
  for (let mode = 0; mode < count; mode++) {
    modes.re[mode] = band.re[mode] / (size * size)
    modes.im[mode] = band.im[mode] / (size * size)
  }
}

/** Writes the real field of some modes, size × size numbers. */
export function synthesise(spectral: Spectral, modes: Complex, out: Float32Array | Float64Array): void {
  const { size, count, opposite, band, grid, pitch } = spectral
  band.re.fill(0)
  band.im.fill(0)
  for (let mode = 0; mode < count; mode++) {
    band.re[opposite[mode]] = modes.re[mode]
    band.im[opposite[mode]] = -modes.im[mode]
    band.re[mode] = modes.re[mode]
    band.im[mode] = modes.im[mode]
  }
  toGrid(spectral)
  for (let row = 0; row < size; row++) for (let x = 0; x < size; x++) out[row * size + x] = grid.re[row * pitch + x]
}

/** Mean over the cells of f²·|k|^power (Parseval), the constant mode left out. */
export function meanSquare({ count, columns, kx, ky }: Spectral, { re, im }: Complex, power: 0 | -2): number {
  let sum = 0
  for (let mode = 1; mode < count; mode++) {
    const square = re[mode] * re[mode] + im[mode] * im[mode]
    // Modes with kx = 0 are there with both signs of ky, all others stand for their opposite too.
    const weight = mode < columns ? 1 : 2
    sum += power === 0 ? weight * square : (weight * square) / (kx[mode] * kx[mode] + ky[mode] * ky[mode])
  }
  return sum
}
