import { UserError } from '../../../lib/errors.ts'
import * as tf from '../../tf.ts'
import { binary, concat, emit, type GraphBuilder, matmul, pad, reduce, reshape, slice, transpose } from '../build.ts'
import type { GraphValue } from '../graph.ts'
import { type Lowering, lowering } from './lowering.ts'
import { activate } from './matmul.ts'
import {
  channelsFirst,
  channelsLast,
  convolveBack,
  positive,
  type Windows,
  windowAttributes,
  windowsFrom,
} from './windows.ts'

interface WindowAttributes {
  readonly strides: [number, number] | number
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding
  readonly dilations?: [number, number] | number
  readonly dataFormat?: 'NHWC' | 'NCHW'
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

type Shape4 = [number, number, number, number]

function windowsOf(
  x: readonly number[],
  filter: readonly number[],
  { strides, dilations = 1, pad: padding, dataFormat, dimRoundingMode }: WindowAttributes,
  depthwise: boolean,
): Windows {
  if (dataFormat === 'NCHW') throw new UserError('convolutions take NHWC tensors: channels last')
  const [image, weights] = [x as Shape4, filter as Shape4]
  return windowsFrom(
    tf.backend_util.computeConv2DInfo(image, weights, strides, dilations, padding, dimRoundingMode, depthwise),
  )
}

/**
 * x without the rows and columns that ONNX would find room for one more window in, and tfjs does not: with padding given
 * as a number it sizes both axes by the height of the filter.
 */
function cropped(builder: GraphBuilder, x: GraphValue, { after, strides }: Windows): GraphValue {
  const rest = (axis: 0 | 1) => (-after[axis] >= strides[axis] ? -after[axis] : 0)
  const [batch, height, width, channels] = x.shape
  return slice(builder, x, [0, 0, 0, 0], [batch, height - rest(0), width - rest(1), channels])
}

/** x [B,H,W,C] convolved with weights in ONNX's order [out, in/group, height, width]: [B,H',W',out]. */
function convolve(
  builder: GraphBuilder,
  x: GraphValue,
  weights: GraphValue,
  windows: Windows,
  group: number,
): GraphValue {
  const image = channelsFirst(builder, cropped(builder, x, windows))
  const shape = [x.shape[0], weights.shape[0], ...windows.out]
  return channelsLast(
    builder,
    emit(builder, 'Conv', [image, weights], shape, x.type, { ...windowAttributes(windows), group }),
  )
}

/** What each tap of the filter sees: one [B,H',W',C] for every tap, row by row. */
function taps(builder: GraphBuilder, x: GraphValue, height: number, width: number, windows: Windows): GraphValue[] {
  const [below, right] = positive(windows.after)
  const padded = pad(builder, x, [
    [0, 0],
    [windows.before[0], below],
    [windows.before[1], right],
    [0, 0],
  ])
  const counts = [x.shape[0], ...windows.out, x.shape[3]]
  return Array.from({ length: height * width }, (_, tap) => {
    const begin = [0, Math.floor(tap / width) * windows.dilations[0], (tap % width) * windows.dilations[1], 0]
    return slice(builder, padded, begin, counts, [1, ...windows.strides, 1])
  })
}

/** A 1 × 1 filter that sees every cell once is a matrix product of the channels. */
function isPointwise(filter: readonly number[], { out, before, strides }: Windows, image: readonly number[]): boolean {
  const single = filter[0] * filter[1] * strides[0] * strides[1] === 1
  return single && before[0] + before[1] === 0 && out[0] === image[1] && out[1] === image[2]
}

function convolution(builder: GraphBuilder, x: GraphValue, filter: GraphValue, options: WindowAttributes): GraphValue {
  const windows = windowsOf(x.shape, filter.shape, options, false)
  if (isPointwise(filter.shape, windows, x.shape))
    return matmul(builder, x, reshape(builder, filter, filter.shape.slice(2)))
  return convolve(builder, x, transpose(builder, filter, [3, 2, 0, 1]), windows, 1)
}

const convolutionInput = lowering<tf.Conv2DBackpropInputAttrs>((builder, { dy, filter }, attributes) => {
  const windows = windowsOf(attributes.inputShape, filter.shape, attributes, false)
  if (isPointwise(filter.shape, windows, attributes.inputShape)) {
    return matmul(builder, dy, transpose(builder, reshape(builder, filter, filter.shape.slice(2)), [1, 0]))
  }
  const weights = transpose(builder, filter, [3, 2, 0, 1])
  return convolveBack(builder, channelsFirst(builder, dy), weights, windows, 1, attributes.inputShape)
})

/** [taps·C, B·H'·W'] × [B·H'·W', out]: one product for all taps, faster than a convolution with swapped axes. */
const convolutionFilter = lowering<tf.Conv2DBackpropFilterAttrs>((builder, { x, dy }, attributes) => {
  const [height, width, channels, out] = attributes.filterShape
  const windows = windowsOf(x.shape, attributes.filterShape, attributes, false)
  const seen = concat(builder, taps(builder, x, height, width, windows), 3)
  const rows = dy.shape[0] * dy.shape[1] * dy.shape[2]
  const columns = reshape(builder, seen, [rows, height * width * channels])
  const product = matmul(builder, transpose(builder, columns, [1, 0]), reshape(builder, dy, [rows, out]))
  return reshape(builder, product, attributes.filterShape)
})

/** filter [height, width, C, multiplier] → [C·multiplier, 1, height, width], a group a channel. */
function depthwiseWeights(builder: GraphBuilder, filter: GraphValue): GraphValue {
  const [height, width, channels, multiplier] = filter.shape
  return reshape(builder, transpose(builder, filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width])
}

function depthwise(builder: GraphBuilder, x: GraphValue, filter: GraphValue, options: WindowAttributes): GraphValue {
  const windows = windowsOf(x.shape, filter.shape, options, true)
  return convolve(builder, x, depthwiseWeights(builder, filter), windows, x.shape[3])
}

const depthwiseInput = lowering<tf.DepthwiseConv2dNativeBackpropInputAttrs>((builder, { dy, filter }, attributes) => {
  const windows = windowsOf(attributes.inputShape, filter.shape, attributes, true)
  return convolveBack(
    builder,
    channelsFirst(builder, dy),
    depthwiseWeights(builder, filter),
    windows,
    filter.shape[2],
    attributes.inputShape,
  )
})

const depthwiseFilter = lowering<tf.DepthwiseConv2dNativeBackpropFilterAttrs>((builder, { x, dy }, attributes) => {
  const [height, width, channels, multiplier] = attributes.filterShape
  const windows = windowsOf(x.shape, attributes.filterShape, attributes, true)
  const gradient = reshape(builder, dy, [...dy.shape.slice(0, 3), channels, multiplier])
  const rows = taps(builder, x, height, width, windows).map(tap => {
    const product = binary(builder, 'Mul', reshape(builder, tap, [...tap.shape, 1]), gradient)
    return reshape(builder, reduce(builder, 'ReduceSum', product, [0, 1, 2], false), [1, channels, multiplier])
  })
  return reshape(builder, concat(builder, rows, 0), attributes.filterShape)
})

type Plain = (builder: GraphBuilder, x: GraphValue, filter: GraphValue, options: WindowAttributes) => GraphValue

/** A convolution with the bias and activation that tfjs folded into it. */
const fused = (convolveWith: Plain): Lowering =>
  lowering<tf.FusedConv2DAttrs>((builder, inputs, attributes) => {
    const raw = convolveWith(builder, inputs.x, inputs.filter, attributes)
    const biased = inputs.bias ? binary(builder, 'Add', raw, inputs.bias) : raw
    return activate(builder, biased, attributes.activation, inputs.preluActivationWeights, attributes.leakyreluAlpha)
  })

const plain = (convolveWith: Plain): Lowering =>
  lowering<WindowAttributes>((builder, { x, filter }, options) => convolveWith(builder, x, filter, options))

/** Convolutions of images [batch, height, width, channels], and their gradients. */
export const convolutions: Readonly<Record<string, Lowering>> = {
  Conv2D: plain(convolution),
  FusedConv2D: fused(convolution),
  Conv2DBackpropInput: convolutionInput,
  Conv2DBackpropFilter: convolutionFilter,
  DepthwiseConv2dNative: plain(depthwise),
  FusedDepthwiseConv2D: fused(depthwise),
  DepthwiseConv2dNativeBackpropInput: depthwiseInput,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilter,
}
