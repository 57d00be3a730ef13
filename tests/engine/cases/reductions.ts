import * as tf from '../../../engine/tf.ts'
import type { Values } from '../support.ts'
import { type Case, type Run, unary } from './case.ts'

/** Over one axis, two axes with the lengths kept, and all. */
const reduction = (
  kernel: string,
  apply: (x: tf.Tensor, axis?: number | number[], keep?: boolean) => tf.Tensor,
  values: Values = 'any',
  plain?: true,
): Case[] => {
  const ways: Run[] = [({ x }) => apply(x, -1), ({ x }) => apply(x, [0, 2], true), ({ x }) => apply(x)]
  return ways.map(run => ({ kernel, plain, inputs: ({ a, b, c }) => ({ x: { shape: [a, b, c], values } }), run }))
}

export const reductions: Case[] = [
  ...reduction('Sum', tf.sum),
  ...reduction('Sum', tf.sum, 'integer', true),
  ...reduction('Mean', tf.mean),
  ...reduction('Max', tf.max, 'distinct'),
  ...reduction('Min', tf.min, 'distinct'),
  ...reduction('Prod', tf.prod, 'positive', true),
  ...reduction('All', (x, axis, keep) => tf.all(tf.cast(x, 'bool'), axis, keep), 'bit', true),
  ...reduction('Any', (x, axis, keep) => tf.any(tf.cast(x, 'bool'), axis, keep), 'bit', true),
  unary('ArgMax', x => tf.argMax(x, -1), 'any', true),
  unary('ArgMax', x => tf.argMax(x, 1), 'index', true),
  unary('ArgMin', x => tf.argMin(x, 0), 'any', true),
  // tfjs's gradient is wrong along any axis but the last, and throws where that is called −1.
  unary('Cumsum', x => tf.cumsum(x, 1), 'any', true),
  unary('Cumsum', x => tf.cumsum(x, 2)),
  unary('Cumsum', x => tf.cumsum(x, 2, true, true)),
  unary('Softmax', x => tf.softmax(x)),
  {
    kernel: 'TopK',
    plain: true,
    inputs: ({ a, b, c }) => ({ x: { shape: [a, c, b], values: 'distinct' } }),
    run: ({ x }) => {
      const { values, indices } = tf.topk(x, 2)
      return [values, indices]
    },
  },
  {
    kernel: 'UnsortedSegmentSum',
    inputs: ({ b, c }) => ({ x: { shape: [b, c] }, ids: { shape: [b], values: 'index' } }),
    run: ({ x, ids }) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 4),
  },
]
