import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf.ts'
import { keptWaves, latticeWaves, spectralConv, spectralSpecs, type Waves } from '../../models/layers/spectral.ts'
import type { Lattice } from '../../models/model.ts'
import { numbers } from '../engine/support.ts'
import { expectGradientByDifferences, expectSameOnEveryEngine } from './on-engines.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const lattice = (rows: number, columns: number, boundary: Lattice['boundary'] = 'torus') => ({
  rows,
  columns,
  boundary,
})
const all = 100

/** One channel in, one out: the operator with weight A + iB for every wave, applied to x [tiles]. */
function operate(waves: Waves, x: ArrayLike<number>, weight: (k: number) => [number, number]): number[] {
  const weights = Array.from({ length: waves.count }, (_, k) => weight(k))
  const p = {
    'c.real': tf.tensor3d(
      weights.map(([a]) => a),
      [waves.count, 1, 1],
    ),
    'c.imaginary': tf.tensor3d(
      weights.map(([, b]) => b),
      [waves.count, 1, 1],
    ),
  }
  return Array.from(spectralConv(p, 'c', waves, tf.tensor3d(Array.from(x), [x.length, 1, 1])).dataSync())
}

const expectClose = (actual: number[], expected: ArrayLike<number>) =>
  actual.forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i], 4)
  })

describe('spectral convolution', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 2, max: 7 }), fc.nat(1000))

  it('with all waves and weights of one changes nothing, around a torus and between walls', () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom('torus', 'walls'), ([rows, columns, seed], boundary) => {
        const x = numbers(seed, rows * columns, 'unit')
        expectClose(
          operate(latticeWaves(lattice(rows, columns, boundary), all), x, () => [1, 0]),
          x,
        )
      }),
      { numRuns: 30 },
    )
  })

  it('on a ring of odd length n: the complex weight of wave k is the transform of a kernel (convolution theorem)', () => {
    // y_x = Σ_d kernel_d·x_{x−d}, and the weight of wave k is Σ_d kernel_d·exp(−2πi·kd/n).
    const n = 7
    const [x, kernel] = [numbers(1, n, 'unit'), numbers(2, n, 'unit')]
    const expected = Array.from({ length: n }, (_, at) =>
      kernel.reduce((sum, weight, d) => sum + weight * x[(at - d + n) % n], 0),
    )
    const part = (wave: (angle: number) => number, k: number) =>
      kernel.reduce((sum, weight, d) => sum + weight * wave((2 * Math.PI * k * d) / n), 0)
    // On a ring the waves come in the order k = 0, 1, …, (n − 1)/2.
    const y = operate(latticeWaves(lattice(1, n), all), x, k => [part(Math.cos, k), -part(Math.sin, k)])
    expectClose(y, expected)
  })

  it('keeps the waves up to a number, and nothing of shorter ones', () => {
    const waves = latticeWaves(lattice(1, 16), 3)
    const wave = (k: number) => Float32Array.from({ length: 16 }, (_, i) => Math.cos((2 * Math.PI * k * i) / 16 + 0.4))
    expect(waves.count).toBe(4)
    for (const k of [0, 1, 2, 3])
      expectClose(
        operate(waves, wave(k), () => [1, 0]),
        wave(k),
      )
    for (const k of [4, 5, 7])
      expectClose(
        operate(waves, wave(k), () => [1, 0]),
        new Float32Array(16),
      )
  })

  it('has one wave for every conjugate pair of a plane: (n² + 4)/2 of an even n × n lattice', () => {
    expect(latticeWaves(lattice(6, 6), all).count).toBe(20)
    expect(latticeWaves(lattice(8, 8), all).count).toBe(34)
    expect(latticeWaves(lattice(5, 5), all).count).toBe(13)
  })

  it('around a torus commutes with every shift; between walls it does not wrap around', () => {
    const n = 8
    const weight = (k: number): [number, number] => [numbers(k + 1, 2)[0], k % 4 === 0 ? 0 : numbers(k + 1, 2)[1]]
    const x = numbers(5, n, 'unit')
    const shifted = Float32Array.from(x, (_, i) => x[(i + 3) % n])
    const [y, ofShifted] = [x, shifted].map(field => operate(latticeWaves(lattice(1, n), all), field, weight))
    expectClose(
      ofShifted,
      y.map((_, i) => y[(i + 3) % n]),
    )
    // A kernel that moves everything by two sites: weight exp(−2πi·2k/12), 12 sites being the period of 8 walled ones.
    const moved = operate(latticeWaves(lattice(1, n, 'walls'), all), x, k => [
      Math.cos((4 * Math.PI * k) / 12),
      -Math.sin((4 * Math.PI * k) / 12),
    ])
    expectClose(moved, [0, 0, ...x.subarray(0, 6)])
  })

  it('axis by axis, on a large torus with all its waves, moves a field as its weights turn them', () => {
    const n = 13
    const torus = lattice(n, n)
    const x = numbers(4, n * n, 'unit')
    const waves = keptWaves(torus, 6)
    const turned = ({ down, across }: (typeof waves)[number]) => (2 * Math.PI * (2 * down + 5 * across)) / n
    const moved = operate(latticeWaves(torus, 6), x, k => [Math.cos(turned(waves[k])), -Math.sin(turned(waves[k]))])
    const from = (row: number, column: number) => x[((row + n - 2) % n) * n + ((column + n - 5) % n)]
    expectClose(
      moved,
      moved.map((_, tile) => from(Math.floor(tile / n), tile % n)),
    )
  })

  it.each([
    ['by one matrix', lattice(3, 4, 'walls')],
    ['axis by axis', lattice(12, 13, 'walls')],
  ])('%s is the same on every engine, and its gradient is what differences say', async (_, where) => {
    const waves = latticeWaves(where, 2)
    const layer = ({ x, ...p }: Record<string, tf.Tensor>) => spectralConv(p, 'c', waves, x)
    const inputs = {
      x: { shape: [where.rows * where.columns, 2, 3] },
      ...Object.fromEntries(
        Object.entries(spectralSpecs('c', waves, 3, 2)).map(([name, { shape }]) => [name, { shape }]),
      ),
    }
    await expectSameOnEveryEngine(inputs, layer)
    const drawn = Object.entries(inputs).map(([name, { shape }]) => [
      name,
      tf.randomNormal([...shape], 0, 1, 'float32', 3),
    ])
    expectGradientByDifferences(Object.fromEntries(drawn), layer)
  })
})
