import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf.ts'
import { joinHeads, kernelAttention, splitHeads } from '../../models/layers/attention.ts'
import { gruGates } from '../../models/layers/gru.ts'
import { latticeConv, latticeConvSpecs, neighbourhoods } from '../../models/layers/lattice-conv.ts'
import { lstmGates } from '../../models/layers/lstm.ts'
import type { Lattice } from '../../models/model.ts'
import { OUT_OF_RANGE } from '../../models/topologies/topology.ts'
import { expectGradientByDifferences, expectSameOnEveryEngine } from './on-engines.ts'

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

describe('gated units follow their published equations', () => {
  it('GRU: one unit worked by hand', () => {
    const [h, xr, xz, xn, hr, hz, hn] = [0.3, 0.1, -0.4, 0.7, 0.2, 0.5, -0.6]
    const r = sigmoid(xr + hr)
    const z = sigmoid(xz + hz)
    const n = Math.tanh(xn + r * hn)
    const next = gruGates(tf.tensor2d([[xr, xz, xn]]), tf.tensor2d([[hr, hz, hn]]), tf.tensor2d([[h]]))
    expect(next.dataSync()[0]).toBeCloseTo((1 - z) * n + z * h, 6)
  })

  const gru = ({ x, y, h }: Record<string, tf.Tensor>) => gruGates(x, y, h)

  it('GRU: the same on every engine, and its gradient is what differences say', async () => {
    await expectSameOnEveryEngine({ x: { shape: [2, 3, 12] }, y: { shape: [2, 3, 12] }, h: { shape: [2, 3, 4] } }, gru)
    const draw = (width: number, seed: number) => tf.randomNormal([2, 3, width], 0, 1, 'float32', seed)
    expectGradientByDifferences({ x: draw(12, 1), y: draw(12, 2), h: draw(4, 3) }, gru)
  })

  it('GRU: its gradient is that of the chain of its parts, saturated gates included', () => {
    const chain = (x: tf.Tensor, y: tf.Tensor, h: tf.Tensor) => {
      const [[xr, xz, xn], [hr, hz, hn]] = [tf.split(x, 3, 1), tf.split(y, 3, 1)]
      const candidate = tf.tanh(tf.add(xn, tf.mul(tf.sigmoid(tf.add(xr, hr)), hn)))
      return tf.add(candidate, tf.mul(tf.sigmoid(tf.add(xz, hz)), tf.sub(h, candidate)))
    }
    for (const scale of [1, 5, 50]) {
      const at = [12, 12, 4].map((width, i) => tf.randomNormal([3, width], 0, scale, 'float32', i + 1))
      const expected = tf.grads(chain)(at)
      tf.grads(gruGates)(at).forEach((gradient, i) => {
        expect(tf.max(tf.abs(tf.sub(gradient, expected[i]))).dataSync()[0]).toBeLessThan(1e-5)
      })
    }
  })

  it('LSTM: one unit worked by hand', () => {
    const [i, f, o, g, c] = [0.2, -0.3, 0.8, 0.5, -0.7]
    const cell = sigmoid(f) * c + sigmoid(i) * Math.tanh(g)
    const next = lstmGates(tf.tensor2d([[i, f, o, g]]), tf.tensor2d([[c]]))
    expect(next.cell.dataSync()[0]).toBeCloseTo(cell, 6)
    expect(next.hidden.dataSync()[0]).toBeCloseTo(sigmoid(o) * Math.tanh(cell), 6)
  })
})

describe('kernel-modulated attention', () => {
  const query = tf.tensor3d([[[1, 2]]])
  const key = tf.tensor3d([
    [
      [0.5, -1],
      [0.25, 0.75],
      [2, 2],
    ],
  ])
  const value = tf.tensor3d([[[10], [20], [30]]])

  it('weighs by Z·exp(q·k / √d), renormalised', () => {
    const strengths = [0.5, 1, 0.125]
    const weights = [-1.5, 1.75, 6].map((score, i) => strengths[i] * Math.exp(score / Math.SQRT2))
    const total = weights.reduce((sum, w) => sum + w, 0)
    const expected = (10 * weights[0] + 20 * weights[1] + 30 * weights[2]) / total
    const attended = kernelAttention(query, key, value, tf.log(tf.tensor4d(strengths, [1, 1, 1, 3])), 1)
    expect(attended.dataSync()[0]).toBeCloseTo(expected, 4)
  })

  it('gives what is out of range a weight of exactly zero', () => {
    const range = tf.tensor4d([0, 0, OUT_OF_RANGE], [1, 1, 1, 3])
    const huge = tf.tensor3d([[[10], [20], [1e30]]])
    expect(kernelAttention(query, key, huge, range, 1).dataSync()[0]).toBeLessThan(20)
  })

  it('splits and joins heads without loss', () => {
    const x = tf.randomNormal([5, 3, 8]) // modules, batch, heads · d
    expect(joinHeads(splitHeads(x, 2, 1)[0], 2).dataSync()).toEqual(x.dataSync())
  })

  it('splits queries, keys and values as it would split each alone', () => {
    const roles = [0, 1, 2].map(() => tf.randomNormal([5, 3, 8]))
    const together = splitHeads(tf.concat(roles, 2), 2, 3)
    roles.forEach((role, i) => {
      expect(together[i].dataSync()).toEqual(splitHeads(role, 2, 1)[0].dataSync())
    })
  })
})

describe('lattice convolution', () => {
  /** The sum over the 3 × 3 neighbourhood, written out. */
  function direct(x: number[][], kernel: number[][], torus: boolean): number[] {
    const [rows, columns] = [x.length, x[0].length]
    return x.flatMap((line, r) =>
      line.map((_, c) => {
        let sum = 0
        for (let dr = -1; dr <= 1; dr++)
          for (let dc = -1; dc <= 1; dc++) {
            const inside = r + dr >= 0 && r + dr < rows && c + dc >= 0 && c + dc < columns
            if (torus || inside) sum += kernel[dr + 1][dc + 1] * x[(r + dr + rows) % rows][(c + dc + columns) % columns]
          }
        return sum
      }),
    )
  }
  const x = Array.from({ length: 4 }, (_, r) => Array.from({ length: 5 }, (_, c) => Math.sin(3 * r + c)))
  const kernel = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ]

  it.each(['torus', 'walls'] as const)('on %s: equals the sum written out', boundary => {
    const lattice: Lattice = { rows: 4, columns: 5, boundary }
    const p = { 'c.weight': tf.tensor2d(kernel.flat(), [9, 1]), 'c.bias': tf.tensor1d([0]) }
    const out = latticeConv(p, 'c', lattice, tf.tensor3d(x.flat(), [1, 20, 1]))
    direct(x, kernel, boundary === 'torus').forEach((sum, i) => {
      expect(out.dataSync()[i]).toBeCloseTo(sum, 4)
    })
  })

  it('uses a 1 × 3 kernel in a 1-D world', () => {
    const specs = latticeConvSpecs('c', { rows: 1, columns: 16, boundary: 'torus' }, 2, 4)
    expect(specs['c.weight'].shape).toEqual([3 * 2, 4])
  })

  it.each(['torus', 'walls'] as const)('on %s: its gradient is the transposed sum', boundary => {
    // ⟨neighbourhoods(x), y⟩ = ⟨x, neighbourhoodsᵀ(y)⟩, and the gradient of the left side by x is neighbourhoodsᵀ(y).
    for (const [rows, columns] of [
      [4, 5],
      [1, 6],
      [2, 3],
    ]) {
      const lattice: Lattice = { rows, columns, boundary }
      const [a, b] = [0, 1].map(() => tf.randomNormal([2, rows * columns, 3]))
      const y = tf.randomNormal(neighbourhoods(lattice, a).shape)
      const inner = (u: tf.Tensor) => tf.sum(tf.mul(neighbourhoods(lattice, u), y)) as tf.Scalar
      const transposed = tf.grad(inner)(a)
      expect(tf.sum(tf.mul(transposed, b)).dataSync()[0]).toBeCloseTo(inner(b).dataSync()[0], 3)
    }
  })
})
