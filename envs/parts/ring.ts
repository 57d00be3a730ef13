/**
 * Real functions on a ring of n points, n even, as sums of waves:
 *
 *     f(j) = Σ_k f̂_k·e^(2πi·jk/n),   k = −n/2 … n/2,   f̂_−k = conj f̂_k
 *
 * By a complex transform of half the length: points 2j and 2j + 1 are the real and the imaginary part of one complex
 * number. They stay apart, for whoever works point by point need not know their order.
 */
import { fft, inverseFft, type LinePlan, planLine } from '../../lib/fft/line.ts'

/** f̂_k for k = 0 … n/2: all the real parts, then all the imaginary parts. */
export type Waves = Float64Array

/** A plan with its work arrays: plain data. */
export interface Ring {
  readonly points: number
  readonly plan: LinePlan
  /** Values at the points 0, 2, 4 … */
  readonly even: Float64Array
  /** Values at the points 1, 3, 5 … */
  readonly odd: Float64Array
  /** cos and sin of 2π·k/n. */
  readonly cosines: Float64Array
  readonly sines: Float64Array
}

export const waves = (points: number): Waves => new Float64Array(points + 2)

/** @param points on the ring, an even number: those of small factors are fastest. */
export function planRing(points: number): Ring {
  const half = points / 2
  const angles = Float64Array.from({ length: half }, (_, k) => (2 * Math.PI * k) / points)
  return {
    points,
    plan: planLine(half),
    even: new Float64Array(half),
    odd: new Float64Array(half),
    cosines: angles.map(Math.cos),
    sines: angles.map(Math.sin),
  }
}

/** Puts values, in the order of the points, into `even` and `odd`. */
export function fill({ even, odd }: Ring, values: ArrayLike<number>): void {
  for (let j = 0; j < even.length; j++) {
    even[j] = values[2 * j]
    odd[j] = values[2 * j + 1]
  }
}

/**
 * The waves of the values in `even` and `odd`, which are used up. With Z the transform of even + i·odd, and k + l = n/2,
 * those of the even and the odd points are A = (Z_k + conj Z_l)/2 and B = (Z_k − conj Z_l)/2i; then n·f̂_k = A + B·w
 * and n·conj f̂_l = A − B·w, w = e^(−2πi·k/n).
 */
export function toWaves({ points, plan, even, odd, cosines, sines }: Ring, out: Waves): void {
  const half = points / 2
  const imaginary = half + 1
  fft(plan, even, odd)
  out[0] = (even[0] + odd[0]) / points
  out[half] = (even[0] - odd[0]) / points
  out[imaginary] = 0
  out[imaginary + half] = 0
  const scale = 1 / (2 * points)
  for (let k = 1, l = half - 1; k <= l; k++, l--) {
    const aRe = scale * (even[k] + even[l])
    const aIm = scale * (odd[k] - odd[l])
    const bRe = scale * (odd[k] + odd[l])
    const bIm = scale * (even[l] - even[k])
    const re = bRe * cosines[k] + bIm * sines[k]
    const im = bIm * cosines[k] - bRe * sines[k]
    out[k] = aRe + re
    out[imaginary + k] = aIm + im
    out[l] = aRe - re
    out[imaginary + l] = im - aIm
  }
}

/** The values of these waves, into `even` and `odd`: the same steps backwards. f̂_0 and f̂_{n/2} count as real. */
export function toPoints({ points, plan, even, odd, cosines, sines }: Ring, from: Waves): void {
  const half = points / 2
  const imaginary = half + 1
  even[0] = from[0] + from[half]
  odd[0] = from[0] - from[half]
  for (let k = 1, l = half - 1; k <= l; k++, l--) {
    const aRe = from[k] + from[l]
    const aIm = from[imaginary + k] - from[imaginary + l]
    const re = from[k] - from[l]
    const im = from[imaginary + k] + from[imaginary + l]
    const bRe = re * cosines[k] - im * sines[k]
    const bIm = re * sines[k] + im * cosines[k]
    even[k] = aRe - bIm
    odd[k] = aIm + bRe
    even[l] = aRe + bIm
    odd[l] = bRe - aIm
  }
  inverseFft(plan, even, odd)
}
