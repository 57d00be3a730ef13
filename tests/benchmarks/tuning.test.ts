import { describe, expect, it } from 'vitest'
import { ratesTable } from '../../benchmarks/board/rates-table.ts'
import { chooseRates, learningRates, ratesCsv, tuningCells } from '../../benchmarks/board/tuning.ts'
import type { CellRecord, CellSpec } from '../../benchmarks/cell.ts'
import { madeUpRecord } from './made-up.ts'

const cellOf = (model: string, change: Partial<CellSpec> = {}): CellSpec => ({
  ...madeUpRecord({ model, family: 'global' }).spec,
  ...change,
})

/** What training at one rate came to: 700 steps of 2 MFLOP, 1.5 + 20 + 3 + 4 ms beside them. */
function trial(rate: number, error: number, change: Partial<CellRecord> = {}): CellRecord {
  const record = madeUpRecord({ model: 'lstm', family: 'global', error: () => error })
  const budget = { ...record.spec.budget!, learningRate: rate }
  return { ...record, spec: { ...record.spec, budget }, steps: 700, flopsPerStep: 2e6, ...change }
}

describe('the cells that choose learning rates', () => {
  const ratesOf = (cells: readonly CellSpec[]) => cells.map(({ budget }) => budget?.learningRate)

  it('try every rate once for an entry, at its first seed', () => {
    const cells = tuningCells([cellOf('lstm'), cellOf('lstm', { seed: 1 }), cellOf('persistence', { budget: null })])
    expect(cells.map(({ model, seed }) => [model, seed])).toEqual(learningRates.map(() => ['lstm', 0]))
    expect(ratesOf(cells)).toEqual(learningRates)
    expect(ratesOf(tuningCells([cellOf('lstm')], [2e-3, 8e-3]))).toEqual([2e-3, 8e-3])
  })

  it('are one search for entries that differ only in the range of the world or the radius of the model', () => {
    const dial = [0, 1, 3].flatMap(range =>
      [0, 1, 5].map(radius => cellOf('s2gru-local', { parameters: { range }, options: { radius, headSize: 4 } })),
    )
    const cells = tuningCells([...dial, cellOf('s2gru-local', { options: { radius: 5, headSize: 8 } })])
    expect(new Set(cells.map(({ parameters, options }) => JSON.stringify([parameters, options])))).toEqual(
      new Set(['[{"range":3},{"radius":5,"headSize":4}]', '[{},{"radius":5,"headSize":8}]']),
    )
    expect(ratesOf(cells)).toEqual([...learningRates, ...learningRates])
  })

  it('are one search for entries that differ only in how long they are trained, counted in steps or in FLOPs', () => {
    const own = cellOf('lstm').budget!
    const { parameters, batch, learningRate } = own
    const equalFlops = { kind: 'flops' as const, flops: 1e9, parameters, batch, learningRate }
    const cells = tuningCells([
      cellOf('lstm'),
      cellOf('lstm', { budget: equalFlops }),
      cellOf('lstm', { budget: { ...own, learningRate: 2e-3 } }),
    ])
    expect(cells.map(({ budget }) => budget!.kind)).toEqual([
      ...learningRates.map(() => 'flops'),
      ...learningRates.map(() => 'steps'),
    ])
  })
})

describe('a choice', () => {
  const records = [
    trial(5e-4, 0.5),
    trial(1e-3, 0.3),
    trial(2e-3, 0.75),
    trial(4e-3, 0, { status: 'diverged', steps: 100, episodes: [] }),
    trial(8e-3, 0, { status: 'failed', steps: 0, flopsPerStep: 0, episodes: [] }),
  ]
  const [choice] = chooseRates(records)

  it('is the rate of the smallest validation error; what diverged or failed is never chosen', () => {
    expect(choice.best).toBe(1e-3)
    expect(choice.trials.map(({ error }) => error)).toEqual([0.5, 0.3, 0.75, Number.NaN, Number.NaN, Number.NaN])
    expect(chooseRates(records.slice(3))[0].best).toBeNaN()
  })

  it('is one for every size of a world', () => {
    const large = records.map(record => ({ ...record, spec: { ...record.spec, size: 48 } }))
    const choices = chooseRates([...large, ...records])
    expect(choices.map(({ size, best, cost }) => [size, best, cost.steps])).toEqual([
      [24, 1e-3, 2200],
      [48, 1e-3, 2200],
    ])
  })

  it('costs all that was tried: steps, FLOPs, those in trained cells, and time', () => {
    // 3 · 700 + 100 steps of 2 MFLOP; a trained cell is 700 of them. Five times 1.5 + 2 + 3 + 4 ms.
    expect(choice.cost.steps).toBe(2200)
    expect(choice.cost.flops).toBe(4.4e9)
    expect(choice.cost.cells).toBeCloseTo(22 / 7, 12)
    expect(choice.cost.seconds).toBeCloseTo(0.0525, 12)
  })

  it('is written with its cost, a row a rate', () => {
    const [head, first, , , diverged] = ratesCsv([choice]).trimEnd().split('\n')
    expect(head).toBe(
      'environment,size,model,variant,rate,error,steps,flops,seconds,search_steps,search_flops,search_seconds,search_cells',
    )
    expect(first).toMatch(
      /^bouncing-balls,24,lstm,,0\.0005,0\.5,700,1400000000,0\.0105,2200,4400000000,0\.0525\d*,3\.14/,
    )
    expect(diverged).toMatch(/^bouncing-balls,24,lstm,,0\.004,nan,100,200000000,/)
    const [world, names, row] = ratesTable([choice]).split('\n')
    expect(world).toBe('bouncing-balls · size 24')
    const words = (line: string) => line.trim().split(/ +/)
    expect(words(names)).toEqual(
      ['model', '5e-4', '1e-3', '2e-3', '4e-3', '8e-3', '1.6e-2', 'best', 'GFLOP', 'cells', 'seconds'], // biome-ignore format: one line
    )
    expect(words(row)).toEqual(
      ['lstm', '0.500', '0.300', '0.750', '–', '–', '–', '1e-3', '4', '3.1', '0'], // biome-ignore format: one line
    )
  })

  it('is printed in 100 columns, whatever things are called', () => {
    const long = records.map(record => ({
      ...record,
      spec: { ...record.spec, options: { name: 'of many words '.repeat(9), escape: '\u001b[2J' } },
    }))
    const text = ratesTable(chooseRates(long))
    expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(100)
    expect(text).not.toContain('\u001b')
  })
})
