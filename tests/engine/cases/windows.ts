import * as tf from '../../../engine/tf.ts'
import type { Dimensions, Values } from '../support.ts'
import type { Case, Run } from './case.ts'

const image = ({ a, b, c, d }: Dimensions, values?: Values) => ({ x: { shape: [a, b + 4, c + 3, d], values } })

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

export const convolutions: Case[] = [
  ...convolution('Conv2D', bySize, conv2d),
  ...convolution('Conv2DBackpropInput', bySize, conv2d).slice(0, 5),
  ...convolution('Conv2DBackpropFilter', bySize, conv2d).slice(0, 5),
  ...convolution('Conv2D', ({ c, d }) => [1, 1, d, c], conv2d).slice(0, 5),
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

export const pooling: Case[] = (['valid', 'same'] as const).flatMap(pad =>
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
