import * as tf from '../../../engine/tf.ts'
import { type Case, unary } from './case.ts'

export const indexing: Case[] = [
  ...[0, 1, -1].map(
    (axis): Case => ({
      kernel: 'GatherV2',
      inputs: ({ a, c }) => ({ x: { shape: [3, 4, 3] }, indices: { shape: [a, c], values: 'index' } }),
      run: ({ x, indices }) => tf.gather(x, indices, axis),
      plain: true,
    }),
  ),
  {
    kernel: 'GatherV2',
    inputs: ({ a, c }) => ({ x: { shape: [4, c] }, indices: { shape: [a], values: 'index' } }),
    run: ({ x, indices }) => tf.gather(x, indices),
  },
  ...[1, 2].map(
    (axis): Case => ({
      kernel: 'GatherV2',
      inputs: ({ a, b, c }) => ({ x: { shape: [a, 4, 3, c] }, indices: { shape: [a, b], values: 'index' } }),
      run: ({ x, indices }) => tf.gather(x, indices, axis, 1),
      plain: true,
    }),
  ),
  {
    kernel: 'GatherNd',
    plain: true,
    inputs: ({ a, c }) => ({ x: { shape: [3, 4, c] }, indices: { shape: [a, 2], values: 'index' } }),
    run: ({ x, indices }) => tf.gatherND(x, indices),
  },
  {
    kernel: 'ScatterNd',
    plain: true,
    inputs: ({ a, c }) => ({ x: { shape: [a, c] }, indices: { shape: [a, 1], values: 'index' } }),
    run: ({ x, indices }, { c }) => tf.scatterND(indices, x, [4, c]),
  },
  {
    kernel: 'OneHot',
    plain: true,
    inputs: ({ a, c }) => ({ x: { shape: [a, c], values: 'integer' } }),
    run: ({ x }) => [tf.oneHot(x, 3), tf.oneHot(x, 4, 2, -1), tf.oneHot(x, 2, 1, 0, 'float32')],
  },
  unary('Range', x => tf.mul(tf.reshape(x, [-1, 1]), tf.range(1, -2, -0.75))),
  unary('Range', x => tf.add(tf.reshape(x, [-1, 1]), tf.range(0, 5, 2, 'int32')), 'integer', true),
  unary('LinSpace', x => tf.mul(tf.reshape(x, [-1, 1]), tf.linspace(-1, 2, 5))),
  unary('Fill', x => tf.mul(x, tf.fill(x.shape, 2.5))),
  unary('ZerosLike', x => tf.add(x, tf.zerosLike(x))),
  unary('OnesLike', x => tf.mul(x, tf.onesLike(x))),
]
