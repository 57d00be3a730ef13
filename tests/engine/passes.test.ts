import fc from 'fast-check'
import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import type { Signature } from '../../engine/engine.ts'
import { newBuilder } from '../../engine/onnx/build.ts'
import type { Graph } from '../../engine/onnx/graph.ts'
import { encodeModel } from '../../engine/onnx/model.ts'
import { mergeDuplicates } from '../../engine/onnx/passes/duplicates.ts'
import { dropIdentities } from '../../engine/onnx/passes/identities.ts'
import { fusions, optimise, type Pass, simplifications } from '../../engine/onnx/passes/index.ts'
import { fuseMatrixProducts } from '../../engine/onnx/passes/matmul.ts'
import { joinSumsOverTime } from '../../engine/onnx/passes/sums-over-time.ts'
import { dropUnused } from '../../engine/onnx/passes/unused.ts'
import { record } from '../../engine/onnx/trace.ts'
import * as tf from '../../engine/tf.ts'
import { numbers } from './support.ts'

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
]

const programs = fc.array(fc.record({ step: fc.nat(steps.length - 1), a: fc.nat(30), b: fc.nat(30) }), {
  minLength: 3,
  maxLength: 14,
})

type Recipe = typeof programs extends fc.Arbitrary<infer Drawn> ? Drawn : never

/** A random program with several outputs, gradients by both inputs included. */
const recorded = (recipe: Recipe): Graph =>
  record('random', signatures, ({ x, y }) => {
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
  })

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

const passes: [string, readonly Pass[]][] = [
  ['unused', [dropUnused]],
  ['identities', [dropIdentities]],
  ['duplicates', [mergeDuplicates]],
  ['matrix products', [fuseMatrixProducts]],
  ['sums over time', [fuseMatrixProducts, joinSumsOverTime, dropUnused]],
  ['all', [...simplifications, ...fusions]],
]

describe('passes', () => {
  it.each(passes)('%s: values stay to 1e-6, nodes do not grow', async (_name, chosen) => {
    await fc.assert(
      fc.asyncProperty(programs, async recipe => {
        const before = recorded(recipe)
        const after = optimise(before, chosen)
        expect(after.nodes.length).toBeLessThanOrEqual(before.nodes.length)
        const expected = await valuesOf(before)
        const found = await valuesOf(after)
        for (const [name, values] of Object.entries(expected)) {
          const scale = Math.max(1, ...values.map(Math.abs))
          values.forEach((value, i) => {
            if (!(Math.abs(found[name][i] - value) <= 1e-6 * scale))
              expect.fail(`${name}[${i}] ${found[name][i]} ${value}`)
          })
        }
      }),
      { numRuns: 25, seed: 7 },
    )
  })

  const operators = (program: (t: Record<string, tf.Tensor>) => tf.Tensor, chosen: readonly Pass[]) =>
    optimise(
      record('one', signatures, t => ({ out: tf.tanh(program(t)) })),
      chosen,
    ).nodes.map(({ op }) => op)

  it('drop what nobody reads', () => {
    const wasteful = ({ x, y }: Record<string, tf.Tensor>) => {
      tf.exp(y)
      return x
    }
    expect(operators(wasteful, [dropUnused])).toEqual(['Tanh'])
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
    expect(operators(scaled, [...simplifications, ...fusions])).toEqual(['FusedMatMul', 'Tanh'])
  })

  it('add up the gradient of a weight over time in one product', async () => {
    const overTime = ({ x, y }: Record<string, tf.Tensor>) =>
      tf.grad((weights: tf.Tensor) => {
        const frames = tf.unstack(x).map(row => tf.reshape(row, [2, 2]))
        const states = [tf.slice(weights, [0, 0], [2, 2])]
        for (const frame of frames) states.push(tf.tanh(tf.matMul(tf.add(frame, states.at(-1)!), weights)))
        return tf.sum(states.at(-1)!)
      })(tf.slice(y, [1, 1], [2, 2]))
    const chosen = [...simplifications, ...fusions]
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
    const found = await valuesOf(optimise(graph, [...simplifications, ...fusions]))
    expect(Object.keys(found)).toEqual(['x.next', 'again', 'sum', 'twin'])
    expect(found.again).toEqual(Array.from(feeds.x))
    expect(found.twin).toEqual(found.sum)
  })

  it('leave an empty graph alone', () => {
    const empty: Graph = { name: 'empty', inputs: new Map(), outputs: new Map(), nodes: newBuilder().nodes }
    expect(optimise(empty, [...simplifications, ...fusions]).nodes).toEqual([])
  })
})
