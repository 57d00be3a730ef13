import { describe, expect, it } from 'vitest'
import { type CellSpec, cellId } from '../../benchmarks/cell.ts'
import { type Selection, type Suite, selectCells } from '../../benchmarks/suites/suite.ts'
import { parseParameters } from '../../envs/environment.ts'
import { environmentById } from '../../envs/registry.ts'
import { fakeCell } from './fakes/cells.ts'

function cell(environment: string, model: string, seed: number, given: Record<string, number>): CellSpec {
  const parameters = parseParameters(environmentById(environment), given) as CellSpec['parameters']
  return { ...fakeCell('lives', seed), environment, parameters, model, options: {} }
}

const suite: Suite = {
  id: 'fake',
  title: 'a life and two dials',
  expectedMinutes: 1,
  expectedSeconds: () => 1,
  cells: async () =>
    [0, 1].flatMap(seed =>
      ['persistence', 'lstm'].flatMap(model => [
        cell('life', model, seed, {}),
        cell('coupled-maps', model, seed, { range: 1 }),
        cell('coupled-maps', model, seed, { range: 3 }),
      ]),
    ),
}

const select = (wish: Selection) => selectCells(suite, wish)
const valuesOf = <T>(cells: readonly CellSpec[], value: (spec: CellSpec) => T) => [...new Set(cells.map(value))]

describe('the choice among the cells of a suite', () => {
  it('is all of them without a wish', async () => {
    expect(await select({})).toHaveLength(12)
  })

  it('keeps worlds and models, and always persistence', async () => {
    const cells = await select({ environments: ['life'], models: ['lstm'] })
    expect(cells.map(spec => [spec.environment, spec.model, spec.seed])).toEqual([
      ['life', 'persistence', 0],
      ['life', 'lstm', 0],
      ['life', 'persistence', 1],
      ['life', 'lstm', 1],
    ])
  })

  it('sets sizes and seeds in place of the own ones', async () => {
    const cells = await select({ environments: ['life'], sizes: [16, 24], seeds: 3 })
    expect(cells).toHaveLength(2 * 2 * 3)
    expect(valuesOf(cells, spec => spec.size)).toEqual([16, 24])
    expect(valuesOf(cells, spec => spec.seed)).toEqual([0, 1, 2])
    expect(new Set(cells.map(cellId)).size).toBe(cells.length)
    expect(await select({ seeds: 1 })).toHaveLength(6)
  })

  it('sets parameters, and cells that become the same are one', async () => {
    const cells = await select({ environments: ['coupled-maps'], parameters: { range: 5 } })
    expect(cells).toHaveLength(4)
    expect(valuesOf(cells, spec => spec.parameters.range)).toEqual([5])
  })

  it('scrambles and changes the engine', async () => {
    const cells = await select({ scrambled: true, engine: 'cpu' })
    expect(cells).toHaveLength(12)
    expect(cells.every(spec => spec.schedule.scrambled && spec.engine === 'cpu')).toBe(true)
  })

  it('says what is wrong, and what would be right', async () => {
    const wrong: [Selection, RegExp][] = [
      [{ environments: ['lif'] }, /^unknown environment 'lif'; known: life, /],
      [{ models: ['lsm'] }, /^unknown model 'lsm'; known: lstm, /],
      [{ environments: ['bouncing-balls'] }, /^suite fake has no environment 'bouncing-balls'; it has: life, coupled/],
      [{ models: ['s2gru'] }, /^suite fake has no model 's2gru'; it has: persistence, lstm$/],
      [{ parameters: { range: 3 } }, /--env/],
      [{ environments: ['life', 'coupled-maps'], parameters: { range: 3 } }, /--env/],
      [{ environments: ['life'], parameters: { rang: 3 } }, /^life has no parameter 'rang'/],
      [{ environments: ['coupled-maps'], parameters: { range: -1 } }, /^coupled-maps: parameter 'range'/],
      [{ environments: ['life'], sizes: [7] }, /^size 7 .* multiple/],
    ]
    for (const [wish, message] of wrong) await expect(select(wish)).rejects.toThrow(message)
  })
})
