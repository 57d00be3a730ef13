import { createRequire } from 'node:module'
import { encode } from 'fast-png'
import type gifenc from 'gifenc'
import { CLEAR, HIDDEN, INK, MARK, PAPER, palette } from './palette.ts'
import { drawText, GLYPH_HEIGHT, type Picture, textWidth } from './pixel-font.ts'

// Required, as its exports are found differently by everyone who imports it.
const { GIFEncoder } = createRequire(import.meta.url)('gifenc') as typeof gifenc

/** A word in a colour of its own. */
export interface Word {
  readonly text: string
  readonly colour: number
}

export type Title = string | readonly Word[]

/** One of the pictures of a frame, and what stands above it. */
export interface Panel {
  readonly title: Title
  readonly picture: Picture
}

/** The words below the panels: what is shown on the left, when on the right; `blind` is said in the blind's colour. */
export interface Caption {
  readonly about: string
  readonly time: Title
  /** Empty while the model is shown anything. */
  readonly blind: string
}

export const MARGIN = 12
export const BORDER = 3
export const TEXT_SCALE = 2
const TEXT_HEIGHT = GLYPH_HEIGHT * TEXT_SCALE
const LINE = (GLYPH_HEIGHT + 4) * TEXT_SCALE

/** An empty page. */
export const paper = (width: number, height: number): Picture => ({
  width,
  height,
  pixels: new Uint8Array(width * height).fill(PAPER),
})

/** Paints a rectangle. */
export function fill(
  { width, pixels }: Picture,
  left: number,
  top: number,
  wide: number,
  high: number,
  colour: number,
): void {
  for (let y = top; y < top + high; y++) pixels.fill(colour, y * width + left, y * width + left + wide)
}

/** A picture, every pixel of it `zoom` wide and high. */
export function enlarge(picture: Picture, zoom: number): Picture {
  const page = paper(picture.width * zoom, picture.height * zoom)
  paste(page, picture, 0, 0, zoom)
  return page
}

/** Puts a picture on a page, every pixel of it `zoom` wide and high. */
function paste(page: Picture, { width, height, pixels }: Picture, left: number, top: number, zoom: number): void {
  for (let y = 0; y < height * zoom; y++)
    for (let x = 0; x < width * zoom; x++)
      page.pixels[(top + y) * page.width + left + x] = pixels[Math.floor(y / zoom) * width + Math.floor(x / zoom)]
}

/** A title without its colours. */
const textOf = (title: Title): string => (typeof title === 'string' ? title : title.map(({ text }) => text).join('  '))

/** Width of a text on a page. */
export const pageTextWidth = (text: string): number => textWidth(text) * TEXT_SCALE

/**
 * Panels of one size beside each other, every cell `zoom` pixels wide and high, framed in red where it is blind. The
 * page is as wide as panels and words need, and at least `leastWidth`.
 */
export function layOut(
  panels: readonly Panel[],
  zoom: number,
  { about, time, blind }: Caption,
  leastWidth = 0,
): Picture {
  const [wide, high] = [panels[0].picture.width * zoom, panels[0].picture.height * zoom]
  const titles = panels.map(({ title }) => pageTextWidth(textOf(title)))
  const room = Math.max(wide + 2 * BORDER, ...titles.map(width => width + 2 * BORDER))
  const needed = panels.length * (room + MARGIN) + MARGIN
  const words = [about, textOf(time), blind].filter(text => text !== '').join('  ')
  const width = Math.max(needed, pageTextWidth(words) + 2 * (MARGIN + BORDER), leastWidth)
  const top = MARGIN + LINE + BORDER
  const bottom = top + high + BORDER + LINE - TEXT_HEIGHT
  const page = paper(width, bottom + TEXT_HEIGHT + MARGIN)
  const write = (title: Title, left: number, line: number, colour = INK) => {
    let at = left
    for (const word of typeof title === 'string' ? [{ text: title, colour }] : title) {
      drawText(page, word.text, at, line, TEXT_SCALE, word.colour)
      at += pageTextWidth(`${word.text}  `) + TEXT_SCALE
    }
  }
  const first = MARGIN + BORDER + Math.floor((width - needed + room - wide - 2 * BORDER) / 2)
  for (const [i, { title, picture }] of panels.entries()) {
    const left = first + i * (room + MARGIN)
    write(title, Math.min(left, left + Math.floor((wide - titles[i]) / 2)), MARGIN)
    fill(page, left - BORDER, top - BORDER, wide + 2 * BORDER, high + 2 * BORDER, blind === '' ? HIDDEN : MARK)
    paste(page, picture, left, top, zoom)
  }
  const right = (text: string) => width - MARGIN - BORDER - pageTextWidth(text)
  write(about, MARGIN + BORDER, bottom)
  write(time, right(blind === '' ? textOf(time) : `${textOf(time)}  ${blind}`), bottom)
  write(blind, right(blind), bottom, MARK)
  return page
}

/** Pages below each other. */
export function stack(pages: readonly Picture[]): Picture {
  const width = Math.max(...pages.map(page => page.width))
  const stacked = paper(
    width,
    pages.reduce((height, page) => height + page.height, 0),
  )
  let top = 0
  for (const page of pages) {
    paste(stacked, page, 0, top, 1)
    top += page.height
  }
  return stacked
}

/** The bytes of an endless GIF, `delay` milliseconds a frame; the last one stands four times as long. */
export function encodeGif(frames: readonly Picture[], delay: number): Uint8Array {
  const gif = GIFEncoder()
  for (const [i, { pixels, width, height }] of frames.entries()) {
    const timing = { delay: i === frames.length - 1 ? 4 * delay : delay, dispose: 1 }
    // The colours of the first frame hold for all; what does not change from frame to frame is left clear.
    if (i === 0) gif.writeFrame(pixels, width, height, { ...timing, palette })
    else {
      const before = frames[i - 1].pixels
      const changed = pixels.map((colour, at) => (colour === before[at] ? CLEAR : colour))
      gif.writeFrame(changed, width, height, { ...timing, transparent: true, transparentIndex: CLEAR })
    }
  }
  gif.finish()
  return gif.bytes()
}

/** The bytes of a PNG. */
export function encodePng({ width, height, pixels }: Picture): Uint8Array {
  const used = palette.map(colour => [...colour])
  return encode({ width, height, data: pixels, depth: 8, channels: 1, palette: used }, { zlib: { level: 9 } })
}
