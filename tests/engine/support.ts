import fc from 'fast-check'
import { expect } from 'vitest'
import type { CompiledProgram, Engine, Feed, Signature, TensorProgram } from '../../engine/engine.ts'
import * as tf from '../../engine/tf.ts'

/** What values an argument is drawn from: `distinct` has no two alike, `unit` lies in (−1, 1), `index` in 0 … 2. */
export type Values = 'any' | 'positive' | 'unit' | 'distinct' | 'index' | 'integer' | 'bit'

export interface Argument {
  readonly shape: readonly number[]
  readonly values?: Values
}

/** Numbers from a seed (a linear congruential generator, Numerical Recipes): reproducible, and enough for a test. */
export function numbers(seed: number, count: number, values: Values = 'any'): Float32Array {
  let state = seed >>> 0
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  for (let i = 0; i < 4; i++) uniform()
  return Float32Array.from({ length: count }, (_, i) => {
    const u = uniform()
    if (values === 'positive') return 0.2 + 2 * u
    if (values === 'unit') return 1.9 * (u - 0.5)
    if (values === 'distinct') return ((i * 7919 + seed) % 1009) / 100 + 1e-3 * u
    if (values === 'index') return Math.floor(3 * u)
    if (values === 'integer') return Math.floor(9 * u) - 4
    if (values === 'bit') return u < 0.5 ? 0 : 1
    return 6 * (u - 0.5)
  })
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1)

/** Small lengths for the axes of a test, and a seed for its values. */
export const dimensions = fc.record({
  seed: fc.nat(1 << 20),
  a: fc.integer({ min: 1, max: 3 }),
  b: fc.integer({ min: 2, max: 4 }),
  c: fc.integer({ min: 1, max: 5 }),
  d: fc.integer({ min: 1, max: 3 }),
})
export type Dimensions = Parameters<Parameters<typeof dimensions.map>[0]>[0]

export const isInteger = (values: Values | undefined) => values === 'index' || values === 'integer' || values === 'bit'

export function signatureOf({ shape, values }: Argument): Signature {
  return { shape, dtype: isInteger(values) ? 'int32' : 'float32' }
}

export function feedOf({ shape, values }: Argument, seed: number): Feed {
  const drawn = numbers(seed, sizeOf(shape), values)
  return isInteger(values) ? Int32Array.from(drawn) : drawn
}

/** All outputs of a program on one engine, as arrays. Nothing stays behind. */
export async function runOn(
  engine: Engine,
  signatures: Record<string, Signature>,
  feeds: Record<string, Feed>,
  program: TensorProgram,
): Promise<Record<string, { shape: readonly number[]; values: number[] }>> {
  const compiled: CompiledProgram = await engine.compile('test', signatures, program)
  const outputs = await compiled.run(feeds)
  const read = Object.entries(outputs).map(([name, value]) => {
    const result = { shape: [...value.shape], values: Array.from(value.read()) }
    value.dispose()
    return [name, result] as const
  })
  compiled.dispose()
  return Object.fromEntries(read)
}

/** Fails where two sets of outputs differ by more than `tolerance` of an output's largest value (at least 1). */
export function expectSame(
  actual: Awaited<ReturnType<typeof runOn>>,
  expected: Awaited<ReturnType<typeof runOn>>,
  tolerance = 1e-5,
): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected))
  for (const [name, { shape, values }] of Object.entries(expected)) {
    expect(actual[name].shape, name).toEqual(shape)
    const scale = values.reduce(
      (largest, value) => (Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest),
      1,
    )
    values.forEach((value, i) => {
      const found = actual[name].values[i]
      const near = Object.is(found, value) || Math.abs(found - value) <= tolerance * scale
      if (!near) expect.fail(`${name}[${i}] is ${found}; ${value} is right`)
    })
  }
}

/** The outputs of `run`, and the gradient of a weighted sum of its first one by every float argument. */
export function withGradients(run: (t: Record<string, tf.Tensor>) => tf.Tensor[], names: string[]): TensorProgram {
  return inputs => {
    const outputs = run(inputs)
    const named = Object.fromEntries(outputs.map((tensor, i) => [`y${i}`, tensor]))
    if (names.length === 0) return named
    const weighted = (...tensors: tf.Tensor[]) => {
      const given = { ...inputs, ...Object.fromEntries(names.map((name, i) => [name, tensors[i]])) }
      const [first] = run(given)
      const size = sizeOf(first.shape)
      const weights = tf.tensor(numbers(size, size), first.shape)
      return tf.sum(tf.mul(first, weights)) as tf.Scalar
    }
    const gradients = tf.grads(weighted)(names.map(name => inputs[name]))
    return { ...named, ...Object.fromEntries(gradients.map((gradient, i) => [`d${names[i]}`, gradient])) }
  }
}
