/**
 * The convolution of a field on a torus with a kernel that looks the same from everywhere and turned by half:
 *
 *     U(x) = Σ_d K(d)·A(x + d),   K(−d) = K(d)
 *
 * by Fourier transform on lanes: the modes of such a kernel are real numbers, and each mode of A is multiplied by its
 * own.
 */
import { compilePlanes, type Planes, planesArrays, planesOf } from '../../lib/fft/planes.ts'
import type { Precision } from '../../lib/simd/lanes.ts'
import { bindLoop, compileLoop, placeArrays } from '../../lib/simd/loop.ts'

export interface Convolution<Extra extends string = string> {
  readonly planes: Planes
  readonly memory: WebAssembly.Memory
  /** The field is in two arrays, `first` and `second`, as `planes` says. */
  readonly arrays: Readonly<Record<'first' | 'second' | Extra, Float32Array | Float64Array>>
  /** In place. */
  convolve(): void
}

/** Index of a cell in an array that holds the two of a field, one after the other. */
export function cellIndex({ half, pitch, fieldLength }: Planes, row: number, column: number): number {
  return column < half ? row * pitch + column : fieldLength + row * pitch + column - half
}

/**
 * @param kernel the weight of every cell of size × size, the one at row and column 0 being the centre.
 * @param extra names of further arrays, each as long as the two of a field together.
 */
export function planConvolution<Extra extends string>(
  size: number,
  kernel: Float64Array,
  precision: Precision,
  extra: readonly Extra[],
): Convolution<Extra> {
  const planes = planesOf(size, 1, Math.floor(size / 2) + 1, precision)
  const { fieldLength, modeLength, modePitch, half, pitch } = planes
  const { memory, arrays, at } = placeArrays(precision, {
    ...planesArrays(planes),
    weights: modeLength,
    ...Object.fromEntries(extra.map(name => [name, 2 * fieldLength])),
  })
  const { toModes, toFields } = compilePlanes(planes, memory, arrays)
  kernel.forEach((weight, cell) => {
    const [row, column] = [Math.floor(cell / size), cell % size]
    if (column < half) arrays.first[row * pitch + column] = weight
    else arrays.second[row * pitch + column - half] = weight
  })
  toModes()
  // Twice what they are, as A's will be; and there and back, the transform multiplies by size².
  arrays.modeRe.forEach((mode, i) => {
    arrays.weights[i] = mode / (4 * size * size)
  })
  const multiply = bindLoop(
    compileLoop({
      precision,
      arrays: ['re', 'im', 'weights'],
      numbers: [],
      body: ({ re, im, weights }) => ({ re: [[0, re().times(weights())]], im: [[0, im().times(weights())]] }),
    }),
    memory,
  )
  const count = size * modePitch
  return {
    planes,
    memory,
    arrays: arrays as Convolution<Extra>['arrays'],
    convolve() {
      toModes()
      multiply(at.modeRe, at.modeIm, at.weights, count)
      toFields()
    },
  }
}
