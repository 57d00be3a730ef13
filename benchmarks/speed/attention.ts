import type { CompiledProgram } from '../../engine/engine.ts'
import { loadEngine } from '../../engine/index.ts'
import * as tf from '../../engine/tf.ts'
import { neighbourAttention } from '../../models/layers/neighbour-attention.ts'
import type { Lattice } from '../../models/model.ts'
import { attend } from '../../models/s2/interaction.ts'
import { latticeTopology } from '../../models/topologies/lattice.ts'
import { latticeNeighbours } from '../../models/topologies/neighbours.ts'
import { type Spread, timeByTurns } from './rounds.ts'

const ROUNDS = 5
const HEADS = 2
const HEAD_SIZE = 8
const BATCH = 8

/** One attention between modules, forward and backward, in both forms. */
export interface AttentionSpeed {
  readonly modules: number
  /** Modules that each hears, itself among them. */
  readonly neighbours: number
  /** Milliseconds over all pairs, those out of range masked. */
  readonly dense: Spread
  /** Milliseconds over neighbour lists. */
  readonly sparse: Spread
}

/**
 * The cost of an attention of M modules on a square torus to those within `radius` (9 neighbours at radius 1), as batch
 * of 8 with two heads of 8 numbers: what decides between the two forms (`models/s2/interaction.ts`).
 */
export async function measureAttention(
  time: number,
  sides: readonly number[] = [4, 8, 16, 32],
  radius = 1,
  rounds = ROUNDS,
): Promise<AttentionSpeed[]> {
  const engine = await loadEngine('onnx')
  const compile = async (side: number, form: 'dense' | 'sparse') => {
    const lattice: Lattice = { rows: side, columns: side, boundary: 'torus' }
    const shape = [side * side, BATCH, 3 * HEADS * HEAD_SIZE]
    const program = await engine.compile(
      `attention.${form}.${side}`,
      { roles: { shape, dtype: 'float32' } },
      ({ roles }) => attentionStep(roles, lattice, radius, form),
    )
    const values = Float32Array.from({ length: shape.reduce((n, length) => n * length) }, (_, i) => Math.sin(i))
    return { program, name: `${form} ${side}`, run: async () => runOnce(program, values) }
  }
  const tasks = []
  for (const side of sides) tasks.push(await compile(side, 'dense'), await compile(side, 'sparse'))
  const spreads = await timeByTurns(tasks, time, rounds)
  for (const { program } of tasks) program.dispose()
  return sides.map((side, i) => ({
    modules: side * side,
    neighbours: (2 * radius + 1) ** 2,
    dense: spreads[2 * i],
    sparse: spreads[2 * i + 1],
  }))
}

/** Value and gradient of the sum of squares of what is heard. */
export function attentionStep(
  roles: tf.Tensor,
  lattice: Lattice,
  radius: number,
  form: 'dense' | 'sparse',
): Record<string, tf.Tensor> {
  const topology = latticeTopology(lattice, 1, radius)
  const hear = (x: tf.Tensor) =>
    form === 'dense'
      ? attend(x, topology.logKernel({}, topology.modules({}), topology.modules({})), HEADS)
      : neighbourAttention(x, latticeNeighbours(lattice, radius), tf.scalar(0), HEADS)
  const { value, grads } = tf.valueAndGrads(x => tf.sum(tf.square(hear(x))) as tf.Scalar)([roles])
  return { value, gradient: grads[0] }
}

async function runOnce(program: CompiledProgram, roles: Float32Array): Promise<void> {
  const { value, gradient } = await program.run({ roles })
  value.dispose()
  gradient.dispose()
}
