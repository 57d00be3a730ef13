import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { environmentLabel, variantLabel } from '../../benchmarks/board/tables.ts'
import { learningRates } from '../../benchmarks/board/tuning.ts'
import type { CellSpec } from '../../benchmarks/cell.ts'
import { oracle } from '../../benchmarks/suites/cells.ts'
import { findSuite } from '../../benchmarks/suites/index.ts'

// What results/rates says was found is what the suites train with. The oracle is in no race and keeps one rate for all.

const folder = 'results/rates'
/** Too dear, and told of where its results stand. */
const notSearched = new Set([oracle.model, 'unet'])

type Trial = Record<'environment' | 'size' | 'model' | 'variant' | 'rate' | 'error', string>

const entryOf = ({ environment, size, model, variant }: Trial) => [environment, size, model, variant].join(' · ')

const nameOf = (spec: CellSpec) =>
  [environmentLabel(spec), spec.size, spec.model, variantLabel(spec.options)].join(' · ')

describe.each(readdirSync(folder))('%s', file => {
  const rows: Trial[] = parse(readFileSync(join(folder, file), 'utf8'), { columns: true })
  const trials = rows.filter(({ model }) => model !== oracle.model)
  const names = new Set(trials.map(entryOf))
  const entries = [...names].map(name => [name, trials.filter(trial => entryOf(trial) === name)] as const)

  it('has a row for every rate of the grid and each of its entries', () => {
    for (const [, own] of entries) expect(own.map(({ rate }) => Number(rate))).toEqual(learningRates)
  })

  it('leaves out no model of the worlds that were searched', async () => {
    const place = (world: string, size: number | string) => `${world.replace(/\(.*/, '')} · ${size}`
    const searched = new Set(trials.map(({ environment, size, model }) => `${place(environment, size)} · ${model}`))
    const places = new Set(trials.map(({ environment, size }) => place(environment, size)))
    const suite = await findSuite(file.replace('.csv', ''))
    const trained = (await suite.cells()).filter(({ budget, model }) => budget !== null && !notSearched.has(model))
    for (const { environment, size, model } of trained) {
      const own = place(environment, size)
      if (places.has(own)) expect(searched).toContain(`${own} · ${model}`)
    }
  })

  it('names the rates with the smallest validation error, and its suite trains with them', async () => {
    const suite = await findSuite(file.replace('.csv', ''))
    const cells = (await suite.cells()).filter(({ schedule }) => !schedule.scrambled)
    for (const [entry, own] of entries) {
      const finite = own.filter(({ error }) => error !== 'nan')
      const best = finite.toSorted((a, b) => Number(a.error) - Number(b.error))[0]
      const trained = cells.filter(spec => nameOf(spec) === entry).map(({ budget }) => budget?.learningRate)
      expect([entry, [...new Set(trained)]]).toEqual([entry, [Number(best.rate)]])
    }
  })
})
