import * as tf from '../../engine/tf.ts'
import type { Argument, Dimensions, Values } from './support.ts'

/** One way to call a kernel. `plain` leaves gradients out: tfjs has none, or the function has jumps. */
export interface Case {
  readonly kernel: string
  readonly plain?: true
  readonly inputs: (dimensions: Dimensions) => Record<string, Argument>
  readonly run: (t: Record<string, tf.Tensor>, dimensions: Dimensions) => tf.Tensor | tf.Tensor[]
}

type Run = Case['run']

const image = ({ a, b, c, d }: Dimensions, values?: Values) => ({ x: { shape: [a, b + 4, c + 3, d], values } })

/** Elementwise on [a, b, c]. */
const unary = (kernel: string, apply: (x: tf.Tensor) => tf.Tensor, values: Values = 'any', plain?: true): Case => ({
  kernel,
  plain,
  inputs: ({ a, b, c }) => ({ x: { shape: [a, b, c], values } }),
  run: ({ x }) => apply(x),
})

/** Elementwise on shapes that broadcast both ways: [a, 1, c] and [b, 1], and on a scalar. */
const binary = (
  kernel: string,
  apply: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  values: Values = 'any',
  plain?: true,
): Case[] => [
  {
    kernel,
    plain,
    inputs: ({ a, b, c }) => ({ x: { shape: [a, 1, c], values }, y: { shape: [b, 1], values } }),
    run: ({ x, y }) => apply(x, y),
  },
  {
    kernel,
    plain,
    inputs: ({ a, c }) => ({ x: { shape: [a, c], values }, y: { shape: [], values } }),
    run: ({ x, y }) => apply(x, y),
  },
]

const compare = (kernel: string, apply: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Case[] => [
  ...binary(kernel, apply, 'integer', true),
  ...binary(kernel, (x, y) => apply(tf.round(x), tf.round(y)), 'any', true),
]

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

const elementwise: Case[] = [
  ...binary('Add', tf.add),
  ...binary('Add', tf.add, 'integer', true),
  ...binary('Sub', tf.sub),
  ...binary('Multiply', tf.mul),
  ...binary('RealDiv', tf.div, 'positive'),
  ...binary('FloorDiv', (x, y) => tf.floorDiv(x, tf.add(tf.mul(tf.abs(y), 2), 1)), 'integer', true),
  ...binary('Mod', (x, y) => tf.mod(x, tf.add(tf.mul(y, 2), 1)), 'integer', true),
  ...binary('Mod', tf.mod, 'any', true),
  // tfjs does not sum these gradients over what was broadcast: equal shapes for them, broadcasting without.
  ...(['Maximum', 'Minimum', 'SquaredDifference'] as const).flatMap(kernel => {
    const apply = { Maximum: tf.maximum, Minimum: tf.minimum, SquaredDifference: tf.squaredDifference }[kernel]
    const inputs = ({ a, c }: Dimensions) => ({ x: { shape: [a, c] }, y: { shape: [a, c] } })
    return [...binary(kernel, apply, 'any', true), { kernel, inputs, run: ({ x, y }) => apply(x, y) } as Case]
  }),
  ...binary('Pow', tf.pow, 'positive'),
  {
    kernel: 'AddN',
    inputs: ({ a, b }) => ({ x: { shape: [a, b] }, y: { shape: [a, b] }, z: { shape: [a, b] } }),
    run: ({ x, y, z }) => tf.addN([x, y, z]),
  },
  unary('Sin', tf.sin),
  unary('Cos', tf.cos),
  unary('Tan', tf.tan, 'unit'),
  unary('Asin', tf.asin, 'unit'),
  unary('Acos', tf.acos, 'unit'),
  unary('Atan', tf.atan),
  unary('Sinh', tf.sinh),
  unary('Cosh', tf.cosh),
  unary('Asinh', tf.asinh),
  unary('Acosh', x => tf.acosh(tf.add(x, 1)), 'positive'),
  unary('Atanh', x => tf.atanh(tf.mul(x, 0.8)), 'unit'),
  unary('Exp', tf.exp),
  unary('Expm1', tf.expm1),
  unary('Expm1', x => tf.mul(tf.expm1(tf.mul(x, 1e-4)), 1e4), 'any'),
  unary('Log', tf.log, 'positive'),
  unary('Log1p', tf.log1p, 'positive'),
  unary('Log1p', x => tf.mul(tf.log1p(tf.mul(x, 1e-4)), 1e4)),
  unary('Sqrt', tf.sqrt, 'positive'),
  unary('Rsqrt', tf.rsqrt, 'positive'),
  unary('Reciprocal', tf.reciprocal, 'positive'),
  unary('Square', tf.square),
  unary('Sigmoid', tf.sigmoid),
  unary('Tanh', tf.tanh),
  unary('Erf', tf.erf),
  unary('Elu', tf.elu),
  unary('EluGrad', x => tf.grad(tf.elu)(x), 'any', true),
  unary('Selu', tf.selu),
  unary('Softplus', tf.softplus),
  unary('Softplus', x => tf.softplus(tf.mul(x, 20))),
  unary('Relu', tf.relu),
  unary('Relu6', x => tf.relu6(tf.mul(x, 3))),
  unary('LeakyRelu', x => tf.leakyRelu(x, 0.3)),
  {
    kernel: 'Prelu',
    inputs: ({ a, c }) => ({ x: { shape: [a, c] }, alpha: { shape: [c] } }),
    run: ({ x, alpha }) => tf.prelu(x, alpha),
  },
  unary('Abs', tf.abs),
  unary('Abs', tf.abs, 'integer', true),
  unary('Neg', tf.neg),
  unary('Sign', tf.sign),
  unary('Step', x => tf.step(x)),
  unary('Step', x => tf.step(x, -1), 'integer', true),
  unary('Step', x => tf.step(x, 0.5)),
  unary('Floor', tf.floor),
  unary('Ceil', tf.ceil),
  unary('Round', x => tf.round(tf.mul(x, 0.5)), 'integer', true),
  unary('ClipByValue', x => tf.clipByValue(x, -1, 0.5)),
]

const logic: Case[] = [
  ...compare('Greater', tf.greater),
  ...compare('GreaterEqual', tf.greaterEqual),
  ...compare('Less', tf.less),
  ...compare('LessEqual', tf.lessEqual),
  ...compare('Equal', tf.equal),
  ...compare('NotEqual', tf.notEqual),
  ...binary('LogicalAnd', (x, y) => tf.logicalAnd(tf.cast(x, 'bool'), tf.cast(y, 'bool')), 'bit', true),
  ...binary('LogicalOr', (x, y) => tf.logicalOr(tf.cast(x, 'bool'), tf.cast(y, 'bool')), 'bit', true),
  unary('LogicalNot', x => tf.logicalNot(tf.cast(x, 'bool')), 'bit', true),
  unary('IsNan', x => tf.isNaN(tf.log(x)), 'any', true),
  unary('IsInf', x => tf.isInf(tf.div(1, tf.relu(x))), 'any', true),
  unary('IsFinite', x => tf.isFinite(tf.log(tf.relu(x))), 'any', true),
  {
    kernel: 'Select',
    inputs: ({ a, b }) => ({ m: { shape: [a, b], values: 'bit' }, x: { shape: [a, b] }, y: { shape: [a, b] } }),
    run: ({ m, x, y }) => tf.where(tf.cast(m, 'bool'), x, tf.square(y)),
  },
  unary('Cast', x => tf.cast(x, 'int32'), 'any', true),
  unary('Cast', x => tf.cast(x, 'float32'), 'integer', true),
  unary('Cast', x => tf.cast(tf.cast(x, 'bool'), 'float32'), 'integer', true),
]

const reductions: Case[] = [
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
    kernel: 'UnsortedSegmentSum',
    inputs: ({ b, c }) => ({ x: { shape: [b, c] }, ids: { shape: [b], values: 'index' } }),
    run: ({ x, ids }) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 4),
  },
]

const shapes: Case[] = [
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

const indexing: Case[] = [
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

const product = (run: Run, a: (d: Dimensions) => number[], b: (d: Dimensions) => number[], kernel = 'BatchMatMul') => ({
  kernel,
  inputs: (d: Dimensions) => ({ x: { shape: a(d) }, y: { shape: b(d) } }),
  run,
})

const matrixProducts: Case[] = [
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

const asImage = (x: tf.Tensor) => x as tf.Tensor4D

type Padding = 'same' | 'valid' | number | [[0, 0], [number, number], [number, number], [0, 0]]
const explicit: Padding = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
]
const windows: { strides: [number, number]; pad: Padding; dilations?: [number, number] }[] = [
  { strides: [1, 1], pad: 'same' },
  { strides: [2, 1], pad: 'valid' },
  { strides: [2, 3], pad: 'same' },
  { strides: [1, 2], pad: explicit },
  { strides: [1, 1], pad: 1 },
  { strides: [1, 1], pad: 'same', dilations: [2, 1] },
]

/** One case for each way that windows can lie; kernels of the gradients come along with the forward one. */
const convolution = (kernel: string, filter: (d: Dimensions) => number[], apply: Apply): Case[] =>
  windows.map(({ strides, pad, dilations }) => ({
    kernel,
    // tfjs has no gradient of a dilated convolution.
    plain: dilations && true,
    inputs: d => ({ ...image(d), filter: { shape: filter(d) } }),
    run: ({ x, filter: weights }) => apply(asImage(x), weights as tf.Tensor4D, strides, pad, dilations),
  }))

type Apply = (
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  strides: [number, number],
  pad: Padding,
  dilations?: [number, number],
) => tf.Tensor

const conv2d: Apply = (x, filter, strides, pad, dilations) => tf.conv2d(x, filter, strides, pad, 'NHWC', dilations)
const depthwise: Apply = (x, filter, strides, pad, dilations) =>
  tf.depthwiseConv2d(x, filter, strides, pad, 'NHWC', dilations)

const bySize = ({ b, c, d }: Dimensions) => [b, 2, d, c]
const byChannel = ({ b, a, d }: Dimensions) => [b, 2, d, a]

const convolutions: Case[] = [
  ...convolution('Conv2D', bySize, conv2d),
  ...convolution('Conv2DBackpropInput', bySize, conv2d).slice(0, 5),
  ...convolution('Conv2DBackpropFilter', bySize, conv2d).slice(0, 5),
  ...convolution('Conv2D', ({ c, d }) => [1, 1, d, c], conv2d).slice(0, 3),
  ...convolution('DepthwiseConv2dNative', byChannel, depthwise),
  ...convolution('DepthwiseConv2dNativeBackpropInput', byChannel, depthwise).slice(0, 3),
  ...convolution('DepthwiseConv2dNativeBackpropFilter', byChannel, depthwise).slice(0, 3),
  ...(['FusedConv2D', 'FusedDepthwiseConv2D'] as const).map(
    (kernel): Case => ({
      kernel,
      plain: true,
      inputs: d => ({ ...image(d), filter: { shape: [2, 3, d.d, 1] }, bias: { shape: [1] } }),
      run: ({ x, filter, bias }) => {
        const options = { x: asImage(x), filter: filter as tf.Tensor4D, strides: 1, pad: 'same' as const }
        if (kernel === 'FusedConv2D') return tf.fused.conv2d({ ...options, bias, activation: 'elu' })
        return tf.fused.depthwiseConv2d({ ...options, bias, activation: 'relu' })
      },
    }),
  ),
]

const pooling: Case[] = (['valid', 'same'] as const).flatMap(pad =>
  (
    [
      [2, 1],
      [3, 2],
      [2, 3],
    ] as const
  ).flatMap(([size, stride]): Case[] => {
    const average: Run = ({ x }) => tf.avgPool(asImage(x), [size, 2], stride, pad)
    const maximum: Run = ({ x }) => tf.maxPool(asImage(x), [size, 2], stride, pad)
    return [
      { kernel: 'AvgPool', plain: true, inputs: d => image(d), run: average },
      // tfjs's own gradient counts padding as cells; engine.test.ts has finite differences for the padded one.
      ...(pad === 'valid' ? [{ kernel: 'AvgPoolGrad', inputs: (d: Dimensions) => image(d), run: average }] : []),
      { kernel: 'MaxPool', plain: true, inputs: d => image(d), run: maximum },
      { kernel: 'MaxPoolGrad', inputs: d => image(d, 'distinct'), run: maximum },
    ]
  }),
)

/** At least one case for every kernel in the table of lowerings. */
export const cases: readonly Case[] = [
  ...elementwise,
  ...logic,
  ...reductions,
  ...shapes,
  ...indexing,
  ...matrixProducts,
  ...convolutions,
  ...pooling,
]
