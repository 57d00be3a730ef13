import * as tf from '../../tf.ts'
import { binary, constant, emit, emitMany, filled, type GraphBuilder, integers, reshape, scalar } from '../build.ts'
import { type GraphValue, sizeOf } from '../graph.ts'
import { channelsFirst, channelsLast } from './convolutions.ts'
import { type Lowering, lowering } from './lowering.ts'

interface PoolAttributes {
  readonly filterSize: [number, number] | number
  readonly strides: [number, number] | number
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

/** Windows of a pool over x [B,H,W,C]: ONNX's attributes, the output's channels-first shape, unused last rows. */
function windowsOf(x: GraphValue, options: PoolAttributes) {
  const info = tf.backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    options.filterSize,
    options.strides,
    1,
    options.pad,
    options.dimRoundingMode,
  )
  const { padInfo, strideHeight, strideWidth, filterHeight, filterWidth, outHeight, outWidth } = info
  const after = [
    (outHeight - 1) * strideHeight + filterHeight - x.shape[1] - padInfo.top,
    (outWidth - 1) * strideWidth + filterWidth - x.shape[2] - padInfo.left,
  ]
  return {
    info,
    shape: [x.shape[0], x.shape[3], outHeight, outWidth],
    unused: after.map(length => Math.max(0, -length)),
    attributes: {
      kernel_shape: [filterHeight, filterWidth],
      strides: [strideHeight, strideWidth],
      pads: [padInfo.top, padInfo.left, ...after.map(length => Math.max(0, length))],
    },
  }
}

const averagePool = lowering<PoolAttributes>((builder, { x }, options) => {
  const { shape, attributes } = windowsOf(x, options)
  const all = { ...attributes, count_include_pad: 0 }
  return channelsLast(builder, emit(builder, 'AveragePool', [channelsFirst(builder, x)], shape, x.type, all))
})

const maximumPool = lowering<PoolAttributes>((builder, { x }, options) => {
  const { shape, attributes } = windowsOf(x, options)
  return channelsLast(builder, emit(builder, 'MaxPool', [channelsFirst(builder, x)], shape, x.type, attributes))
})

/** How many cells of the image each window holds, for each window [1,1,H',W']. */
function cellCounts(builder: GraphBuilder, x: GraphValue, options: PoolAttributes): GraphValue {
  const { info } = windowsOf(x, options)
  const inside = (position: number, stride: number, before: number, window: number, length: number) =>
    Math.min(position * stride - before + window, length) - Math.max(position * stride - before, 0)
  const counts = Float32Array.from({ length: info.outHeight * info.outWidth }, (_, cell) => {
    const row = Math.floor(cell / info.outWidth)
    return (
      inside(row, info.strideHeight, info.padInfo.top, info.filterHeight, info.inHeight) *
      inside(cell % info.outWidth, info.strideWidth, info.padInfo.left, info.filterWidth, info.inWidth)
    )
  })
  return constant(builder, counts, [1, 1, info.outHeight, info.outWidth], 'float32')
}

/**
 * Spreads dy evenly over the cells of its window. Padding is no cell, as in the forward pass; tfjs's own cpu and wasm
 * gradients divide by the whole window and are wrong wherever a pool pads.
 */
const averagePoolGradient = lowering<PoolAttributes>((builder, { dy, input }, options) => {
  const { attributes, unused } = windowsOf(input, options)
  const [batch, height, width, channels] = input.shape
  const share = binary(builder, 'Div', channelsFirst(builder, dy), cellCounts(builder, input, options))
  const ones = filled(builder, 1, [channels, 1, ...attributes.kernel_shape], 'float32')
  const all = { ...attributes, group: channels, output_padding: unused }
  const spread = emit(builder, 'ConvTranspose', [share, ones], [batch, channels, height, width], dy.type, all)
  return channelsLast(builder, spread)
})

/** Sends dy to the largest cell of its window, the first where several tie. */
const maximumPoolGradient = lowering<PoolAttributes>((builder, { dy, input }, options) => {
  const { shape, attributes } = windowsOf(input, options)
  const image = channelsFirst(builder, input)
  const outputs = [
    { shape, type: image.type },
    { shape, type: 'int64' as const },
  ]
  const [, places] = emitMany(builder, 'MaxPool', [image], outputs, attributes)
  const size = [sizeOf(image.shape)]
  const empty = emit(builder, 'Expand', [scalar(builder, 0), integers(builder, size)], size, dy.type)
  const flat = [sizeOf(shape)]
  const inputs = [empty, reshape(builder, places, flat), reshape(builder, channelsFirst(builder, dy), flat)]
  const scattered = emit(builder, 'ScatterElements', inputs, size, dy.type, { axis: 0, reduction: 'add' })
  return channelsLast(builder, reshape(builder, scattered, image.shape))
})

export const pooling: Readonly<Record<string, Lowering>> = {
  AvgPool: averagePool,
  AvgPoolGrad: averagePoolGradient,
  MaxPool: maximumPool,
  MaxPoolGrad: maximumPoolGradient,
}
