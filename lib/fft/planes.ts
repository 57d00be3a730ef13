/**
 * The discrete Fourier transform of real numbers on a square, on lanes: of two squares at once, or of one in halves.
 *
 *     F(kx, ky) = Σ_x Σ_y f(x, y)·e^(−2πi·(kx·x + ky·y)/n)
 *
 * Two real fields are the real and the imaginary part of one complex field, transformed along y; with Z its transform
 * at some x, the fields' own are (Z_ky + conj Z_−ky)/2 and (Z_ky − conj Z_−ky)/2i, so that those with ky ≥ 0 are
 * enough. The two are taken apart and turned, rows to columns, in one go; then each is transformed along x. A single
 * field is handled as two: its left half and its right half, which meet again where x becomes the row.
 */
import { type Lanes, type Precision, transposed } from '../simd/lanes.ts'
import { bindLoop, bytesOf, compileLoop, laneCount, type Write } from '../simd/loop.ts'
import { compileFft, pitchOf } from './columns.ts'

/** How the numbers of such a transform lie. */
export interface Planes {
  readonly size: number
  readonly fields: 1 | 2
  readonly precision: Precision
  /** Modes have ky = 0 … kept − 1. */
  readonly kept: number
  /**
   * Fields: row y, column x, rows of `pitch` numbers. Two fields have an array each. Of one field, columns 0 … half − 1
   * are in the first array and the others in the second, where what is beyond column size − 1 is zero.
   */
  readonly pitch: number
  readonly half: number
  /** Modes: row kx = 0 … size − 1, column ky, rows of `modePitch` numbers. */
  readonly modePitch: number
  /** Numbers in each array of a field, and of modes. */
  readonly fieldLength: number
  readonly modeLength: number
}

/** @param kept the waves along y that are wanted, from 0 on: the others are taken to be zero, and not computed. */
export function planesOf(size: number, fields: 1 | 2, kept: number, precision: Precision): Planes {
  const step = laneCount(precision)
  const up = (count: number) => Math.ceil(count / step) * step
  const half = fields === 2 ? size : up(Math.ceil(size / 2))
  const [pitch, modePitch] = [pitchOf(half, precision), pitchOf(kept, precision)]
  // One row more than there are: −0 is a row of its own. And whole blocks of rows, where rows are turned.
  const modeRows = fields === 2 ? up(size) : 2 * half
  const fieldLength = (size + 1) * pitch
  return { size, fields, precision, kept, pitch, half, modePitch, fieldLength, modeLength: modeRows * modePitch }
}

const arrayNames = ['first', 'second', 'workFirst', 'workSecond', 'modeRe', 'modeIm', 'otherRe', 'otherIm'] as const
const workNames = ['modeWorkRe', 'modeWorkIm'] as const
type ArrayName = (typeof arrayNames)[number] | (typeof workNames)[number]

/** The arrays that it needs, to be placed: `first` and `second` hold fields, `mode` and `other` their modes. */
export function planesArrays({ fields, fieldLength, modeLength }: Planes): Record<ArrayName, number> {
  const other = fields === 2 ? modeLength : 0
  return {
    first: fieldLength,
    second: fieldLength,
    workFirst: fieldLength,
    workSecond: fieldLength,
    modeRe: modeLength,
    modeIm: modeLength,
    otherRe: other,
    otherIm: other,
    modeWorkRe: modeLength,
    modeWorkIm: modeLength,
  }
}

export interface PlanesTransform {
  /** From fields to modes, times 2. Uses up the fields. */
  toModes(): void
  /** From modes to fields, times size². Uses up the modes; those in columns beyond `kept` must be finite. */
  toFields(): void
}

/** The transform of arrays that were placed in a memory. */
export function compilePlanes(
  planes: Planes,
  memory: WebAssembly.Memory,
  arrays: Readonly<Record<ArrayName, Float32Array | Float64Array>>,
): PlanesTransform {
  const { size, fields, precision, kept, pitch, half, modePitch } = planes
  const { first, second, workFirst, workSecond, modeRe, modeIm, otherRe, otherIm, modeWorkRe, modeWorkIm } = arrays
  const alongY = compileFft(memory, precision, size, pitch, {
    re: first.byteOffset,
    im: second.byteOffset,
    workRe: workFirst.byteOffset,
    workIm: workSecond.byteOffset,
  })
  const work = { workRe: modeWorkRe.byteOffset, workIm: modeWorkIm.byteOffset }
  const along = (re: Float32Array | Float64Array, im: Float32Array | Float64Array) =>
    compileFft(memory, precision, size, modePitch, { re: re.byteOffset, im: im.byteOffset, ...work })
  const alongX = fields === 2 ? [along(modeRe, modeIm), along(otherRe, otherIm)] : [along(modeRe, modeIm)]

  const turn = compileTurns(planes, memory)
  const bytes = bytesOf(precision)
  // Of a single field, the second half's modes are the rows after the first half's.
  const secondRe = fields === 2 ? otherRe.byteOffset : modeRe.byteOffset + half * modePitch * bytes
  const secondIm = fields === 2 ? otherIm.byteOffset : modeIm.byteOffset + half * modePitch * bytes
  const eachBlock = (turnBlock: 'apart' | 'together') => {
    for (let ky = 0; ky < kept; ky += turn.rows) {
      const [row, opposite, column] = [ky * pitch * bytes, (size - ky) * pitch * bytes, ky * bytes]
      const loop = kept - ky < turn.rows ? turn.last[turnBlock] : turn.full[turnBlock]
      const [a, b] = [first.byteOffset, second.byteOffset]
      const [c, d] = [modeRe.byteOffset + column, modeIm.byteOffset + column]
      loop(a + row, b + row, a + opposite, b + opposite, c, d, secondRe + column, secondIm + column, half)
    }
  }
  return {
    toModes() {
      alongY('forward')
      first.copyWithin(size * pitch, 0, pitch)
      second.copyWithin(size * pitch, 0, pitch)
      eachBlock('apart')
      for (const transform of alongX) transform('forward')
    },
    toFields() {
      for (const transform of alongX) transform('inverse')
      if (2 * kept <= size) {
        first.fill(0, kept * pitch, (size + 1 - kept) * pitch)
        second.fill(0, kept * pitch, (size + 1 - kept) * pitch)
      }
      eachBlock('together')
      alongY('inverse')
    },
  }
}

/** Loops over x that take a block of rows ky and the opposite rows apart, or put them together, and turn them. */
function compileTurns({ precision, kept, pitch, modePitch }: Planes, memory: WebAssembly.Memory) {
  const rows = laneCount(precision)
  const every = Array.from({ length: rows }, (_, i) => i)
  const compile = (count: number) => {
    const inBlock = every.slice(0, count)
    const shape = {
      precision,
      arrays: ['re', 'im', 'oppositeRe', 'oppositeIm', 'aRe', 'aIm', 'bRe', 'bIm'] as const,
      numbers: [],
      strides: { aRe: rows * modePitch, aIm: rows * modePitch, bRe: rows * modePitch, bIm: rows * modePitch },
    }
    const apart = compileLoop({
      ...shape,
      body(read) {
        const turned = (value: (j: number) => Lanes): Write[] =>
          transposed(every.map(j => value(Math.min(j, count - 1)))).map((column, x) => [x * modePitch, column])
        const [re, im] = [(j: number) => read.re(j * pitch), (j: number) => read.im(j * pitch)]
        const [oppositeRe, oppositeIm] = [
          (j: number) => read.oppositeRe(-j * pitch),
          (j: number) => read.oppositeIm(-j * pitch),
        ]
        return {
          aRe: turned(j => re(j).plus(oppositeRe(j))),
          aIm: turned(j => im(j).minus(oppositeIm(j))),
          bRe: turned(j => im(j).plus(oppositeIm(j))),
          bIm: turned(j => oppositeRe(j).minus(re(j))),
        }
      },
    })
    const together = compileLoop({
      ...shape,
      body(read) {
        const turned = (array: 'aRe' | 'aIm' | 'bRe' | 'bIm') => transposed(every.map(x => read[array](x * modePitch)))
        const [aRe, aIm, bRe, bIm] = [turned('aRe'), turned('aIm'), turned('bRe'), turned('bIm')]
        return {
          re: inBlock.map(j => [j * pitch, aRe[j].minus(bIm[j])] as const),
          im: inBlock.map(j => [j * pitch, aIm[j].plus(bRe[j])] as const),
          oppositeRe: inBlock.map(j => [-j * pitch, aRe[j].plus(bIm[j])] as const),
          oppositeIm: inBlock.map(j => [-j * pitch, bRe[j].minus(aIm[j])] as const),
        }
      },
    })
    return { apart: bindLoop(apart, memory), together: bindLoop(together, memory) }
  }
  return { rows, full: compile(rows), last: compile(kept % rows || rows) }
}
