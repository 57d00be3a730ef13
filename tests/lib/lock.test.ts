import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockFolder } from '../../lib/lock.ts'

describe('the lock of a folder', () => {
  let folder: string
  const path = () => join(folder, '.lock')
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lock-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('keeps the second one out until the first lets go, and leaves nothing behind', () => {
    const unlock = lockFolder(folder)
    expect(() => lockFolder(folder)).toThrow(`'${folder}' is in use by process ${process.pid}`)
    unlock()
    unlock()
    const again = lockFolder(folder)
    again()
    expect(readdirSync(folder)).toEqual([])
  })

  test('whose owner is gone holds no one up, however it looks', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    lockFolder(folder)
    const own = JSON.parse(readFileSync(path(), 'utf8'))
    const leftovers = [
      JSON.stringify({ ...own, pid: child.pid }),
      // A process of that number is running, but it is another one.
      JSON.stringify({ ...own, started: 'before' }),
      '',
      '{"pid":',
      '[]',
      JSON.stringify({ ...own, pid: '1' }),
    ]
    for (const text of leftovers) {
      writeFileSync(path(), text)
      const unlock = lockFolder(folder)
      expect(JSON.parse(readFileSync(path(), 'utf8'))).toEqual(own)
      unlock()
      expect(readdirSync(folder)).toEqual([])
    }
  })

  test('of another machine is respected, with the way out', () => {
    writeFileSync(path(), JSON.stringify({ host: `not-${hostname()}`, pid: 1, started: '' }))
    expect(() => lockFolder(folder)).toThrow(
      /is in use by process 1 on not-.* \(where that is gone, remove '.*\.lock'\): wait for its end/,
    )
  })

  test('that someone else took over in the meantime is not removed', () => {
    const unlock = lockFolder(folder)
    const other = JSON.stringify({ host: hostname(), pid: process.ppid, started: 'x' })
    writeFileSync(path(), other)
    unlock()
    expect(readFileSync(path(), 'utf8')).toBe(other)
  })

  test('that cannot be read or taken is one clear line', () => {
    mkdirSync(path())
    expect(() => lockFolder(folder)).toThrow(`cannot take the lock '${path()}': it is a folder`)
    rmSync(path(), { recursive: true })
    // Somebody removes a stale lock, and never comes to an end of it.
    writeFileSync(path(), '')
    writeFileSync(`${path()}.guard.tmp`, JSON.stringify({ host: `not-${hostname()}`, pid: 1, started: '' }))
    expect(() => lockFolder(folder)).toThrow(/guard\.tmp' is in the way of a lock: if no other run .*, remove it$/)
  })

  test('that is gone before it is given back is no error', () => {
    const unlock = lockFolder(folder)
    rmSync(folder, { recursive: true })
    expect(unlock).not.toThrow()
    mkdirSync(folder)
  })

  test('goes to exactly one of many that want it at once, over a stale one too', async () => {
    const script = `
      const { lockFolder } = await import(${JSON.stringify(new URL('../../lib/lock.ts', import.meta.url).href)})
      while (Date.now() < Number(process.argv[1])) {}
      try { lockFolder(${JSON.stringify(folder)}); process.stdout.write('mine ') } catch { process.stdout.write('his ') }
      process.stdin.resume()`
    writeFileSync(path(), JSON.stringify({ host: hostname(), pid: 2 ** 22 + 1, started: '' }))
    const start = Date.now() + 3000
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, String(start)]),
    )
    // Whoever has it keeps it until all have tried.
    const answers = await Promise.all(children.map(async ({ stdout }) => String((await once(stdout, 'data'))[0])))
    for (const { stdin } of children) stdin.end()
    await Promise.all(children.map(child => once(child, 'close')))
    expect(answers.sort()).toEqual(['his ', 'his ', 'his ', 'his ', 'his ', 'mine '])
  })
})
