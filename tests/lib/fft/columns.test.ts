import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileFft, pitchOf } from '../../../lib/fft/columns.ts'
import { randomStream } from '../../../lib/random.ts'
import type { Precision } from '../../../lib/simd/lanes.ts'
import { placeArrays } from '../../../lib/simd/loop.ts'

const noise = (length: number, name: string) => {
  const random = randomStream(`test/fft/${name}`)
  return Float64Array.from({ length }, () => random.normal())
}

/** The sum of the definition, one column at a time. */
function direct(re: Float64Array, im: Float64Array, length: number, columns: number) {
  const [outRe, outIm] = [new Float64Array(re.length), new Float64Array(re.length)]
  for (let k = 0; k < length; k++)
    for (let j = 0; j < length; j++) {
      const angle = (-2 * Math.PI * ((j * k) % length)) / length
      const [c, s] = [Math.cos(angle), Math.sin(angle)]
      for (let column = 0; column < columns; column++) {
        outRe[k * columns + column] += re[j * columns + column] * c - im[j * columns + column] * s
        outIm[k * columns + column] += re[j * columns + column] * s + im[j * columns + column] * c
      }
    }
  return [outRe, outIm]
}

/** Columns in a memory of their own: `length` rows of `pitch` numbers. */
function planColumns(length: number, columns: number, precision: Precision) {
  const pitch = pitchOf(columns, precision)
  const count = length * pitch
  const { memory, arrays, at } = placeArrays(precision, { re: count, im: count, workRe: count, workIm: count })
  const transform = compileFft(memory, precision, length, pitch, at)
  return { length, columns, pitch, re: arrays.re, im: arrays.im, transform }
}

type Plan = ReturnType<typeof planColumns>
const write = ({ columns, pitch }: Plan, into: Plan['re'], values: Float64Array) =>
  values.forEach((value, i) => {
    into[Math.floor(i / columns) * pitch + (i % columns)] = value
  })
const read = ({ length, columns, pitch }: Plan, from: Plan['re']) =>
  Float64Array.from({ length: length * columns }, (_, i) => from[Math.floor(i / columns) * pitch + (i % columns)])

/** Root mean square of the difference, as a part of that of the truth. */
function error(found: Float64Array, truth: Float64Array) {
  const [difference, size] = truth.reduce(([d, s], x, i) => [d + (found[i] - x) ** 2, s + x * x], [0, 0])
  return Math.sqrt(difference / size)
}

// Powers and products of 2, 3, 4, 5 and larger primes, primes, and odd and even numbers of stages.
const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15, 16, 20, 24, 25, 30, 48, 64, 65, 77, 96, 120, 128]

describe.each([
  { precision: 'f64', allowed: 2e-15 },
  { precision: 'f32', allowed: 1e-6 },
] as const)('in $precision', ({ precision, allowed }) => {
  it.each(lengths)('%i numbers: agrees with the definition and returns', length => {
    for (const columns of [1, 7, 8]) {
      const [re, im] = [noise(length * columns, 're'), noise(length * columns, 'im')]
      const [expectedRe, expectedIm] = direct(re, im, length, columns)
      const plan = planColumns(length, columns, precision)
      write(plan, plan.re, re)
      write(plan, plan.im, im)
      plan.transform('forward')
      expect(error(read(plan, plan.re), expectedRe)).toBeLessThan(allowed)
      expect(error(read(plan, plan.im), expectedIm)).toBeLessThan(allowed)
      plan.transform('inverse')
      const scaled = (part: Plan['re']) => read(plan, part).map(x => x / length)
      expect(error(scaled(plan.re), re)).toBeLessThan(allowed)
      expect(error(scaled(plan.im), im)).toBeLessThan(allowed)
    }
  })

  it('keeps the sum of squares (Parseval)', () => {
    const plan = planColumns(720, 1, precision)
    write(plan, plan.re, noise(720, 're'))
    write(plan, plan.im, noise(720, 'im'))
    const power = () => read(plan, plan.re).reduce((sum, x, i) => sum + x * x + read(plan, plan.im)[i] ** 2, 0)
    const before = power()
    plan.transform('forward')
    expect(Math.abs(power() / 720 / before - 1)).toBeLessThan(allowed)
  })

  it('turns a shift by s into a turn of wave k by −2πks/n', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), (length, by) => {
        const plan = planColumns(length, 1, precision)
        const [re, im] = [noise(length, 're'), noise(length, 'im')]
        const transformed = (shift: number) => {
          write(
            plan,
            plan.re,
            re.map((_, j) => re[(j - (shift % length) + length) % length]),
          )
          write(
            plan,
            plan.im,
            im.map((_, j) => im[(j - (shift % length) + length) % length]),
          )
          plan.transform('forward')
          return [read(plan, plan.re), read(plan, plan.im)]
        }
        const [plainRe, plainIm] = transformed(0)
        const [shiftedRe] = transformed(by)
        const turned = plainRe.map((x, k) => {
          // Less than a whole turn: the angle of many turns would itself be rounded by more than is allowed.
          const angle = (-2 * Math.PI * ((k * (by % length)) % length)) / length
          return x * Math.cos(angle) - plainIm[k] * Math.sin(angle)
        })
        expect(error(shiftedRe, turned)).toBeLessThan(10 * allowed)
      }),
      { numRuns: 50 },
    )
  })
})

it.each([0, 2.5, -4])('refuses a length of %d', length => {
  expect(() =>
    compileFft(new WebAssembly.Memory({ initial: 1 }), 'f32', length, 4, { re: 0, im: 0, workRe: 0, workIm: 0 }),
  ).toThrow(RangeError)
})
