import * as tf from '../../engine/tf.ts'
import type { Affine } from '../layers/affine.ts'
import { gruGates, rememberingGru } from '../layers/gru.ts'
import { firstMemory, type RmcShape, rmcSpecs, rmcStep } from '../layers/rmc.ts'
import type { ParameterSpecs, Parameters } from '../model.ts'

/** How a module remembers. */
export interface Memory {
  readonly parameters: ParameterSpecs
  /** Numbers of a module's state. */
  readonly size: number
  /** [M, B, size] before the first frame. */
  begin(modules: number, batch: number): tf.Tensor
  /** input [M, B, inputs], hidden [M, B, size] → the next hidden. */
  update(p: Parameters, input: tf.Tensor, hidden: tf.Tensor): tf.Tensor
}

/** A gated recurrent unit of `width` in every module. */
export function gruMemory(maps: Affine, inputs: number, width: number): Memory {
  return {
    parameters: {
      ...maps.specs('update.input', inputs, 3 * width, rememberingGru),
      ...maps.specs('update.state', width, 3 * width),
    },
    size: width,
    begin: (modules, batch) => tf.zeros([modules, batch, width]),
    update: (p, input, hidden) =>
      gruGates(maps.apply(p, 'update.input', input), maps.apply(p, 'update.state', hidden), hidden),
  }
}

/** A relational memory core in every module; its slots side by side are the module's state. */
export function relationalMemory(maps: Affine, shape: RmcShape): Memory {
  const size = shape.slots * shape.slotSize
  return {
    parameters: rmcSpecs('update', maps, shape),
    size,
    begin: (modules, batch) => tf.reshape(firstMemory([modules, batch], shape), [modules, batch, size]),
    update: (p, input, hidden) => {
      const memory = tf.reshape(hidden, [...hidden.shape.slice(0, -1), shape.slots, shape.slotSize])
      return tf.reshape(rmcStep(p, 'update', maps, shape, input, memory), hidden.shape)
    },
  }
}
