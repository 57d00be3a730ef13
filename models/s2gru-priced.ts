import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { defineModel, type Parameters } from './model.ts'
import { matchedNetwork, source } from './s2/gru-network.ts'
import { attention, attentionLettingGo, attentionToStrongest } from './s2/interaction.ts'
import { moduleCount, sphereOptions, structure } from './s2/options.ts'
import { sphereTopology } from './topologies/sphere.ts'
import type { Topology } from './topologies/topology.ts'

/**
 * The learned form of the continuum between self-only and all-to-all: the links of the matched ablation under a price.
 * Training adds price · mean_{m≠l} Z(m, l) to its loss, rising over its first half, so that a link stays strong only
 * where it is worth it. In the second quarter of training all links but the `keep` strongest of each module are let go,
 * so that in its second half the rest learns to do without: a weak Z can be made up for by a high score, and what is
 * cut off only afterwards may have been needed. Once trained, each module hears itself and its `keep` strongest
 * partners, at a cost of O(M·keep). The paper has no price and keeps all.
 */
export const s2gruPriced = defineModel({
  id: 's2gru-priced',
  version: 2,
  family: 'learned',
  title: 'exact address, learned interaction under a price; the strongest partners are kept',
  source,
  options: structure.extend({
    ...sphereOptions(2),
    price: z.number().min(0).default(0.03).describe('price of mean strength between modules, in units of the loss'),
    keep: z.int().min(0).default(4).describe('partners that a module keeps once trained; as many as there are: all'),
  }),
  reads: 'views',
  build: (task, chosen) => {
    const { dimension, epsilon, threshold, price, keep } = chosen
    const modules = moduleCount(task, chosen)
    const links = sphereTopology({ name: 'links', modules, dimension, epsilon, threshold })
    return {
      ...matchedNetwork(task, chosen, attention(links)),
      ...(price > 0 && { penalty: (p: Parameters) => tf.mul(meanStrength(p, links), price) }),
      ...(keep < modules - 1 && {
        annealed: (share: tf.Tensor) => matchedNetwork(task, chosen, attentionLettingGo(links, keep, share)),
        trained: matchedNetwork(task, chosen, attentionToStrongest(links, keep)),
      }),
    }
  },
})

/** The mean of Z(m, l) over all pairs of two different modules. */
export function meanStrength(p: Parameters, topology: Topology): tf.Tensor {
  const points = topology.modules(p)
  const strengths = tf.exp(topology.logKernel(p, points, points))
  const modules = strengths.shape[0]
  const others = tf.sub(tf.ones([modules, modules]), tf.eye(modules))
  return tf.div(tf.sum(tf.mul(strengths, others)), modules * (modules - 1))
}
