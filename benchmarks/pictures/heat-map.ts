import { HIDDEN, INK, sequential } from './palette.ts'
import { BORDER, fill, layOut, MARGIN, pageTextWidth, paper, stack, TEXT_SCALE } from './picture.ts'
import { drawText, GLYPH_HEIGHT, type Picture } from './pixel-font.ts'

/** Numbers ≥ 0 on a rectangle, row-major. */
export interface HeatPanel {
  readonly title: string
  readonly width: number
  readonly height: number
  readonly values: ArrayLike<number>
}

/** About how many pixels wide or high a panel is drawn. */
const PANEL = 192
const TEXT_HEIGHT = GLYPH_HEIGHT * TEXT_SCALE
const BAR = 160

/**
 * Maps of one size beside each other, all in the colours of one logarithmic scale that ends at the largest value and
 * begins `decades` powers of ten below it; a colour of its own says that a value is exactly 0. The scale stands below.
 * @throws RangeError for what has no logarithm and is not 0
 */
export function heatMap(panels: readonly HeatPanel[], caption: string, decades = 5): Picture {
  let peak = 0
  for (const { title, values } of panels)
    for (let i = 0; i < values.length; i++) {
      if (!(values[i] >= 0 && values[i] < Infinity)) throw new RangeError(`value ${i} of '${title}' is ${values[i]}`)
      peak = Math.max(peak, values[i])
    }
  const colour = (value: number) => (value === 0 ? HIDDEN : sequential(1 + Math.log10(value / peak) / decades))
  const drawn = panels.map(({ title, width, height, values }) => ({
    title,
    picture: { width, height, pixels: Uint8Array.from(values, colour) },
  }))
  const [{ width, height }] = panels
  const zoom = Math.max(1, Math.floor(PANEL / Math.max(width, height)))
  const scale = scaleBar(peak, decades)
  return stack([layOut(drawn, zoom, { about: caption, time: '', blind: '' }, scale.width), scale])
}

/** The colour of 0, then the colours between the ends of the scale, with their values. */
function scaleBar(peak: number, decades: number): Picture {
  const number = (value: number) =>
    value >= 0.001 && value < 10_000 ? String(Number(value.toPrecision(2))) : value.toExponential(1).replace('+', '')
  const ends = peak === 0 ? [] : [number(peak / 10 ** decades), number(peak)]
  const gap = MARGIN / 2
  const parts = ['0', ...ends].map(pageTextWidth)
  const inner = TEXT_HEIGHT + gap + parts[0] + (peak === 0 ? 0 : 4 * gap + parts[1] + BAR + parts[2])
  const strip = paper(inner + 2 * (MARGIN + BORDER), TEXT_HEIGHT + MARGIN)
  let left = MARGIN + BORDER
  const write = (text: string) => {
    drawText(strip, text, left, 0, TEXT_SCALE, INK)
    left += pageTextWidth(text) + gap
  }
  fill(strip, left, 0, TEXT_HEIGHT, TEXT_HEIGHT, HIDDEN)
  left += TEXT_HEIGHT + gap
  write('0')
  if (peak === 0) return strip
  left += gap
  write(ends[0])
  for (let x = 0; x < BAR; x++) fill(strip, left + x, 0, 1, TEXT_HEIGHT, sequential(x / (BAR - 1)))
  left += BAR + gap
  write(ends[1])
  return strip
}
