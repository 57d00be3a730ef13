import * as tf from '../../../engine/tf.ts'
import { type Case, unary } from './case.ts'

export const shapes: Case[] = [
  unary('Identity', x => tf.clone(x)),
  { kernel: 'Reshape', inputs: ({ a, b, c }) => ({ x: { shape: [a, b, c] } }), run: ({ x }) => tf.reshape(x, [-1]) },
  unary('ExpandDims', x => tf.expandDims(x, -2)),
  unary('Reshape', x => tf.squeeze(tf.expandDims(x, 1), [1])),
  unary('Transpose', x => tf.transpose(x, [2, 0, 1])),
  unary('Transpose', x => tf.transpose(x, [0, 2, 1])),
  {
    kernel: 'Concat',
    inputs: ({ a, b, c }) => ({ x: { shape: [a, b] }, y: { shape: [a, c] } }),
    run: ({ x, y }) => tf.concat([x, y, x], -1),
  },
  {
    kernel: 'Pack',
    inputs: ({ a, b }) => ({ x: { shape: [a, b] }, y: { shape: [a, b] } }),
    run: ({ x, y }) => tf.stack([x, y], 1),
  },
  { kernel: 'Unpack', inputs: ({ a, b }) => ({ x: { shape: [a, b] } }), run: ({ x }) => tf.unstack(x, -1) },
  {
    kernel: 'SplitV',
    inputs: ({ a, b, c }) => ({ x: { shape: [a, b + c] } }),
    run: ({ x }, { b, c }) => tf.split(x, [b, c], 1),
  },
  { kernel: 'SplitV', inputs: ({ a, b }) => ({ x: { shape: [2 * a, b] } }), run: ({ x }) => tf.split(x, 2) },
  {
    kernel: 'Slice',
    inputs: ({ a, b, c }) => ({ x: { shape: [a, b, c + 1] } }),
    run: ({ x }, { a, b, c }) => tf.slice(x, [0, 1, 1], [a, b - 1, c]),
  },
  unary('PadV2', x =>
    tf.pad(
      x,
      [
        [0, 1],
        [2, 0],
        [0, 0],
      ],
      0.5,
    ),
  ),
  unary(
    'PadV2',
    x =>
      tf.pad(x, [
        [0, 1],
        [2, 0],
        [0, 0],
      ]),
    'integer',
    true,
  ),
  {
    kernel: 'MirrorPad',
    inputs: ({ a, b }) => ({ x: { shape: [a + 2, b + 2] } }),
    run: ({ x }) => [
      tf.mirrorPad(
        x,
        [
          [2, 1],
          [0, 1],
        ],
        'reflect',
      ),
      tf.mirrorPad(
        x,
        [
          [2, 1],
          [0, 2],
        ],
        'symmetric',
      ),
    ],
    plain: true,
  },
  unary('Tile', x => tf.tile(x, [2, 1, 3])),
  {
    kernel: 'Tile',
    inputs: ({ a, c }) => ({ x: { shape: [a, 1, c] } }),
    run: ({ x }, { a, b, c }) => tf.broadcastTo(x, [a, b, c]),
  },
  unary('Reverse', x => tf.reverse(x, [0, -1])),
]
