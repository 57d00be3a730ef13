import * as tf from '../../engine/tf.ts'
import { OUT_OF_RANGE, type Topology } from './topology.ts'

/**
 * From self-only to all-to-all by one number: M modules act on themselves with strength 1 and on all others with
 * strength λ; a point is the number of a module. λ = 0 is exactly self-only, λ = 1 exactly everywhere.
 */
export function continuumTopology(modules: number, lambda: number): Topology {
  const strength = lambda === 0 ? OUT_OF_RANGE : Math.log(lambda)
  return {
    parameters: {},
    modules: () => tf.reshape(tf.range(0, modules), [modules, 1]),
    place: () => {
      throw new Error('no position is ever placed on the continuum')
    },
    logKernel: (_p, a, b) => tf.mul(tf.step(tf.abs(tf.sub(a, tf.transpose(b)))), strength),
  }
}
