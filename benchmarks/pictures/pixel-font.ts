/** A picture in colours, row-major. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** Letters 3 wide and 5 high: 15 bits each, row by row from the top, as five octal digits. */
const glyphs: Readonly<Record<string, string>> = {
  A: '25755',
  B: '65656',
  C: '34443',
  D: '65556',
  E: '74647',
  F: '74644',
  G: '34553',
  H: '55755',
  I: '72227',
  J: '11152',
  K: '55655',
  L: '44447',
  M: '57755',
  N: '65555',
  O: '25552',
  P: '65644',
  Q: '25563',
  R: '65655',
  S: '34216',
  T: '72222',
  U: '55557',
  V: '55552',
  W: '55775',
  X: '55255',
  Y: '55222',
  Z: '71247',
  0: '75557',
  1: '26227',
  2: '61247',
  3: '61216',
  4: '55711',
  5: '74616',
  6: '34757',
  7: '71222',
  8: '75757',
  9: '75716',
  '/': '11244',
  '-': '00700',
  '=': '07070',
  '.': '00002',
  ',': '00024',
  '(': '12221',
  ')': '42224',
  '+': '02720',
  ':': '02020',
  '>': '42124',
  '<': '12421',
  '%': '51245',
  '×': '00525',
  _: '00007',
}
const GLYPH_WIDTH = 3
export const GLYPH_HEIGHT = 5

/** How wide a text is, in pixels of the font. */
export const textWidth = (text: string): number => Math.max(0, text.length * (GLYPH_WIDTH + 1) - 1)

/** Writes a text in capitals into a picture, every pixel of the font `scale` wide. What has no glyph is a space. */
export function drawText(
  { width, pixels }: Picture,
  text: string,
  left: number,
  top: number,
  scale: number,
  colour: number,
): void {
  for (const [place, letter] of [...text.toUpperCase()].entries()) {
    const rows = glyphs[letter] ?? ''
    for (let y = 0; y < rows.length * scale; y++)
      for (let x = 0; x < GLYPH_WIDTH * scale; x++) {
        const bit = GLYPH_WIDTH - 1 - Math.floor(x / scale)
        if ((Number(rows[Math.floor(y / scale)]) >> bit) & 1)
          pixels[(top + y) * width + left + place * (GLYPH_WIDTH + 1) * scale + x] = colour
      }
  }
}
