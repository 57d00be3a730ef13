import { beforeAll, describe, expect, it } from 'vitest'
import { attentionStep, measureAttention } from '../../benchmarks/speed/attention.ts'
import * as tf from '../../engine/tf.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

describe('the speed of attention between modules', () => {
  it('times two forms that give the same result', () => {
    const lattice = { rows: 4, columns: 4, boundary: 'torus' } as const
    const roles = tf.randomNormal([16, 8, 48], 0, 1, 'float32', 3)
    const [dense, sparse] = (['dense', 'sparse'] as const).map(form => attentionStep(roles, lattice, 1, form))
    for (const name of ['value', 'gradient'])
      expect(tf.max(tf.abs(tf.sub(dense[name], sparse[name]))).dataSync()[0]).toBeLessThan(1e-3)
  })

  it('has a row for every number of modules', async () => {
    const rows = await measureAttention(1, [4, 5], 1, 1)
    expect(rows.map(({ modules, neighbours }) => [modules, neighbours])).toEqual([
      [16, 9],
      [25, 9],
    ])
    for (const { dense, sparse } of rows) for (const { median } of [dense, sparse]) expect(median).toBeGreaterThan(0)
  })
})
