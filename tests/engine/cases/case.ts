import type * as tf from '../../../engine/tf.ts'
import type { Argument, Dimensions, Values } from '../support.ts'

/** One way to call a kernel. `plain` leaves gradients out: tfjs has none, or the function has jumps. */
export interface Case {
  readonly kernel: string
  readonly plain?: true
  readonly inputs: (dimensions: Dimensions) => Record<string, Argument>
  readonly run: (t: Record<string, tf.Tensor>, dimensions: Dimensions) => tf.Tensor | tf.Tensor[]
}

export type Run = Case['run']

/** Elementwise on [a, b, c]. */
export const unary = (
  kernel: string,
  apply: (x: tf.Tensor) => tf.Tensor,
  values: Values = 'any',
  plain?: true,
): Case => ({
  kernel,
  plain,
  inputs: ({ a, b, c }) => ({ x: { shape: [a, b, c], values } }),
  run: ({ x }) => apply(x),
})

/** Elementwise on shapes that broadcast both ways: [a, 1, c] and [b, 1], and on a scalar. */
export const binary = (
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
