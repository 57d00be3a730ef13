import { expect, it } from 'vitest'
import { passIds } from '../../engine/onnx/passes/index.ts'
import { profileGraph } from '../../engine/onnx/profile.ts'
import { recorded } from '../../engine/onnx/recorded.ts'
import * as tf from '../../engine/tf.ts'

const square = { shape: [256, 256], dtype: 'float32' } as const
const inputs = { x: square }
const program = ({ x }: Record<string, tf.Tensor>) => ({ y: tf.relu(tf.matMul(x, tf.matMul(x, x, false, true))) })

it('operators cost what the hand counts: nodes, multiplications, bytes written', async () => {
  const { graph } = recorded('squares', inputs, program, passIds)
  const costs = await profileGraph(graph, { x: new Float32Array(256 ** 2).fill(1 / 16) }, 3)
  const of = (name: string) => costs.find(({ operator }) => operator === name)
  const [bytes, flops] = [4 * 256 ** 2, 2 * 256 ** 3]
  expect(costs).toHaveLength(3)
  expect(of('FusedMatMul')).toMatchObject({ domain: 'com.microsoft', nodes: 1, flops, bytes })
  expect(of('MatMul')).toMatchObject({ domain: '', nodes: 1, flops, bytes })
  expect(of('Relu')).toMatchObject({ domain: '', nodes: 1, flops: 0, bytes })
})

it('their times are those of single runs, longest first, and fit into the time that passes', async () => {
  const { graph } = recorded('squares', inputs, program, passIds)
  const began = performance.now()
  const costs = await profileGraph(graph, { x: new Float32Array(256 ** 2) }, 7)
  const passed = performance.now() - began
  const times = costs.map(({ milliseconds }) => milliseconds)
  expect(times).toEqual(times.toSorted((a, b) => b - a))
  // 33 million multiplications and additions: no core does them within 20 µs.
  expect(times[0]).toBeGreaterThan(0.02)
  expect(7 * times.reduce((sum, time) => sum + time)).toBeLessThan(2 * passed)
})
