import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type CellRecord, type CellSpec, cellId } from '../../benchmarks/cell.ts'
import type { CellJob } from '../../benchmarks/running/cell-worker.ts'
import { openLedger, readWeights, removeCell, topologyPath, weightsPath } from '../../benchmarks/running/ledger.ts'
import { runPool } from '../../benchmarks/running/pool.ts'
import { environmentById } from '../../envs/registry.ts'
import { modelById } from '../../models/registry.ts'
import { worldParameters } from './small.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'topology-'))
  openLedger(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const modules = 8

async function run(model: string): Promise<string> {
  const spec: CellSpec = {
    environment: 'coupled-maps',
    environmentVersion: environmentById('coupled-maps').version,
    parameters: worldParameters('coupled-maps'),
    size: modules,
    schedule: { tile: 1, views: 'all', queries: 'all', context: 3, blind: 0, scrambled: false },
    episodes: { train: 4, evaluation: 2 },
    evaluation: { split: 'test', shifts: [], views: [] },
    model,
    modelVersion: (await modelById(model)).version,
    options: { threshold: -0.2, dimension: 3 },
    seed: 0,
    budget: { kind: 'steps', parameters: 60_000, steps: 2, batch: 2, learningRate: 1e-2 },
    engine: 'onnx',
  }
  const id = cellId(spec)
  const job = { spec, weights: weightsPath(folder, id), topology: topologyPath(folder, id) }
  const worker = fileURLToPath(new URL('../../benchmarks/running/cell-worker.ts', import.meta.url))
  const pool = { worker, execArgv: ['--import', 'tsx'], lanes: 1, memoryLimitMb: 1500, timeLimitSeconds: 60 }
  await runPool<CellJob, CellRecord>([job], pool, {
    onEnd: (_job, end) => expect(end).toMatchObject({ status: 'done' }),
  })
  return id
}

const read = (id: string) => JSON.parse(readFileSync(topologyPath(folder, id), 'utf8'))
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0)

it('a cell writes what it learned of places: points of its modules, and strengths by the published kernel', async () => {
  const id = await run('s2gru-links')
  const { cell, environment, model, tensors } = read(id)
  expect({ cell, environment, model }).toEqual({ cell: id, environment: 'coupled-maps', model: 's2gru-links' })
  const points: number[][] = tensors['links.modules']
  const [epsilon, threshold] = [tensors['links.epsilon'], tensors['links.threshold']]
  expect(threshold).toBeCloseTo(-0.2, 6)
  const learned = readWeights(folder, id)!['links.logEpsilon'].values[0]
  expect(epsilon).toBeCloseTo(Math.exp(learned), 5)
  expect(epsilon).not.toBeCloseTo(2, 4) // where it started
  let cut = 0
  for (let a = 0; a < modules; a++)
    for (let b = 0; b < modules; b++) {
      const cosine = dot(points[a], points[b])
      if (a === b) expect(cosine).toBeCloseTo(1, 5)
      if (cosine < threshold) cut++
      const strength = cosine < threshold ? 0 : Math.exp(-2 * epsilon * (1 - cosine))
      expect(tensors['links.strengths'][a][b]).toBeCloseTo(strength, 5)
    }
  expect(cut).toBeGreaterThan(0)
  removeCell(folder, id)
  expect(existsSync(topologyPath(folder, id))).toBe(false)
})

it('a learned address tells also where every tile is placed, and how strongly modules act there', async () => {
  const { tensors } = read(await run('s2gru'))
  const shape = (rows: number[][]) => [rows.length, rows[0].length]
  expect(shape(tensors['address.modules'])).toEqual([modules, 3])
  expect(shape(tensors['address.places'])).toEqual([modules, 3])
  expect(shape(tensors['address.strengths'])).toEqual([modules, modules])
  const [epsilon, threshold] = [tensors['address.epsilon'], tensors['address.threshold']]
  tensors['address.places'].forEach((place: number[], tile: number) => {
    tensors['address.modules'].forEach((point: number[], m: number) => {
      const cosine = dot(place, point)
      const strength = cosine < threshold ? 0 : Math.exp(-2 * epsilon * (1 - cosine))
      expect(tensors['address.strengths'][tile][m]).toBeCloseTo(strength, 5)
    })
  })
  expect(shape(tensors['links.strengths'])).toEqual([modules, modules])
})
