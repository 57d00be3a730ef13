import * as tf from '../../engine/tf.ts'
import { moduleMaps } from '../layers/affine.ts'
import { joinHeads, kernelAttention, splitHeads } from '../layers/attention.ts'
import type { ParameterSpecs, Parameters, Tensors } from '../model.ts'
import { normalise, type SphereOptions, sphereTopology } from '../topologies/sphere.ts'
import { strengthsOf } from '../topologies/topology.ts'
import type { Interacting } from './gru-network.ts'
import { attend } from './interaction.ts'

// Re-projection. The M_i modules of a level are mapped onto the M_{i+1} < M_i of the next, which live in a topology of
// their own, and back; the last level interacts within itself. From level i upward, x being what its modules have to say:
//
//   exchange_i(x)_m = v_m + Σ_c Z_i(m, c)·softmax_c(q_m·k'_c)·v'_c        q, k, v from x_m; back, beside what is its own
//   k', v' from  x'_c + exchange_{i+1}(x')_c                              what it is, and what it has heard up there
//   x'_c = Σ_m Z_i(c, m)·softmax_m(q'_c·k_m)·v_m                          up; q' is free: a coarse module has no state
//   exchange_n(x)   = attention within the topology of the last level
//
// Sphere i holds the points of both levels that it joins; the last one those of the last level. Up and down cost
// O(M_i·M_{i+1}), interaction O(M_n²).

type Sphere = Pick<SphereOptions, 'dimension' | 'epsilon' | 'threshold'>

/** Interaction by way of levels of the given numbers of modules, the model's own first. */
export const hierarchy =
  (sizes: readonly number[], sphere: Sphere): Interacting =>
  (_maps, { inputs, heads, headSize }) => {
    const attended = heads * headSize
    const bridges = sizes
      .slice(1)
      .map((coarse, i) => bridge(i, sizes[i], coarse, i === 0 ? inputs : attended, { heads, headSize }, sphere))
    const top = sizes.length - 1
    const summit = sphereTopology({ ...sphere, name: 'summit', modules: sizes[top] })
    const summitMaps = moduleMaps(sizes[top])

    const exchange = (p: Parameters, level: number, x: tf.Tensor, prepared: Tensors): tf.Tensor => {
      if (level === top) return attend(summitMaps.apply(p, 'interact', x), prepared.summit, heads)
      const { lift, lower } = bridges[level]
      const { own, coarse, query } = lift(p, x, prepared)
      const above = exchange(p, level + 1, coarse, prepared)
      return tf.add(own, lower(p, tf.add(coarse, above), query, prepared))
    }

    const prepare = (p: Parameters): Tensors =>
      Object.assign(
        { summit: summit.logKernel(p, summit.modules(p), summit.modules(p)) },
        ...bridges.map(bridge => bridge.prepare(p)),
      )

    return {
      places: Object.assign({}, ...bridges.map(({ places }) => places), summit.parameters),
      maps: Object.assign({}, ...bridges.map(({ maps }) => maps), summitMaps.specs('interact', attended, 3 * attended)),
      prepare,
      hear: (p, hidden, seen, prepared) => exchange(p, 0, tf.concat([hidden, seen], 2), prepared),
      describe: p =>
        Object.assign({}, ...bridges.map(bridge => bridge.describe(p)), summit.describe?.(p), strengthsOf(prepare(p))),
    }
  }

interface Heads {
  readonly heads: number
  readonly headSize: number
}

/** The way up from one level to the next, and down again. */
function bridge(
  level: number,
  fine: number,
  coarse: number,
  inputs: number,
  { heads, headSize }: Heads,
  sphere: Sphere,
) {
  const attended = heads * headSize
  const topology = sphereTopology({ ...sphere, name: `bridge.${level}`, modules: fine })
  const [up, down, points, query] = ['up', 'down', 'coarse', 'query'].map(part => `bridge.${level}.${part}`)
  const [fineMaps, coarseMaps] = [moduleMaps(fine), moduleMaps(coarse)]
  return {
    places: {
      ...topology.parameters,
      [points]: { shape: [coarse, sphere.dimension], initialiser: { kind: 'sphere' } },
    } satisfies ParameterSpecs,
    maps: {
      ...fineMaps.specs(up, inputs, 3 * attended),
      [query]: { shape: [heads, coarse, headSize], initialiser: { kind: 'normal', deviation: 1 } },
      ...coarseMaps.specs(down, attended, 2 * attended),
    } satisfies ParameterSpecs,

    prepare: (p: Parameters): Tensors => {
      const lifting = topology.logKernel(p, normalise(p[points]), topology.modules(p)) // [coarse, fine]
      return { [up]: lifting, [down]: tf.transpose(lifting) }
    },

    describe: (p: Parameters): Tensors => ({ ...topology.describe?.(p), [points]: normalise(p[points]) }),

    /** x [fine, B, inputs] → what the coarse modules take from it, [coarse, B, heads·d], and what the fine ones keep. */
    lift: (p: Parameters, x: tf.Tensor, prepared: Tensors) => {
      const [ownQuery, key, value] = splitHeads(fineMaps.apply(p, up, x), heads, 3)
      const batch = x.shape[1] as number
      const asked = tf.reshape(tf.mul(p[query], tf.ones([batch, 1, 1, 1])), [batch * heads, coarse, headSize])
      const taken = kernelAttention(asked, key, value, prepared[up], heads)
      return { own: joinHeads(value, heads), coarse: joinHeads(taken, heads), query: ownQuery }
    },

    /** y [coarse, B, heads·d] → what the fine modules take from it, [fine, B, heads·d]. */
    lower: (p: Parameters, y: tf.Tensor, ownQuery: tf.Tensor, prepared: Tensors): tf.Tensor => {
      const [key, value] = splitHeads(coarseMaps.apply(p, down, y), heads, 2)
      return joinHeads(kernelAttention(ownQuery, key, value, prepared[down], heads), heads)
    },
  }
}
