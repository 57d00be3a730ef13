import * as tf from '../../engine/tf.ts'
import type { Argument } from './support.ts'

/** A scalar function of several tensors, built from many kernels. */
export interface Composite {
  readonly name: string
  readonly inputs: Record<string, Argument>
  readonly loss: (t: Record<string, tf.Tensor>) => tf.Tensor
}

const image = (x: tf.Tensor) => x as tf.Tensor4D

/** Softmax attention over three heads [batch, heads, length, size]. */
const attention: Composite = {
  name: 'attention',
  inputs: { q: { shape: [2, 3, 4, 5] }, k: { shape: [2, 3, 6, 5] }, v: { shape: [2, 3, 6, 2] } },
  loss: ({ q, k, v }) => {
    const weights = tf.softmax(tf.div(tf.matMul(q, k, false, true), Math.sqrt(5)))
    return tf.mean(tf.square(tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3])))
  },
}

/** A gated recurrent unit over three frames (Cho et al. 2014). */
const gru: Composite = {
  name: 'gru',
  inputs: {
    frames: { shape: [3, 2, 4] },
    w: { shape: [4, 9] },
    u: { shape: [3, 9], values: 'unit' },
    b: { shape: [9] },
  },
  loss: ({ frames, w, u, b }) => {
    const states: tf.Tensor[] = []
    let h: tf.Tensor = tf.zeros([2, 3])
    for (const frame of tf.unstack(frames)) {
      const [xr, xz, xn] = tf.split(tf.add(tf.matMul(frame, w), b), 3, 1)
      const [hr, hz, hn] = tf.split(tf.matMul(h, u), 3, 1)
      const z = tf.sigmoid(tf.add(xz, hz))
      const candidate = tf.tanh(tf.add(xn, tf.mul(tf.sigmoid(tf.add(xr, hr)), hn)))
      h = tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), candidate))
      states.push(h)
    }
    return tf.mean(tf.softplus(tf.stack(states)))
  },
}

const convolution: Composite = {
  name: 'convolution with average pooling over padding',
  inputs: { x: { shape: [2, 5, 4, 3] }, f: { shape: [3, 3, 3, 4], values: 'unit' }, b: { shape: [4] } },
  loss: ({ x, f, b }) => {
    const hidden = tf.elu(tf.add(tf.conv2d(image(x), image(f), [2, 1], 'same'), b))
    return tf.mean(tf.square(tf.avgPool(image(hidden), 2, 2, 'same')))
  },
}

const depthwise: Composite = {
  name: 'depthwise convolution and layer norm',
  inputs: { x: { shape: [2, 5, 6, 2] }, f: { shape: [3, 2, 2, 2], values: 'unit' } },
  loss: ({ x, f }) => {
    const { mean, variance } = tf.moments(tf.depthwiseConv2d(image(x), image(f), 1, 'valid'), -1, true)
    const normal = tf.mul(
      tf.sub(tf.depthwiseConv2d(image(x), image(f), 1, 'valid'), mean),
      tf.rsqrt(tf.add(variance, 0.1)),
    )
    return tf.mean(tf.mul(tf.tanh(normal), tf.logSoftmax(tf.broadcastTo(mean, normal.shape))))
  },
}

export const composites: readonly Composite[] = [attention, gru, convolution, depthwise]
