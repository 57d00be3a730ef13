import { z } from 'zod'
import * as tf from '../engine/tf.ts'
import { joinHeads, kernelAttention, splitHeads } from './layers/attention.ts'
import { dense, denseSpecs, lecunNormal, moduleDense, moduleDenseSpecs } from './layers/dense.ts'
import { gruGates, rememberingGru } from './layers/gru.ts'
import { defineModel, type Encoded, type Network, type Parameters, type TaskShape, type Tensors } from './model.ts'
import { blockPositions } from './positions.ts'
import { everywhereTopology } from './topologies/everywhere.ts'
import { latticeTopology, moduleLattice } from './topologies/lattice.ts'
import { sphereTopology } from './topologies/sphere.ts'
import { inRange, OUT_OF_RANGE, type Topology } from './topologies/topology.ts'

// Spatially structured gated recurrent units (Rahaman et al., ICLR 2021). M modules, each with a GRU of its own, are
// points of a topology. A frame passes through them in four movements:
//
//   write     u_m = Σ_a Z(m, x_a)·softmax(q_m·k_a)·v_a     each module attends to the views within its range
//   interact  c_m = Σ_l Z(m, l)·softmax(q_m·k_l)·v_l       and to the modules within its range, which have just seen
//   update    h_m ← GRU_m([u_m, c_m], h_m)
//   read      r(x) = Σ_m Z(x, m)·h_m / Σ_m Z(x, m)         a position is answered by the modules within its range
//
// Locality enters through Z alone: `address` is the topology of write and read, `interact` that of the modules.

/** `epsilon` is where the learned sharpness of the kernel starts. */
const optionsFrom = (epsilon: number) =>
  z.strictObject({
    width: z.int().min(1).default(24).describe('hidden units of a module (H)'),
    block: z.int().min(1).default(1).describe('tiles along each side of the square that a module stands for'),
    heads: z.int().min(1).default(2).describe('heads of both attentions'),
    headSize: z.int().min(1).default(8).describe('numbers in a key and in a value of one head'),
    embedding: z.int().min(1).default(48).describe('hidden units of the view encoder (E)'),
    decoder: z.int().min(1).default(64).describe('hidden units of the decoder'),
    dimension: z.int().min(2).default(16).describe('D: learned points live on the unit sphere S^(D−1)'),
    epsilon: z.number().positive().default(epsilon).describe('where the learned sharpness of the kernel starts'),
    threshold: z.number().min(-1).max(1).default(-1).describe('cosine τ below which nothing acts; −1 cuts nothing off'),
    placement: z.int().min(1).default(64).describe('hidden units of the map from positions to the sphere'),
    radius: z.int().min(0).default(1).describe('reach of a lattice interaction, in modules'),
  })
const options = optionsFrom(4)
type Options = z.output<typeof options>
type Address = 'lattice' | 'learned'
type Interaction = 'self' | 'lattice' | 'links' | 'address' | 'all'

function addressTopology(task: TaskShape, chosen: Options, address: Address): Topology {
  if (address === 'lattice') return latticeTopology(task.lattice, chosen.block, 0)
  return sphere(task, chosen, 'address')
}

function interactionTopology(task: TaskShape, chosen: Options, interaction: Interaction, address: Topology): Topology {
  switch (interaction) {
    case 'self':
      return latticeTopology(task.lattice, chosen.block, 0)
    case 'lattice':
      return latticeTopology(task.lattice, chosen.block, chosen.radius)
    case 'links':
      return sphere(task, chosen, 'links')
    case 'address':
      return address
    case 'all':
      return everywhereTopology(moduleCount(task, chosen))
  }
}

/** Points that serve as addresses start where the tiles of their block are placed; points for links alone, anywhere. */
function sphere(task: TaskShape, chosen: Options, name: 'address' | 'links'): Topology {
  const { dimension, epsilon, threshold, placement: hidden, block } = chosen
  const places = name === 'address' && { positionSize: task.positionSize, anchors: blockPositions(task.lattice, block) }
  return sphereTopology({
    name,
    modules: moduleCount(task, chosen),
    positionSize: 0,
    dimension,
    hidden,
    epsilon,
    threshold,
    ...places,
  })
}

function moduleCount(task: TaskShape, chosen: Options): number {
  const { rows, columns } = moduleLattice(task.lattice, chosen.block)
  return rows * columns
}

function build(task: TaskShape, chosen: Options, addressKind: Address, interactionKind: Interaction): Network {
  const { width, heads, headSize, embedding } = chosen
  const address = addressTopology(task, chosen, addressKind)
  const interaction = interactionTopology(task, chosen, interactionKind, address)
  const modules = moduleCount(task, chosen)
  const attended = heads * headSize
  // A module that stands for one tile has one view at most: there is nothing to choose, and its query would be idle.
  const chooses = addressKind !== 'lattice' || chosen.block > 1

  return {
    parameters: {
      ...address.parameters,
      ...interaction.parameters,
      ...denseSpecs('encode1', task.viewSize + task.positionSize, embedding),
      ...denseSpecs('encode.value', embedding, attended),
      ...(chooses && denseSpecs('encode.key', embedding, attended)),
      ...(chooses && { 'write.query': { shape: [modules, width, attended], initialiser: lecunNormal(width) } }),
      ...moduleDenseSpecs('interact', modules, width + attended, 3 * attended),
      ...moduleDenseSpecs('update.input', modules, 2 * attended, 3 * width, rememberingGru),
      ...moduleDenseSpecs('update.state', modules, width, 3 * width),
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
        links: interaction.logKernel(p, interaction.modules(p), interaction.modules(p)), // [M, M]
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

    begin: (_p, batch) => ({ hidden: tf.zeros([modules, batch, width]) }),

    step: (p, { hidden }, { links, ...input }) => {
      const seen = chooses ? attendToViews(p, hidden, input, heads) : input.seen // [M, B, heads·d]
      const roles = moduleDense(p, 'interact', tf.concat([hidden, seen], 2)) // queries, keys and values
      const [query, key, value] = splitHeads(roles, heads, 3)
      const heard = joinHeads(kernelAttention(query, key, value, links, heads), heads)
      const fromInput = moduleDense(p, 'update.input', tf.concat([seen, heard], 2))
      const fromState = moduleDense(p, 'update.state', hidden)
      return { hidden: gruGates(fromInput, fromState, hidden) }
    },

    decode: (p, { hidden }, { readKernel, queries }) => {
      const [steps, batch, asked] = readKernel.shape
      const weights = tf.reshape(tf.softmax(readKernel), [steps * batch, asked, modules])
      const states = tf.reshape(tf.transpose(hidden, [0, 2, 1, 3]), [steps * batch, modules, width])
      const read = tf.reshape(tf.matMul(weights, states), [steps, batch, asked, width])
      return dense(p, 'decode2', tf.relu(dense(p, 'decode1', tf.concat([read, queries], 3))))
    },
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

const source = 'Rahaman et al., Spatially Structured Recurrent Modules, ICLR 2021, arXiv:2007.06533'

function variant(
  id: string,
  family: 'global' | 'local' | 'learned',
  title: string,
  address: Address,
  interaction: Interaction,
  taken = options,
) {
  return defineModel({
    id,
    version: 1,
    family,
    title,
    source,
    options: taken,
    reads: 'views',
    build: (task, chosen) => build(task, chosen, address, interaction),
  })
}

/** The paper's: address and interaction by one learned kernel. */
export const s2gru = variant('s2gru', 'learned', 'address and interaction learned, as published', 'learned', 'address')

// The matched ablation of interaction: the address is exact, so that locality can come from nowhere else.
export const s2gruSelf = variant('s2gru-self', 'local', 'exact address, no interaction', 'lattice', 'self')
export const s2gruLocal = variant('s2gru-local', 'local', 'exact address, lattice interaction', 'lattice', 'lattice')
export const s2gruGlobal = variant('s2gru-global', 'global', 'exact address, all interact', 'lattice', 'all')

// Points that serve no address may start wider: partners are then found from wherever they are.
export const s2gruLinks = variant(
  's2gru-links',
  'learned',
  'exact address, learned interaction',
  'lattice',
  'links',
  optionsFrom(2),
)
