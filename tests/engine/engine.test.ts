import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Engine, Feed, Signature } from '../../engine/engine.ts'
import { loadEngine } from '../../engine/index.ts'
import { fileFor } from '../../engine/onnx/lowerings/index.ts'
import * as tf from '../../engine/tf.ts'
import { UserError } from '../../lib/errors.ts'

const vector = (length: number): Signature => ({ shape: [length], dtype: 'float32' })

let onnx: Engine
let cpu: Engine
beforeAll(async () => {
  onnx = await loadEngine('onnx')
  cpu = await loadEngine('cpu')
})

const engines = ['onnx', 'cpu'] as const
const engineOf = (id: (typeof engines)[number]) => (id === 'onnx' ? onnx : cpu)

describe.each(engines)('a program of engine %s', id => {
  const compile = () =>
    engineOf(id).compile('double', { x: vector(3), n: { shape: [], dtype: 'int32' } }, ({ x, n }) => ({
      x: tf.mul(x, 2),
      same: x,
      n: tf.add(n, tf.scalar(1, 'int32')),
      positive: tf.greater(x, 0),
      fixed: tf.tensor([1, 2]),
    }))

  it('runs on arrays and on its own values, as often as asked', async () => {
    const program = await compile()
    const first = await program.run({ x: Float32Array.of(1, -2, 3), n: Int32Array.of(4) })
    const second = await program.run({ x: first.x, n: first.n })
    expect([...second.x.read()]).toEqual([4, -8, 12])
    expect([...second.same.read()]).toEqual([2, -4, 6])
    expect([...first.same.read()]).toEqual([1, -2, 3])
    expect([...second.n.read()]).toEqual([6])
    expect([...second.fixed.read()]).toEqual([1, 2])
    expect(second.positive).toMatchObject({ shape: [3], dtype: 'int32' })
    expect([...second.positive.read()]).toEqual([1, 0, 1])
    for (const value of [...Object.values(first), ...Object.values(second)]) value.dispose()
    program.dispose()
  })

  it('takes its own values for any shape of the same length', async () => {
    const program = await compile()
    const shaped = await engineOf(id).compile('row', { x: { shape: [1, 3], dtype: 'float32' } }, ({ x }) => ({ x }))
    const row = await shaped.run({ x: Float32Array.of(1, 2, 3) })
    const result = await program.run({ x: row.x, n: Int32Array.of(0) })
    expect(result.x.shape).toEqual([3])
    expect([...result.x.read()]).toEqual([2, 4, 6])
  })

  it('ignores an input that it does not read', async () => {
    const program = await engineOf(id).compile('idle', { x: vector(1), y: vector(2) }, ({ x }) => ({ x: tf.neg(x) }))
    const result = await program.run({ x: Float32Array.of(1), y: new Float32Array(2) })
    expect([...result.x.read()]).toEqual([-1])
  })

  it('lets what is not a number through', async () => {
    const program = await engineOf(id).compile('nan', { x: vector(3) }, ({ x }) => ({
      relu: tf.relu(x),
      clipped: tf.clipByValue(x, -1, 1),
      largest: tf.max(x),
      softmax: tf.softmax(x),
      softplus: tf.softplus(x),
    }))
    const outputs = await program.run({ x: Float32Array.of(Number.NaN, 1, 2) })
    for (const [name, value] of Object.entries(outputs)) expect(value.read()[0], name).toBeNaN()
  })

  it('takes the values of another engine', async () => {
    const given = await cpu.compile('given', {}, () => ({ x: tf.tensor([1, 2, 3]) }))
    const { x } = await given.run({})
    const program = await compile()
    const result = await program.run({ x, n: Int32Array.of(0) })
    expect([...result.x.read()]).toEqual([2, 4, 6])
  })

  it('says in one line what is wrong with its feeds', async () => {
    const program = await compile()
    const x = Float32Array.of(1, 2, 3)
    const n = Int32Array.of(1)
    const wrong: [Record<string, Feed>, string][] = [
      [{ x }, "program 'double' misses the feed 'n': int32 []"],
      [{ x, n, m: n }, "unknown feed of program 'double' 'm'; known: x, n"],
      [{ x: x.subarray(1), n }, "feed 'x' of program 'double' has 2 values; [3] takes 3"],
      [{ x: Int32Array.of(1, 2, 3), n }, "feed 'x' of program 'double' is int32; float32 is wanted"],
    ]
    for (const [feeds, message] of wrong) {
      const error = await program.run(feeds).catch(thrown => thrown)
      expect(error).toBeInstanceOf(UserError)
      expect(error.message).toBe(message)
    }
  })

  it('leaves the backend of tfjs as it was, and no tensor behind', async () => {
    await tf.setBackend('cpu')
    const before = tf.memory().numTensors
    const program = await compile()
    const outputs = await program.run({ x: Float32Array.of(1, 2, 3), n: Int32Array.of(1) })
    for (const value of Object.values(outputs)) value.dispose()
    program.dispose()
    expect(tf.getBackend()).toBe('cpu')
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('recording', () => {
  it('names a kernel without lowering and the file to add it to', async () => {
    await tf.setBackend('cpu')
    const program = onnx.compile('diagonal', { x: vector(3) }, ({ x }) => ({ y: tf.diag(x) }))
    await expect(program).rejects.toThrow(
      new UserError(
        "program 'diagonal' uses the tfjs kernel Diag, which has no lowering to ONNX; " +
          'add one to engine/onnx/lowerings/indexing.ts',
      ),
    )
    expect(tf.getBackend()).toBe('cpu')
  })

  it('knows a file for every kernel that it lacks', () => {
    for (const { kernelName } of tf.getKernelsForBackend('cpu')) expect(existsSync(fileFor(kernelName))).toBe(true)
  })

  it('refuses a program that reads values', async () => {
    const program = onnx.compile('reading', { x: vector(1) }, ({ x }) => ({ y: tf.mul(x, x.dataSync()[0]) }))
    await expect(program).rejects.toThrow(/must not read values/)
  })

  it('turns tensors from before into constants', async () => {
    await tf.setBackend('cpu')
    const weights = tf.tensor([1, 2, 3])
    const program = await onnx.compile('closure', { x: vector(3) }, ({ x }) => ({ y: tf.mul(x, weights) }))
    expect([...weights.dataSync()]).toEqual([1, 2, 3])
    weights.dispose()
    expect([...(await program.run({ x: Float32Array.of(1, 1, 2) })).y.read()]).toEqual([1, 2, 6])
  })

  it('takes custom gradients', async () => {
    const clipped = tf.customGrad((...given) => ({
      value: tf.square(given[0] as tf.Tensor),
      gradFunc: (dy: tf.Tensor) => [tf.clipByValue(dy, -0.5, 0.5)],
    }))
    const program = await onnx.compile('custom', { x: vector(2) }, ({ x }) => ({
      dx: tf.grad((given: tf.Tensor) => tf.sum(tf.mul(clipped(given), tf.tensor([3, 0.25]))))(x),
    }))
    expect([...(await program.run({ x: Float32Array.of(1, 2) })).dx.read()]).toEqual([0.5, 0.25])
  })

  it('exports an ONNX file that keeps to ONNX itself', async () => {
    const program = await onnx.compile('exported', { x: { shape: [2, 3], dtype: 'float32' } }, ({ x }) => ({
      y: tf.matMul(x, x, false, true),
    }))
    const file = Buffer.from(program.export()).toString('latin1')
    expect(file).toContain('MatMul')
    expect(file).not.toContain('com.microsoft')
    const eager = await cpu.compile('eager', { x: vector(1) }, ({ x }) => ({ x }))
    expect(() => eager.export()).toThrow("engine 'cpu' keeps no graph; export with --engine onnx")
  })

  it('holds no memory over many compilations', async () => {
    const compileOnce = async () => {
      const program = await onnx.compile('many', { x: { shape: [64, 64], dtype: 'float32' } }, ({ x }) => ({
        y: tf.grad((given: tf.Tensor) => tf.sum(tf.matMul(given, tf.ones([64, 64]).add(given))))(x),
      }))
      await program.run({ x: new Float32Array(64 * 64) })
      program.dispose()
    }
    for (let i = 0; i < 20; i++) await compileOnce()
    const tensors = tf.memory().numTensors
    const before = process.memoryUsage.rss()
    for (let i = 0; i < 100; i++) await compileOnce()
    expect(tf.memory().numTensors).toBe(tensors)
    expect((process.memoryUsage.rss() - before) / 2 ** 20).toBeLessThan(40)
  })
})

describe('engine wasm', () => {
  it('says which kernel it lacks', async () => {
    const wasm = await loadEngine('wasm')
    const inputs: Record<string, Signature> = {
      x: { shape: [1, 4, 4, 1], dtype: 'float32' },
      f: { shape: [2, 2, 1, 1], dtype: 'float32' },
    }
    const program = await wasm.compile('learn', inputs, ({ x, f }) => ({
      df: tf.grad((filter: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'))(f),
    }))
    await expect(program.run({ x: new Float32Array(16), f: new Float32Array(4) })).rejects.toThrow(
      new UserError(
        "engine 'wasm' lacks the tfjs kernel Conv2DBackpropFilter, which program 'learn' uses; try another",
      ),
    )
  })
})

describe('flops', () => {
  const count = async (shapes: Record<string, number[]>, run: (t: Record<string, tf.Tensor>) => tf.Tensor) => {
    const signatures = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' } as const]),
    )
    const counts = [onnx, cpu].map(engine => engine.compile('counted', signatures, t => ({ y: run(t) })))
    const [graph, eager] = await Promise.all(counts)
    expect(eager.flops).toBe(graph.flops)
    return graph.flops
  }

  it('of a linear layer, and three times as many with both gradients', async () => {
    const shapes = { x: [8, 5], w: [5, 3] }
    const layer = (x: tf.Tensor, w: tf.Tensor) => tf.matMul(x, w)
    expect(await count(shapes, ({ x, w }) => layer(x, w))).toBe(2 * 8 * 5 * 3)
    const trained = ({ x, w }: Record<string, tf.Tensor>) => {
      const [dx, dw] = tf.grads((a, b) => tf.sum(tf.square(layer(a, b))))([x, w])
      return tf.add(tf.sum(dx), tf.sum(dw))
    }
    expect(await count(shapes, trained)).toBe(3 * 2 * 8 * 5 * 3)
  })

  it('of a batched product, an einsum and attention', async () => {
    expect(await count({ x: [4, 2, 3], y: [4, 7, 3] }, ({ x, y }) => tf.matMul(x, y, false, true))).toBe(
      2 * 4 * 2 * 3 * 7,
    )
    expect(await count({ x: [2, 3], y: [3, 5] }, ({ x, y }) => tf.einsum('ij,jk->ik', x, y))).toBe(2 * 2 * 3 * 5)
    const attention = ({ q, k, v }: Record<string, tf.Tensor>) => tf.matMul(tf.softmax(tf.matMul(q, k, false, true)), v)
    expect(await count({ q: [2, 5, 8], k: [2, 6, 8], v: [2, 6, 4] }, attention)).toBe(2 * 2 * 5 * 6 * (8 + 4))
  })

  it('of a convolution, and three times as many with both gradients', async () => {
    const shapes = { x: [2, 6, 6, 3], f: [3, 3, 3, 4] }
    const apply = (x: tf.Tensor, f: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'same')
    const once = 2 * (2 * 6 * 6 * 4) * (3 * 3 * 3)
    expect(await count(shapes, ({ x, f }) => apply(x, f))).toBe(once)
    const trained = ({ x, f }: Record<string, tf.Tensor>) => {
      const [dx, df] = tf.grads((a, b) => tf.sum(tf.square(apply(a, b))))([x, f])
      return tf.add(tf.sum(dx), tf.sum(df))
    }
    expect(await count(shapes, trained)).toBe(3 * once)
  })
})
