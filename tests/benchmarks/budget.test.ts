import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { budgetLabel } from '../../benchmarks/board/tables.ts'
import { type Budget, budgetSchema, type CellSpec, cellId } from '../../benchmarks/cell.ts'
import { runCell } from '../../benchmarks/run-cell.ts'
import { smoke } from '../../benchmarks/suites/smoke.ts'
import { selectCells } from '../../benchmarks/suites/suite.ts'
import { affordableSteps } from '../../benchmarks/training/budget.ts'
import { modelById } from '../../models/registry.ts'
import { smallTask, worldParameters } from './small.ts'

const inFlops = (flops: number): Budget => ({ kind: 'flops', flops, parameters: 8000, batch: 4, learningRate: 1e-3 })

describe('a budget of FLOPs', () => {
  it('pays for whole steps only, as many as fit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 10_000 }), (flopsPerStep, steps) => {
        for (const rest of [0, 0.4, 0.99]) {
          const budget = inFlops(flopsPerStep * steps + Math.floor(rest * flopsPerStep))
          expect(affordableSteps(budget, flopsPerStep, 'a model')).toBe(steps)
        }
      }),
    )
  })

  it('says so where it does not pay for one step, or nobody can count', () => {
    expect(() => affordableSteps(inFlops(99), 100, 'lstm')).toThrow(
      /^a training step of lstm takes 100 FLOPs, more than its whole budget of 99$/,
    )
    expect(() => affordableSteps(inFlops(1e9), Number.NaN, 'lstm')).toThrow(/cannot be counted: give it a budget of st/)
    for (const flops of [0, -1, 1.5, Infinity, '1e9'])
      expect(budgetSchema.safeParse({ ...inFlops(1), flops }).success).toBe(false)
  })

  it('lets dear and cheap models of a board spend the same, to less than a step, and records what they did', async () => {
    const budget = inFlops(2e8)
    const world = 'coupled-maps'
    const spent: number[] = []
    const taken: number[] = []
    for (const [model, options] of [
      ['lstm', { embedding: 16, decoder: 16 }],
      ['conv-gru', {}],
    ] as const) {
      const spec: CellSpec = {
        environment: world,
        environmentVersion: smallTask(world, 8).environment.version,
        parameters: worldParameters(world),
        size: 8,
        schedule: { tile: 1, views: 'all', queries: 'all', context: 3, blind: 0, scrambled: false },
        episodes: { train: 8, evaluation: 2 },
        evaluation: { split: 'test', shifts: [], views: [] },
        model,
        modelVersion: (await modelById(model)).version,
        options,
        seed: 0,
        budget,
        engine: 'onnx',
      }
      const steps = new Set<number>()
      const record = await runCell(spec, { onProgress: at => at.phase === 'train' && steps.add(at.steps) })
      expect(record.status).toBe('ok')
      expect([...steps]).toEqual([record.steps])
      expect(record.steps * record.flopsPerStep).toBeLessThanOrEqual(2e8)
      expect((record.steps + 1) * record.flopsPerStep).toBeGreaterThan(2e8)
      spent.push(record.steps * record.flopsPerStep)
      taken.push(record.steps)
    }
    expect(taken[0]).toBeGreaterThan(2 * taken[1])
    expect(Math.abs(spent[0] / spent[1] - 1)).toBeLessThan(0.1)
  })

  it('is named on the board by its FLOPs', () => {
    expect(budgetLabel(inFlops(2.5e11))).toBe('flops:2.5e11')
    expect(budgetLabel(inFlops(123_456_789))).toBe('flops:1.23456789e8')
    expect(budgetLabel({ kind: 'steps', steps: 700, parameters: 1, batch: 1, learningRate: 1 })).toBe('steps:700')
    expect(budgetLabel(null)).toBe('')
  })

  it('takes the place of the budgets of a whole suite; references have none', async () => {
    const cells = await selectCells(smoke, { flops: 1e9 })
    expect(cells).toHaveLength((await smoke.cells()).length)
    for (const { budget } of cells) if (budget) expect(budget).toMatchObject({ kind: 'flops', flops: 1e9 })
    expect(cells.filter(({ budget }) => budget === null).length).toBeGreaterThan(0)
  })
})

it('a cell with a budget of steps is the sha256 of these characters, whatever other budgets there are', () => {
  const text =
    '{"budget":{"batch":4,"kind":"steps","learningRate":0.001,"parameters":8000,"steps":6},"engine":"onnx",' +
    '"environment":"life","environmentVersion":1,"episodes":{"evaluation":2,"train":8},"evaluation":{"shifts":[],' +
    '"split":"test","views":[]},"model":"lstm","modelVersion":1,"options":{},"parameters":{},"schedule":{"blind":0,' +
    '"context":3,"queries":"all","scrambled":false,"tile":1,"views":"all"},"seed":0,"size":8}'
  expect(cellId(JSON.parse(text))).toBe(createHash('sha256').update(text).digest('hex'))
})
