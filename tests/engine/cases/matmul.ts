import * as tf from '../../../engine/tf.ts'
import type { Dimensions } from '../support.ts'
import type { Case, Run } from './case.ts'

const product = (run: Run, a: (d: Dimensions) => number[], b: (d: Dimensions) => number[], kernel = 'BatchMatMul') => ({
  kernel,
  inputs: (d: Dimensions) => ({ x: { shape: a(d) }, y: { shape: b(d) } }),
  run,
})

export const matrixProducts: Case[] = [
  product(
    ({ x, y }) => tf.matMul(x, y),
    ({ a, b }) => [a, b],
    ({ b, c }) => [b, c],
  ),
  product(
    ({ x, y }) => tf.matMul(x, y, true),
    ({ a, b, d }) => [d, b, a],
    ({ b, c, d }) => [d, b, c],
  ),
  product(
    ({ x, y }) => tf.matMul(x, y, false, true),
    ({ a, b, d }) => [2, d, a, b],
    ({ b, c, d }) => [2, d, c, b],
  ),
  product(
    ({ x, y }) => tf.matMul(x, y, true, true),
    ({ a, b }) => [b, a],
    ({ b, c }) => [c, b],
  ),
  product(
    ({ x, y }) => tf.mul(tf.matMul(x, y, true), 0.25),
    ({ a, b }) => [b, a],
    ({ b, c }) => [b, c],
  ),
  {
    kernel: 'BatchMatMul',
    plain: true,
    inputs: ({ a, b, c, d }) => ({ x: { shape: [d, a, b] }, y: { shape: [1, b, c] } }),
    run: ({ x, y }) => tf.matMul(x, y),
  },
  ...(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const).map(
    (activation): Case => ({
      kernel: '_FusedMatMul',
      plain: true,
      inputs: ({ a, b, c }) => ({ x: { shape: [a, b] }, y: { shape: [c, b] }, bias: { shape: [c] } }),
      run: ({ x, y, bias }) => {
        const preluActivationWeights = activation === 'prelu' ? bias : undefined
        const options = { a: x, b: y, transposeB: true, bias, activation, leakyreluAlpha: 0.3, preluActivationWeights }
        return tf.fused.matMul(options)
      },
    }),
  ),
  {
    ...product(
      ({ x, y }) => tf.einsum('bij,bjk->bik', x, y),
      d => [d.d, d.a, d.b],
      d => [d.d, d.b, d.c],
      'Einsum',
    ),
    plain: true,
  },
]
