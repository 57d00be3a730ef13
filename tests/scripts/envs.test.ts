import { spawn } from 'node:child_process'
import { InvalidArgumentError } from 'commander'
import { describe, expect, it } from 'vitest'
import { environments } from '../../envs/registry.ts'
import { collectSettings, wholeNumber } from '../../scripts/flags.ts'

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line; `until` closes its output once that many lines came. */
function envs(args: readonly string[], until = Infinity): Promise<Outcome> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/envs.ts', ...args])
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (text: Buffer) => {
      stdout += text
      if (stdout.split('\n').length > until) child.stdout.destroy()
    })
    child.stderr.on('data', (text: Buffer) => {
      stderr += text
    })
    child.on('close', code => resolve({ code, stdout, stderr }))
  })
}

describe('envs', () => {
  it.concurrent.each([
    [['run', 'lief'], /^error: unknown environment 'lief'; known: life, .*\n$/],
    [['run', 'life', '--stesp', '3'], /^error: unknown option '--stesp' \(Did you mean --steps\?\)\n$/],
    [['lst'], /^error: unknown command 'lst' \(Did you mean list\?\)\n$/],
    [['run', 'life', '--set', 'density=3'], /^error: life: parameter 'density': .*<=1\n$/],
    [
      ['run', 'life', '--size', '99999'],
      /^error: life 99999 has 9999800001 numbers in a frame, more than .* a smaller --size\n$/,
    ],
    [['check', 'bouncing-balls', '--size', '5'], /^error: bouncing-balls: a disc of radius 2.88 does not fit .*\n$/],
  ])('%j is one line on stderr and exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await envs(args)
    expect(stderr).toMatch(message)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  it('prints one JSON line a frame, beginning with step 0', async () => {
    const pattern = 'bob$2bo$3o!'
    const { code, stdout, stderr } = await envs([
      'run',
      'life',
      '--steps',
      '4',
      '--set',
      `pattern=${pattern}`,
      '--json',
    ])
    expect([code, stderr]).toEqual([0, ''])
    const frames = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(frames.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4])
    for (const { invariants, channels } of frames) {
      expect(invariants).toEqual({})
      expect(channels).toEqual({ alive: { mean: 5 / 576, min: 0, max: 1, sum: 5 } })
    }
  })

  it('repeats a run of the same seed, and no other', async () => {
    const flags = ['--steps', '2', '--size', '12', '--json']
    const [a, b, other] = await Promise.all(
      ['7', '7', '8'].map(seed => envs(['run', 'bouncing-balls', '--seed', seed, ...flags])),
    )
    expect(a.stdout.split('\n')).toHaveLength(4)
    expect(b.stdout).toBe(a.stdout)
    expect(other.stdout).not.toBe(a.stdout)
  })

  it('lists every world, and helps, with exit code 0', async () => {
    const [list, help] = await Promise.all([envs(['list']), envs(['run', '--help'])])
    for (const { id, parameters } of environments) {
      expect(list.stdout).toContain(id)
      for (const name of Object.keys(parameters.shape)) expect(help.stdout).toContain(name)
    }
    expect(Math.max(...list.stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(110)
    expect([list.code, list.stderr, help.code, help.stderr]).toEqual([0, '', 0, ''])
  })

  it('ends quietly when nobody reads on', async () => {
    const { code, stderr } = await envs(['run', 'life', '--steps', '10000000', '--json'], 3)
    expect([code, stderr]).toEqual([0, ''])
  })

  it('says what a check found', async () => {
    const { code, stdout } = await envs(['check', 'life', '--size', '16', '--steps', '20'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ok {6}a stream determines the state/)
    expect(stdout).toMatch(
      /one-frame skill of persistence over climatology {3}0\.\d{3} calibrated, -?\d\.\d{3} plain\ncorrelation time +\d+\.\d frames\nlargest Lyapunov exponent +none/,
    )
  })
})

describe('flags', () => {
  it('collects settings as numbers, booleans and text, the last of a name', () => {
    const texts = ['a=1', 'b=true', 'rule=B3/S23', 'x=y=z', 'empty=', 'a=.5']
    const settings = texts.reduce((previous, text) => collectSettings(text, previous), {})
    expect(settings).toEqual({ a: 0.5, b: true, rule: 'B3/S23', x: 'y=z', empty: '' })
    for (const text of ['', 'a', '=1']) expect(() => collectSettings(text)).toThrow(InvalidArgumentError)
  })

  it('takes whole numbers in range only', () => {
    expect(wholeNumber(1)('24')).toBe(24)
    for (const text of ['0', '-1', '1.5', '1e3', '', 'x', '99999999999999999999'])
      expect(() => wholeNumber(1)(text)).toThrow(InvalidArgumentError)
  })
})
