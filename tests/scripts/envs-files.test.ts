import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateEpisodes } from '../../benchmarks/task/episodes.ts'
import { decodeNpzRecording } from '../../envs/files/npz.ts'
import { readBytes, readTextFile } from '../../lib/files.ts'
import { smallTask } from '../benchmarks/small.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scalespace-export-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function envs(...args: string[]) {
  const run = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/envs.ts', ...args], { encoding: 'utf8' })
  return { code: run.status, out: run.stdout, error: run.stderr }
}
const fails = (...args: string[]) => {
  const { code, out, error } = envs(...args)
  expect([code, out]).toEqual([2, ''])
  expect(error.trim().split('\n')).toHaveLength(1)
  return error
}

describe('envs export', () => {
  it('writes the episodes that models are tested on, and a recording runs as a world does', () => {
    const file = join(folder, 'ring.npz')
    const wish = ['coupled-maps', '--set', 'range=3', '--size', '16', '--episodes', '3', '--steps', '4', '--out', file]
    const { code, out, error } = envs('export', ...wish, '--json')
    expect([code, error]).toEqual([0, ''])
    const told = { file, split: 'test', first: 0, episodes: 3, frames: 5, height: 1, width: 16, channels: ['x'] }
    expect(JSON.parse(out)).toMatchObject(told)
    const schedule = { tile: 1, context: 3, blind: 1 }
    const task = smallTask('coupled-maps', 16, schedule, { range: 3 })
    expect(decodeNpzRecording(readBytes(file)).values).toEqual(generateEpisodes(task, 'test', 3).values)

    expect(fails('export', ...wish)).toMatch(/^error: '.*ring\.npz' is there already; --force writes over it$/m)
    expect(envs('export', ...wish, '--force', '--split', 'train', '--first', '7').out).toMatch(
      /ring\.npz: train episodes 7 to 9 of coupled-maps\(range=3\) 16, .* 3 × 5 × 1 × 16 × 1 \(x\), 0\.00 MB$/m,
    )
    // As many as there are, where nobody says how many.
    const lines = envs('run', file, '--json').out.trim().split('\n')
    expect(lines.map(line => JSON.parse(line).step)).toEqual([0, 1, 2, 3, 4])
    expect(fails('run', file, '--steps', '5')).toMatch(
      /ring\.npz: its episodes have 5 frames, 4 after the first; --steps/,
    )
    expect(readdirSync(folder)).toEqual(['ring.npz'])
  })

  it('answers a mistake in one line, before any work', () => {
    expect(fails('export', 'life', '--out', 'x.csv')).toMatch(/unknown format '\.csv'; known: \.npz, /)
    const many = ['--size', '64', '--episodes', '100000', '--out', 'x.npz']
    expect(fails('export', 'life', ...many)).toMatch(/are 34\.4 GB of numbers; such a file holds at most 1 GB/)
  })
})

describe('envs influence', () => {
  it.each([
    ['cavity', 8, [null, 7, 7, 7]],
    ['traffic', 24, [null, 3, 12, 12]],
    ['life', 48, [null, 1, 4, 16]],
  ] as const)('tells how far %s of %i cells can act, and never beyond the world', (id, size, allowed) => {
    const out = join(folder, `influence-${id}`)
    const rows = envs('influence', id, '--size', String(size), '--starts', '1', '--out', out, '--json')
      .out.trim()
      .split('\n')
    expect(rows.map(row => JSON.parse(row).allowed)).toEqual(allowed)
    for (const row of rows.slice(1).map(line => JSON.parse(line))) expect(row.reach).toBeLessThanOrEqual(row.allowed)
  })
})

describe('a world of one’s own', () => {
  it('runs wherever an id does, or is refused in one line', () => {
    const file = join(folder, 'my-world.ts')
    const contract = new URL('../../envs/environment.ts', import.meta.url).href
    const zod = import.meta.resolve('zod')
    writeFileSync(
      file,
      `import { z } from '${zod}'
       import { defineEnvironment } from '${contract}'
       export const blink = defineEnvironment({
         id: 'blink', version: 1, title: 'All cells blink', source: 'this file', range: 'none',
         parameters: z.object({ high: z.number().default(1).describe('value of a lit cell') }),
         field: (_, size) => ({ height: size, width: size, channels: [{ name: 'light', unit: '1' }],
           likelihood: 'gaussian' as const, boundary: 'walls' as const, dt: 1, burnIn: 0 }),
         initial: () => ({ lit: false }),
         advance: state => { state.lit = !state.lit },
         observe: ({ lit }, out) => void out.fill(lit ? 1 : 0),
         perturb: () => {},
         shifts: {},
       })`,
    )
    const means = envs('run', file, '--steps', '3', '--size', '4', '--json').out.trim().split('\n')
    expect(means.map(line => JSON.parse(line).channels.light.mean)).toEqual([0, 1, 0, 1])
    expect(fails('run', file, '--set', 'hihg=2')).toMatch(/blink has no parameter 'hihg'; it has: high, content/)
    const dark = join(folder, 'dark.ts')
    writeFileSync(dark, readTextFile(file).replace('lit ? 1 : 0', 'lit ? NaN : 0'))
    expect(envs('run', dark).error).toBe('error: blink shows NaN in frame 1: it must show numbers\n')
    for (const command of ['show', 'export'])
      expect(fails(command, dark, '--out', join(folder, command === 'show' ? 'dark.gif' : 'dark.npz'))).toMatch(
        /shows NaN/,
      )
    writeFileSync(join(folder, 'broken.npz'), 'PK not really')
    expect(fails('run', join(folder, 'broken.npz'))).toMatch(/broken\.npz: it is not an NPZ file/)
  })
})
