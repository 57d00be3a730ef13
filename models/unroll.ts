import * as tf from '../engine/tf.ts'
import type { Network, Observations, Parameters, TaskShape, Tensors } from './model.ts'

/** All predictions of a batch: `encode` once, `step` S times, `decode` once. Shapes as in `Network.decode`. */
export function unroll(network: Network, task: TaskShape, p: Parameters, observations: Observations): tf.Tensor {
  const { steps: perStep, whole } = network.encode(p, observations)
  const inputs = Object.entries(perStep).map(([name, all]) => ({ name, frames: alongTime(all) }))
  let state = network.begin(p, task.batch)
  const states: Tensors[] = []
  for (let t = 0; t < task.steps; t++) {
    const input = Object.fromEntries(inputs.map(({ name, frames }) => [name, frames[t]]))
    state = network.step(p, state, { ...whole, ...input })
    states.push(state)
  }
  const stacked = Object.keys(state).map(name => [name, tf.stack(states.map(s => s[name]))])
  return network.decode(p, Object.fromEntries(stacked), whole)
}

/** [S, …] → S tensors […]. The gradient of unstack throws at length 1, so a single step is reshaped instead. */
function alongTime(all: tf.Tensor): tf.Tensor[] {
  return all.shape[0] === 1 ? [tf.reshape(all, all.shape.slice(1))] : tf.unstack(all)
}
