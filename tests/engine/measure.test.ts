import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../engine/index.ts'
import { measureProgram } from '../../engine/onnx/measure.ts'
import * as tf from '../../engine/tf.ts'

const square = { shape: [8, 8], dtype: 'float32' } as const

describe('what a program costs', () => {
  it('a chain of products holds two tensors at a time beside its input', () => {
    const { nodes, flops, bytes } = measureProgram('chain', { x: square }, ({ x }) => {
      const chain = Array.from({ length: 5 }).reduce<tf.Tensor>(product => tf.matMul(product, x), x)
      return { chain }
    })
    expect(nodes).toBe(5)
    expect(flops).toBe(5 * 2 * 8 ** 3)
    expect(bytes).toBe(3 * 64 * 4)
  })

  it('what is read late is held until then', () => {
    const { bytes } = measureProgram('late', { x: square }, ({ x }) => {
      const parts = Array.from({ length: 5 }, (_, i) => tf.matMul(x, tf.add(x, i)))
      return { joined: tf.concat(parts) }
    })
    // The input, five parts and their joined copy; the sums and the numbers added are gone or small by then.
    expect(bytes).toBeGreaterThanOrEqual((1 + 5 + 5) * 64 * 4)
    expect(bytes).toBeLessThan((1 + 5 + 5 + 1) * 64 * 4)
  })

  it('agrees with the engine on multiplications and nodes', async () => {
    const program = ({ x }: Record<string, tf.Tensor>) => ({ y: tf.softmax(tf.matMul(x, x, false, true)) })
    const compiled = await (await loadEngine('onnx')).compile('both', { x: square }, program)
    const { nodes, flops } = measureProgram('both', { x: square }, program)
    expect({ nodes, flops }).toEqual({ nodes: compiled.nodes, flops: compiled.flops })
    compiled.dispose()
  })

  it.each(['onnx', 'cpu'] as const)('is told by %s before anything runs, to whoever would refuse it', async id => {
    const engine = await loadEngine(id)
    const program = ({ x }: Record<string, tf.Tensor>) => ({ y: tf.matMul(x, x) })
    const told: number[] = []
    const compiled = await engine.compile('told', { x: square }, program, bytes => told.push(bytes))
    compiled.dispose()
    expect(told).toEqual([2 * 64 * 4])
    const refuse = () => {
      throw new Error('too much')
    }
    await expect(engine.compile('told', { x: square }, program, refuse)).rejects.toThrow('too much')
  })
})

describe('constants of an exported file', () => {
  it('must be inputs, of the right length', async () => {
    const onnx = await loadEngine('onnx')
    const program = await onnx.compile('double', { x: square, w: square }, ({ x, w }) => ({ y: tf.mul(x, w) }))
    expect(() => program.export({ constants: { v: new Float32Array(64) } })).toThrow("'double' has no input 'v'")
    expect(() => program.export({ constants: { w: new Float32Array(3) } })).toThrow("input 'w' takes 64 numbers, not 3")
    const file = Buffer.from(program.export({ metadata: { colour: 'ultramarine' } })).toString('latin1')
    expect(file).toMatch(/colour.{2}ultramarine/s)
    program.dispose()
  })
})
