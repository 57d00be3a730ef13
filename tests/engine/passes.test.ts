import fc from 'fast-check'
import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import type { Signature, TensorProgram } from '../../engine/engine.ts'
import { loadEngine } from '../../engine/index.ts'
import { newBuilder } from '../../engine/onnx/build.ts'
import { countFlops } from '../../engine/onnx/flops.ts'
import type { Graph } from '../../engine/onnx/graph.ts'
import { encodeModel } from '../../engine/onnx/model.ts'
import {
  fusions,
  optimise,
  type PassId,
  passIds,
  type Saving,
  selectPasses,
  simplifications,
  summedSavings,
} from '../../engine/onnx/passes/index.ts'
import { record } from '../../engine/onnx/trace.ts'
import * as tf from '../../engine/tf.ts'
import { UserError } from '../../lib/errors.ts'
import { expectSame, numbers, runOn } from './support.ts'

const side = 4
const signatures: Record<string, Signature> = {
  x: { shape: [side, side], dtype: 'float32' },
  y: { shape: [side, side], dtype: 'float32' },
}
const feeds = { x: numbers(1, side * side, 'unit'), y: numbers(2, side * side, 'unit') }

/** Steps that random programs are made of: each reads two square matrices and gives one. */
const steps: ((a: tf.Tensor, b: tf.Tensor) => tf.Tensor)[] = [
  (a, b) => tf.add(a, b),
  (a, b) => tf.sub(a, tf.mul(b, 0.5)),
  (a, b) => tf.mul(tf.matMul(a, b), 0.25),
  (a, b) => tf.mul(tf.matMul(a, b, true), 0.25),
  (a, b) => tf.matMul(tf.mul(a, 0.25), tf.transpose(b)),
  (a, b) => tf.mul(tf.matMul(a, b, true, true), tf.scalar(0.1)),
  a => tf.transpose(a),
  a => tf.mul(tf.add(a, 0), tf.onesLike(a)),
  a => tf.div(tf.sub(a, tf.zeros([side, 1])), 1),
  a => tf.reshape(tf.reshape(a, [2, -1]), [side, side]),
  a => tf.reshape(tf.transpose(tf.reshape(a, [1, side, side]), [1, 0, 2]), [side, side]),
  a => tf.tanh(tf.cast(a, 'float32')),
  a => tf.softmax(a),
  a => tf.sum(tf.expandDims(a, 1), 1),
  (a, b) => tf.slice(tf.concat([a, b], 0), [2, 0], [side, side]),
  (a, b) => tf.add(tf.split(a, 2, 1)[0], tf.unstack(tf.stack([b, a]))[1].slice([0, 1], [side, 2])).tile([1, 2]),
  (a, b) => tf.stack(tf.unstack(tf.mul(a, b), 1).map(tf.neg), 1),
  (a, b) => tf.reshape(tf.stack(tf.unstack(tf.add(a, tf.neg(b)))), [side, side]),
  (a, b) => heads(tf.matMul(heads(tf.mul(a, 0.5)), heads(b), false, true)),
  (a, b) => heads(tf.matMul(heads(a), tf.mul(heads(tf.transpose(b)), 0.25), true)),
  (a, b) => tf.mul(tf.broadcastTo(tf.sum(a, 1, true), [side, side]), tf.sub(b, tf.neg(a))),
  (a, b) => tf.add(tf.matMul(tf.zeros([side, side]), a), tf.sub(tf.mul(tf.scalar(0.5), tf.neg(tf.scalar(2))), b)),
  (a, b) =>
    tf.concat([
      tf.slice(a, [2, 0], [2, side]),
      tf.tanh(tf.slice(a, [0, 0], [1, side])),
      tf.slice(b, [0, 0], [1, side]),
    ]),
  (a, b) => tf.add(tf.reshape(tf.matMul(tf.mul(a, 0.25), b), [2, 2, side]), tf.sum(b, 0)).reshape([side, side]),
  overTime,
]

/** [side, side] ↔ side batches of a row and a column: what attention does with its heads. */
function heads(x: tf.Tensor): tf.Tensor {
  return x.rank === 2 ? tf.transpose(tf.reshape(x, [side, 2, 2]), [1, 0, 2]) : firstRows(x)
}

/** Two batches of products [2, n, n] → [side, side]. */
function firstRows(x: tf.Tensor): tf.Tensor {
  const rows = tf.reshape(tf.transpose(x, [1, 0, 2]), [-1])
  return tf.reshape(rows.size === side * side ? rows : tf.slice(tf.concat([rows, rows]), 0, side * side), [side, side])
}

/** An affine memory that runs over the rows of a: its weights and its bias have gradients at every step. */
function overTime(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const weights = tf.mul(b, 0.3)
  const bias = tf.slice(b, [0, 0], [1, side])
  let state: tf.Tensor = tf.zeros([2, side])
  for (const row of tf.unstack(a)) {
    const frame = tf.tile(tf.reshape(row, [2, 2]), [1, 2])
    state = tf.tanh(tf.add(tf.add(tf.matMul(state, weights), bias), frame))
  }
  return tf.concat([state, tf.neg(state)])
}

const programs = fc.array(fc.record({ step: fc.nat(steps.length - 1), a: fc.nat(30), b: fc.nat(30) }), {
  minLength: 3,
  maxLength: 14,
})

type Recipe = typeof programs extends fc.Arbitrary<infer Drawn> ? Drawn : never

/** A random program with several outputs, gradients by both inputs included. */
function randomProgram(recipe: Recipe): TensorProgram {
  return ({ x, y }) => {
    const made = (a: tf.Tensor, b: tf.Tensor) => {
      const values = [a, b]
      for (const { step, a: first, b: second } of recipe) {
        values.push(steps[step](values[first % values.length], values[second % values.length]))
      }
      return values
    }
    const values = made(x, y)
    const [dx, dy] = tf.grads((a, b) =>
      tf
        .sum(tf.square(made(a, b).at(-1)!))
        .add(a.sum())
        .add(b.sum()),
    )([x, y])
    return { last: values.at(-1)!, middle: values[values.length >> 1], dx, dy }
  }
}

const recorded = (recipe: Recipe): Graph => record('random', signatures, randomProgram(recipe))

async function valuesOf(graph: Graph): Promise<Record<string, number[]>> {
  const session = await ort.InferenceSession.create(encodeModel(graph), {
    graphOptimizationLevel: 'disabled',
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  })
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, data]) => [name, new ort.Tensor('float32', data, [side, side])]),
  )
  const results = await session.run(tensors)
  await session.release()
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array)]))
}

const everything: readonly PassId[] = [...simplifications, ...fusions]

/** What a pass needs before it to find anything. */
const passes: [string, readonly PassId[]][] = [
  ...passIds.map((pass): [string, readonly PassId[]] => [
    pass,
    pass === 'time' ? ['unused', 'transposes', pass] : [pass],
  ]),
  ['all', everything],
]

function expectAlike(found: Record<string, number[]>, expected: Record<string, number[]>): void {
  for (const [name, values] of Object.entries(expected)) {
    const scale = Math.max(1, ...values.map(Math.abs))
    values.forEach((value, i) => {
      if (!(Math.abs(found[name][i] - value) <= 1e-6 * scale)) expect.fail(`${name}[${i}] ${found[name][i]} ${value}`)
    })
  }
}

describe('passes', () => {
  it.each(passes)('%s: values stay to 1e-6, nodes do not grow', async (_name, chosen) => {
    await fc.assert(
      fc.asyncProperty(programs, async recipe => {
        const before = recorded(recipe)
        const after = optimise(before, chosen)
        expect(optimise(after, ['unused']).nodes.length).toBeLessThanOrEqual(before.nodes.length)
        expectAlike(await valuesOf(after), await valuesOf(before))
      }),
      { numRuns: 25, seed: 7 },
    )
  })

  it('without any one of them: the values of all', async () => {
    await fc.assert(
      fc.asyncProperty(programs, fc.constantFrom(...passIds), async (recipe, left) => {
        const graph = recorded(recipe)
        const without = everything.filter(pass => pass !== left)
        expectAlike(await valuesOf(optimise(graph, without)), await valuesOf(optimise(graph, everything)))
      }),
      { numRuns: 30, seed: 11 },
    )
  })

  it('together: the values of cpu', async () => {
    const [onnx, cpu] = [await loadEngine('onnx'), await loadEngine('cpu')]
    await fc.assert(
      fc.asyncProperty(programs, async recipe => {
        const program = randomProgram(recipe)
        expectSame(await runOn(onnx, signatures, feeds, program), await runOn(cpu, signatures, feeds, program))
      }),
      { numRuns: 25, seed: 13 },
    )
  })

  const operators = (program: (t: Record<string, tf.Tensor>) => tf.Tensor, chosen: readonly PassId[]) =>
    optimise(
      record('one', signatures, t => ({ out: tf.tanh(program(t)) })),
      chosen,
    ).nodes.map(({ op }) => op)

  it('drop what nobody reads', () => {
    const wasteful = ({ x, y }: Record<string, tf.Tensor>) => {
      tf.exp(y)
      return x
    }
    expect(operators(wasteful, ['unused'])).toEqual(['Tanh'])
  })

  it('drop what does nothing', () => {
    const idle = ({ x }: Record<string, tf.Tensor>) => tf.mul(tf.add(tf.transpose(tf.transpose(x)), 0), tf.onesLike(x))
    expect(operators(idle, simplifications)).toEqual(['Tanh'])
    const broadcasting = ({ x }: Record<string, tf.Tensor>) => tf.add(tf.sum(x), tf.zeros([3]))
    expect(operators(broadcasting, simplifications)).toEqual(['ReduceSum', 'Add', 'Tanh'])
  })

  it('compute the same thing once', () => {
    const twice = ({ x, y }: Record<string, tf.Tensor>) => tf.sub(tf.exp(tf.add(x, y)), tf.exp(tf.add(x, y)))
    expect(operators(twice, simplifications)).toEqual(['Add', 'Exp', 'Sub', 'Tanh'])
  })

  it('read transposed operands as they lie and scale within the product', () => {
    const scaled = ({ x, y }: Record<string, tf.Tensor>) => tf.mul(tf.matMul(x, y, true, true), 0.5)
    expect(operators(scaled, everything)).toEqual(['FusedMatMul', 'Tanh'])
  })

  it('add up the gradient of a weight over time in one product', async () => {
    const overTime = ({ x, y }: Record<string, tf.Tensor>) =>
      tf.grad((weights: tf.Tensor) => {
        const frames = tf.unstack(x).map(row => tf.reshape(row, [2, 2]))
        const states = [tf.slice(weights, [0, 0], [2, 2])]
        for (const frame of frames) states.push(tf.tanh(tf.matMul(tf.add(frame, states.at(-1)!), weights)))
        return tf.sum(states.at(-1)!)
      })(tf.slice(y, [1, 1], [2, 2]))
    const chosen = everything
    const products = operators(overTime, chosen).filter(op => op === 'FusedMatMul')
    // Each of four steps hands the gradient back to the state before it; all share one product for the weights.
    expect(products).toHaveLength(4 + 1)
    const graph = record('time', signatures, t => ({ out: overTime(t) }))
    const [expected, found] = [(await valuesOf(graph)).out, (await valuesOf(optimise(graph, chosen))).out]
    expected.forEach((value, i) => {
      expect(found[i]).toBeCloseTo(value, 6)
    })
  })

  it('keep an output that is an input, and two outputs that are one', async () => {
    const graph = record('outputs', signatures, ({ x, y }) => {
      const sum = tf.add(x, y)
      return { x, again: x, sum, twin: sum }
    })
    const found = await valuesOf(optimise(graph, everything))
    expect(Object.keys(found)).toEqual(['x.next', 'again', 'sum', 'twin'])
    expect(found.again).toEqual(Array.from(feeds.x))
    expect(found.twin).toEqual(found.sum)
  })

  it('sum the rows of a bias over the time that its weights have gathered', () => {
    const gradients = ({ x, y }: Record<string, tf.Tensor>) => tf.concat(tf.grads(overTime)([x, y]))
    const count = (chosen: readonly PassId[]) => operators(gradients, chosen).filter(op => op === 'ReduceSum').length
    const apart = everything.filter(pass => pass !== 'time')
    // Four steps; the first has no product to share its rows with, because its state is zero.
    expect(count(everything)).toBe(count(apart) - 2)
  })

  it('leave the rows of a bias alone that are narrower than those of the weights', async () => {
    const cut = ({ x, y }: Record<string, tf.Tensor>) =>
      tf.concat(
        tf
          .grads((weights: tf.Tensor, bias: tf.Tensor) => {
            const rows = tf.unstack(x).map(row => tf.matMul(tf.reshape(row, [2, 2]), weights))
            return tf.sum(tf.addN(rows.map(row => tf.tanh(tf.add(tf.reshape(row, [4, 2]), bias)))))
          })([tf.slice(y, [0, 0], [2, 4]), tf.slice(y, [2, 0], [1, 2])])
          .map(gradient => tf.reshape(gradient, [-1])),
      )
    const graph = record('cut', signatures, t => ({ out: cut(t) }))
    const [expected, found] = [(await valuesOf(graph)).out, (await valuesOf(optimise(graph, everything))).out]
    expected.forEach((value, i) => {
      expect(found[i]).toBeCloseTo(value, 6)
    })
  })

  it('leave out the products of a state that is zero', () => {
    const first = ({ x, y }: Record<string, tf.Tensor>) => tf.add(tf.matMul(tf.zeros([side, side]), x), y)
    expect(operators(first, everything)).toEqual(['Tanh'])
  })

  it('read heads as they lie', () => {
    const attend = ({ x, y }: Record<string, tf.Tensor>) => tf.matMul(tf.mul(heads(x), 0.5), heads(y), false, true)
    expect(operators(attend, everything)).toEqual(['Reshape', 'Reshape', 'FusedMatMul', 'Tanh'])
  })

  it('begin products of matrices with their bias', async () => {
    const affine = ({ x, y }: Record<string, tf.Tensor>) => tf.add(tf.matMul(x, y), tf.slice(y, [0, 0], [1, side]))
    expect(operators(affine, everything)).toEqual(['Slice', 'Reshape', 'Gemm', 'Tanh'])
    const rows = (x: tf.Tensor) => tf.reshape(x, [2, 2, side])
    const shaped = ({ x, y }: Record<string, tf.Tensor>) => tf.add(tf.sum(y, 0), rows(tf.matMul(x, y, true)))
    expect(operators(shaped, everything)).toEqual(['ReduceSum', 'Gemm', 'Reshape', 'Tanh'])
    const graph = record('affine', signatures, t => ({ out: shaped(t) }))
    expect(countFlops(optimise(graph, everything))).toBe(2 * side ** 3)
    const [expected, found] = [(await valuesOf(graph)).out, (await valuesOf(optimise(graph, everything))).out]
    expected.forEach((value, i) => {
      expect(found[i]).toBeCloseTo(value, 6)
    })
  })

  it('leave a bias alone that is no row, or whose product others read', () => {
    const columns = ({ x, y }: Record<string, tf.Tensor>) => tf.add(tf.matMul(x, y), tf.slice(y, [0, 0], [side, 1]))
    expect(operators(columns, everything)).not.toContain('Gemm')
    const shared = ({ x, y }: Record<string, tf.Tensor>) => {
      const product = tf.matMul(x, y)
      return tf.mul(tf.add(product, tf.sum(y, 0)), product)
    }
    expect(operators(shared, everything)).not.toContain('Gemm')
    const batches = ({ x, y }: Record<string, tf.Tensor>) =>
      tf.add(tf.matMul(tf.reshape(x, [4, 2, 2]), tf.reshape(y, [4, 2, 2])), tf.slice(y, [0, 0], [1, 2]))
    expect(operators(batches, everything)).not.toContain('Gemm')
  })

  it('lay the gradients of slices side by side', () => {
    const sliced = ({ x }: Record<string, tf.Tensor>) =>
      tf.grad((a: tf.Tensor) => tf.sum(tf.add(tf.square(tf.slice(a, 0, 1)), tf.exp(tf.slice(a, 3, 1)))))(x)
    const found = operators(sliced, everything)
    expect(found).not.toContain('Pad')
    expect(found).toContain('Concat')
  })

  it('stack and unstack with one Reshape each', () => {
    const restacked = ({ x }: Record<string, tf.Tensor>) => tf.stack(tf.unstack(x).map(row => tf.exp(row)))
    const found = operators(restacked, everything)
    expect(found.filter(op => op === 'Reshape')).toHaveLength(2)
  })

  it('tell what they took off', () => {
    const runs: Saving[] = []
    const program = ({ x, y }: Record<string, tf.Tensor>) => {
      const idle = tf.matMul(x, y)
      return { out: tf.add(tf.matMul(x, y), tf.mul(idle, 0)), dropped: tf.neg(x) }
    }
    const graph = record('told', signatures, t => ({ out: program(t).out }))
    const after = optimise(graph, everything, run => void runs.push(run))
    const savings = summedSavings(runs)
    expect(savings.map(({ pass }) => pass)).toEqual(passIds)
    const saved = (of: (saving: Saving) => number) => savings.reduce((sum, saving) => sum + of(saving), 0)
    expect(saved(({ nodes }) => nodes)).toBe(graph.nodes.length - after.nodes.length)
    expect(saved(({ flops }) => flops)).toBe(2 * side ** 3)
    expect(savings.every(({ milliseconds }) => milliseconds >= 0)).toBe(true)
  })

  it('are chosen by name', async () => {
    expect(selectPasses('none')).toEqual([])
    expect(selectPasses('all')).toEqual(passIds)
    expect(selectPasses('unused, time')).toEqual(['unused', 'time'])
    expect(() => selectPasses('times')).toThrow(UserError)
    expect(() => selectPasses('times')).toThrow(/^unknown engine pass 'times'; known: time, /)
  })

  it('are linear in the nodes of a graph', () => {
    const steps = (count: number) =>
      record('long', signatures, ({ x, y }) => {
        const run = (a: tf.Tensor, b: tf.Tensor) => {
          let state: tf.Tensor = tf.zeros([side, side])
          for (let t = 0; t < count; t++) state = tf.tanh(tf.add(tf.matMul(state, a), b))
          return tf.sum(state)
        }
        const [dx, dy] = tf.grads(run)([x, y])
        return { dx, dy }
      })
    const busy = (graph: Graph) => {
      const before = process.cpuUsage()
      for (let i = 0; i < 3; i++) optimise(graph, everything)
      const { user, system } = process.cpuUsage(before)
      return (user + system) / graph.nodes.length
    }
    const [short, long] = [steps(100), steps(1600)]
    busy(short)
    // Sixteen times the nodes may cost a node twice as much (caches, collections), not sixteen times.
    expect(busy(long)).toBeLessThan(4 * busy(short))
  })

  it('leave an empty graph alone', () => {
    const empty: Graph = { name: 'empty', inputs: new Map(), outputs: new Map(), nodes: newBuilder().nodes }
    expect(optimise(empty, everything).nodes).toEqual([])
  })
})
