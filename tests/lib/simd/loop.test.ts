import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Lanes, lanes, type Operation, type Precision, sum, transposed } from '../../../lib/simd/lanes.ts'
import { bindLoop, bytesOf, compileLoop, laneCount, memoryOf, placeArrays } from '../../../lib/simd/loop.ts'

const length = 12
const precisions = ['f32', 'f64'] as const

/** Arrays x, y and z of 12 numbers with 4 spare ones on either side, in one memory. */
function arrays(precision: Precision, values: { x: number[]; y: number[] }) {
  const bytes = bytesOf(precision)
  const memory = memoryOf(3 * (length + 8) * bytes)
  const view = (i: number) => {
    const start = (i * (length + 8) + 4) * bytes
    return precision === 'f32'
      ? new Float32Array(memory.buffer, start, length)
      : new Float64Array(memory.buffer, start, length)
  }
  const [x, y, z] = [view(0), view(1), view(2)]
  x.set(values.x)
  y.set(values.y)
  return { memory, x, y, z }
}

const binary: Record<Exclude<Operation, 'negated' | 'root'>, (a: number, b: number) => number> = {
  plus: (a, b) => a + b,
  minus: (a, b) => a - b,
  times: (a, b) => a * b,
  over: (a, b) => a / b,
  min: Math.min,
  max: Math.max,
}

/** What an expression means, one place at a time, rounded after every operation. */
function evaluate(
  { node }: Lanes,
  at: (array: string, offset: number) => number,
  number: number,
  round: typeof Math.fround,
): number {
  if (node.kind === 'load') return at(node.array, node.offset)
  if (node.kind === 'number') return round(number)
  if (node.kind === 'constant') return round(node.value)
  if (node.kind === 'zip') throw new Error('a zip moves numbers between places')
  const [a, b] = node.operands.map(operand => evaluate(operand, at, number, round))
  if (node.operation === 'negated') return -a
  if (node.operation === 'root') return round(Math.sqrt(a))
  return round(binary[node.operation](a, b))
}

/** Builds an expression from a list of choices: each takes two earlier ones together. */
function build(x: Lanes, y: Lanes, number: Lanes, choices: readonly (readonly [number, number, number])[]): Lanes {
  const terms = [x, y, number, lanes(0.75)]
  for (const [first, second, choice] of choices) {
    const [a, b] = [terms[first % terms.length], terms[second % terms.length]]
    const made = [
      a.plus(b),
      a.minus(b),
      a.times(b),
      a.over(b.times(b).plus(1)),
      a.min(b),
      a.max(b),
      a.negated(),
      a.times(a).root(),
    ]
    terms.push(made[choice % made.length])
  }
  return terms[terms.length - 1]
}

const real = fc.double({ min: -2, max: 2, noNaN: true })
const choice = fc.tuple(fc.nat(50), fc.nat(50), fc.nat(7))

describe.each(precisions)('a compiled loop in %s', precision => {
  const round = precision === 'f32' ? Math.fround : (value: number) => value

  it('gives what its expression says, in every place, to the last bit', () => {
    fc.assert(
      fc.property(
        fc.array(real, { minLength: length, maxLength: length }),
        fc.array(real, { minLength: length, maxLength: length }),
        real,
        fc.array(choice, { minLength: 1, maxLength: 12 }),
        (left, right, number, choices) => {
          const { memory, x, y, z } = arrays(precision, { x: left, y: right })
          let result = lanes(0)
          const loop = bindLoop(
            compileLoop({
              precision,
              arrays: ['x', 'y', 'z'],
              numbers: ['a'],
              body: (read, { a }) => {
                result = build(read.x(), read.y(), a, choices)
                return { z: [[0, result]] }
              },
            }),
            memory,
          )
          loop(x.byteOffset, y.byteOffset, z.byteOffset, number, length)
          const inputs: Record<string, Float32Array | Float64Array> = { x, y }
          const expected = Array.from(x, (_, i) => evaluate(result, (name, o) => inputs[name][i + o], number, round))
          expect([...z]).toEqual(expected)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('reads and writes at other places, before and after', () => {
    const values = Array.from({ length }, (_, i) => i * i)
    const { memory, x, y, z } = arrays(precision, { x: values, y: values.map(() => 0) })
    const loop = bindLoop(
      compileLoop({
        precision,
        arrays: ['x', 'z'],
        numbers: [],
        body: ({ x: read }) => ({ z: [[0, sum(read(-1), read(1)).minus(read().times(2))]] }),
      }),
      memory,
    )
    loop(x.byteOffset + bytesOf(precision), z.byteOffset + bytesOf(precision), length - 2)
    expect([...z.subarray(1, length - 1)]).toEqual(new Array(length - 2).fill(2))
    expect([...y]).toEqual(values.map(() => 0))
  })

  it('computes all results before it writes any: two arrays change places', () => {
    const [left, right] = [1, -1].map(sign => Array.from({ length }, (_, i) => sign * (i + 1)))
    const { memory, x, y } = arrays(precision, { x: left, y: right })
    const loop = bindLoop(
      compileLoop({
        precision,
        arrays: ['x', 'y'],
        numbers: [],
        body: read => ({ x: [[0, read.y()]], y: [[0, read.x()]] }),
      }),
      memory,
    )
    loop(x.byteOffset, y.byteOffset, length)
    expect([...x]).toEqual(right)
    expect([...y]).toEqual(left)
  })

  it('with a layout takes the numbers of arrays instead of addresses and counts', () => {
    const { memory, x, y, z } = arrays(precision, { x: new Array(length).fill(3), y: new Array(length).fill(4) })
    const layout = { scale: (length + 8) * bytesOf(precision), bias: 4 * bytesOf(precision), count: length }
    const module = compileLoop(
      {
        precision,
        arrays: ['from', 'to'],
        numbers: ['a'],
        body: (read, { a }) => ({ to: [[0, read.from().times(a)]] }),
      },
      layout,
    )
    const loop = bindLoop(module, memory)
    loop(0, 2, 2)
    expect([...z]).toEqual(new Array(length).fill(6))
    loop(1, 0, 0.5)
    expect([...x]).toEqual(new Array(length).fill(2))
    expect([...y]).toEqual(new Array(length).fill(4))
  })
})

describe.each(precisions)('strides and zips in %s', precision => {
  it('turn rows into columns', () => {
    const lanesOfOne = laneCount(precision)
    const [height, width] = [lanesOfOne, 3 * lanesOfOne]
    const { memory, arrays } = placeArrays(precision, { from: height * width, to: width * height })
    arrays.from.forEach((_, i) => {
      arrays.from[i] = i
    })
    const rows = Array.from({ length: lanesOfOne }, (_, i) => i)
    const loop = bindLoop(
      compileLoop({
        precision,
        arrays: ['from', 'to'],
        numbers: [],
        strides: { to: lanesOfOne * height },
        body: ({ from }) => ({
          to: transposed(rows.map(row => from(row * width))).map((value, i) => [i * height, value] as const),
        }),
      }),
      memory,
    )
    loop(arrays.from.byteOffset, arrays.to.byteOffset, width)
    expect([...arrays.to]).toEqual(
      Array.from({ length: width * height }, (_, i) => (i % height) * width + Math.floor(i / height)),
    )
  })
})

it('an expression used twice is one object, computed once', () => {
  const x = lanes(2)
  const square = x.times(x)
  expect(square.node).toMatchObject({ kind: 'operation', operands: [x, x] })
})
