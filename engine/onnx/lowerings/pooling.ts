import * as tf from '../../tf.ts'
import { binary, constant, emit, emitMany, filled, type GraphBuilder, integers, reshape, scalar } from '../build.ts'
import { type GraphValue, sizeOf } from '../graph.ts'
import { type Lowering, lowering } from './lowering.ts'
import { channelsFirst, channelsLast, convolveBack, type Windows, windowAttributes, windowsFrom } from './windows.ts'

interface PoolAttributes {
  readonly filterSize: [number, number] | number
  readonly strides: [number, number] | number
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

/** Windows of a pool over x [B,H,W,C], ONNX's attributes for them, and the pooled shape, channels first. */
function windowsOf(x: GraphValue, { filterSize, strides, pad, dimRoundingMode }: PoolAttributes) {
  const image = x.shape as [number, number, number, number]
  const info = tf.backend_util.computePool2DInfo(image, filterSize, strides, 1, pad, dimRoundingMode)
  const windows = windowsFrom(info)
  const { dilations: _, ...attributes } = { ...windowAttributes(windows), kernel_shape: windows.size }
  return { windows, attributes, shape: [x.shape[0], x.shape[3], ...windows.out] }
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
function cellCounts(builder: GraphBuilder, x: GraphValue, { out, strides, before, size }: Windows): GraphValue {
  const inside = (axis: 0 | 1, position: number) => {
    const start = position * strides[axis] - before[axis]
    return Math.min(start + size[axis], x.shape[axis + 1]) - Math.max(start, 0)
  }
  const counts = Float32Array.from({ length: out[0] * out[1] }, (_, window) => {
    return inside(0, Math.floor(window / out[1])) * inside(1, window % out[1])
  })
  return constant(builder, counts, [1, 1, ...out], 'float32')
}

/**
 * Spreads dy evenly over the cells of its window. Padding is no cell, as in the forward pass; tfjs's own cpu and wasm
 * gradients divide by the whole window and are wrong wherever a pool pads.
 */
const averagePoolGradient = lowering<PoolAttributes>((builder, { dy, input }, options) => {
  const { windows } = windowsOf(input, options)
  const channels = input.shape[3]
  const share = binary(builder, 'Div', channelsFirst(builder, dy), cellCounts(builder, input, windows))
  const ones = filled(builder, 1, [channels, 1, ...windows.size], 'float32')
  return convolveBack(builder, share, ones, windows, channels, input.shape)
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
