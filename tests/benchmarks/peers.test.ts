import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { compareStep, type PeerRow } from '../../benchmarks/peers/compare.ts'
import { type PeerStep, peerSteps, prepareStep } from '../../benchmarks/peers/steps.ts'
import { decodeSafetensors, encodeSafetensors } from '../../lib/safetensors.ts'

const fake = fileURLToPath(new URL('fakes/python.mjs', import.meta.url))
const schedule = { tile: 6, views: 2, queries: 2, context: 3, blind: 0, scrambled: false } as const
const small: PeerStep = {
  id: 'small',
  title: 'a small lstm',
  model: 'lstm',
  options: { width: 4, embedding: 4, decoder: 4 },
  task: { environment: 'bouncing-balls', size: 12, schedule },
  batch: 2,
}
const smallField: PeerStep = {
  ...small,
  id: 'field',
  model: 'fno',
  options: { width: 4, spectral: 2, modes: 1, layers: 1, decoder: 4 },
  task: { ...small.task, schedule: { ...schedule, views: 'all', queries: 'all' } },
}

const named = (rows: readonly PeerRow[], peer: string) => rows.find(row => row.peer === peer)!

describe('a step beside its peers', () => {
  it('is taken by turns, and the first losses say how far apart two peers are', async () => {
    const rows = await compareStep(small, { peers: ['onnx', 'wasm', 'torch'], python: fake, time: 9 })
    expect(rows.map(({ peer }) => peer)).toEqual(['onnx', 'wasm', 'torch'])
    const [onnx, wasm, torch] = rows.map(({ measured }) => measured!)
    expect(onnx).toMatchObject({ ratio: 1, apart: 0 })
    expect(wasm.apart).toBeLessThan(1e-5)
    // What stands in for Python starts from losses of 1, 1/2, 1/3.
    expect(torch.losses).toEqual([1, 1 / 2, 1 / 3])
    expect(torch.apart).toBeGreaterThan(0.1)
    expect(torch.processor).toMatchObject({ median: 3, samples: 3 })
    expect(torch.clock.median).toBe(4)
    expect(torch.compileMs).toBe(1)
    expect(named(rows, 'torch').version).toBe('fake lstm')
  })

  it('goes on without those that are not there, and says why', async () => {
    const rows = await compareStep(small, { peers: ['onnx', 'torch-compiled', 'jax'], python: fake, time: 1 })
    expect(named(rows, 'onnx').measured).toBeDefined()
    expect(named(rows, 'torch-compiled')).toEqual({
      step: 'small',
      peer: 'torch-compiled',
      version: 'torch-compiled: RuntimeError: no compiler',
    })
    expect(named(rows, 'jax').version).toBe('jax: ModuleNotFoundError: no jax here')
    const [without] = await compareStep(small, { peers: ['torch'], time: 1 })
    expect(without.version).toBe('torch: no Python is given (--python)')
    const [nowhere] = await compareStep(small, { peers: ['torch'], python: '/nowhere/python', time: 1 })
    expect(nowhere.version).toBe('torch: spawn /nowhere/python ENOENT')
  })
})

describe('what peers are handed', () => {
  it('is every parameter and the whole batch, as a safetensors file', async () => {
    const { network, arrays, feeds } = await prepareStep(small)
    const read = decodeSafetensors(encodeSafetensors(arrays))
    for (const [name, { shape }] of Object.entries(network.parameters)) expect(read[`p/${name}`].shape).toEqual(shape)
    for (const [name, values] of Object.entries(feeds)) expect(read[`f/${name}`].values).toEqual(values)
  })

  it('names the waves of a field as a real transform orders them', async () => {
    const { arrays, setting } = await prepareStep(smallField)
    // Walls: two tiles repeat after three, so that waves −1, 0, 1 are apart; of the first column one of a pair is kept.
    expect(setting.period).toEqual([3, 3])
    const list = (name: string) => Array.from(arrays[`f/${name}`].values)
    expect(list('down')).toEqual([2, 0, 2, 0, 1])
    expect(list('across')).toEqual([0, 0, 1, 1, 1])
    expect(list('factor')).toEqual([2, 1, 1, 1, 1])
  })

  it('are the steps that the command knows', () => {
    const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/bench-peers.ts', '--help'], {
      encoding: 'utf8',
    })
    const help = stdout.replace(/\s+/g, ' ')
    expect(help).toContain(peerSteps.map(({ id }) => id).join(', '))
  })
})

describe('the command', () => {
  const run = (env: NodeJS.ProcessEnv, ...flags: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'scripts/bench-peers.ts', '--step', 'lstm', ...flags], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    })

  it('names the column of ratios by the first peer that is there', () => {
    const { stdout } = run({}, '--peer', 'jax,torch', '--python', fake, '--time', '1')
    expect(stdout).toMatch(/│ times torch │/)
    expect(stdout).toMatch(/│ torch │ +3\.00 │ +3\.00–3\.00 │ +1 │ +1\.00 │/)
  })

  it('goes on where there is no taskset, and says so', () => {
    const { stdout, status } = run({ PATH: '/nowhere' }, '--peer', 'torch', '--core', '0')
    expect(stdout).toContain('processor time, by turns, on one thread each, not pinned: there is no taskset here\n')
    expect(status).toBe(0)
  })

  const hasTaskset = spawnSync('taskset', ['--version']).error === undefined
  it.skipIf(!hasTaskset)('refuses a core that taskset refuses, in one line', () => {
    const { stdout, stderr, status } = run({}, '--peer', 'torch', '--core', '9999')
    expect(stderr).toMatch(/^error: taskset refuses core 9999: [^\n]+ \(cores here: 0 to \d+\)\n$/)
    expect([stdout, status]).toEqual(['', 2])
  })
})

// With a Python that has both: SCALESPACE_PYTHON=/path/to/python npx vitest run tests/benchmarks/peers.test.ts
const python = process.env.SCALESPACE_PYTHON

describe.skipIf(python === undefined)('the networks in Python', () => {
  const tiny: readonly PeerStep[] = [
    small,
    smallField,
    { ...smallField, id: 'grid', model: 'conv-gru', options: { width: 4, decoder: 4 } },
    {
      ...small,
      id: 's2gru',
      model: 's2gru',
      options: { width: 4, block: 1, heads: 2, headSize: 2, embedding: 4, dimension: 3, placement: 4, decoder: 4 },
    },
  ]
  it.each(tiny)('$model: three updates have the losses of the engine', { timeout: 120_000 }, async step => {
    const rows = await compareStep(step, { peers: ['onnx', 'torch', 'jax'], python, time: 1 })
    for (const { version, measured } of rows) expect(measured?.apart, version).toBeLessThan(1e-4)
  })
})
