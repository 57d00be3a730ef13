import * as tf from '../../engine/tf.ts'
import { joinHeads, kernelAttention, splitHeads } from '../layers/attention.ts'
import { dense, denseSpecs, lecunNormal } from '../layers/dense.ts'
import type { Encoded, Network, Parameters, TaskShape, Tensors } from '../model.ts'
import { inRange, OUT_OF_RANGE } from '../topologies/topology.ts'
import type { Address } from './addresses.ts'
import { describePlaces } from './describe.ts'
import type { Interaction } from './interaction.ts'
import type { Memory } from './memory.ts'
import { attendedSize, moduleCount, type Structure } from './options.ts'

// Spatially structured recurrent modules (Rahaman et al., ICLR 2021). M modules, each with a memory of its own, are
// points of a topology. A frame passes through them in four movements:
//
//   write     u_m = Σ_a Z(m, x_a)·softmax(q_m·k_a)·v_a     each module attends to the views within its range
//   interact  c_m = Σ_l Z(m, l)·softmax(q_m·k_l)·v_l       and to the modules within its range, which have just seen
//   update    h_m ← memory_m([u_m, c_m], h_m)
//   read      r(x) = Σ_m Z(x, m)·h_m / Σ_m Z(x, m)         a position is answered by the modules within its range
//
// Locality enters through Z alone: the address is the topology of write and read, the interaction has its own.

export interface Parts {
  readonly address: Address
  readonly interaction: Interaction
  readonly memory: Memory
}

export function structuredNetwork(task: TaskShape, chosen: Structure, parts: Parts): Network {
  const { interaction, memory } = parts
  const { topology: address, chooses } = parts.address
  const { heads, embedding } = chosen
  const modules = moduleCount(task, chosen)
  const attended = attendedSize(chosen)
  const width = memory.size
  const placed = Object.keys(address.parameters).length + Object.keys(interaction.places).length > 0

  return {
    modules,
    parameters: {
      ...address.parameters,
      ...interaction.places,
      ...denseSpecs('encode1', task.viewSize + task.positionSize, embedding),
      ...denseSpecs('encode.value', embedding, attended),
      ...(chooses && denseSpecs('encode.key', embedding, attended)),
      ...(chooses && { 'write.query': { shape: [modules, width, attended], initialiser: lecunNormal(width) } }),
      ...interaction.maps,
      ...memory.parameters,
      ...denseSpecs('decode1', width + task.positionSize, chosen.decoder),
      ...denseSpecs('decode2', chosen.decoder, task.viewSize),
    },

    encode: (p, { views, positions, present, queries }): Encoded => {
      const hidden = tf.relu(dense(p, 'encode1', tf.concat([views, positions], 3))) // [S, B, A, E]
      const values = dense(p, 'encode.value', hidden)
      // Range is symmetric in its arguments: module m reaches view a as far as the place of a reaches m.
      const points = address.modules(p)
      const placed = address.logKernel(p, address.place(p, positions), points) // [S, B, A, M]
      const absent = tf.expandDims(tf.mul(tf.sub(1, present), OUT_OF_RANGE), 3)
      const reach = tf.transpose(tf.add(placed, absent), [0, 1, 3, 2]) // [S, B, M, A]
      const inReach = tf.expandDims(tf.transpose(inRange(reach), [0, 2, 1]), 3) // [S, M, B, 1]
      const whole = {
        ...interaction.prepare(p),
        readKernel: address.logKernel(p, address.place(p, queries), points), // [S, B, Q, M]
        queries,
      }
      if (chooses) {
        const keys = byHead(dense(p, 'encode.key', hidden), heads)
        return { steps: { keys, values: byHead(values, heads), reach: tf.expandDims(reach, 2), inReach }, whole }
      }
      const own = tf.matMul(tf.softmax(reach), values) // [S, B, M, heads·d]
      return { steps: { seen: tf.mul(tf.transpose(own, [0, 2, 1, 3]), inReach) }, whole }
    },

    begin: (_p, batch) => ({ hidden: memory.begin(modules, batch) }),

    step: (p, { hidden }, input) => {
      const seen = chooses ? attendToViews(p, hidden, input, heads) : input.seen // [M, B, heads·d]
      const heard = interaction.hear(p, hidden, seen, input)
      return { hidden: memory.update(p, tf.concat([seen, heard], 2), hidden) }
    },

    decode: (p, { hidden }, { readKernel, queries }) => {
      const [steps, batch, asked] = readKernel.shape
      const weights = tf.reshape(tf.softmax(readKernel), [steps * batch, asked, modules])
      const states = tf.reshape(tf.transpose(hidden, [0, 2, 1, 3]), [steps * batch, modules, width])
      const read = tf.reshape(tf.matMul(weights, states), [steps, batch, asked, width])
      return dense(p, 'decode2', tf.relu(dense(p, 'decode1', tf.concat([read, queries], 3))))
    },

    ...(placed && { describe: (p: Parameters) => describePlaces(task, address, interaction, p) }),
  }
}

/** The write movement: [M, B, heads·d], zero for a module without a view in range. */
function attendToViews(p: Parameters, hidden: tf.Tensor, input: Tensors, heads: number): tf.Tensor {
  const [query] = splitHeads(tf.matMul(hidden, p['write.query']), heads, 1)
  return tf.mul(joinHeads(kernelAttention(query, input.keys, input.values, input.reach, heads), heads), input.inReach)
}

/** [S, B, A, heads·d] → [S, B·heads, A, d] */
function byHead(x: tf.Tensor, heads: number): tf.Tensor {
  const [steps, batch, views, size] = x.shape as [number, number, number, number]
  const split = tf.transpose(tf.reshape(x, [steps, batch, views, heads, size / heads]), [0, 1, 3, 2, 4])
  return tf.reshape(split, [steps, batch * heads, views, size / heads])
}
