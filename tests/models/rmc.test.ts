import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf.ts'
import { moduleMaps, sharedMaps } from '../../models/layers/affine.ts'
import { firstMemory, type RmcShape, rmcSpecs, rmcStep } from '../../models/layers/rmc.ts'
import type { ParameterSpecs } from '../../models/model.ts'
import { numbers, sizeOf } from '../engine/support.ts'
import { expectGradientByDifferences, expectSameOnEveryEngine } from './on-engines.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const shape: RmcShape = { inputs: 3, slots: 2, slotSize: 4, heads: 2, headSize: 3 }
const valuesOf = (specs: ParameterSpecs): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(specs).map(([name, { shape: sides }], i) => [
      name,
      tf.tensor(numbers(i + 1, sizeOf(sides), 'unit'), [...sides]),
    ]),
  )

/** The equations of the paper for one episode, in loops over plain numbers. */
function published(p: Record<string, tf.Tensor>, input: number[], memory: number[][]): number[][] {
  const { heads, headSize, slots, slotSize } = shape
  const affine = (name: string, x: number[]) => {
    const weight = p[`${name}.weight`].arraySync() as number[][]
    const bias = p[`${name}.bias`].arraySync() as number[]
    return bias.map((b, j) => x.reduce((sum, value, i) => sum + value * weight[i][j], b))
  }
  const norm = (name: string, x: number[]) => {
    const mean = x.reduce((a, b) => a + b) / x.length
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length
    const [gain, shift] = ['gain', 'shift'].map(kind => p[`${name}.${kind}`].arraySync() as number[])
    return x.map((value, i) => (gain[i] * (value - mean)) / Math.sqrt(variance + 1e-5) + shift[i])
  }
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
  const row = affine('r.input', input)
  const roles = [...memory, row].map(x => affine('r.attend', x))
  const part = (slot: number, role: number, head: number) => {
    const start = (role * heads + head) * headSize
    return roles[slot].slice(start, start + headSize)
  }
  return memory.slice(0, slots).map((old, s) => {
    const attended = Array.from({ length: heads }, (_, h) => {
      const scores = roles.map((_role, l) =>
        Math.exp(part(s, 0, h).reduce((sum, q, i) => sum + q * part(l, 1, h)[i], 0) / Math.sqrt(headSize)),
      )
      const total = scores.reduce((a, b) => a + b)
      return part(s, 0, h).map((_q, i) => scores.reduce((sum, w, l) => sum + (w / total) * part(l, 2, h)[i], 0))
    }).flat()
    const added = affine('r.attended', attended).map((x, i) => x + old[i])
    const told = norm('r.norm1', added)
    const hidden = affine('r.mlp1', told).map(x => Math.max(0, x))
    const thought = affine('r.mlp2', hidden).map((x, i) => x + told[i])
    const proposal = norm('r.norm2', thought)
    const fromInput = affine('r.gates.input', row)
    const fromMemory = affine('r.gates.memory', old.map(Math.tanh))
    const gate = (i: number) => sigmoid(fromInput[i] + fromMemory[i])
    return old.map((m, i) => gate(i) * Math.tanh(proposal[i]) + gate(slotSize + i) * m)
  })
}

describe('relational memory core', () => {
  const p = valuesOf(rmcSpecs('r', sharedMaps, shape))
  const [input, memory] = [
    tf.tensor2d(numbers(90, 5 * 3, 'unit'), [5, 3]),
    tf.tensor3d(numbers(91, 5 * 8, 'unit'), [5, 2, 4]),
  ]

  it('follows the published equations', () => {
    const next = rmcStep(p, 'r', sharedMaps, shape, input, memory).arraySync() as number[][][]
    const [inputs, memories] = [input.arraySync(), memory.arraySync()]
    next.forEach((slots, b) => {
      const expected = published(p, inputs[b], memories[b])
      slots.flat().forEach((x, i) => {
        expect(x).toBeCloseTo(expected.flat()[i], 5)
      })
    })
  })

  it('with maps of its own in every module: each module as that module alone', () => {
    const own = valuesOf(rmcSpecs('r', moduleMaps(5), shape))
    const [inputs, memories] = [tf.reshape(input, [5, 1, 3]), tf.reshape(memory, [5, 1, 2, 4])]
    const together = rmcStep(own, 'r', moduleMaps(5), shape, inputs, memories)
    for (const m of [0, 3]) {
      const alone = Object.fromEntries(
        Object.entries(own).map(([name, x]) => [
          name,
          x.shape[0] === 5 ? tf.reshape(tf.slice(x, m, 1), x.shape.slice(name.endsWith('bias') ? 2 : 1)) : x,
        ]),
      )
      const next = rmcStep(alone, 'r', sharedMaps, shape, tf.slice(input, m, 1), tf.slice(memory, m, 1))
      const difference = tf.sub(tf.reshape(next, [2, 4]), tf.reshape(tf.slice(together, m, 1), [2, 4]))
      expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(1e-6)
    }
  })

  it('starts with slots that differ, so that they do not stay the same for ever', () => {
    expect(firstMemory([2], { ...shape, slotSize: 3 }).arraySync()).toEqual([
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
    ])
    const next = rmcStep(p, 'r', sharedMaps, shape, tf.slice(input, 0, 1), firstMemory([1], shape))
    const [first, second] = (next.arraySync() as number[][][])[0]
    expect(first).not.toEqual(second)
  })

  it('is the same on every engine, and its gradient is what differences say', async () => {
    const specs = rmcSpecs('r', sharedMaps, shape)
    const layer = ({ input, memory, ...rest }: Record<string, tf.Tensor>) =>
      rmcStep(rest, 'r', sharedMaps, shape, input, memory)
    const inputs = Object.fromEntries(
      Object.entries(specs).map(([name, { shape: sides }]) => [name, { shape: sides, values: 'unit' as const }]),
    )
    await expectSameOnEveryEngine({ ...inputs, input: { shape: [5, 3] }, memory: { shape: [5, 2, 4] } }, layer)
    expectGradientByDifferences({ ...p, input, memory }, layer, 1e-3)
  })
})
