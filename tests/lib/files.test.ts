import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UserError } from '../../lib/errors.ts'
import { ensureWritableFolder, readTextFile, removeTemporaries, writeFileAtomic } from '../../lib/files.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('writeFileAtomic', () => {
  test('makes folders, replaces, and leaves nothing else behind', () => {
    const path = join(folder, 'a', 'b', 'runs.csv')
    writeFileAtomic(path, 'old\n')
    writeFileAtomic(path, new TextEncoder().encode('new ∂\n'))
    expect(readTextFile(path)).toBe('new ∂\n')
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['runs.csv'])
  })

  test('a folder in the way is a readable error, and the temporary file goes', () => {
    ensureWritableFolder(join(folder, 'taken', 'inside'))
    expect(() => writeFileAtomic(join(folder, 'taken'), 'x')).toThrow(UserError)
    expect(readdirSync(folder)).toEqual(['taken'])
  })

  test('a file where a folder should be is a readable error', () => {
    writeFileSync(join(folder, 'file'), 'x')
    expect(() => writeFileAtomic(join(folder, 'file', 'runs.csv'), 'x')).toThrow(/cannot make the folder '.*file'/)
    expect(() => ensureWritableFolder(join(folder, 'file'))).toThrow(UserError)
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('x')
  })

  test.skipIf(!existsSync('/proc/self'))('a file system that takes no files is a readable error, even to root', () => {
    expect(() => writeFileAtomic('/proc/runs.csv', 'x')).toThrow(UserError)
    expect(() => ensureWritableFolder('/proc/self')).toThrow(UserError)
    expect(() => ensureWritableFolder('/proc/self/out/deep')).toThrow(/cannot make the folder '.*out\/deep'/)
  })

  test.skipIf(process.getuid?.() === 0)('a read-only folder is a readable error', () => {
    chmodSync(folder, 0o500)
    expect(() => writeFileAtomic(join(folder, 'runs.csv'), 'x')).toThrow(/cannot write '.*runs.csv': permission denied/)
    expect(() => ensureWritableFolder(folder)).toThrow(/permission denied/)
  })

  test('a name too long for the disk is a readable error', () => {
    expect(() => writeFileAtomic(join(folder, 'x'.repeat(300)), 'x')).toThrow(/the name is too long/)
  })
})

test.runIf(process.platform === 'linux')('a write that breaks off in the middle leaves the old file whole', () => {
  const path = join(folder, 'runs.csv')
  writeFileSync(path, 'old\n')
  const files = new URL('../../lib/files.ts', import.meta.url).href
  const script = `const { writeFileAtomic } = await import('${files}')
    try { writeFileAtomic(process.argv[1], Buffer.alloc(2 ** 24, 'new')) } catch ({ message }) { console.log(message) }`
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script, path]
  // The system lets no file of that process grow beyond 4 of the 16 MiB.
  const { stdout } = spawnSync('bash', ['-c', 'ulimit -f 4096; exec "$@"', 'bash', ...node], { encoding: 'utf8' })
  expect(stdout).toBe(`cannot write '${path}': the file is too large\n`)
  expect(readFileSync(path, 'utf8')).toBe('old\n')
  expect(readdirSync(folder)).toEqual(['runs.csv'])
})

test('a probe leaves no file', () => {
  ensureWritableFolder(join(folder, 'out'))
  expect(readdirSync(join(folder, 'out'))).toEqual([])
})

test('only temporaries of dead processes are removed', () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  for (const name of [`.a.json.${dead}.tmp`, `.b.json.${process.pid}.tmp`, 'a.json', `a.${dead}.tmp`])
    writeFileSync(join(folder, name), '')
  removeTemporaries(folder)
  expect(readdirSync(folder).sort()).toEqual([`.b.json.${process.pid}.tmp`, `a.${dead}.tmp`, 'a.json'].sort())
})

test('what cannot be read is one clear line', () => {
  expect(() => readTextFile(join(folder, 'none.csv'))).toThrow(/cannot read '.*none.csv': no such file or folder/)
  expect(() => readTextFile(folder)).toThrow(/it is a folder/)
  writeFileSync(join(folder, 'binary'), Uint8Array.of(0xff, 0xfe, 0x80))
  expect(() => readTextFile(join(folder, 'binary'))).toThrow(/not UTF-8/)
})
