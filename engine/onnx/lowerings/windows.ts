import type * as tf from '../../tf.ts'
import { emit, type GraphBuilder, pad, transpose } from '../build.ts'
import type { GraphValue } from '../graph.ts'

type Pair = readonly [number, number]

/** Where the windows of a convolution or a pool lie over an image, [height, width] each, as ONNX counts it. */
export interface Windows {
  readonly out: Pair
  readonly strides: Pair
  readonly dilations: Pair
  readonly size: Pair
  readonly before: Pair
  /** Padding that the last window needs; negative where it ends before the image does. */
  readonly after: Pair
}

export function windowsFrom(info: tf.backend_util.Conv2DInfo): Windows {
  const { padInfo, outHeight, outWidth, strideHeight, strideWidth } = info
  return {
    out: [outHeight, outWidth],
    strides: [strideHeight, strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    size: [info.filterHeight, info.filterWidth],
    before: [padInfo.top, padInfo.left],
    after: [
      (outHeight - 1) * strideHeight + info.effectiveFilterHeight - info.inHeight - padInfo.top,
      (outWidth - 1) * strideWidth + info.effectiveFilterWidth - info.inWidth - padInfo.left,
    ],
  }
}

export const positive = ([height, width]: Pair): Pair => [Math.max(0, height), Math.max(0, width)]

export const windowAttributes = (windows: Windows) => ({
  strides: windows.strides,
  dilations: windows.dilations,
  pads: [...windows.before, ...positive(windows.after)],
})

export const channelsFirst = (builder: GraphBuilder, x: GraphValue) => transpose(builder, x, [0, 3, 1, 2])
export const channelsLast = (builder: GraphBuilder, x: GraphValue) => transpose(builder, x, [0, 2, 3, 1])

/**
 * Transpose of a convolution: dy, channels first [B, out, H', W'], and weights [out, in/group, height, width] back to
 * an image [B, H, W, in]. Cells that no window reaches are padded with zeros afterwards: ONNX's own output padding must
 * be smaller than the stride.
 */
export function convolveBack(
  builder: GraphBuilder,
  dy: GraphValue,
  weights: GraphValue,
  windows: Windows,
  group: number,
  image: readonly number[],
): GraphValue {
  const [below, right] = positive([-windows.after[0], -windows.after[1]])
  const shape = [image[0], image[3], image[1] - below, image[2] - right]
  const reached = emit(builder, 'ConvTranspose', [dy, weights], shape, dy.type, { ...windowAttributes(windows), group })
  const margins = [
    [0, 0],
    [0, below],
    [0, right],
    [0, 0],
  ] as const
  return pad(builder, channelsLast(builder, reached), margins)
}
