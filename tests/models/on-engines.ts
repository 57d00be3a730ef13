import { expect } from 'vitest'
import { engineIds } from '../../engine/engine.ts'
import { loadEngine } from '../../engine/index.ts'
import * as tf from '../../engine/tf.ts'
import { UserError } from '../../lib/errors.ts'
import { type Argument, expectSame, feedOf, runOn, signatureOf, withGradients } from '../engine/support.ts'

type Layer = (inputs: Record<string, tf.Tensor>) => tf.Tensor

/** Fails where an installed engine gives another value than `cpu`, or another gradient by any of the inputs. */
export async function expectSameOnEveryEngine(inputs: Record<string, Argument>, layer: Layer): Promise<void> {
  const given = Object.entries(inputs)
  const signatures = Object.fromEntries(given.map(([name, argument]) => [name, signatureOf(argument)]))
  const feeds = Object.fromEntries(given.map(([name, argument], i) => [name, feedOf(argument, i + 1)]))
  const program = withGradients(
    t => [layer(t)],
    given.map(([name]) => name),
  )
  const expected = await runOn(await loadEngine('cpu'), signatures, feeds, program)
  for (const id of engineIds) {
    const engine = await loadEngine(id).catch(error => {
      if (error instanceof UserError) return undefined
      throw error
    })
    if (engine) expectSame(await runOn(engine, signatures, feeds, program), expected)
  }
}

/** Fails where the gradient of a sum of squares is not what small steps along random directions say (tfjs's cpu). */
export function expectGradientByDifferences(inputs: Record<string, tf.Tensor>, layer: Layer, step = 1e-2): void {
  const names = Object.keys(inputs)
  const loss = (...tensors: tf.Tensor[]) =>
    tf.sum(tf.square(layer(Object.fromEntries(names.map((name, i) => [name, tensors[i]]))))) as tf.Scalar
  const at = names.map(name => inputs[name])
  const gradients = tf.grads(loss)(at)
  names.forEach((name, i) => {
    const direction = tf.randomNormal(at[i].shape, 0, 1, 'float32', 5)
    const moved = (by: number) => loss(...at.map((x, j) => (j === i ? tf.add(x, tf.mul(direction, by)) : x)))
    const slope = tf.div(tf.sub(moved(step), moved(-step)), 2 * step).dataSync()[0]
    const said = tf.sum(tf.mul(gradients[i], direction)).dataSync()[0]
    expect(Math.abs(said - slope), `${name}: ${said} by gradient, ${slope} by differences`).toBeLessThan(
      0.01 * Math.max(1, Math.abs(slope)),
    )
  })
}
