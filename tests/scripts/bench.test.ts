import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

function bench(flags: string[]) {
  const run = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/bench.ts', ...flags], { encoding: 'utf8' })
  return { code: run.status, out: run.stdout, error: run.stderr }
}

describe('bench', () => {
  it('answers a mistake in one line, with what would be right', () => {
    const mistakes: [string[], RegExp][] = [
      [['--suite', 'quikc'], /unknown suite 'quikc'; known: /],
      [['--engine', 'onx'], /unknown engine 'onx'; known: onnx, /],
      [['--workers', '0'], /'--workers <n>' argument '0' is invalid\. Expected a whole number of at least 1/],
      [['--size', '24,x'], /--size/],
      [['--suite', 'smoke', '--shard', '4/3'], /--shard "4\/3" should be a part of a whole: 1\/3, 2\/3 or 3\/3/],
      [['--seed', '1'], /unknown option '--seed'.*--seeds/],
      [['--set', 'viscosity'], /Expected name=value/],
      [['--flops', '0.5'], /'--flops <n>' argument '0\.5' is invalid\. Expected a whole number of at least 1, as 2e11/],
      [['--suite', './none.json'], /^error: there is no file '\.\/none\.json'/],
      [['quick'], /too many arguments/],
    ]
    for (const [flags, message] of mistakes) {
      const { code, out, error } = bench(flags)
      expect(error).toMatch(message)
      expect(error.trim().split('\n')).toHaveLength(1)
      expect(out).toBe('')
      expect(code).toBe(2)
    }
  })
})
