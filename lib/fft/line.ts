/**
 * The discrete Fourier transform of a line of numbers, of any length, in place and without allocation:
 *
 *     X_k = Σ_j x_j·e^(−2πi·jk/n),   j, k = 0 … n − 1
 *
 * Stockham's self-sorting form (Van Loan, Computational Frameworks for the Fast Fourier Transform, 1992): every stage
 * takes one factor off the length, and what was one sequence is that many shorter ones, which lie side by side. Factors
 * 4, 3 and 2 have butterflies of their own, any other prime costs its square. Real and imaginary parts are two arrays.
 * `columns.ts` is the same for many lines at once, on lanes.
 */

/** What a length needs: plain data, made once. The work arrays make it unfit for sharing. */
export interface LinePlan {
  readonly length: number
  readonly factors: readonly number[]
  /** cos and −sin of 2π·j/length. */
  readonly cosines: Float64Array
  readonly sines: Float64Array
  readonly workRe: Float64Array
  readonly workIm: Float64Array
}

/** @throws RangeError unless `length` is a positive integer. */
export function planLine(length: number): LinePlan {
  if (!Number.isInteger(length) || length < 1) throw new RangeError(`no transform of length ${length}`)
  const angle = (2 * Math.PI) / length
  return {
    length,
    factors: factorise(length),
    cosines: Float64Array.from({ length }, (_, j) => Math.cos(angle * j)),
    sines: Float64Array.from({ length }, (_, j) => -Math.sin(angle * j)),
    workRe: new Float64Array(length),
    workIm: new Float64Array(length),
  }
}

/** Fours first, then primes in rising order. */
function factorise(length: number): number[] {
  const factors: number[] = []
  let rest = length
  const takeOut = (factor: number) => {
    for (; rest % factor === 0; rest /= factor) factors.push(factor)
  }
  takeOut(4)
  for (let factor = 2; rest > 1; factor++) takeOut(factor)
  return factors
}

/** Transforms `length` numbers, in place, not scaled. */
export function fft(plan: LinePlan, re: Float64Array, im: Float64Array): void {
  let [fromRe, fromIm, toRe, toIm] = [re, im, plan.workRe, plan.workIm]
  let rest = plan.length
  let stride = 1
  for (const factor of plan.factors) {
    const stage = factor === 4 ? stageOf4 : factor === 3 ? stageOf3 : factor === 2 ? stageOf2 : stageOfAny
    stage(plan, fromRe, fromIm, toRe, toIm, rest / factor, stride, factor)
    ;[fromRe, fromIm, toRe, toIm] = [toRe, toIm, fromRe, fromIm]
    rest /= factor
    stride *= factor
  }
  if (fromRe === re) return
  re.set(fromRe)
  im.set(fromIm)
}

/** The inverse times `length`: x_j = Σ_k X_k·e^(2πi·jk/n). Swapping the two parts conjugates before and after. */
export function inverseFft(plan: LinePlan, re: Float64Array, im: Float64Array): void {
  fft(plan, im, re)
}

/**
 * One stage takes the sequences of `factor·groups` rows of `stride` numbers apart into `factor` times as many, shorter
 * by `factor`: row p + k·groups goes in, row factor·p + j comes out, turned by the angle of p·j.
 */
type Stage = (
  plan: LinePlan,
  fromRe: Float64Array,
  fromIm: Float64Array,
  toRe: Float64Array,
  toIm: Float64Array,
  groups: number,
  stride: number,
  factor: number,
) => void

const stageOf2: Stage = ({ length, cosines, sines }, fromRe, fromIm, toRe, toIm, groups, stride) => {
  const turn = length / (2 * groups)
  for (let p = 0; p < groups; p++) {
    const c = cosines[p * turn]
    const s = sines[p * turn]
    for (let i0 = p * stride, o0 = 2 * p * stride, end = i0 + stride; i0 < end; i0++, o0++) {
      const i1 = i0 + groups * stride
      const re = fromRe[i0] - fromRe[i1]
      const im = fromIm[i0] - fromIm[i1]
      toRe[o0] = fromRe[i0] + fromRe[i1]
      toIm[o0] = fromIm[i0] + fromIm[i1]
      toRe[o0 + stride] = re * c - im * s
      toIm[o0 + stride] = re * s + im * c
    }
  }
}

const stageOf3: Stage = ({ length, cosines, sines }, fromRe, fromIm, toRe, toIm, groups, stride) => {
  const turn = length / (3 * groups)
  const sine = Math.sqrt(3) / 2
  for (let p = 0; p < groups; p++) {
    const c1 = cosines[p * turn]
    const s1 = sines[p * turn]
    const c2 = cosines[2 * p * turn]
    const s2 = sines[2 * p * turn]
    for (let i0 = p * stride, o0 = 3 * p * stride, end = i0 + stride; i0 < end; i0++, o0++) {
      const i1 = i0 + groups * stride
      const i2 = i1 + groups * stride
      const sumRe = fromRe[i1] + fromRe[i2]
      const sumIm = fromIm[i1] + fromIm[i2]
      const sideRe = sine * (fromIm[i1] - fromIm[i2])
      const sideIm = sine * (fromRe[i2] - fromRe[i1])
      const midRe = fromRe[i0] - 0.5 * sumRe
      const midIm = fromIm[i0] - 0.5 * sumIm
      toRe[o0] = fromRe[i0] + sumRe
      toIm[o0] = fromIm[i0] + sumIm
      const re1 = midRe + sideRe
      const im1 = midIm + sideIm
      toRe[o0 + stride] = re1 * c1 - im1 * s1
      toIm[o0 + stride] = re1 * s1 + im1 * c1
      const re2 = midRe - sideRe
      const im2 = midIm - sideIm
      toRe[o0 + 2 * stride] = re2 * c2 - im2 * s2
      toIm[o0 + 2 * stride] = re2 * s2 + im2 * c2
    }
  }
}

const stageOf4: Stage = ({ length, cosines, sines }, fromRe, fromIm, toRe, toIm, groups, stride) => {
  const turn = length / (4 * groups)
  const apart = groups * stride
  for (let p = 0; p < groups; p++) {
    const c1 = cosines[p * turn]
    const s1 = sines[p * turn]
    const c2 = cosines[2 * p * turn]
    const s2 = sines[2 * p * turn]
    const c3 = cosines[3 * p * turn]
    const s3 = sines[3 * p * turn]
    for (let i0 = p * stride, o0 = 4 * p * stride, end = i0 + stride; i0 < end; i0++, o0++) {
      const i1 = i0 + apart
      const i2 = i1 + apart
      const i3 = i2 + apart
      const evenRe = fromRe[i0] + fromRe[i2]
      const evenIm = fromIm[i0] + fromIm[i2]
      const oddRe = fromRe[i1] + fromRe[i3]
      const oddIm = fromIm[i1] + fromIm[i3]
      toRe[o0] = evenRe + oddRe
      toIm[o0] = evenIm + oddIm
      const re2 = evenRe - oddRe
      const im2 = evenIm - oddIm
      const acrossRe = fromRe[i0] - fromRe[i2]
      const acrossIm = fromIm[i0] - fromIm[i2]
      const sideRe = fromIm[i1] - fromIm[i3]
      const sideIm = fromRe[i3] - fromRe[i1]
      const re1 = acrossRe + sideRe
      const im1 = acrossIm + sideIm
      const re3 = acrossRe - sideRe
      const im3 = acrossIm - sideIm
      const o1 = o0 + stride
      const o2 = o1 + stride
      const o3 = o2 + stride
      toRe[o1] = re1 * c1 - im1 * s1
      toIm[o1] = re1 * s1 + im1 * c1
      toRe[o2] = re2 * c2 - im2 * s2
      toIm[o2] = re2 * s2 + im2 * c2
      toRe[o3] = re3 * c3 - im3 * s3
      toIm[o3] = re3 * s3 + im3 * c3
    }
  }
}

const stageOfAny: Stage = ({ length, cosines, sines }, fromRe, fromIm, toRe, toIm, groups, stride, factor) => {
  const turn = length / (factor * groups)
  for (let p = 0; p < groups; p++)
    for (let j = 0; j < factor; j++) {
      const out = (factor * p + j) * stride
      toRe.fill(0, out, out + stride)
      toIm.fill(0, out, out + stride)
      for (let k = 0; k < factor; k++) {
        const angle = (j * (p * turn + k * (length / factor))) % length
        const c = cosines[angle]
        const s = sines[angle]
        const shift = (p + k * groups) * stride - out
        for (let o = out; o < out + stride; o++) {
          const re = fromRe[o + shift]
          const im = fromIm[o + shift]
          toRe[o] += re * c - im * s
          toIm[o] += re * s + im * c
        }
      }
    }
}
