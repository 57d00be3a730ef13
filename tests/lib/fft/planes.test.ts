import { describe, expect, it } from 'vitest'
import { compilePlanes, planesArrays, planesOf } from '../../../lib/fft/planes.ts'
import { randomStream } from '../../../lib/random.ts'
import { placeArrays } from '../../../lib/simd/loop.ts'

const cases = [1, 2, 3, 4, 5, 7, 8, 16, 24, 26, 30, 33].flatMap(size =>
  ([1, 2] as const).flatMap(fields => (['f32', 'f64'] as const).map(precision => ({ size, fields, precision }))),
)

function noise(size: number, name: string): Float64Array {
  const random = randomStream(`test/planes/${name}`)
  return Float64Array.from({ length: size * size }, () => random.normal())
}

/** F(kx, ky) of real numbers, row y, column x. */
function direct(field: Float64Array, size: number, kx: number, ky: number): readonly [re: number, im: number] {
  let [re, im] = [0, 0]
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const angle = (-2 * Math.PI * ((kx * x + ky * y) % size)) / size
      re += field[y * size + x] * Math.cos(angle)
      im += field[y * size + x] * Math.sin(angle)
    }
  return [re, im]
}

function planned(size: number, fields: 1 | 2, kept: number, precision: 'f32' | 'f64') {
  const planes = planesOf(size, fields, kept, precision)
  const { memory, arrays } = placeArrays(precision, planesArrays(planes))
  return { planes, arrays, transform: compilePlanes(planes, memory, arrays) }
}
type Planned = ReturnType<typeof planned>

/** Where a field's cell is: the array and the index. */
function place({ planes, arrays }: Planned, field: number, y: number, x: number) {
  const { fields, half, pitch } = planes
  if (fields === 2) return [field === 0 ? arrays.first : arrays.second, y * pitch + x] as const
  return x < half ? ([arrays.first, y * pitch + x] as const) : ([arrays.second, y * pitch + x - half] as const)
}

const eachCell = (size: number, visit: (y: number, x: number) => void) => {
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) visit(y, x)
}

describe.each(cases)('real squares: %o', ({ size, fields, precision }) => {
  const allowed = (precision === 'f64' ? 1e-13 : 1e-5) * size
  const all = Math.floor(size / 2) + 1
  const values = Array.from({ length: fields }, (_, field) => noise(size, `${field}`))

  function filled(kept: number): Planned {
    const plan = planned(size, fields, kept, precision)
    values.forEach((field, i) => {
      eachCell(size, (y, x) => {
        const [array, index] = place(plan, i, y, x)
        array[index] = field[y * size + x]
      })
    })
    return plan
  }

  it('agree with the definition', () => {
    const { planes, arrays, transform } = filled(all)
    transform.toModes()
    let far = 0
    values.forEach((field, i) => {
      const [re, im] = i === 0 ? [arrays.modeRe, arrays.modeIm] : [arrays.otherRe, arrays.otherIm]
      for (let kx = 0; kx < size; kx++)
        for (let ky = 0; ky < all; ky++) {
          const [expectedRe, expectedIm] = direct(field, size, kx, ky)
          const index = kx * planes.modePitch + ky
          far = Math.max(far, Math.abs(re[index] / 2 - expectedRe), Math.abs(im[index] / 2 - expectedIm))
        }
    })
    expect(far).toBeLessThan(allowed)
  })

  it('return from their modes', () => {
    const plan = filled(all)
    plan.transform.toModes()
    plan.transform.toFields()
    let far = 0
    values.forEach((field, i) => {
      eachCell(size, (y, x) => {
        const [array, index] = place(plan, i, y, x)
        far = Math.max(far, Math.abs(array[index] / (2 * size * size) - field[y * size + x]))
      })
    })
    expect(far).toBeLessThan(allowed)
  })

  it('with few modes kept come back without the others', () => {
    const kept = Math.max(1, Math.ceil(size / 3))
    const plan = filled(kept)
    plan.transform.toModes()
    plan.transform.toFields()
    let far = 0
    // A field's mean along x, as far as it is made of waves along y below `kept`.
    const wanted = (field: Float64Array, y: number) => {
      let sum = 0
      for (let ky = 0; ky < kept && 2 * ky <= size; ky++) {
        const [re, im] = direct(field, size, 0, ky)
        const angle = (2 * Math.PI * ky * y) / size
        const twice = ky === 0 || 2 * ky === size ? 1 : 2
        sum += (twice * (re * Math.cos(angle) - im * Math.sin(angle))) / size ** 2
      }
      return sum
    }
    values.forEach((field, i) => {
      for (let y = 0; y < size; y++) {
        let mean = 0
        for (let x = 0; x < size; x++) {
          const [array, index] = place(plan, i, y, x)
          mean += array[index] / (2 * size ** 3)
        }
        far = Math.max(far, Math.abs(mean - wanted(field, y)))
      }
    })
    expect(far).toBeLessThan(allowed)
  })
})
