import type { Signature, TensorProgram } from '../../engine/engine.ts'
import * as tf from '../../engine/tf.ts'
import type { Random } from '../../lib/random.ts'
import type { Network, Observations, ParameterSpecs, Parameters, TaskShape, TrainedModel } from '../../models/model.ts'
import { unroll } from '../../models/unroll.ts'
import { batchSignature } from '../task/batch.ts'
import { meanLoss } from './loss.ts'
import { adam, clipping } from './optimiser.ts'

// One training step as one program: forward, backward, clipping and Adam. Its parameters `p/…` and their moments `m/…`
// and `v/…` go in and come out, so that they stay with the engine from step to step.

const prefixed = (prefix: string, specs: ParameterSpecs): Record<string, Signature> =>
  Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => [`${prefix}/${name}`, { shape, dtype: 'float32' }]),
  )

/** The parameters of a network as inputs. */
export const parameterSignature = (network: Network): Record<string, Signature> => prefixed('p', network.parameters)

/**
 * The inputs of `trainingProgram`: parameters, moments, a batch, the two scalars of `adamFactors`, and the share of what
 * sets in while the network is trained, where anything does.
 */
export function trainingSignature(model: TrainedModel, network: Network, shape: TaskShape): Record<string, Signature> {
  return {
    ...prefixed('p', network.parameters),
    ...prefixed('m', network.parameters),
    ...prefixed('v', network.parameters),
    ...batchSignature(model, shape),
    rate: { shape: [], dtype: 'float32' },
    epsilon: { shape: [], dtype: 'float32' },
    ...(readsShare(network) && { share: { shape: [], dtype: 'float32' } }),
  }
}

/** Whether training changes as it goes on: `shareAt` says how far it is. */
export const readsShare = ({ penalty, annealed }: Network): boolean => penalty !== undefined || annealed !== undefined

/** Outputs: updated `p/…`, `m/…`, `v/…`, and the scalars `loss` and `norm` (of the gradient before clipping). */
export function trainingProgram(network: Network, shape: TaskShape): TensorProgram {
  const names = Object.keys(network.parameters)
  return inputs => {
    const observations = inputs as unknown as Observations
    const trained = network.annealed?.(inputs.share) ?? network
    const lossOf = (...tensors: tf.Tensor[]) => {
      const p: Parameters = Object.fromEntries(names.map((name, i) => [name, tensors[i]]))
      const error = meanLoss(shape.likelihood, unroll(trained, shape, p, observations), inputs.targets, inputs.weights)
      return network.penalty ? (tf.add(error, tf.mul(network.penalty(p), inputs.share)) as tf.Scalar) : error
    }
    const { value, grads } = tf.valueAndGrads(lossOf)(names.map(name => inputs[`p/${name}`]))
    const { norm, factor } = clipping(grads)
    const outputs: Record<string, tf.Tensor> = { loss: value, norm }
    names.forEach((name, i) => {
      const [p, m, v] = ['p', 'm', 'v'].map(kind => inputs[`${kind}/${name}`])
      const next = adam(p, grads[i], m, v, inputs.rate, inputs.epsilon, factor)
      outputs[`p/${name}`] = next.parameter
      outputs[`m/${name}`] = next.first
      outputs[`v/${name}`] = next.second
    })
    return outputs
  }
}

/** The inputs of `predictionProgram`: parameters and what is observed. */
export function predictionSignature(
  model: TrainedModel,
  network: Network,
  shape: TaskShape,
): Record<string, Signature> {
  const { targets: _targets, weights: _weights, ...observed } = batchSignature(model, shape)
  return { ...prefixed('p', network.parameters), ...observed }
}

/** Output: `predictions` [S, B, Q, C] of what is trained, as probabilities or standardised values. */
export function predictionProgram(network: Network, shape: TaskShape): TensorProgram {
  return inputs => {
    const p = Object.fromEntries(Object.keys(network.parameters).map(name => [name, inputs[`p/${name}`]]))
    const raw = unroll(network.trained ?? network, shape, p, inputs as unknown as Observations)
    return { predictions: shape.likelihood === 'bernoulli' ? tf.sigmoid(raw) : raw }
  }
}

/** Initial values of all parameters, each from a stream of its own name. */
export function initialParameters(specs: ParameterSpecs, random: Random): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape, initialiser }]) => {
      const values = new Float32Array(shape.reduce((n, side) => n * side, 1))
      const stream = random.split(name)
      if (initialiser.kind === 'blocks') fillBlocks(values, shape.at(-1) ?? 1, initialiser.values)
      if (initialiser.kind === 'normal')
        for (let i = 0; i < values.length; i++) values[i] = initialiser.deviation * stream.normal()
      if (initialiser.kind === 'sphere') fillSphere(values, shape[shape.length - 1], stream)
      return [name, values]
    }),
  )
}

/** Cuts every row of `width` numbers into equal blocks, one for each of the given values. */
function fillBlocks(values: Float32Array, width: number, blocks: readonly number[]): void {
  for (let i = 0; i < values.length; i++) values[i] = blocks[Math.floor(((i % width) * blocks.length) / width)]
}

/** Rows of `dimension` numbers, uniform on the unit sphere (normalised normals, Muller 1959). */
function fillSphere(values: Float32Array, dimension: number, random: Random): void {
  for (let start = 0; start < values.length; start += dimension) {
    const row = values.subarray(start, start + dimension)
    for (let i = 0; i < dimension; i++) row[i] = random.normal()
    const length = Math.hypot(...row)
    for (let i = 0; i < dimension; i++) row[i] /= length
  }
}
