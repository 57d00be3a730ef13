import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CellSpec } from '../../benchmarks/cell.ts'
import { runCell } from '../../benchmarks/run-cell.ts'
import { findCell } from '../../benchmarks/running/find-cell.ts'
import { cellPath, openLedger, readCell, weightsPath, writeCell } from '../../benchmarks/running/ledger.ts'
import { sourcesHash } from '../../benchmarks/running/sources.ts'
import { environmentById } from '../../envs/registry.ts'
import { encodeSafetensors, type NamedArrays } from '../../lib/safetensors.ts'
import { modelById } from '../../models/registry.ts'

let folder = ''
let trained = ''
let reference = ''

async function run(modelId: string, budget: CellSpec['budget'], sources: string): Promise<string> {
  const environment = environmentById('life')
  const spec: CellSpec = {
    environment: environment.id,
    environmentVersion: environment.version,
    parameters: environment.parameters.parse({}) as CellSpec['parameters'],
    size: 8,
    schedule: { tile: 4, views: 'all', queries: 'all', context: 4, blind: 2, scrambled: false },
    episodes: { train: 4, evaluation: 2 },
    evaluation: { split: 'test', shifts: [], views: [] },
    model: modelId,
    modelVersion: (await modelById(modelId)).version,
    options: {},
    seed: 0,
    budget,
    engine: 'onnx',
  }
  let weights: NamedArrays | null = null
  const record = await runCell(spec, {
    onTrained: async values => {
      const named = Object.entries(values).map(([name, value]) => {
        return [name, { shape: value.shape, values: Float32Array.from(value.read()) }]
      })
      weights = Object.fromEntries(named)
    },
  })
  writeCell(folder, { ...record, sources })
  if (weights !== null) writeFileSync(weightsPath(folder, record.cell), encodeSafetensors(weights))
  return record.cell
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'))
  openLedger(folder)
  const budget = { kind: 'steps', parameters: 20_000, steps: 2, batch: 2, learningRate: 1e-3 } as const
  trained = await run('lstm', budget, sourcesHash())
  reference = await run('persistence', null, 'before')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const loader = createRequire(import.meta.url).resolve('tsx')

/** Runs in the folder of results, so that a picture without a name lands there. */
function watch(...words: string[]) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', loader, resolve('scripts/bench.ts'), 'watch', ...words],
    { encoding: 'utf8', cwd: folder },
  )
  return { stdout, stderr, status }
}

describe('watch', () => {
  it('draws a trained cell, the same every time, and writes over nothing unasked', () => {
    const first = watch(trained.slice(0, 8), '--folder', '.')
    expect(first.status).toBe(0)
    const name = `life-lstm-${trained.slice(0, 8)}.gif`
    expect(first.stdout).toMatch(new RegExp(`^${name}: episode 0 of ${trained.slice(0, 8)} life 8, lstm, seed 0\n`))
    const drawn = readFileSync(join(folder, name))
    expect(drawn.toString('latin1', 0, 6)).toBe('GIF89a')
    const again = watch(trained.slice(0, 8), '--folder', '.')
    expect(again.status).toBe(2)
    expect(again.stderr).toBe(`error: '${name}' is there already; --force writes over it\n`)
    expect(watch(trained.slice(0, 8), '--folder', '.', '--force').status).toBe(0)
    expect(readFileSync(join(folder, name))).toEqual(drawn)
    expect(watch(trained.slice(0, 8), '--folder', '.', '--episode', '1', '--force').status).toBe(0)
    expect(readFileSync(join(folder, name))).not.toEqual(drawn)
    for (const line of first.stdout.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(80)
    expect(first.stdout).toContain('error       their distance, black where there is none\n')
    expect(first.stdout).toMatch(/\nvalues from black \(0\) to white \(1\)\n$/)
  })

  it('finds a cell by world and model, and says when it is of other sources', () => {
    const { stdout, stderr } = watch('--env', 'life', '--model', 'persistence', '--folder', '.', '--out', 'a/b.gif')
    expect(stderr).toMatch(/^note: the sources have changed [^\n]*\n$/)
    expect(stdout).toContain(`a/b.gif: episode 0 of ${reference.slice(0, 8)} life 8, persistence, seed 0`)
  })

  it('answers a mistake in one line, with what would be right', () => {
    const mistakes: [string[], RegExp][] = [
      [['xyz'], /'xyz' is not the id of a cell/],
      [['--env', 'lief'], /unknown environment 'lief'; known: life, /],
      [['--model', 'lsmt'], /unknown model 'lsmt'; known: lstm, /],
      [[trained, '--episode', '2'], /was evaluated on episodes 0 to 1/],
    ]
    for (const [words, message] of mistakes) {
      const { status, stdout, stderr } = watch('--folder', '.', ...words)
      expect(stderr).toMatch(message)
      expect(stderr.trim().split('\n')).toHaveLength(1)
      expect([stdout, status]).toEqual(['', 2])
    }
  })

  it('needs one cell to be meant, and names what is there', () => {
    const none = ['0000', '1111', '2222'].find(id => !trained.startsWith(id) && !reference.startsWith(id))
    expect(findCell(folder, { id: trained.slice(0, 4).toUpperCase(), model: 'lstm' }).cell).toBe(trained)
    expect(() => findCell(folder, { id: '123' })).toThrow(/its first 4 digits will do/)
    const both = /\w{8} life 8, \w+, seed 0; \w{8} life 8, \w+, seed 0$/
    expect(() => findCell(folder, { id: none })).toThrow(both)
    expect(() => findCell(folder, { scrambled: true })).toThrow(/no such cell/)
    expect(() => findCell(folder, { environment: 'life' })).toThrow(/^2 cells of '.*' are meant: /)
    expect(() => findCell(folder, {})).toThrow(both)
    expect(() => findCell(join(folder, 'none'), {})).toThrow(/no finished cells in '.*none'/)
  })

  it('does not draw what was never scored', () => {
    const read = readCell(folder, reference)
    if (read.kind !== 'finished') throw new Error('the cell is there')
    writeCell(folder, { ...read.record, status: 'diverged', error: 'the loss was NaN at step 2', episodes: [] })
    const { stderr, status } = watch(reference, '--folder', '.', '--out', 'diverged.gif')
    expect(stderr).toBe(`error: cell ${reference.slice(0, 8)} was not scored: the loss was NaN at step 2\n`)
    expect(status).toBe(2)
  })

  it('says which file is damaged', () => {
    truncateSync(weightsPath(folder, trained), 100)
    const weights = watch(trained, '--folder', '.', '--out', 'damaged.gif')
    expect(weights.stderr).toMatch(/^error: [^\n]*\.safetensors: damaged safetensors file[^\n]*\n$/m)
    expect(weights.status).toBe(2)
    rmSync(weightsPath(folder, trained))
    expect(watch(trained, '--folder', '.', '--out', 'lost.gif').stderr).toMatch(/are not there; run it again\n$/)
    truncateSync(cellPath(folder, trained), 100)
    expect(() => findCell(folder, { id: trained })).toThrow(/the file of cell \w{8} in '.*' is damaged: it is cut off/)
  })
})
