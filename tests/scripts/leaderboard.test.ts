import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeResults } from '../../benchmarks/board/results.ts'
import { recordCommands } from '../../benchmarks/running/commands.ts'
import { madeUpWorld } from '../benchmarks/made-up.ts'

let scratch = ''
let folder = ''
const path = (name: string) => join(scratch, name)
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'leaderboard-'))
  folder = path('run')
  writeResults(folder, 'quick', madeUpWorld({}, { lstm: 0.5 }))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

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

test('publish writes what verify finds whole; damage is exit code 1, a mistake 2', () => {
  const publish = (...words: string[]) => run('publish', '--from', folder, '--out', path('published'), ...words)
  const nameless = publish('--suite', 'quick')
  expect(nameless).toMatchObject({ status: 2, stdout: '' })
  expect(nameless.stderr).toMatch(/^error: '.*' does not say what made it: --command [^\n]*\n$/)
  recordCommands(folder, ['npm run bench -- --seeds 3'])
  const published = publish('--suite', 'quick')
  expect(published.status).toBe(0)
  expect(published.stdout).toBe(
    `${path('published')}: 9 cells of suite quick; npm run leaderboard -- verify ${path('published')}\n`,
  )
  expect(published.stderr).toMatch(
    /^note: \d+ of the \d+ cells of suite quick are not among them\nnote: the sources have/,
  )
  expect(JSON.parse(readFileSync(path('published/manifest.json'), 'utf8')).commands).toEqual([
    'npm run bench -- --seeds 3',
  ])
  expect(publish('--suite', 'quick')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--force replaces it'),
  })

  const whole = run('verify', path('published'))
  expect(whole).toMatchObject({ status: 0, stderr: '' })
  expect(whole.stdout).toMatch(
    /published verifies: 9 cells; 3 rows of leaderboard\.csv and 3 rows of costs\.csv worked out anew\n$/,
  )
  appendFileSync(path('published/runs.csv'), '\n')
  const damaged = run('verify', path('published'))
  expect(damaged).toMatchObject({ status: 1, stderr: '' })
  expect(damaged.stdout).toMatch(/^.*published: runs\.csv is not the file that was published: [^\n]*\n/)
  expect(run('verify', path('none'))).toMatchObject({ status: 2, stdout: '' })
})

test('costs prints the front of the worlds and the condition that were asked for', () => {
  const { stdout, stderr, status } = run('costs', folder, '--env', 'bouncing-balls', '--condition', 'filter')
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  expect(stdout).toMatch(/^bouncing-balls · size 24 · plain · filter 1 · steps:2300\n/)
  expect(stdout).toMatch(/^\* lstm +2\.8e10 +30\.0k +0\.\d+ 0\.\d{3} \[/m)
  expect(run('costs', folder, '--condition', 'blind')).toEqual({
    stdout: '',
    stderr: "error: unknown condition of these results 'blind'; known: filter\n",
    status: 2,
  })
})

test('answer, diff and merge say what they find, and keep what is there', () => {
  const answer = run('answer', folder, '--env', 'bouncing-balls')
  expect(answer).toMatchObject({ status: 0, stderr: '' })
  expect(answer.stdout).toMatch(
    /^bouncing-balls · size 24 · plain: undecided: lstm has nobody to be compared with\.\n\nThe/,
  )
  const unknown = run('answer', folder, '--env', 'life')
  expect(unknown).toMatchObject({ status: 2, stdout: '' })
  expect(unknown.stderr).toBe("error: unknown environment of these results 'life'; known: bouncing-balls\n")

  const other = path('other')
  writeResults(other, 'quick', madeUpWorld({}, { gru: 0.5 }))
  expect(run('diff', folder, folder)).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^3 rows the same, 0 /),
  })
  expect(run('diff', folder, other)).toMatchObject({ status: 1, stdout: expect.stringMatching(/vanished:\n.*lstm/) })

  const nameless = run('merge', folder, other, '--out', path('merged'))
  expect(nameless).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^error: '.*other' does not say what made/),
  })
  expect(existsSync(path('merged'))).toBe(false)
  const command = ['--command', 'npm run bench -- --model gru']
  const merged = run('merge', folder, other, '--out', path('merged'), ...command)
  expect(merged).toMatchObject({ status: 0, stderr: '' })
  expect(readFileSync(path('merged/commands.txt'), 'utf8')).toMatch(/^npm run bench -- --model gru$/m)
  expect(run('show', path('merged'), '--by', 'condition').stdout).toMatch(/^lstm .*\n^gru /m)
  const again = run('merge', folder, other, '--out', path('merged'), ...command)
  expect(again).toMatchObject({ status: 2, stderr: expect.stringMatching(/^error: '.*' is not empty: [^\n]*\n$/) })
}, 120_000)

test('names that would lead elsewhere are no names of suites', () => {
  for (const suite of ['../escape', '=cmd|x\n']) {
    const { status, stderr } = run('publish', `--suite=${suite}`, '--from', folder, '--command', 'x')
    expect(status).toBe(2)
    expect(stderr).toMatch(/^error: "[^\n]*" cannot be the name of a suite\n$/)
  }
  expect(existsSync('results/escape')).toBe(false)
})

test('no results and damaged results are one clear line and exit code 2', () => {
  const missing = run('show', path('none'))
  expect(missing.status).toBe(2)
  expect(missing.stderr).toMatch(/^error: no results in '.*none': npm run bench [^\n]*\n$/)
  mkdirSync(path('alone'))
  cpSync(join(folder, 'runs.csv'), path('alone/runs.csv'))
  expect(run('show', path('alone')).stderr).toMatch(/^error: '.*alone' lacks episodes\.csv: [^\n]*\n$/)
  cpSync(folder, path('damaged'), { recursive: true })
  truncateSync(path('damaged/episodes.csv'), 1000)
  const damaged = run('show', path('damaged'))
  expect(damaged.status).toBe(2)
  expect(damaged.stdout).toBe('')
  expect(damaged.stderr).toMatch(/^error: .*episodes\.csv [^\n]*\n$/)
})
