/**
 * Fields on a torus as sums of waves, for worlds that are solved wave by wave.
 *
 *     f(x, y) = Σ_k f̂_k·e^(i(kx·x + ky·y)),   |kx|, |ky| < 2π/3 per cell
 *
 * The band leaves out the upper third of the waves that a grid can hold, so that the product of two fields, formed cell
 * by cell, has no aliases in it (Orszag 1971, doi:10.1175/1520-0469(1971)028<1074:OTEOAI>2.0.CO;2). Modes are kept for
 * ky ≥ 0; the others are f̂(−k) = conj f̂(k).
 */
import { compilePlanes, type Planes, type PlanesTransform, planesArrays, planesOf } from '../../lib/fft/planes.ts'
import type { Precision } from '../../lib/simd/lanes.ts'
import { placeArrays } from '../../lib/simd/loop.ts'

export type Numbers = Float32Array | Float64Array

/** Complex numbers, the two parts in arrays of their own. */
export interface Complex {
  readonly re: Numbers
  readonly im: Numbers
}

export const zeros = (length: number, precision: Precision): Numbers =>
  precision === 'f32' ? new Float32Array(length) : new Float64Array(length)

/**
 * The waves of a torus, and room to work with two fields and their modes. With n the largest wave number of the band in
 * waves per side, row r of a field's modes is kx = 0 … n, then rows without meaning, then −n … −1; column ky = 0 … n.
 */
export interface Spectral<Extra extends string = string> {
  readonly size: number
  readonly precision: Precision
  /** Numbers of a row of modes, and of all modes. Those outside the band are zero. */
  readonly pitch: number
  readonly count: number
  /** Wave vector of each mode, 1/cell. */
  readonly kx: Float64Array
  readonly ky: Float64Array
  /** How many waves each mode stands for, itself and its opposite; 0 outside the band, and for the constant. */
  readonly weight: Float64Array
  readonly planes: Planes
  readonly transform: PlanesTransform
  readonly memory: WebAssembly.Memory
  readonly arrays: Readonly<Record<keyof ReturnType<typeof planesArrays> | Extra, Numbers>>
  /** The arrays' addresses in the memory. */
  readonly at: Readonly<Record<keyof ReturnType<typeof planesArrays> | Extra, number>>
}

/**
 * @param size side of the torus, cells: any; lengths of small factors are fastest.
 * @param extra names of further arrays, each with room for the modes of a field.
 */
export function planSpectral<Extra extends string>(
  size: number,
  precision: Precision,
  extra: readonly Extra[],
): Spectral<Extra> {
  const most = Math.ceil(size / 3) - 1
  const planes = planesOf(size, 2, most + 1, precision)
  const pitch = planes.modePitch
  const count = size * pitch
  const lengths = { ...planesArrays(planes), ...Object.fromEntries(extra.map(name => [name, count])) }
  const { memory, arrays, at } = placeArrays(precision, lengths)
  const wave = (2 * Math.PI) / size
  const modes = Array.from({ length: count }, (_, mode) => {
    const [row, column] = [Math.floor(mode / pitch), mode % pitch]
    const x = 2 * row < size ? row : row - size
    return { x, y: column, inside: Math.abs(x) <= most && column <= most }
  })
  return {
    size,
    precision,
    pitch,
    count,
    kx: Float64Array.from(modes, ({ x }) => wave * x),
    ky: Float64Array.from(modes, ({ y }) => wave * y),
    // Modes with ky = 0 are there with both signs of kx, all others stand for their opposite too.
    weight: Float64Array.from(modes, ({ x, y, inside }) => (!inside || (x === 0 && y === 0) ? 0 : y === 0 ? 1 : 2)),
    planes,
    transform: compilePlanes(planes, memory, arrays),
    memory,
    arrays: arrays as Spectral<Extra>['arrays'],
    at: at as Spectral<Extra>['at'],
  }
}

/** The modes of size × size real numbers, without the constant. */
export function analyse(spectral: Spectral, field: ArrayLike<number>, { re, im }: Complex): void {
  const { size, count, weight, planes, transform, arrays } = spectral
  arrays.second.fill(0)
  for (let row = 0; row < size; row++)
    for (let x = 0; x < size; x++) arrays.first[row * planes.pitch + x] = field[row * size + x]
  transform.toModes()
  for (let mode = 0; mode < count; mode++) {
    const scale = weight[mode] === 0 ? 0 : 1 / (2 * size * size)
    re[mode] = scale * arrays.modeRe[mode]
    im[mode] = scale * arrays.modeIm[mode]
  }
}

/** Writes the real field of some modes, size × size numbers. */
export function synthesise(spectral: Spectral, { re, im }: Complex, out: Numbers): void {
  const { size, planes, transform, arrays } = spectral
  arrays.modeRe.set(re)
  arrays.modeIm.set(im)
  arrays.otherRe.fill(0)
  arrays.otherIm.fill(0)
  transform.toFields()
  for (let row = 0; row < size; row++)
    for (let x = 0; x < size; x++) out[row * size + x] = arrays.first[row * planes.pitch + x]
}
