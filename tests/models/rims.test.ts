import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf.ts'
import { largest, offer, type RimsShape, rimsSpecs, rimsStep } from '../../models/layers/rims.ts'
import { numbers, sizeOf } from '../engine/support.ts'
import { expectGradientByDifferences, expectSameOnEveryEngine } from './on-engines.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const shape: RimsShape = {
  inputs: 3,
  modules: 4,
  width: 2,
  active: 2,
  keySize: 3,
  valueSize: 2,
  heads: 1,
  headSize: 2,
}
const BATCH = 3

const p: Record<string, tf.Tensor> = Object.fromEntries(
  Object.entries(rimsSpecs('r', shape)).map(([name, { shape: sides }], i) => [
    name,
    tf.tensor(numbers(i + 1, sizeOf(sides), 'unit'), [...sides]),
  ]),
)
const x = tf.tensor2d(numbers(50, BATCH * 3, 'unit'), [BATCH, 3])
const hidden = tf.tensor3d(numbers(51, 4 * BATCH * 2, 'unit'), [4, BATCH, 2])

const step = ({ x, hidden, ...weights }: Record<string, tf.Tensor>) => {
  const { key, value } = offer(weights, 'r', x)
  return rimsStep(weights, 'r', shape, key, value, hidden)
}

/** The equations of the paper for one episode, in loops over plain numbers. */
function published(input: number[], states: number[][]): { next: number[][]; active: number[] } {
  const array = (name: string) => p[`r.${name}`].arraySync() as number[][] & number[][][]
  const times = (row: number[], matrix: number[][]) =>
    matrix[0].map((_, j) => row.reduce((sum, value, i) => sum + value * matrix[i][j], 0))
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0)
  const softmax = (scores: number[]) => {
    const total = scores.reduce((sum, s) => sum + Math.exp(s), 0)
    return scores.map(s => Math.exp(s) / total)
  }
  const sigmoid = (a: number) => 1 / (1 + Math.exp(-a))
  // Attention to the rows [0; x]: no biases, so that the null row has a key and a value of zero.
  const rows = [input.map(() => 0), input]
  const attention = states.map((h, n) => {
    const query = times(h, array('query')[n])
    return softmax(rows.map(row => dot(query, times(row, array('key'))) / Math.sqrt(shape.keySize)))
  })
  const order = attention.map(([nothing], n) => ({ nothing, n })).sort((a, b) => a.nothing - b.nothing)
  const active = order.slice(0, shape.active).map(({ n }) => n)
  const thought = states.map((h, n) => {
    if (!active.includes(n)) return h
    const taken = times(input, array('value')).map(v => attention[n][1] * v)
    const bias = (name: string) => array(`${name}.bias`)[n][0] as unknown as number[]
    const fromInput = times(taken, array('input.weight')[n]).map((v, i) => v + bias('input')[i])
    const fromState = times(h, array('state.weight')[n]).map((v, i) => v + bias('state')[i])
    return h.map((old, i) => {
      const [r, z] = [sigmoid(fromInput[i] + fromState[i]), sigmoid(fromInput[2 + i] + fromState[2 + i])]
      const candidate = Math.tanh(fromInput[4 + i] + r * fromState[4 + i])
      return (1 - z) * candidate + z * old
    })
  })
  const roles = thought.map((h, n) => times(h, array('speak')[n]))
  const next = thought.map((h, n) => {
    if (!active.includes(n)) return h
    const weights = softmax(roles.map(role => dot(roles[n].slice(0, 2), role.slice(2, 4)) / Math.SQRT2))
    const heard = [4, 5].map(i => roles.reduce((sum, role, l) => sum + weights[l] * role[i], 0))
    return times(heard, array('heard')[n]).map((v, i) => v + h[i])
  })
  return { next, active }
}

describe('recurrent independent mechanisms', () => {
  it('follow the published equations, and who is not active stays as it was, bit for bit', () => {
    const next = step({ ...p, x, hidden }).arraySync() as number[][][]
    const before = hidden.arraySync() as number[][][]
    const chosen = new Set<string>()
    for (let b = 0; b < BATCH; b++) {
      const expected = published(
        (x.arraySync() as number[][])[b],
        before.map(module => module[b]),
      )
      chosen.add(expected.active.join())
      next.forEach((module, n) => {
        if (!expected.active.includes(n)) expect(module[b]).toEqual(before[n][b])
        module[b].forEach((value, i) => {
          expect(value).toBeCloseTo(expected.next[n][i], 5)
        })
      })
    }
    expect(chosen.size).toBeGreaterThan(1) // who is active depends on what is seen
  })

  it('gradients flow through a module that is not active: its state goes on', () => {
    const gradient = tf
      .grad((h: tf.Tensor) => tf.sum(step({ ...p, x, hidden: h })))(hidden)
      .arraySync() as number[][][]
    for (const module of gradient) for (const row of module) expect(Math.max(...row.map(Math.abs))).toBeGreaterThan(0.1)
  })

  it('are the same on every engine, and their gradient is what differences say', async () => {
    const inputs = Object.fromEntries(
      Object.entries(rimsSpecs('r', shape)).map(([name, { shape: sides }]) => [
        name,
        { shape: sides, values: 'unit' as const },
      ]),
    )
    await expectSameOnEveryEngine(
      { ...inputs, x: { shape: [BATCH, 3] }, hidden: { shape: [4, BATCH, 2], values: 'unit' } },
      step,
    )
    expectGradientByDifferences({ ...p, x, hidden }, step, 1e-3)
  })
})

describe('the largest of a column', () => {
  it('are exactly as many as asked for, and none outside is larger than one inside; of equal ones the first', () => {
    const columns = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 7 })
    fc.assert(
      fc.property(columns, fc.integer({ min: 1, max: 7 }), (scores, count) => {
        const chosen = Array.from(largest(tf.tensor2d(scores, [scores.length, 1]), count).dataSync())
        const order = scores.map((score, i) => ({ score, i })).sort((a, b) => b.score - a.score || a.i - b.i)
        const expected = scores.map(() => 0)
        for (const { i } of order.slice(0, count)) expected[i] = 1
        expect(chosen).toEqual(expected)
      }),
    )
  })
})
