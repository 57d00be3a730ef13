import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatTables, resultTables } from '../../benchmarks/board/tables.ts'
import { writeFileAtomic } from '../../lib/files.ts'
import { madeUpWorld } from '../benchmarks/made-up.ts'

let folder = ''
const path = (name: string) => join(folder, name)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leaderboard-'))
  const files = formatTables(resultTables('quick', madeUpWorld({}, { lstm: 0.5 })))
  for (const [name, text] of Object.entries(files)) writeFileAtomic(path(name), text)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(...words: string[]) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'scripts/leaderboard.ts', ...words],
    { encoding: 'utf8' },
  )
  return { stdout, stderr, status }
}

test('show prints the board of a folder', () => {
  const { stdout, stderr, status } = run('show', folder)
  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^bouncing-balls · size 24 · plain · 3 seeds/)
  expect(stdout).toMatch(/^ +1 lstm +learned +0\.\d{3} \[/m)
})

test('no results and damaged results are one clear line and exit code 2', () => {
  const missing = run('show', path('none'))
  expect(missing.status).toBe(2)
  expect(missing.stderr).toMatch(/^error: no results in '.*none': npm run bench [^\n]*\n$/)
  truncateSync(path('episodes.csv'), 1000)
  const damaged = run('show', folder)
  expect(damaged.status).toBe(2)
  expect(damaged.stdout).toBe('')
  expect(damaged.stderr).toMatch(/^error: episodes\.csv [^\n]*\n$/)
})
