import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  environmentLabel,
  formatTables,
  parseTables,
  resultTables,
  variantLabel,
} from '../../benchmarks/board/tables.ts'
import { environments } from '../../envs/registry.ts'
import { UserError } from '../../lib/errors.ts'
import { madeUpRecord, madeUpWorld } from './made-up.ts'

const records = [
  ...madeUpWorld({ places: [['filter', 1] as const, ['blind', 10] as const, ['blind', 2] as const] }, { s2gru: 0.5 }),
  madeUpRecord({ model: 'lstm', status: 'timeout', message: '=cmd|"ran" for too long, after ü' }),
  madeUpRecord({ model: 's2gru', options: { width: 12, radius: 2, mode: 'a b' }, places: [['more-balls/filter', 1]] }),
]

describe('labels', () => {
  test('a world is named with the parameters that were changed', () => {
    for (const environment of environments) {
      const defaults = environment.parameters.parse({}) as Record<string, number | string | boolean>
      expect(environmentLabel({ environment: environment.id, parameters: defaults })).toBe(environment.id)
      const [first] = Object.keys(defaults)
      if (first === undefined) continue
      const parameters = { ...defaults, [first]: 'changed' }
      expect(environmentLabel({ environment: environment.id, parameters })).toBe(`${environment.id}(${first}=changed)`)
    }
    expect(environmentLabel({ environment: 'gone', parameters: { b: 2, a: 'x' } })).toBe('gone(a=x, b=2)')
  })

  test('a variant is the chosen options by name, without the width', () => {
    expect(variantLabel({ width: 12, radius: 2, levels: 3 })).toBe('levels=3 radius=2')
    expect(variantLabel({ width: 12 })).toBe('')
  })
})

test('the columns are those of the design', () => {
  const header = Object.values(formatTables(resultTables('quick', []))).map(text => text.trim())
  expect(header).toEqual([
    'cell,suite,environment,size,scrambled,model,variant,family,seed,budget,condition,horizon,metric,direction,value',
    'cell,condition,horizon,episode,error',
    'cell,sources,status,error,spec,parameters,flops_per_step,steps,engine,versions,initial_states_hash',
    'cell,compile_ms,train_ms,evaluate_ms,data_ms,peak_rss_mb,machine',
  ])
})

test('what is written is read back exactly', () => {
  const tables = resultTables('quick', records)
  const { timings: _, ...board } = tables
  const files = formatTables(tables)
  expect(parseTables(file => files[file])).toStrictEqual(board)
  expect(files['cells.csv']).toContain(`"'=cmd|""ran"" for too long, after ü"`)
})

test('the bytes do not depend on the order of the records', () => {
  const files = formatTables(resultTables('quick', records))
  fc.assert(
    fc.property(fc.shuffledSubarray(records, { minLength: records.length }), shuffled => {
      expect(formatTables(resultTables('quick', shuffled))).toEqual(files)
    }),
    { numRuns: 10 },
  )
})

test('every cell has a row that says whether it was completed, failed ones too', () => {
  const { runs, cells } = resultTables('quick', records)
  const completed = runs.filter(({ metric }) => metric === 'completed')
  expect(completed).toHaveLength(records.length)
  expect(cells).toHaveLength(records.length)
  expect(completed.filter(({ value }) => value === 0).map(({ model }) => model)).toEqual(['lstm'])
})

test('conditions and horizons stand in a fixed order, horizons by size', () => {
  const { runs } = resultTables('quick', [records.find(({ spec }) => spec.model === 's2gru')!])
  expect(runs.map(({ condition, horizon }) => `${condition} ${horizon}`)).toEqual([
    ' null',
    'filter 1',
    'blind 2',
    'blind 10',
  ])
})

test('budgets: steps of what is trained, empty for references', () => {
  const { runs } = resultTables('quick', records)
  expect(new Set(runs.map(({ family, budget }) => `${family === 'reference'} ${budget}`))).toEqual(
    new Set(['true ', 'false steps:2300']),
  )
})

test('a damaged file is one line that names it', () => {
  const files = formatTables(resultTables('quick', records))
  const damaged = { ...files, 'episodes.csv': files['episodes.csv'].replace(',0.1,', ',x,').slice(0, -9) }
  expect(() => parseTables(file => damaged[file])).toThrow(UserError)
  expect(() => parseTables(file => damaged[file])).toThrow(/^episodes\.csv [^\n]*$/)
})
