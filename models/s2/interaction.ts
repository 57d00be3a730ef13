import * as tf from '../../engine/tf.ts'
import type { Affine } from '../layers/affine.ts'
import { joinHeads, kernelAttention, splitHeads } from '../layers/attention.ts'
import { chosenAttention, neighbourAttention } from '../layers/neighbour-attention.ts'
import type { ParameterSpecs, Parameters, Tensors } from '../model.ts'
import type { Neighbours } from '../topologies/neighbours.ts'
import { OUT_OF_RANGE, strengthsOf, type Topology } from '../topologies/topology.ts'

/** How modules hear of each other. */
export interface Interaction {
  /** Where the modules are, and how far they reach. */
  readonly places: ParameterSpecs
  /** What turns states into messages. */
  readonly maps: ParameterSpecs
  /** Strengths: the same at every step, so made once. */
  prepare(p: Parameters): Tensors
  /**
   * The states [M, B, H] and what has just been seen [M, B, heads·d] → what every module hears, [M, B, heads·d].
   * `prepared` is what `prepare` gave.
   */
  hear(p: Parameters, hidden: tf.Tensor, seen: tf.Tensor, prepared: Tensors): tf.Tensor
  /** What is learned of places, and the strengths that come of it: a row for each module that hears. */
  describe?(p: Parameters): Tensors
}

/** Sizes of an attention between modules. */
export interface AttentionShape {
  /** H + heads·d: numbers that a module has to speak of. */
  readonly inputs: number
  readonly heads: number
  readonly headSize: number
}

/**
 * c_m = Σ_l Z(m, l)·softmax_l(q_m·k_l)·v_l: kernel-modulated attention within one topology; over neighbour lists where
 * the topology has them and they pay.
 */
export const attention =
  (topology: Topology) =>
  (maps: Affine, { inputs, heads, headSize }: AttentionShape): Interaction => {
    const { neighbours } = topology
    const lists = neighbours && listsPay(neighbours) ? neighbours : undefined
    const links = (p: Parameters) => topology.logKernel(p, topology.modules(p), topology.modules(p)) // [M, M]
    return {
      places: topology.parameters,
      maps: maps.specs('interact', inputs, 3 * heads * headSize),
      prepare: (p): Tensors => (lists ? {} : { links: links(p) }),
      hear: (p, hidden, seen, { links }) => {
        const roles = maps.apply(p, 'interact', tf.concat([hidden, seen], 2))
        return lists ? neighbourAttention(roles, lists, tf.scalar(0), heads) : attend(roles, links, heads)
      },
      describe: p => ({ ...topology.describe?.(p), ...strengthsOf({ links: links(p) }) }),
    }
  }

/**
 * The same, each module hearing itself and only the `keep` others that act on it most, over lists of them where those
 * pay: for networks that are trained, since no gradient flows through what is chosen.
 */
export const attentionToStrongest =
  (topology: Topology, keep: number) =>
  (maps: Affine, shape: AttentionShape): Interaction => {
    const all = attention(topology)(maps, shape)
    return {
      ...all,
      prepare: (p): Tensors => {
        const links = topology.logKernel(p, topology.modules(p), topology.modules(p)) // [M, M]
        if (!listsPay({ modules: links.shape[0] as number, count: keep + 1 }))
          return { links: tf.add(links, tf.mul(weakerThan(links, keep + 1), OUT_OF_RANGE)) }
        const { values, indices } = tf.topk(links, keep + 1) // [M, keep + 1]
        return { strengths: values, partners: indices }
      },
      hear: (p, hidden, seen, prepared) => {
        const { partners, strengths } = prepared
        if (partners === undefined) return all.hear(p, hidden, seen, prepared)
        const roles = maps.apply(p, 'interact', tf.concat([hidden, seen], 2))
        return chosenAttention(roles, partners, strengths, shape.heads)
      },
    }
  }

/**
 * On the way there: the strength of every weaker link stays whole up to half of `share`, then falls in proportion to
 * nothing at 1. Over all pairs, so that gradient flows through every link that is left.
 */
export const attentionLettingGo =
  (topology: Topology, keep: number, share: tf.Tensor) =>
  (maps: Affine, shape: AttentionShape): Interaction => ({
    ...attention(topology)(maps, shape),
    prepare: (p): Tensors => {
      const links = topology.logKernel(p, topology.modules(p), topology.modules(p)) // [M, M]
      const left = tf.minimum(1, tf.mul(tf.sub(1, share), 2))
      const fading = tf.maximum(tf.log(left), OUT_OF_RANGE)
      return { links: tf.add(links, tf.mul(weakerThan(links, keep + 1), fading)) }
    },
  })

/** [M, M] → [M, M]: 1 for what is weaker than the `count` strongest of its row, 0 for those; no gradient. */
const weakerThan = (links: tf.Tensor, count: number): tf.Tensor =>
  tf.customGrad((...[of]) => ({
    value: tf.step(tf.sub(tf.min(tf.topk(of as tf.Tensor, count).values, 1, true), of as tf.Tensor)),
    gradFunc: (dy: tf.Tensor) => [tf.zerosLike(dy)],
  }))(links)

/**
 * Measured (`benchmarks/speed/attention.ts`, forward and backward): a pair costs .04 µs in matrix products as long as
 * they stay in the cache, .65 µs in lists, so that lists pay from 16 modules for each neighbour on.
 */
export const listsPay = ({ modules, count }: Pick<Neighbours, 'modules' | 'count'>): boolean => modules >= 16 * count

/** roles [M, B, 3·heads·d] (queries, keys, values) and the log-kernel [M, M] → [M, B, heads·d]. */
export function attend(roles: tf.Tensor, logKernel: tf.Tensor, heads: number): tf.Tensor {
  const [query, key, value] = splitHeads(roles, heads, 3)
  return joinHeads(kernelAttention(query, key, value, logKernel, heads), heads)
}
