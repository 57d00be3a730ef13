import * as tf from '../../engine/tf.ts'
import {
  type Network,
  type Observations,
  type Parameters,
  parseOptions,
  type TaskShape,
  type TrainedModel,
} from '../../models/model.ts'
import { positionSize, tilePositions } from '../../models/positions.ts'
import { modelById } from '../../models/registry.ts'
import { unroll } from '../../models/unroll.ts'
import { numbers, sizeOf } from '../engine/support.ts'

const [steps, batch] = [3, 2]

/** A task on a ring of n sites that shows and asks for all of them. */
export function ringTask(n: number): TaskShape {
  const lattice = { rows: 1, columns: n, boundary: 'torus' } as const
  const positions = positionSize(lattice)
  const view = { tile: [1, 1] as const, viewSize: 1, positionSize: positions }
  return { steps, batch, views: n, queries: n, ...view, lattice, likelihood: 'gaussian' }
}

export async function buildOn(task: TaskShape, id: string, options: Record<string, unknown> = {}): Promise<Network> {
  const model = (await modelById(id)) as TrainedModel
  return model.build(task, parseOptions(model, { width: 6, ...options }))
}

/** Weights by the parameters' order and size, the same for every network with the same parameters. */
export const weightsOf = ({ parameters }: Network, scale = 0.5): Parameters =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, { shape }], i) => [
      name,
      tf.mul(tf.tensor(numbers(i + 1, sizeOf(shape), 'unit'), [...shape]), scale),
    ]),
  )

/** Full field of values[step][site], the same for both episodes; `present` says what is really seen. */
export function fullField(
  task: TaskShape,
  values: number[][],
  present = (_step: number, _site: number) => true,
): Observations {
  const n = task.queries
  const each = (of: (step: number, site: number) => number[]) =>
    values.flatMap((_, step) => Array.from({ length: task.batch * n }, (_x, i) => of(step, i % n)).flat())
  const codes = tilePositions(task.lattice)
  const code = (site: number) => Array.from(codes.subarray(site * task.positionSize, (site + 1) * task.positionSize))
  const shape = (...sides: number[]) => [values.length, task.batch, ...sides]
  const seen = (step: number, site: number) => (present(step, site) ? 1 : 0)
  return {
    truth: tf.tensor(
      each((step, site) => [values[step][site]]),
      shape(n, 1),
    ),
    views: tf.tensor(
      each((step, site) => [values[step][site]]),
      shape(n, 1),
    ),
    positions: tf.tensor(
      each((_, site) => code(site)),
      shape(n, task.positionSize),
    ),
    present: tf.tensor(
      each((step, site) => [seen(step, site)]),
      shape(n),
    ),
    queries: tf.tensor(
      each((_, site) => code(site)),
      shape(n, task.positionSize),
    ),
    canvas: tf.tensor(
      each((step, site) => (seen(step, site) ? [values[step][site], 1, 0] : [0, 0, 1])),
      shape(1, n, 3),
    ),
  }
}

export const someValues = (n: number): number[][] =>
  Array.from({ length: steps }, (_, t) => Array.from({ length: n }, (_x, i) => Math.sin(1 + 2 * t + i)))

/** Predictions [S, B, n, 1] for a full field of values. */
export const predictOn = (
  network: Network,
  task: TaskShape,
  values = someValues(task.queries),
  present?: (step: number, site: number) => boolean,
  p = weightsOf(network),
): Float32Array => unroll(network, task, p, fullField(task, values, present)).dataSync() as Float32Array
