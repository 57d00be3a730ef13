import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from 'fast-png'
import { afterAll, describe, expect, it } from 'vitest'
import { decodeGif } from '../benchmarks/decode-gif.ts'

const folder = mkdtempSync(join(tmpdir(), 'show-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = (name: string) => join(folder, name)

function show(...words: string[]) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'scripts/envs.ts', 'show', ...words],
    { encoding: 'utf8' },
  )
  return { stdout, stderr, status }
}

describe('show', () => {
  it('writes a moving picture, the same for the same seed', () => {
    const [first, again, other] = ['1', '1', '2'].map((seed, i) => {
      const out = path(`${i}.gif`)
      const { stdout, stderr, status } = show('life', '--steps', '5', '--size', '12', '--seed', seed, '--out', out)
      expect([stderr, status]).toEqual(['', 0])
      expect(stdout).toBe(`${out}: frames 0 to 5 of life 12, seed ${seed}\n`)
      return readFileSync(out)
    })
    expect(decodeGif(first).frames).toHaveLength(6)
    expect(again.equals(first)).toBe(true)
    expect(other.equals(first)).toBe(false)
  })

  it('writes a still: a strip of a 2-D world, space × time of a 1-D one', () => {
    for (const id of ['life', 'coupled-maps'])
      expect(show(id, '--steps', '90', '--size', '9', '--out', path(`${id}.PNG`)).stderr).toBe('')
    const [strip, history] = ['life', 'coupled-maps'].map(id => decode(readFileSync(path(`${id}.PNG`))))
    expect(strip.width).toBeGreaterThan(3 * strip.height)
    // 91 rows of 8 pixels.
    expect(history.height).toBeGreaterThan(728)
  })

  it('answers a mistake in one line, and writes nothing', () => {
    const there = path('there.gif')
    writeFileSync(there, 'mine')
    const out = path('none.gif')
    const mistakes: [string[], string][] = [
      [['life'], 'no terminal to show a moving picture in; give --out film.gif or --out still.png'],
      [['life', '--out', path('a.jpg')], `cannot draw '${path('a.jpg')}': its name must end in .gif or .png`],
      [['life', '--out', folder], `cannot draw '${folder}': its name must end in .gif or .png`],
      [['life', '--out', there], `'${there}' is there already; --force writes over it`],
      [['life', '--channel', 'aliv', '--out', out], "unknown channel 'aliv'; known: alive"],
      [['life', '--steps', '99999999', '--out', out], '99999999 frames of 576 numbers are too many'],
    ]
    for (const [words, message] of mistakes) {
      const { stdout, stderr, status } = show(...words)
      expect(stderr).toMatch(/^error: [^\n]*\n$/)
      expect(stderr).toContain(message)
      expect([stdout, status]).toEqual(['', 2])
    }
    expect(existsSync(out)).toBe(false)
    expect(readFileSync(there, 'utf8')).toBe('mine')
    expect(show('life', '--steps', '1', '--out', there, '--force').status).toBe(0)
    expect(decodeGif(readFileSync(there)).frames).toHaveLength(2)
  })
})
