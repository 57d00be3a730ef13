import { expect, test } from 'vitest'
import { engineTask, measureEngines } from '../../benchmarks/speed/engines.ts'
import { measureModels } from '../../benchmarks/speed/models.ts'
import { timeByTurns } from '../../benchmarks/speed/rounds.ts'
import { trainingShape } from '../../benchmarks/speed/steps.ts'
import { measureWorlds } from '../../benchmarks/speed/worlds.ts'
import { balls } from '../../benchmarks/suites/quick.ts'
import { environments } from '../../envs/registry.ts'

test('tasks run by turns, and every counted call is a sample', async () => {
  const calls: string[] = []
  const task = (name: string) => ({ name, run: () => void calls.push(name), before: () => void calls.push('before') })
  const asynchronous = { name: 'late', run: async () => void calls.push('late') }
  const rounds: number[] = []
  const spreads = await timeByTurns([task('first'), asynchronous], 0, 3, round => rounds.push(round))
  expect(rounds).toEqual([0, 1, 2])
  expect(spreads.map(({ samples }) => samples)).toEqual([3, 3])
  for (const { low, median, high } of spreads) expect(low <= median && median <= high).toBe(true)
  // One uncounted call of each comes first.
  expect(calls.filter(name => name === 'first')).toHaveLength(4)
  expect(calls.slice(-3)).toEqual(['before', 'first', 'late'])
})

test('worlds: every world of the registry keeps its law while it is timed', async () => {
  const rows = await measureWorlds(1, [24])
  expect(rows.map(({ world }) => world)).toEqual(environments.map(({ id }) => id))
  for (const { advance, observed, invariants } of rows) {
    expect(advance.median).toBeGreaterThan(0)
    expect(observed.median).toBeGreaterThan(0)
    for (const { drift, tolerance } of invariants) expect(drift).toBeLessThanOrEqual(tolerance)
  }
})

test('engine: the sizes that other frameworks were timed with, and the same loss whoever computes it', async () => {
  expect(trainingShape(engineTask(), 16)).toEqual({
    steps: 20,
    batch: 16,
    views: 10,
    queries: 10,
    tile: [11, 11],
    viewSize: 121,
    positionSize: 12,
    lattice: { rows: 4, columns: 4, boundary: 'walls' },
    likelihood: 'bernoulli',
  })
  const rows = await measureEngines(200, ['onnx', 'wasm'], undefined, 1)
  const [onnx, wasm] = rows.map(({ measured }) => measured!)
  expect(onnx.ratio).toBe(1)
  // Far below what is reached, as a machine that tests has other things to do.
  expect(wasm.ratio).toBeGreaterThan(3)
  expect(onnx.nodes).toBeGreaterThan(1000)
  expect(wasm.flops).toBe(onnx.flops)
  expect(wasm.firstLoss / onnx.firstLoss).toBeCloseTo(1, 4)
})

test('models: equal parameters, references left out', async () => {
  const rows = await measureModels(1, ['persistence', 'lstm', 's2gru'], undefined, 1)
  expect(rows.map(({ model }) => model)).toEqual(['lstm', 's2gru'])
  for (const { parameters, step, flops, gigaflopsPerSecond } of rows) {
    expect(Math.abs(parameters / balls.budget.parameters - 1)).toBeLessThanOrEqual(0.03)
    expect(gigaflopsPerSecond).toBeCloseTo(flops / step.median / 1e6, 9)
  }
})
