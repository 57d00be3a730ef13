import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Film, viewsOf } from '../../benchmarks/pictures/film.ts'
import { grey, palette } from '../../benchmarks/pictures/palette.ts'
import type { Picture } from '../../benchmarks/pictures/pixel-font.ts'
import { play, type Terminal } from '../../benchmarks/pictures/play.ts'
import { beside, nearest256, terminalColours, terminalLines } from '../../benchmarks/pictures/terminal.ts'

const picture = (width: number, ...pixels: number[]): Picture => ({
  width,
  height: pixels.length / width,
  pixels: Uint8Array.from(pixels),
})
const [black, white] = [grey(0), grey(1)]

/** The colours of the pixels of lines in 24-bit colours, row by row; undefined below the last one. */
function colours(lines: readonly string[]): (string | undefined)[][] {
  return lines.flatMap(line => {
    const [upper, lower]: (string | undefined)[][] = [[], []]
    let ink: string | undefined
    let behind: string | undefined
    for (const [, place, colour, block] of line.matchAll(/([34])8;2;([\d;]+)m|(▀)/g)) {
      if (place === '3') ink = colour
      if (place === '4') behind = colour
      if (block === undefined) continue
      upper.push(ink)
      lower.push(behind)
    }
    return [upper, lower]
  })
}

describe('a picture in a terminal', () => {
  const room = { columns: 80, rows: 24, colours: 'true' as const }

  test('is two pixels a character, as large as whole pixels allow', () => {
    const lines = terminalLines(picture(2, black, white, white, black), { ...room, columns: 5, rows: 9 })
    const [b, w] = ['0;0;0', '255;255;255']
    expect(colours(lines)).toEqual([
      [b, b, w, w],
      [b, b, w, w],
      [w, w, b, b],
      [w, w, b, b],
    ])
  })

  test('of an odd height has nothing below its last row', () => {
    const lines = terminalLines(picture(1, white, white, white), { ...room, columns: 1 })
    expect(colours(lines)).toEqual([['255;255;255'], ['255;255;255'], ['255;255;255'], [undefined]])
  })

  test('fits every terminal, in every kind of colours', () => {
    const side = fc.integer({ min: 1, max: 70 })
    fc.assert(
      fc.property(side, side, side, side, fc.constantFrom('true', '256', 'none'), (w, h, columns, rows, kind) => {
        const lines = terminalLines(picture(w, ...Array(w * h).fill(white)), { columns, rows, colours: kind })
        expect(lines.length).toBeLessThanOrEqual(rows)
        for (const line of lines) {
          expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(columns)
          expect(stripVTControlCharacters(line).length).toBeGreaterThan(0)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('that is too large keeps its light: each pixel is the mean of the area it covers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: palette.length - 1 }), { minLength: 36, maxLength: 36 }),
        fc.integer({ min: 1, max: 5 }),
        (pixels, columns) => {
          const light = (values: readonly number[][]) => values.flat().reduce((sum, value) => sum + value ** 2, 0)
          const shown = colours(terminalLines(picture(6, ...pixels), { ...room, columns })).flat()
          const numbers = shown.flatMap(colour => (colour === undefined ? [] : [colour.split(';').map(Number)]))
          expect(numbers).toHaveLength(columns ** 2)
          const mean = light(pixels.map(pixel => [...palette[pixel]])) / 36
          // Each of three numbers is rounded to a whole one: by ½ · 2 · 255 in its square at most.
          expect(Math.abs(light(numbers) / columns ** 2 - mean)).toBeLessThan(3 * 256)
        },
      ),
    )
  })

  test('without colours is characters from thin to dense', () => {
    const pixels = Array.from({ length: 10 }, (_, i) => grey(i / 9))
    const [line] = terminalLines(picture(10, ...pixels, ...pixels), { columns: 10, rows: 1, colours: 'none' })
    expect(line).toBe(' .:-=+*#%@')
  })

  test('takes the nearest of 256 colours', () => {
    const known: [[number, number, number], number][] = [
      [[0, 0, 0], 16],
      [[255, 255, 255], 231],
      [[255, 0, 0], 196],
      [[95, 135, 175], 67],
      [[118, 118, 118], 243],
      [[8, 8, 8], 232],
    ]
    for (const [colour, number] of known) expect(nearest256(colour)).toBe(number)
  })

  test('stands beside others, with a gap', () => {
    expect(beside([picture(1, 1, 2), picture(2, 3, 4, 5, 6)], 1).width).toBe(4)
    expect(beside([picture(1, 1, 2)]).pixels).toEqual(Uint8Array.of(1, 2))
  })

  test('has the colours that the environment says', () => {
    expect(terminalColours({ COLORTERM: 'truecolor' })).toBe('true')
    expect(terminalColours({})).toBe('256')
    expect(terminalColours({ COLORTERM: 'truecolor', NO_COLOR: '1' })).toBe('none')
    expect(terminalColours({ NO_COLOR: '' })).toBe('256')
  })
})

describe('a film in a terminal', () => {
  afterEach(() => vi.unstubAllEnvs())
  const film: Film = {
    field: {
      height: 2,
      width: 2,
      channels: [{ name: 'alive', unit: '1' }],
      likelihood: 'bernoulli',
      boundary: 'torus',
      dt: 1,
      burnIn: 0,
    },
    frames: [0, 1, 0].map(value => new Float32Array(4).fill(value)),
  }
  async function watch(
    terminal: { columns: number; rows: number },
    onFrame: (writes: number) => void,
    signal: AbortSignal,
  ) {
    vi.stubEnv('NO_COLOR', '1')
    const writes: string[] = []
    const screen: Terminal = {
      get columns() {
        return terminal.columns
      },
      get rows() {
        return terminal.rows
      },
      write(text, done) {
        writes.push(text)
        done()
        onFrame(writes.length)
      },
    }
    await play(film, viewsOf(film), 'life 2', screen, signal)
    return writes
  }

  test('is one write a frame over the one before, and gives the cursor back', async () => {
    const writes = await watch({ columns: 30, rows: 4 }, () => {}, new AbortController().signal)
    expect(writes[0]).toBe('\x1b[?25l')
    const [dark, light] = [' '.repeat(6), '@'.repeat(6)]
    expect(writes.slice(1, 4)).toEqual([
      [dark, dark, dark, 'life 2  0/2  alive'].join('\n'),
      `\r\x1b[3A${[light, light, light, 'life 2  1/2  alive'].join('\n')}`,
      `\r\x1b[3A${[dark, dark, dark, 'life 2  2/2  alive'].join('\n')}`,
    ])
    expect(writes.at(-1)?.endsWith('\n\x1b[?25h')).toBe(true)
    expect(writes).toHaveLength(5)
  })

  test('ends early when it is told to, and gives the cursor back', async () => {
    const controller = new AbortController()
    const writes = await watch({ columns: 30, rows: 4 }, count => count === 2 && controller.abort(), controller.signal)
    expect(writes).toHaveLength(3)
    expect(writes[2]).toBe('\rlife 2  0/2  alive\x1b[K\n\x1b[?25h')
  })

  test('begins on an empty screen when the window changes its size, and fits again', async () => {
    const window = { columns: 30, rows: 4 }
    const writes = await watch(
      window,
      count => count === 2 && Object.assign(window, { columns: 12, rows: 2 }),
      new AbortController().signal,
    )
    expect(writes[2]).toBe('\x1b[2J\x1b[H@@\nlife 2  1')
  })
})
