import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { encodeNpz, openNpz } from '../../lib/npz.ts'

const folder = mkdtempSync(join(tmpdir(), 'score-'))
afterAll(() => rmSync(folder, { recursive: true }))

function bench(...flags: string[]) {
  const run = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/bench.ts', ...flags], { encoding: 'utf8' })
  return { code: run.status, out: run.stdout, error: run.stderr }
}

const [task, results, file] = ['task', 'results', 'half.npz'].map(name => join(folder, name))
const ring = ['--suite', 'smoke', '--env', 'coupled-maps']

/** Half of every number that is seen last, and nothing: some predictions, from the exported files alone. */
function predict(scale: number): void {
  const test = openNpz(readFileSync(join(task, 'test.npz')))
  const { predictions } = JSON.parse(readFileSync(join(task, 'task.json'), 'utf8'))
  const [episodes, steps, ...frame] = predictions.shape as number[]
  const length = frame.reduce((n, side) => n * side, 1)
  const { shape, values } = test.numbers('context')
  const guess = Float32Array.from({ length: episodes * steps * length }, (_, i) => {
    const [episode, step] = [Math.floor(i / (steps * length)), Math.floor(i / length) % steps]
    return scale * values[(episode * shape[1] + Math.min(step, shape[1] - 1)) * length + (i % length)]
  })
  const arrays = {
    predictions: { shape: predictions.shape as number[], values: guess },
    episodes: { shape: [episodes], values: test.texts('episodes') },
  }
  writeFileSync(file, encodeNpz(arrays))
}

describe('the way of a model that was made elsewhere', () => {
  it('leads from an exported task onto the board, and stays there', () => {
    const exported = bench('export-task', ...ring, '--out', task)
    expect(exported.code).toBe(0)
    expect(exported.out).toMatch(
      /test\.npz \(.* MB\)\n {2}context {2}16 × 4 × 1 × 16 × 1\n {2}seen {2}16 × 4 × 1 × 16\n/,
    )
    expect(bench('export-task', ...ring, '--out', task)).toMatchObject({
      code: 2,
      error: `error: '${task}/train.npz' is there already; --force writes over it\n`,
    })

    predict(0.5)
    const scored = bench('score', file, ...ring, '--out', results)
    expect(scored.code).toBe(0)
    expect(scored.out).toMatch(/external +external .*\n +\(name=half\)/)
    expect(scored.out).toMatch(/persistence +reference 0\.000/)
    const read = (name: string) => readFileSync(join(results, name), 'utf8')
    const first = { board: read('leaderboard.csv'), episodes: read('episodes.csv') }
    expect(first.board.match(/,external,name=half,external,/g)).toHaveLength(2)

    // A later run of the suite keeps it; another prediction of the same name takes its place.
    expect(bench(...ring, '--model', 'climatology', '--out', results).code).toBe(0)
    expect(read('leaderboard.csv')).toBe(first.board)
    predict(0.6)
    expect(bench('score', file, ...ring, '--out', results).code).toBe(0)
    expect(read('episodes.csv')).not.toBe(first.episodes)
    expect(read('leaderboard.csv').match(/,external,name=half,external,/g)).toHaveLength(2)
    expect(readdirSync(join(results, 'external'))).toHaveLength(2)

    // Other seeds are other files; their persistence comes with them, and a run of fewer seeds forgets nothing.
    for (const seed of ['1', '2'])
      expect(bench('score', file, ...ring, '--seed', seed, '--out', results).out).toContain('external')
    expect(read('leaderboard.csv')).toMatch(/,filter,1,,1,external,name=half,external,.*,3,0,0,\n/)
    const three = read('leaderboard.csv')
    expect(bench(...ring, '--model', 'climatology', '--out', results).code).toBe(0)
    expect(read('leaderboard.csv')).toBe(three)
  }, 90_000)

  it('answers a mistake in one line, and keeps nothing of it', () => {
    const other = join(folder, 'other')
    writeFileSync(join(folder, 'text.npz'), 'no archive')
    const mistakes: [string[], RegExp][] = [
      [
        ['score', file, '--suite', 'smoke', '--env', 'life'],
        /half\.npz: 'episodes' are not the episodes of this task: 0 of/,
      ],
      [['score', join(folder, 'none.npz'), ...ring], /cannot read '.*none\.npz': no such file/],
      [['score', join(folder, 'text.npz'), ...ring], /text\.npz: it is not an NPZ file/],
      [['score', file, ...ring, '--name', 'a b'], /'--name <name>' argument 'a b' is invalid/],
      [['score', file, '--suite', 'smoke'], /required option '--env <id>' not specified/],
    ]
    for (const [flags, message] of mistakes) {
      const { code, out, error } = bench(...flags, '--out', other)
      expect(error).toMatch(message)
      expect(error.trim().split('\n')).toHaveLength(1)
      expect(out).toBe('')
      expect(code).toBe(2)
    }
    expect(existsSync(join(other, 'external'))).toBe(false)
  }, 30_000)
})
