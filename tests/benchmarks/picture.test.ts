import { expect, test } from 'vitest'
import { encodeGif, errorColour, layOut, valueColour } from '../../benchmarks/pictures/picture.ts'
import type { Picture } from '../../benchmarks/pictures/pixel-font.ts'
import { drawText, textWidth } from '../../benchmarks/pictures/pixel-font.ts'

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
  expect([-1, 0, 1, 2].map(value => valueColour(value, 'bernoulli'))).toEqual([0, 0, 83, 83])
  expect([-9, -2.5, 2.5].map(value => valueColour(value, 'gaussian'))).toEqual([84, 84, 167])
  expect([0, 1].map(error => errorColour(error, 'bernoulli'))).toEqual([168, 251])
  expect(errorColour(2.5, 'gaussian')).toBe(251)
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

test('a GIF holds every frame at its size, and repeats', () => {
  const bytes = Buffer.from(encodeGif([blank(7, 5), blank(7, 5), blank(7, 5)], 350))
  expect(bytes.toString('latin1', 0, 6)).toBe('GIF89a')
  expect([bytes.readUInt16LE(6), bytes.readUInt16LE(8)]).toEqual([7, 5])
  expect(bytes.includes('NETSCAPE2.0')).toBe(true)
  // Each frame begins with a graphic control extension: its delay in hundredths of a second at byte 4.
  const extension = Buffer.of(0x21, 0xf9, 0x04)
  const delays: number[] = []
  for (let at = bytes.indexOf(extension); at >= 0; at = bytes.indexOf(extension, at + 1))
    delays.push(bytes.readUInt16LE(at + 4))
  expect(delays).toEqual([35, 35, 140])
})
