/**
 * The discrete Fourier transform of many columns at once, in place, on lanes:
 *
 *     X_k = Σ_j x_j·e^(−2πi·jk/n),   j, k = 0 … n − 1
 *
 * Stockham's self-sorting form (Van Loan, Computational Frameworks for the Fast Fourier Transform, 1992): every stage
 * takes one factor off the length and reads and writes whole rows of contiguous numbers. Factors 2 to 5 have loops of
 * their own, any other prime costs its square. Real and imaginary parts are two arrays; changing them over, on both
 * sides, gives the inverse times n. `line.ts` is the same for one column, without lanes.
 */
import { type Lanes, lanes, type Precision, sum } from '../simd/lanes.ts'
import { bindLoop, bytesOf, compileLoop, type Loop, laneCount, type Write } from '../simd/loop.ts'

/** Numbers in a row of so many columns: whole registers, and rows that do not all fall on the same lines of a cache. */
export function pitchOf(columns: number, precision: Precision): number {
  const step = laneCount(precision)
  const pitch = Math.ceil(columns / step) * step
  return (pitch * bytesOf(precision)) % 128 === 0 ? pitch + step : pitch
}

/** The byte addresses of the parts, and of as much room to work in. */
export interface Places {
  readonly re: number
  readonly im: number
  readonly workRe: number
  readonly workIm: number
}

/** Transforms what is in the places, not scaled: forward, or the inverse times the length. */
export type Transform = (direction: 'forward' | 'inverse') => void

/** From the addresses of two parts to those of two parts. */
type Step = (fromRe: number, fromIm: number, toRe: number, toIm: number) => void

/** The transform of `length` rows of `pitch` numbers, compiled. @throws RangeError unless `length` is one. */
export function compileFft(
  memory: WebAssembly.Memory,
  precision: Precision,
  length: number,
  pitch: number,
  { re, im, workRe, workIm }: Places,
): Transform {
  const steps: Step[] = []
  let [groups, stride] = [length, pitch]
  const factors = factorise(length)
  for (const factor of factors) {
    groups /= factor
    const shape = { memory, precision, length, factor, groups, stride }
    steps.push(factor > 5 ? sumStage(shape) : groups === 1 ? lastStage(shape) : stage(shape))
    stride *= factor
  }
  // A last stage that is a butterfly reads and writes the same rows: it may stay where it is, to end where it began.
  const staysInPlace = factors.length % 2 === 1 && factors[factors.length - 1] <= 5
  const moves = staysInPlace ? steps.length - 1 : steps.length
  const numbers = precision === 'f32' ? Float32Array : Float64Array
  const view = (address: number) => new numbers(memory.buffer, address, length * pitch)
  const ends = moves % 2 === 0 ? undefined : [view(re), view(im), view(workRe), view(workIm)]

  const run = (here: Places) => {
    let [from, to] = [
      [here.re, here.im],
      [here.workRe, here.workIm],
    ]
    for (let i = 0; i < moves; i++) {
      steps[i](from[0], from[1], to[0], to[1])
      ;[from, to] = [to, from]
    }
    if (staysInPlace) steps[moves](from[0], from[1], from[0], from[1])
  }
  return direction => {
    if (direction === 'forward') run({ re, im, workRe, workIm })
    else run({ re: im, im: re, workRe: workIm, workIm: workRe })
    if (ends === undefined) return
    ends[0].set(ends[2])
    ends[1].set(ends[3])
  }
}

/** Large primes first, then fives and threes, fours last. @throws RangeError */
function factorise(length: number): number[] {
  if (!Number.isInteger(length) || length < 1) throw new RangeError(`no transform of length ${length}`)
  const factors: number[] = []
  let rest = length
  const takeOut = (factor: number) => {
    for (; rest % factor === 0; rest /= factor) factors.push(factor)
  }
  takeOut(4)
  for (let factor = 2; rest > 1; factor++) takeOut(factor)
  return factors.sort((a, b) => (a > 5 || b > 5 ? b - a : Number(a === 4) - Number(b === 4)))
}

/**
 * A stage: for every group p, row p + k·groups of `stride` numbers goes in for each k below the factor, and row
 * factor·p + j comes out for each j, turned by the angle of p·j.
 */
interface Shape {
  readonly memory: WebAssembly.Memory
  readonly precision: Precision
  readonly length: number
  readonly factor: number
  readonly groups: number
  readonly stride: number
}

interface Pair {
  readonly re: Lanes
  readonly im: Lanes
}
const plus = (a: Pair, b: Pair): Pair => ({ re: a.re.plus(b.re), im: a.im.plus(b.im) })
const minus = (a: Pair, b: Pair): Pair => ({ re: a.re.minus(b.re), im: a.im.minus(b.im) })
const scaled = (a: Pair, by: number): Pair => ({ re: a.re.times(by), im: a.im.times(by) })
/** a − i·b and a + i·b. */
const minusTurned = (a: Pair, b: Pair): Pair => ({ re: a.re.plus(b.im), im: a.im.minus(b.re) })
const plusTurned = (a: Pair, b: Pair): Pair => ({ re: a.re.minus(b.im), im: a.im.plus(b.re) })

/** The transform of 2, 3, 4 or 5 numbers. */
function butterfly(x: readonly Pair[]): Pair[] {
  const n = x.length
  if (n === 2) return [plus(x[0], x[1]), minus(x[0], x[1])]
  if (n === 4) {
    const [even, odd, across, side] = [plus(x[0], x[2]), plus(x[1], x[3]), minus(x[0], x[2]), minus(x[1], x[3])]
    return [plus(even, odd), minusTurned(across, side), minus(even, odd), plusTurned(across, side)]
  }
  // Rows k and n − k together: their sum goes with the cosine, their difference with the sine.
  const pairs = Array.from({ length: (n - 1) / 2 }, (_, i) => i + 1)
  const sums = pairs.map(k => plus(x[k], x[n - k]))
  const differences = pairs.map(k => minus(x[k], x[n - k]))
  const out = [sums.reduce(plus, x[0])]
  for (const j of pairs) {
    const angle = (k: number) => (2 * Math.PI * ((j * k) % n)) / n
    const middle = pairs.map(k => scaled(sums[k - 1], Math.cos(angle(k)))).reduce(plus, x[0])
    const side = pairs.map(k => scaled(differences[k - 1], Math.sin(angle(k)))).reduce(plus)
    out[j] = minusTurned(middle, side)
    out[n - j] = plusTurned(middle, side)
  }
  return out
}

const parts = ['fromRe', 'fromIm', 'toRe', 'toIm'] as const

/** Cosine and −sine of the angle of each row but the first: as many as the largest factor has. */
const turnNames = ['c1', 's1', 'c2', 's2', 'c3', 's3', 'c4', 's4'] as const

/** One group of a butterfly stage, with the turns as arguments where there are any. */
function compileButterfly({ memory, precision, factor, groups, stride }: Shape, turns: boolean): Loop {
  const rows = Array.from({ length: factor }, (_, j) => j)
  const program = {
    precision,
    arrays: parts,
    numbers: turns ? turnNames : [],
    body(read: Record<(typeof parts)[number], (place: number) => Lanes>, number: Record<string, Lanes>) {
      const inputs = rows.map(k => ({ re: read.fromRe(k * groups * stride), im: read.fromIm(k * groups * stride) }))
      const outputs = butterfly(inputs).map(({ re, im }, j): Pair => {
        const [c, s] = [number[`c${j}`], number[`s${j}`]]
        if (!turns || j === 0) return { re, im }
        return { re: re.times(c).minus(im.times(s)), im: re.times(s).plus(im.times(c)) }
      })
      const written = (part: keyof Pair): Write[] => outputs.map((output, j) => [j * stride, output[part]])
      return { toRe: written('re'), toIm: written('im') }
    },
  }
  return bindLoop(compileLoop(program), memory)
}

/** The last stage has one group, whose angles are zero. */
function lastStage(shape: Shape): Step {
  const loop = compileButterfly(shape, false)
  return (fromRe, fromIm, toRe, toIm) => loop(fromRe, fromIm, toRe, toIm, shape.stride)
}

function stage(shape: Shape): Step {
  const { precision, factor, groups, stride } = shape
  const loop = compileButterfly(shape, true)
  const row = stride * bytesOf(precision)
  const turns = Float64Array.from({ length: groups * 8 }, (_, i) => {
    const angle = (2 * Math.PI * (i >> 3) * (((i & 7) >> 1) + 1)) / (factor * groups)
    return i & 1 ? -Math.sin(angle) : Math.cos(angle)
  })
  return (fromRe, fromIm, toRe, toIm) => {
    for (let p = 0; p < groups; p++) {
      const [from, to, t] = [p * row, factor * p * row, 8 * p]
      const [a, b, c, d] = [fromRe + from, fromIm + from, toRe + to, toIm + to]
      // Spelled out: an argument list that is spread costs more than the loop.
      const [c1, s1, c2, s2] = [turns[t], turns[t + 1], turns[t + 2], turns[t + 3]]
      loop(a, b, c, d, c1, s1, c2, s2, turns[t + 4], turns[t + 5], turns[t + 6], turns[t + 7], stride)
    }
  }
}

/** Any factor: every row that comes out is the sum of the rows that go in, one after the other. */
function sumStage({ memory, precision, length, factor, groups, stride }: Shape): Step {
  const compile = (adds: boolean) => {
    const program = {
      precision,
      arrays: parts,
      numbers: ['c', 's'] as const,
      body(read: Record<(typeof parts)[number], () => Lanes>, { c, s }: Record<'c' | 's', Lanes>) {
        const [a, b] = [read.fromRe(), read.fromIm()]
        const [re, im] = [a.times(c).minus(b.times(s)), a.times(s).plus(b.times(c))]
        const write = (value: Lanes, before: Lanes): Write[] => [[0, adds ? sum(before, value) : value]]
        return { toRe: write(re, adds ? read.toRe() : lanes(0)), toIm: write(im, adds ? read.toIm() : lanes(0)) }
      },
    }
    return bindLoop(compileLoop(program), memory)
  }
  const [begin, add] = [compile(false), compile(true)]
  const row = stride * bytesOf(precision)
  const cosines = Float64Array.from({ length }, (_, j) => Math.cos((2 * Math.PI * j) / length))
  const sines = Float64Array.from({ length }, (_, j) => -Math.sin((2 * Math.PI * j) / length))
  const turn = length / (factor * groups)
  return (fromRe, fromIm, toRe, toIm) => {
    for (let p = 0; p < groups; p++)
      for (let j = 0; j < factor; j++)
        for (let k = 0; k < factor; k++) {
          const angle = (j * (p * turn + k * (length / factor))) % length
          const [from, to] = [(p + k * groups) * row, (factor * p + j) * row]
          const loop = k === 0 ? begin : add
          loop(fromRe + from, fromIm + from, toRe + to, toIm + to, cosines[angle], sines[angle], stride)
        }
  }
}
