import { spawnSync } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import { loadEngine } from '../../engine/index.ts'
import { chosenPasses, passIds } from '../../engine/onnx/passes/index.ts'
import { usePasses } from '../../scripts/engine-passes.ts'

describe('--engine-passes', () => {
  afterEach(() => usePasses('all'))

  it('leaves out what it does not name, which the version of the engine says', async () => {
    expect((await loadEngine('onnx')).version).toMatch(/^onnxruntime-node [\d.]+$/)
    usePasses('none')
    expect(chosenPasses()).toEqual([])
    expect((await loadEngine('onnx')).version).toMatch(/, passes none$/)
    usePasses('unused,time')
    expect((await loadEngine('onnx')).version).toMatch(/, passes unused time$/)
    usePasses('all')
    expect(chosenPasses()).toEqual(passIds)
  })

  it.each([
    ['bench.ts', '--suite', 'smoke', '--out', '/nowhere/at/all'],
    ['bench-speed.ts', '--only', 'engine'],
  ])('%s says in one line which passes there are', (script, ...flags) => {
    const words = ['--import', 'tsx', `scripts/${script}`, ...flags, '--engine-passes', 'tme']
    const { status, stderr, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error: unknown engine pass 'tme'; known: time, .*\n$/)
    expect(status).toBe(2)
  })
})
