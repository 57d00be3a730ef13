import * as tf from '../../engine/tf.ts'
import type { Topology } from './topology.ts'

/** No locality: M modules, and every point acts on every other with strength 1. */
export function everywhereTopology(modules: number): Topology {
  return {
    parameters: {},
    modules: () => tf.zeros([modules, 1]),
    place: (_p, positions) => tf.zeros([...positions.shape.slice(0, -1), 1]),
    logKernel: (_p, a, b) => tf.zeros([...a.shape.slice(0, -1), b.shape[0]]),
  }
}
