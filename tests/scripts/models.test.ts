import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CellSpec } from '../../benchmarks/cell.ts'
import { runCell } from '../../benchmarks/run-cell.ts'
import { openLedger, weightsPath, writeCell } from '../../benchmarks/running/ledger.ts'
import { sourcesHash } from '../../benchmarks/running/sources.ts'
import { balls } from '../../benchmarks/suites/quick.ts'
import { environmentById } from '../../envs/registry.ts'
import { decodeSafetensors, encodeSafetensors } from '../../lib/safetensors.ts'
import { modelById, modelIds } from '../../models/registry.ts'

let folder = ''
let trained = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'models-'))
  openLedger(folder)
  const environment = environmentById('life')
  const spec: CellSpec = {
    environment: environment.id,
    environmentVersion: environment.version,
    parameters: environment.parameters.parse({}) as CellSpec['parameters'],
    size: 8,
    schedule: { tile: 4, views: 'all', queries: 'all', context: 2, blind: 1, scrambled: false },
    episodes: { train: 4, evaluation: 2 },
    evaluation: { split: 'test', shifts: [], views: [] },
    model: 'lstm',
    modelVersion: (await modelById('lstm')).version,
    options: {},
    seed: 0,
    budget: { kind: 'steps', parameters: 20_000, steps: 2, batch: 2, learningRate: 1e-3 },
    engine: 'onnx',
  }
  let weights: Uint8Array | undefined
  const record = await runCell(spec, {
    onTrained: async values => {
      const copies = Object.entries(values).map(([name, value]) => {
        return [name, { shape: value.shape, values: Float32Array.from(value.read()) }]
      })
      weights = encodeSafetensors(Object.fromEntries(copies))
    },
  })
  trained = record.cell
  writeCell(folder, { ...record, sources: sourcesHash() })
  writeFileSync(weightsPath(folder, trained), weights!)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const loader = createRequire(import.meta.url).resolve('tsx')

/** Runs in the folder of results. */
function models(...words: string[]) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', loader, resolve('scripts/models.ts'), ...words],
    { encoding: 'utf8', cwd: folder },
  )
  return { stdout, stderr, status }
}

describe('models list', () => {
  it('has a row for every model, trained ones at the number of parameters', () => {
    const { stdout, stderr, status } = models('list', '--json')
    expect([stderr, status]).toEqual(['', 0])
    const rows = JSON.parse(stdout)
    expect(rows.map(({ id }: { id: string }) => id)).toEqual(modelIds)
    for (const { id, family, reads, source, parameters, flops } of rows) {
      expect(source, id).not.toBe('')
      if (reads === null) expect([family, parameters, flops]).toEqual(['reference', null, null])
      else expect(flops, id).toBeGreaterThan(parameters)
    }
    const { parameters } = rows.find(({ id }: { id: string }) => id === 'conv-gru')
    expect(Math.abs(parameters / balls.budget.parameters - 1)).toBeLessThan(0.03)
  })
})

describe('models show', () => {
  it('tells the shapes of all parameters, which add up, and an option as its schema has it', () => {
    const { stdout, status } = models('show', 's2gru', '--task', 'ring', '--width', '8', '--set', 'heads=1', '--json')
    expect(status).toBe(0)
    const { parameters, count, chosen, options, bytes, flops } = JSON.parse(stdout)
    const sizes = Object.values<{ shape: number[] }>(parameters).map(({ shape }) => shape.reduce((n, m) => n * m, 1))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count)
    expect(chosen).toMatchObject({ width: 8, heads: 1, dimension: 16 })
    // One state of every module, 16 × 8 units, from 8 units and 2 × 8 numbers heard and seen: 24 gates' worth.
    expect(parameters['update.state.weight'].shape).toEqual([16, 8, 24])
    expect(options).toContainEqual(expect.objectContaining({ name: 'threshold', default: -1, range: '-1 … 1' }))
    // Parameters and two moments go in and come out.
    expect(bytes).toBeGreaterThan(6 * 4 * count)
    expect(flops).toBeGreaterThan(count)
  })

  it('prints a table for people; of a reference that nothing is trained', () => {
    const { stdout } = models('show', 'lstm')
    for (const part of [/│ width +│ \d+ +│ whole 1 … /, /│ decode2\.bias +│ 16 +│ +16 │ zeros/, /MiB of tensors/])
      expect(stdout).toMatch(part)
    expect(models('show', 'persistence').stdout).toContain('nothing is trained')
  })
})

describe('models export', () => {
  it('writes the file and its parameters, over nothing unasked, and prints what goes in and comes out', () => {
    const words = ['export', trained.slice(0, 6), '--folder', '.', '--out', 'a/b.onnx', '--parameters', 'b.safetensors']
    const { stdout, status } = models(...words)
    expect(status).toBe(0)
    expect(stdout).toMatch(/^a\/b\.onnx: \w{8} life 8, lstm, seed 0; ONNX opset 21/)
    expect(stdout).toMatch(/\nin {2}views {7}3 × 1 × 4 × 16: /)
    expect(stdout).toMatch(/\nout predictions 3 × 1 × 4 × 16: /)
    const kept = decodeSafetensors(readFileSync(weightsPath(folder, trained)))
    expect(decodeSafetensors(readFileSync(join(folder, 'b.safetensors')))).toEqual(kept)
    const first = readFileSync(join(folder, 'a/b.onnx'))
    expect(models(...words).stderr).toBe("error: 'a/b.onnx' is there already; --force writes over it\n")
    expect(JSON.parse(models(...words, '--force', '--json').stdout)).toMatchObject({ cell: trained, opset: 21 })
    expect(readFileSync(join(folder, 'a/b.onnx'))).toEqual(first)
  })
})

describe('models graph', () => {
  it('writes a step that ONNX Runtime opens, and a table that adds up to what show says of it', async () => {
    const words = ['--task', 'ring', '--width', '4', '--json']
    const { stdout, stderr, status } = models('graph', 's2gru-local', ...words, '--steps', '2', '--out', 'c/g.onnx')
    expect([stderr, status]).toEqual(['', 0])
    const { bytes, operators, chosen } = JSON.parse(stdout)
    const shown = JSON.parse(models('show', 's2gru-local', ...words).stdout)
    const sum = (of: string) => operators.reduce((total: number, row: Record<string, number>) => total + row[of], 0)
    expect({ nodes: sum('nodes'), flops: sum('flops'), chosen, modules: 16 }).toEqual({
      nodes: shown.nodes,
      flops: shown.flops,
      chosen: shown.chosen,
      modules: shown.modules,
    })
    expect(sum('milliseconds')).toBeGreaterThan(0)

    const file = readFileSync(join(folder, 'c/g.onnx'))
    expect(file.length).toBe(bytes)
    expect(file.toString('latin1')).toContain("opset 21 and com.microsoft, ONNX Runtime's own: FusedMatMul")
    const { InferenceSession } = await import('onnxruntime-node')
    const session = await InferenceSession.create(file)
    expect(session.inputNames).toContain('p/update.state.weight')
    expect(session.outputNames).toContain('loss')
    await session.release()
  })

  it('prints the table for people; without passes there are more nodes, and none that ONNX has not', () => {
    const words = ['graph', 'lstm', '--task', 'ring', '--width', '4', '--steps', '1', '--out', 'd.onnx']
    const nodes = (text: string) => Number(/│ all +│ +(\d+) │/.exec(text)?.[1])
    const { stdout } = models(...words)
    expect(stdout).toMatch(/^d\.onnx: a training step of lstm on task ring .* and operators of ONNX Runtime \(\*\)/)
    expect(stdout).toMatch(/│ FusedMatMul \* +│ +\d+ │ +\d+\.\d │/)
    expect(models(...words).stderr).toBe("error: 'd.onnx' is there already; --force writes over it\n")
    const plain = models(...words, '--force', '--engine-passes', 'none').stdout
    expect(plain).not.toContain('*')
    expect(nodes(plain)).toBeGreaterThan(nodes(stdout))
  })
})

it('a mistake is answered in one line, with what would be right', () => {
  const mistakes: [string[], RegExp][] = [
    [['show', 'lsmt'], /unknown model 'lsmt'; known: lstm, /],
    [['show', 'lstm', '--set', 'hidden=3'], /lstm has no option 'hidden'; it has: /],
    [['show', 'lstm', '--width', '0'], /Expected a whole number of at least 1/],
    [['show', 'persistence', '--width', '3'], /persistence is fitted in closed form: it has no width/],
    [['list', '--task', 'chess'], /Allowed choices are balls, ring, life/],
    [['graph', 'lstm'], /required option '--out <file>' not specified/],
    [['graph', 'lstm', '--out', 'm.pt'], /its name must end in \.onnx/],
    [['graph', 'lsmt', '--out', 'm.onnx'], /unknown model 'lsmt'; known: lstm, /],
    [['graph', 'persistence', '--out', 'm.onnx'], /persistence is fitted in closed form: it has no graph/],
    [['graph', 'lstm', '--out', 'm.onnx', '--engine-passes', 'time,fast'], /unknown engine pass 'fast'/],
    [['export', 'zzzz', '--out', 'm.onnx'], /'zzzz' is not the id of a cell/],
    [['export', trained, '--folder', 'none', '--out', 'm.onnx'], /no finished cells in 'none'/],
    [['export', trained, '--folder', '.', '--out', 'm.pt'], /its name must end in \.onnx/],
    [['export', trained, '--folder', '.', '--out', 'm.onnx', '--parameters', 'm.npz'], /must end in \.safetensors/],
  ]
  for (const [words, message] of mistakes) {
    const { status, stdout, stderr } = models(...words)
    expect(stderr).toMatch(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect([stdout, status]).toEqual(['', 2])
  }
  expect(existsSync(join(folder, 'm.onnx'))).toBe(false)
})
