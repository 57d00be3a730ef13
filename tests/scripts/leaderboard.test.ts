import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeResults } from '../../benchmarks/board/results.ts'
import { resultTables } from '../../benchmarks/board/tables.ts'
import { errorLine } from '../../benchmarks/running/child.ts'
import { recordCommands } from '../../benchmarks/running/commands.ts'
import { checkMemory } from '../../benchmarks/training/memory.ts'
import { sampleLine } from '../../scripts/leaderboard/verify.ts'
import { madeUpRecord, madeUpWorld } from '../benchmarks/made-up.ts'

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
  expect(stdout).toMatch(/^ +1 lstm +global +0\.\d{3} \[/m)
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

test('a cell that verify cannot run again within its limits was not compared, and does not differ', () => {
  run('publish', '--suite', 'quick', '--from', folder, '--out', path('sampled'), '--command', 'npm run bench')
  const { stdout, stderr, status } = run('verify', path('sampled'), '--sample', '1', '--workers', '1', '--memory', '64')
  expect({ stderr, status }).toEqual({ stderr: '', status: 1 })
  expect(stdout).toMatch(
    /verifies: [^\n]*\ncould not be run again: \w{8} bouncing-balls 24, [^\n]*: over the memory limit of 64 MiB; nothing was compared; a larger --memory gives it more\n$/,
  )
  expect(run('verify', path('sampled'), '--sample', '1', '--time-limit', '0')).toMatchObject({ status: 2, stdout: '' })
})

test('verify tells cells that differ from those that did not end', () => {
  const record = madeUpRecord({ model: 'lstm', error: () => 0.5 })
  const tables = resultTables('quick', [record])
  const ended = (error: number) => {
    const figures = record.figures.map(figure => ({ ...figure, value: error }))
    return sampleLine(tables, record.spec, record.sources, { status: 'done', result: { ...record, figures } })
  }
  expect(ended(0.5)).toEqual({ agrees: true, line: expect.stringMatching(/^ok {4} .*: the same to the last bit$/) })
  expect(ended(0.6)).toEqual({
    agrees: false,
    line: expect.stringMatching(/^DIFFERS .*: value is 0\.5, again .* 0\.6$/),
  })
  const broken = (status: 'failed' | 'timeout' | 'memory' | 'crashed', error = 'why\u001b') =>
    sampleLine(tables, record.spec, record.sources, { status, error, log: '' })
  const said = /^could not be run again: \w{8} bouncing-balls 24, lstm, seed 0: why�; nothing was compared(; .*)?$/
  for (const [status, flag] of Object.entries({
    timeout: '--time-limit',
    memory: '--memory',
    crashed: '--workers 1',
  })) {
    const { agrees, line } = broken(status as 'timeout')
    expect(agrees).toBe(false)
    expect(line).toMatch(said)
    expect(line).toContain(flag)
  }
  expect(broken('failed').line).toMatch(/nothing was compared$/)
  // A training step that is refused beforehand fails with a text of its own.
  let refusal = ''
  try {
    checkMemory({ id: 'lstm' }, {}, { lattice: { rows: 6, columns: 6, boundary: 'walls' }, batch: 8 }, 2 ** 30, 64)
  } catch (error) {
    refusal = errorLine(error)
  }
  expect(broken('failed', refusal).line).toMatch(/nothing was compared; a larger --memory gives it more$/)
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
