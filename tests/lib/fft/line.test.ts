import { expect, it } from 'vitest'
import { fft, inverseFft, planLine } from '../../../lib/fft/line.ts'
import { randomStream } from '../../../lib/random.ts'

const noise = (length: number, name: string) => {
  const random = randomStream(`test/fft/${name}`)
  return Float64Array.from({ length }, () => random.normal())
}

/** The sum of the definition. */
function direct(re: Float64Array, im: Float64Array) {
  const { length } = re
  const [outRe, outIm] = [new Float64Array(length), new Float64Array(length)]
  for (let k = 0; k < length; k++)
    for (let j = 0; j < length; j++) {
      const angle = (-2 * Math.PI * ((j * k) % length)) / length
      outRe[k] += re[j] * Math.cos(angle) - im[j] * Math.sin(angle)
      outIm[k] += re[j] * Math.sin(angle) + im[j] * Math.cos(angle)
    }
  return [outRe, outIm]
}

const farthest = (a: Float64Array, b: Float64Array) => a.reduce((far, x, i) => Math.max(far, Math.abs(x - b[i])), 0)

// Powers and products of 2, 3, 4 and 5, primes, and lengths with an odd and an even number of stages.
const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15, 16, 20, 24, 25, 30, 48, 64, 65, 77, 96, 120]

it.each(lengths)('%i numbers: agrees with the definition and returns', length => {
  const [re, im] = [noise(length, 're'), noise(length, 'im')]
  const [expectedRe, expectedIm] = direct(re, im)
  const plan = planLine(length)
  const [thereRe, thereIm] = [re.slice(), im.slice()]
  fft(plan, thereRe, thereIm)
  expect(farthest(thereRe, expectedRe)).toBeLessThan(1e-12)
  expect(farthest(thereIm, expectedIm)).toBeLessThan(1e-12)
  inverseFft(plan, thereRe, thereIm)
  expect(
    farthest(
      thereRe.map(x => x / length),
      re,
    ),
  ).toBeLessThan(1e-14)
  expect(
    farthest(
      thereIm.map(x => x / length),
      im,
    ),
  ).toBeLessThan(1e-14)
})

it('keeps the sum of squares (Parseval)', () => {
  const [re, im] = [noise(720, 're'), noise(720, 'im')]
  const power = () => re.reduce((sum, x, i) => sum + x * x + im[i] * im[i], 0)
  const before = power()
  fft(planLine(720), re, im)
  expect(power() / 720 / before).toBeCloseTo(1, 13)
})

it('transforms two real lines as one complex line', () => {
  const [a, b] = [noise(24, 'a'), noise(24, 'b')]
  const [re, im] = [a.slice(), b.slice()]
  fft(planLine(24), re, im)
  const [aRe, aIm] = direct(a, new Float64Array(24))
  const [bRe, bIm] = direct(b, new Float64Array(24))
  for (let k = 0; k < 24; k++) {
    const opposite = (24 - k) % 24
    expect((re[k] + re[opposite]) / 2).toBeCloseTo(aRe[k], 12)
    expect((im[k] - im[opposite]) / 2).toBeCloseTo(aIm[k], 12)
    expect((im[k] + im[opposite]) / 2).toBeCloseTo(bRe[k], 12)
    expect((re[opposite] - re[k]) / 2).toBeCloseTo(bIm[k], 12)
  }
})

it('is a plan that can be copied, and refuses what is no length', () => {
  const plan = planLine(30)
  const [re, im] = [noise(30, 're'), noise(30, 'im')]
  const [copyRe, copyIm] = [re.slice(), im.slice()]
  const copy = structuredClone(plan)
  fft(plan, re, im)
  fft(copy, copyRe, copyIm)
  expect(copyRe).toEqual(re)
  expect(copyIm).toEqual(im)
  expect(() => planLine(0)).toThrow(RangeError)
  expect(() => planLine(2.5)).toThrow(RangeError)
})
