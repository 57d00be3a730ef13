import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
const scratch = mkdtempSync(join(tmpdir(), 'scalespace-smoke-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const results = ['runs.csv', 'episodes.csv', 'cells.csv', 'leaderboard.csv', 'costs.csv']

function start(folder: string, workers: number): ChildProcess {
  // No cell may hold more than 600 MiB: one that did would be a row with its status, and the exit code 1.
  const flags = ['--suite', 'smoke', '--out', folder, '--workers', String(workers), '--memory', '600']
  return spawn(process.execPath, ['--import', 'tsx', 'scripts/bench.ts', ...flags], { cwd: root, env: process.env })
}

async function finish(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const text = { stdout: '', stderr: '' }
  child.stdout?.on('data', part => {
    text.stdout += part
  })
  child.stderr?.on('data', part => {
    text.stderr += part
  })
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  return { code, ...text }
}

async function untilCells(folder: string, count: number): Promise<void> {
  const finished = () =>
    existsSync(join(folder, 'cells')) &&
    readdirSync(join(folder, 'cells')).filter(name => name.endsWith('.json')).length
  while (Number(finished()) < count) await new Promise(resolve => setTimeout(resolve, 50))
}

it('the smoke suite gives the same bytes with two workers, and with one that is killed in the middle and restarted', async () => {
  const [together, alone] = ['together', 'alone'].map(name => join(scratch, name))
  const first = await finish(start(together, 2))
  expect(first.stderr).toMatch(/22 of 22 cells of smoke are finished/)
  expect(first.code).toBe(0)
  for (const line of first.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  for (const world of ['bouncing-balls', 'coupled-maps(range=3)', 'fluid', 'life'])
    expect(first.stdout).toContain(`${world} · size`)

  const killed = start(alone, 1)
  await untilCells(alone, 5)
  killed.kill('SIGKILL')
  await finish(killed)
  const again = await finish(start(alone, 1))
  expect(again.code).toBe(0)
  expect(again.stdout).toBe(first.stdout)
  for (const name of results)
    expect(readFileSync(join(alone, name)).equals(readFileSync(join(together, name)))).toBe(true)
}, 240_000)
