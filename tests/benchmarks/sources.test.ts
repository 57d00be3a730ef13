import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sourceFiles, sourcesHash } from '../../benchmarks/running/sources.ts'

describe('the sources of a result', () => {
  let folder: string
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scalespace-'))
    write('package-lock.json', '{}\n')
    write('benchmarks/cell.ts', 'export interface CellSpec {}\n')
    write('benchmarks/train.ts', "import {\n  a,\n} from '../lib/a.ts'\nexport * from './cell.ts'\n")
    write('benchmarks/run-cell.ts', "import type { B } from './b.ts'\nconst t = await import('./train.ts')\n")
    write('benchmarks/b.ts', 'export type B = 1\n')
    write('benchmarks/monitor.ts', "import './run-cell.ts'\n")
    write('lib/a.ts', "import '../benchmarks/train.ts'\nexport const a = 1\n")
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('are what runCell imports, at once or later, and the lockfile', () => {
    const own = ['benchmarks/cell.ts', 'benchmarks/run-cell.ts', 'benchmarks/train.ts', 'lib/a.ts', 'package-lock.json']
    expect(sourceFiles(folder)).toEqual(own)
  })

  it('change the hash with their contents, and nothing else does', () => {
    const before = sourcesHash(folder)
    write('benchmarks/monitor.ts', '')
    write('benchmarks/b.ts', 'export type B = 2\n')
    write('lib/a.ts', "import '../benchmarks/train.ts'\r\nexport const a = 1\r\n")
    expect(sourcesHash(folder)).toBe(before)
    write('lib/a.ts', "import '../benchmarks/train.ts'\nexport const a = 2\n")
    expect(sourcesHash(folder)).not.toBe(before)
  })

  it('reach every engine, world and model of the project, and no file that only shows or schedules', () => {
    const files = sourceFiles()
    for (const part of ['engine/onnx/engine.ts', 'envs/life.ts', 'models/s2gru.ts', 'lib/random.ts'])
      expect(files).toContain(part)
    for (const part of ['monitor', 'pool', 'ledger', 'leaderboard', 'tables', 'suite'])
      expect(files).not.toContain(`benchmarks/${part}.ts`)
  })
})
