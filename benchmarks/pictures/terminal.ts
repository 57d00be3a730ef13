import { type Colour, PAPER, palette } from './palette.ts'
import type { Word } from './picture.ts'
import type { Picture } from './pixel-font.ts'

/** How a terminal shows colours: 24 bits each, one of 256, or none: then characters are as dense as pixels are light. */
export type TerminalColours = 'true' | '256' | 'none'

export interface TerminalRoom {
  readonly columns: number
  readonly rows: number
  readonly colours: TerminalColours
}

/** What a terminal of this environment can show. */
export function terminalColours({ NO_COLOR, COLORTERM }: NodeJS.ProcessEnv): TerminalColours {
  if (NO_COLOR) return 'none'
  return COLORTERM === 'truecolor' || COLORTERM === '24bit' ? 'true' : '256'
}

/** Pictures of one height beside each other, with a narrow gap. */
export function beside(pictures: readonly Picture[], gap = 2): Picture {
  const height = pictures[0].height
  const width = pictures.reduce((total, picture) => total + picture.width + gap, -gap)
  const pixels = new Uint8Array(width * height).fill(PAPER)
  let left = 0
  for (const picture of pictures) {
    for (let y = 0; y < height; y++)
      pixels.set(picture.pixels.subarray(y * picture.width, (y + 1) * picture.width), y * width + left)
    left += picture.width + gap
  }
  return { width, height, pixels }
}

/**
 * A picture as lines of a terminal, two pixels a character, one above the other: as large as whole pixels allow, or
 * averaged over areas until it fits.
 */
export function terminalLines(picture: Picture, { columns, rows, colours }: TerminalRoom): string[] {
  const fit = Math.min(columns / picture.width, (2 * rows) / picture.height)
  const scale = fit >= 1 ? Math.floor(fit) : fit
  const width = Math.max(1, Math.floor(picture.width * scale))
  const height = Math.max(1, Math.floor(picture.height * scale))
  const resized = resize(picture, width, height)
  return Array.from({ length: Math.ceil(height / 2) }, (_, line) => {
    const [upper, lower] = [2 * line, 2 * line + 1].map(y => resized.slice(y * width, (y + 1) * width))
    return colours === 'none' ? greyLine(upper, lower) : colourLine(upper, lower, colours)
  })
}

/** Words in their colours, in one line of a terminal: what does not fit is cut off. */
export function terminalWords(words: readonly Word[], { columns, colours }: Omit<TerminalRoom, 'rows'>): string {
  let room = columns
  const shown = words.flatMap(({ text, colour }) => {
    const part = text.slice(0, Math.max(0, room))
    room -= text.length + 2
    if (part === '') return []
    return [colours === 'none' ? part : `\x1b[38;${colourName(palette[colour], colours)}m${part}\x1b[0m`]
  })
  return shown.join('  ')
}

/** The average light of the area that each new pixel covers; light goes about as the square of a colour's numbers. */
function resize({ width, height, pixels }: Picture, wide: number, high: number): Colour[] {
  const across = coverage(width, wide)
  return coverage(height, high).flatMap(rows =>
    across.map((columns): Colour => {
      const sum = [0, 0, 0]
      for (const { at: y, share: down } of rows)
        for (const { at: x, share } of columns)
          for (let i = 0; i < 3; i++) sum[i] += down * share * palette[pixels[y * width + x]][i] ** 2
      const [red, green, blue] = sum.map(light => Math.round(Math.sqrt(light)))
      return [red, green, blue]
    }),
  )
}

/** For each of `to` equal parts of a line of `from` pixels, the pixels that it covers and their shares in it. */
function coverage(from: number, to: number): { at: number; share: number }[][] {
  const length = from / to
  return Array.from({ length: to }, (_, part) => {
    const [start, end] = [part * length, (part + 1) * length]
    const [first, last] = [Math.floor(start), Math.min(from, Math.ceil(end - 1e-9))]
    return Array.from({ length: last - first }, (_, i) => {
      const at = first + i
      return { at, share: (Math.min(end, at + 1) - Math.max(start, at)) / length }
    })
  })
}

const DENSITY = ' .:-=+*#%@'

/** Relative luminance, ITU-R BT.709, 0 … 1. */
const light = ([red, green, blue]: Colour) => (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255

function greyLine(upper: readonly Colour[], lower: readonly Colour[]): string {
  const characters = upper.map((colour, x) => {
    const mean = (light(colour) + light(lower[x] ?? colour)) / 2
    return DENSITY[Math.min(DENSITY.length - 1, Math.floor(mean * DENSITY.length))]
  })
  return characters.join('')
}

const CUBE = [0, 95, 135, 175, 215, 255]

/** The nearest of xterm's 256 colours: the 6 × 6 × 6 cube at 16, 24 greys at 232. */
export function nearest256(colour: Colour): number {
  const distance = (other: readonly number[]) => other.reduce((sum, value, i) => sum + (value - colour[i]) ** 2, 0)
  const steps = colour.map(value =>
    CUBE.reduce((best, level, i) => (Math.abs(level - value) < Math.abs(CUBE[best] - value) ? i : best), 0),
  )
  const mean = (colour[0] + colour[1] + colour[2]) / 3
  const grey = Math.min(23, Math.max(0, Math.round((mean - 8) / 10)))
  const greyLevel = 8 + 10 * grey
  return distance([greyLevel, greyLevel, greyLevel]) < distance(steps.map(i => CUBE[i]))
    ? 232 + grey
    : 16 + 36 * steps[0] + 6 * steps[1] + steps[2]
}

const colourName = (colour: Colour, colours: '256' | 'true') =>
  colours === 'true' ? `2;${colour.join(';')}` : `5;${nearest256(colour)}`

/** Half blocks: the ink is the upper pixel, what is behind it the lower one. Colours are said where they change. */
function colourLine(upper: readonly Colour[], lower: readonly Colour[], colours: '256' | 'true'): string {
  const name = (colour: Colour) => colourName(colour, colours)
  let line = ''
  let [ink, behind] = ['', '']
  for (const [x, colour] of upper.entries()) {
    const [above, below] = [`\x1b[38;${name(colour)}m`, lower.length > 0 ? `\x1b[48;${name(lower[x])}m` : '']
    if (above !== ink) line += above
    if (below !== behind) line += below
    ;[ink, behind] = [above, below]
    line += '▀'
  }
  return `${line}\x1b[0m`
}
