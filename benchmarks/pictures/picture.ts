import { createRequire } from 'node:module'
import type gifenc from 'gifenc'
import { drawText, GLYPH_HEIGHT, type Picture, textWidth } from './pixel-font.ts'

// Required, as its exports are found differently by everyone who imports it.
const { GIFEncoder } = createRequire(import.meta.url)('gifenc') as typeof gifenc

const RAMP = 84
type Colour = [number, number, number]

const mix = (stops: readonly Colour[], share: number): Colour => {
  const at = share * (stops.length - 1)
  const low = Math.min(stops.length - 2, Math.floor(at))
  return [0, 1, 2].map(i => Math.round(stops[low][i] + (at - low) * (stops[low + 1][i] - stops[low][i]))) as Colour
}
const ramp = (...stops: Colour[]): Colour[] => Array.from({ length: RAMP }, (_, i) => mix(stops, i / (RAMP - 1)))

/** Three ramps (black to white; blue over white to red; black over orange to white), then single colours. */
const palette: Colour[] = [
  ...ramp([0, 0, 0], [255, 255, 255]),
  ...ramp([33, 62, 154], [245, 245, 245], [165, 20, 38]),
  ...ramp([0, 0, 0], [214, 90, 20], [255, 250, 220]),
  [52, 62, 74],
  [236, 72, 66],
  [18, 21, 26],
  [196, 203, 212],
]
/** What no one saw; what is blind; the paper and the ink of captions. */
export const HIDDEN = 3 * RAMP
const MARK = 3 * RAMP + 1
const PAPER = 3 * RAMP + 2
const INK = 3 * RAMP + 3

const shade = (share: number, ramps: number) => ramps * RAMP + Math.round(Math.min(1, Math.max(0, share)) * (RAMP - 1))

/** Colour of a value of a world: probabilities from black to white; standardised values within ±2.5 from blue to red. */
export function valueColour(value: number, likelihood: 'bernoulli' | 'gaussian'): number {
  return likelihood === 'bernoulli' ? shade(value, 0) : shade(0.5 + value / 5, 1)
}

/** Colour of an absolute error: black is none, white is 1 (bernoulli) or 2.5 standard deviations (gaussian). */
export function errorColour(error: number, likelihood: 'bernoulli' | 'gaussian'): number {
  return shade(likelihood === 'bernoulli' ? error : error / 2.5, 2)
}

/** One of the pictures of a frame, and the word above it. */
export interface Panel {
  readonly title: string
  readonly picture: Picture
}

/** The words below the panels: what is shown on the left, when on the right; `blind` is said in the blind's colour. */
export interface Caption {
  readonly about: string
  readonly time: string
  /** Empty while the model is shown anything. */
  readonly blind: string
}

const MARGIN = 12
const BORDER = 3
const TEXT_SCALE = 2
const LINE = (GLYPH_HEIGHT + 4) * TEXT_SCALE

/** Paints a rectangle. */
function fill({ width, pixels }: Picture, left: number, top: number, wide: number, high: number, colour: number): void {
  for (let y = top; y < top + high; y++) pixels.fill(colour, y * width + left, y * width + left + wide)
}

/** Panels of one size beside each other, every cell `zoom` pixels wide and high, framed in red where it is blind. */
export function layOut(panels: readonly Panel[], zoom: number, { about, time, blind }: Caption): Picture {
  const [wide, high] = [panels[0].picture.width * zoom, panels[0].picture.height * zoom]
  const width = MARGIN + panels.length * (wide + 2 * BORDER + MARGIN)
  const top = MARGIN + LINE + BORDER
  const bottom = top + high + BORDER + LINE - GLYPH_HEIGHT * TEXT_SCALE
  const height = bottom + GLYPH_HEIGHT * TEXT_SCALE + MARGIN
  const page = { width, height, pixels: new Uint8Array(width * height).fill(PAPER) }
  const write = (text: string, left: number, line: number, colour: number) =>
    drawText(page, text, left, line, TEXT_SCALE, colour)
  for (const [i, { title, picture }] of panels.entries()) {
    const left = MARGIN + BORDER + i * (wide + 2 * BORDER + MARGIN)
    write(title, left, MARGIN, INK)
    fill(page, left - BORDER, top - BORDER, wide + 2 * BORDER, high + 2 * BORDER, blind === '' ? HIDDEN : MARK)
    for (let y = 0; y < high; y++)
      for (let x = 0; x < wide; x++)
        page.pixels[(top + y) * width + left + x] =
          picture.pixels[Math.floor(y / zoom) * picture.width + Math.floor(x / zoom)]
  }
  const right = (text: string) => width - MARGIN - BORDER - textWidth(text) * TEXT_SCALE
  write(about, MARGIN + BORDER, bottom, INK)
  write(time, right(blind === '' ? time : `${time}  ${blind}`), bottom, INK)
  write(blind, right(blind), bottom, MARK)
  return page
}

/** The bytes of an endless GIF, `delay` milliseconds a frame; the last one stands four times as long. */
export function encodeGif(frames: readonly Picture[], delay: number): Uint8Array {
  const gif = GIFEncoder()
  for (const [i, { pixels, width, height }] of frames.entries()) {
    const last = i === frames.length - 1
    // The colours of the first frame hold for all.
    gif.writeFrame(pixels, width, height, { ...(i === 0 && { palette }), delay: last ? 4 * delay : delay })
  }
  gif.finish()
  return gif.bytes()
}
