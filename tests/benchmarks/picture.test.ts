import { decode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import { heatMap } from '../../benchmarks/pictures/heat-map.ts'
import { errorColour, HIDDEN, INK, PAPER, palette, sequential, valueColour } from '../../benchmarks/pictures/palette.ts'
import { encodeGif, encodePng, layOut, stack } from '../../benchmarks/pictures/picture.ts'
import type { Picture } from '../../benchmarks/pictures/pixel-font.ts'
import { drawText, textWidth } from '../../benchmarks/pictures/pixel-font.ts'
import { decodeGif } from './decode-gif.ts'

const blank = (width: number, height: number): Picture => ({ width, height, pixels: new Uint8Array(width * height) })

const asText = ({ width, height, pixels }: Picture) =>
  Array.from({ length: height }, (_, y) =>
    Array.from(pixels.subarray(y * width, (y + 1) * width), p => '.#'[p]).join(''),
  )

test('letters stand where they are put, and a space takes the room of a letter', () => {
  const picture = blank(12, 6)
  drawText(picture, 't l', 1, 1, 1, 1)
  expect(asText(picture)).toEqual([
    '............',
    '.###.....#..',
    '..#......#..',
    '..#......#..',
    '..#......#..',
    '..#......###',
  ])
  expect(textWidth('t l')).toBe(11)
  expect(textWidth('')).toBe(0)
})

test('a scale makes every pixel of a letter as wide and as high', () => {
  const picture = blank(6, 10)
  drawText(picture, '7', 0, 0, 2, 1)
  expect(asText(picture).slice(0, 4)).toEqual(['######', '######', '....##', '....##'])
})

test('values and errors take the ends of their own ramps, and are cut off beyond them', () => {
  const rgb = (colour: number) => palette[colour]
  const [black, white] = [
    [0, 0, 0],
    [255, 255, 255],
  ]
  expect([-1, 0, 1, 2].map(value => rgb(valueColour(value, 'bernoulli')))).toEqual([black, black, white, white])
  const [low, middle, high] = [-2.5, 0, 2.5].map(value => valueColour(value, 'gaussian'))
  expect([-9, 9].map(value => valueColour(value, 'gaussian'))).toEqual([low, high])
  expect(rgb(middle)).toEqual([245, 245, 245])
  expect(errorColour(1, 'bernoulli')).toBe(errorColour(2.5, 'gaussian'))
  for (const likelihood of ['bernoulli', 'gaussian'] as const) {
    expect(rgb(errorColour(0, likelihood))).toEqual(black)
    expect(rgb(errorColour(0.05, likelihood))).not.toEqual(black)
    // A prediction that is no number is not without error.
    expect(errorColour(Number.NaN, likelihood)).toBe(errorColour(9, likelihood))
  }
})

test('there are no more colours than a GIF holds, and those of amounts get lighter from end to end', () => {
  expect(palette.length).toBeLessThanOrEqual(256)
  const shades = [...new Set(Array.from({ length: 1000 }, (_, i) => sequential(i / 999)))]
  expect(shades.length).toBeGreaterThan(60)
  // Relative luminance of ITU-R BT.709.
  const light = shades.map(i => 0.2126 * palette[i][0] + 0.7152 * palette[i][1] + 0.0722 * palette[i][2])
  expect(light).toEqual([...light].sort((a, b) => a - b))
})

test('panels are drawn whole, beside each other, and a blind page is framed in another colour', () => {
  const panel = (value: number): Picture => ({ width: 2, height: 1, pixels: Uint8Array.of(value, value + 1) })
  const panels = [
    { title: 'a', picture: panel(10) },
    { title: 'b', picture: panel(20) },
  ]
  const caption = { about: '', time: '', blind: '' }
  const page = layOut(panels, 3, caption)
  const count = ({ pixels }: Picture, colour: number) => pixels.filter(pixel => pixel === colour).length
  for (const value of [10, 11, 20, 21]) expect(count(page, value)).toBe(9)
  expect(page.pixels).toHaveLength(page.width * page.height)
  const blind = layOut(panels, 3, { ...caption, blind: ' ' })
  const changed = new Set(page.pixels.filter((pixel, i) => pixel !== blind.pixels[i]))
  expect(changed.size).toBe(1)
})

test('a viewer sees every frame of a GIF, in its colours, and the last one longer; it repeats', () => {
  const pictures = [0, 1, 2].map(t => ({
    ...blank(70, 50),
    // Some of it changes, some stays, and there is more than one table of codes can hold.
    pixels: Uint8Array.from({ length: 3500 }, (_, i) => (i % 3 === 0 ? 7 : (i * i * (t + 1)) % 249)),
  }))
  const bytes = encodeGif(pictures, 350)
  expect(Buffer.from(bytes).toString('latin1', 0, 6)).toBe('GIF89a')
  expect(Buffer.from(bytes).includes('NETSCAPE2.0')).toBe(true)
  const { width, height, frames, palette: colours } = decodeGif(bytes)
  expect([width, height]).toEqual([70, 50])
  expect(colours.slice(0, palette.length)).toEqual(palette)
  expect(frames.map(({ delay }) => delay)).toEqual([350, 350, 1400])
  for (const [t, { pixels }] of frames.entries()) expect(pixels).toEqual(pictures[t].pixels)
})

test('a GIF whose pictures do not change costs next to nothing a picture', () => {
  const noise: Picture = { width: 64, height: 64, pixels: Uint8Array.from({ length: 4096 }, (_, i) => (i * i) % 251) }
  const [one, two] = [1, 2].map(count => encodeGif(Array(count).fill(noise), 100).length)
  expect(two - one).toBeLessThan(one / 10)
})

test('a PNG reads back as the colours of the picture', () => {
  const picture = layOut([{ title: 'a', picture: { width: 2, height: 1, pixels: Uint8Array.of(1, 80) } }], 3, {
    about: 'left',
    time: 'right',
    blind: '',
  })
  const { width, height, data, palette: colours } = decode(encodePng(picture))
  expect([width, height]).toEqual([picture.width, picture.height])
  expect(Uint8Array.from(data)).toEqual(picture.pixels)
  expect(colours).toEqual(palette)
})

test('no word is cut off, however small the panels: a margin of paper goes round the page', () => {
  const panels = ['a channel with a long name', 'b'].map(title => ({ title, picture: blank(2, 2) }))
  for (const about of ['', 'a caption that is wider than what stands above it, by far, and more']) {
    const { width, height, pixels } = layOut(panels, 3, { about, time: 'frame 100/100', blind: '' })
    const edge = (x: number, y: number) => Math.min(x, y, width - 1 - x, height - 1 - y) < 12
    for (const [i, pixel] of pixels.entries())
      if (edge(i % width, Math.floor(i / width))) expect(pixel, `${i % width} ${Math.floor(i / width)}`).toBe(PAPER)
  }
})

test('pages are stacked without a gap', () => {
  expect(asText(stack([blank(2, 1), { width: 2, height: 1, pixels: Uint8Array.of(1, 1) }]))).toEqual(['..', '##'])
})

describe('a heat map', () => {
  const panel = (...values: number[]) => ({ title: '', width: values.length, height: 1, values })
  /** The colours of the cells of one map one cell high, which stands in the middle, 192 pixels wide. */
  const cells = (...values: number[]) => {
    const { width, pixels } = heatMap([panel(...values)], '', 4)
    const zoom = 192 / values.length
    return values.map((_, i) => pixels[40 * width + width / 2 - 96 + (i + 0.5) * zoom])
  }

  test('is logarithmic: equal factors are equal steps of colour, below the scale is its end, 0 apart', () => {
    const [low, less, half, peak, none, far] = cells(1e-4, 1e-3, 1e-2, 1, 0, 1e-9)
    expect([low, half, peak]).toEqual([sequential(0), sequential(0.5), sequential(1)])
    expect(less).toBe(sequential(0.25))
    expect(none).toBe(HIDDEN)
    expect(far).toBe(low)
  })

  test('takes one scale for all panels, and draws nothing but zeros', () => {
    const { width, pixels } = heatMap([panel(1), panel(100)], 'x', 4)
    const colours = [...pixels].filter(pixel => pixel === sequential(0.5)).length
    expect(colours).toBeGreaterThan(192 * 192)
    expect(pixels.length % width).toBe(0)
    expect(heatMap([panel(0, 0)], '').pixels).toContain(INK)
  })

  test.each([-1, Number.NaN, Infinity])('does not draw %d', value => {
    expect(() => heatMap([panel(1, value)], '')).toThrow(RangeError)
  })
})
