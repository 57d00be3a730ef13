import { describe, expect, it } from 'vitest'
import { checkDistinctRows } from '../../benchmarks/board/distinct-rows.ts'
import { tuningCells } from '../../benchmarks/board/tuning.ts'
import type { CellSpec } from '../../benchmarks/cell.ts'
import { suites } from '../../benchmarks/suites/index.ts'
import { madeUpRecord } from './made-up.ts'

const cell = (change: Partial<CellSpec> = {}): CellSpec => ({ ...madeUpRecord({ model: 'lstm' }).spec, ...change })
const own = cell()

describe('cells of which a board shows no difference', () => {
  it.each([
    [{ budget: { ...own.budget!, learningRate: 2e-3 } }, 'budget.learningRate: 0.001 and 0.002'],
    [{ schedule: { ...own.schedule, views: 8 } }, 'schedule.views: 12 and 8'],
    [{ episodes: { train: 7, evaluation: 8 }, modelVersion: 2 }, /episodes.train: 100 and 7, modelVersion: 1 and 2/],
    [{ options: { width: 9 } }, 'options.width: null and 9'],
  ])('are refused before any work, by what they differ in: %j', (change, said) => {
    const check = () => checkDistinctRows([own, cell(change as Partial<CellSpec>)])
    expect(check).toThrow(said)
    expect(check).toThrow('two cells would be one row of the board (bouncing-balls, size 24, lstm, steps:2300, seed 0)')
  })

  it('are only those: one cell twice, other seeds, models, options, budgets, sizes and worlds may stand side by side', () => {
    const { budget, schedule } = own
    const others: Partial<CellSpec>[] = [
      ...[{ seed: 1 }, { model: 'gru' }, { options: { headSize: 4 } }, { size: 48 }, { environment: 'life' }],
      ...[{ budget: { ...budget!, kind: 'steps', steps: 9 } as const }, { schedule: { ...schedule, scrambled: true } }],
      { parameters: { balls: 5 } },
    ]
    expect(() => checkDistinctRows([own, cell(), ...others.map(cell)])).not.toThrow()
  })

  it.each(suites.map(suite => [suite.id, suite] as const))(
    'are not in suite %s, nor in its search',
    async (_, suite) => {
      checkDistinctRows(await suite.cells())
      checkDistinctRows(tuningCells(await suite.cells(), [1e-3]))
    },
  )
})
