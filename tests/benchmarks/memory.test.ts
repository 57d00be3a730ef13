import { expect, it } from 'vitest'
import type { CellSpec } from '../../benchmarks/cell.ts'
import { runCell } from '../../benchmarks/run-cell.ts'
import { checkMemory } from '../../benchmarks/training/memory.ts'
import { environmentById } from '../../envs/registry.ts'
import { UserError } from '../../lib/errors.ts'
import { modelById } from '../../models/registry.ts'
import { worldParameters } from './small.ts'

const MiB = 2 ** 20

it('a step may take what a cell may hold, at two resident bytes for each byte of tensors, and no more', () => {
  const check = (bytes: number) => () =>
    checkMemory({ id: 'net' }, {}, { lattice: { rows: 2, columns: 3 } as never, batch: 4 }, bytes, 100)
  expect(check(50 * MiB)).not.toThrow()
  expect(check(50 * MiB + 1)).toThrow(
    'net with 2 × 3 tiles in batches of 4 needs at least 101 MiB to train, and a cell may hold 100: ' +
      'larger tiles or a smaller batch take less',
  )
})

it.each(['onnx', 'wasm'] as const)(
  'more modules than fit are refused by %s before a step, with the estimate',
  async engine => {
    const [world, model] = [environmentById('coupled-maps'), 's2gru-tied']
    const spec: CellSpec = {
      environment: world.id,
      environmentVersion: world.version,
      parameters: worldParameters(world.id),
      size: 4096,
      schedule: { tile: 1, views: 'all', queries: 'all', context: 2, blind: 0, scrambled: false },
      episodes: { train: 2, evaluation: 2 },
      evaluation: { split: 'test', shifts: [], views: [] },
      model,
      modelVersion: (await modelById(model)).version,
      options: {},
      seed: 0,
      budget: { kind: 'steps', parameters: 10_000, steps: 1, batch: 2, learningRate: 1e-3 },
      engine,
    }
    const phases = new Set<string>()
    const refused = runCell(spec, { memoryLimitMb: 70, onProgress: ({ phase }) => phases.add(phase) })
    await expect(refused).rejects.toThrow(
      /^s2gru-tied with 4096 modules for 1 × 4096 tiles in batches of 2 needs at least \d+ MiB to train, and a cell may hold 70: .*$/,
    )
    await expect(refused).rejects.toBeInstanceOf(UserError)
    expect([...phases]).toEqual(['data'])
  },
)
