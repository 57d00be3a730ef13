import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const commands = [
  ['bench.ts', '--help'],
  ['bench.ts', 'watch', '--help'],
  ['bench-peers.ts', '--help'],
  ['bench-speed.ts', '--help'],
  ['envs.ts', 'list'],
  ['gallery.ts', '--help'],
  ['leaderboard.ts', '--help'],
  ['models.ts', '--help'],
  ['models.ts', 'list', '--help'],
]

test.each(commands)('%s %s answers without loading what computes', (script, ...flags) => {
  const coverage = mkdtempSync(join(tmpdir(), 'startup-'))
  const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', `scripts/${script}`, ...flags], {
    encoding: 'utf8',
    // Node's coverage names every module that was loaded.
    env: { ...process.env, NODE_V8_COVERAGE: coverage },
  })
  const loaded = readdirSync(coverage).map(name => readFileSync(join(coverage, name), 'utf8'))
  rmSync(coverage, { recursive: true })
  expect(status).toBe(0)
  expect(stdout).not.toBe('')
  expect(loaded.join('')).toContain(`scripts/${script}`)
  expect(loaded.join('')).not.toMatch(/@tensorflow|onnxruntime/)
})
