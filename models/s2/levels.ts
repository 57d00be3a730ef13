import * as tf from '../../engine/tf.ts'
import type { Parameters, Tensors } from '../model.ts'
import { cosines, cutOff, type SphereOptions, sphereTopology } from '../topologies/sphere.ts'
import { strengthsOf } from '../topologies/topology.ts'
import type { Interacting } from './gru-network.ts'
import { attend } from './interaction.ts'

// Superimposed thresholds: modules with learned points interact several times a frame, each time within a narrower range.
// Level l = 1 … L cuts the one kernel off at τ_l. What a module has heard at the coarser levels is added to what it has
// seen, so that it shapes queries, keys and values of the finer ones:
//
//   x_0 = u_m      y_l = Σ_n Z_l(m, n)·softmax_n(q_m·k_n)·v_n,   q, k, v of level l from [h_m, x_{l−1}]
//   x_l = x_{l−1} + y_l,    c_m = y_1 + … + y_L
//
// Tied levels share one map to q, k and v; untied ones have their own. One level is s2gru-links with that threshold.

/** Interaction at the given thresholds, coarse to fine, of one kernel on a sphere without one. */
export function coarseToFine(sphere: SphereOptions, thresholds: readonly number[], tied: boolean): Interacting {
  const topology = sphereTopology(sphere)
  const mapOf = (level: number) => (tied || level === 0 ? 'interact' : `interact.${level + 1}`)
  const linksOf = (level: number) => `links.${level + 1}`
  const prepare = (p: Parameters): Tensors => {
    const points = topology.modules(p)
    const kernel = topology.logKernel(p, points, points)
    const cut = thresholds.map(τ => (τ <= -1 ? kernel : cutOff(kernel, cosines(points, points), τ)))
    return Object.fromEntries(cut.map((links, level) => [linksOf(level), links]))
  }
  return (maps, { inputs, heads, headSize }) => ({
    places: topology.parameters,
    maps: Object.assign({}, ...thresholds.map((_, level) => maps.specs(mapOf(level), inputs, 3 * heads * headSize))),
    prepare,
    hear: (p, hidden, seen, prepared) => {
      let heard: tf.Tensor | undefined
      thresholds.forEach((_, level) => {
        const known = heard ? tf.add(seen, heard) : seen
        const roles = maps.apply(p, mapOf(level), tf.concat([hidden, known], 2))
        const here = attend(roles, prepared[linksOf(level)], heads)
        heard = heard ? tf.add(heard, here) : here
      })
      return heard!
    },
    describe: p => ({
      ...topology.describe?.(p),
      [`${sphere.name}.threshold`]: tf.tensor1d([...thresholds]), // coarse to fine
      ...strengthsOf(prepare(p)),
    }),
  })
}
