// Colours that stay apart for every common kind of colour blindness (Okabe and Ito 2008), dark enough to be read as
// text on white (contrast of at least 4.5). White lies beneath every plot, so that a dark page changes nothing.

export const paper = '#ffffff'
export const ink = '#1f1f1f'
export const quiet = '#595959'
export const faint = '#dddddd'
export const fontFamily = 'Helvetica, Arial, sans-serif'
/** In pixels. No text is smaller. */
export const fontSize = 11

const families: Readonly<Record<string, string>> = {
  global: '#b34700',
  local: '#005a9c',
  learned: '#007a57',
  reference: quiet,
}

/** The colour of a family; what is of none that is known here, as predictions made elsewhere, is purple. */
export const familyColour = (family: string): string => families[family] ?? '#8b3a7c'

/** Families in the order of every legend. */
export function inOrder(names: Iterable<string>): string[] {
  const known = Object.keys(families)
  const place = (name: string) => (known.includes(name) ? known.indexOf(name) : known.length)
  return [...new Set(names)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
}

/** About how wide a text is, in pixels: the fonts of different machines differ, this is on the wide side. */
export const textWidth = (text: string, size = fontSize): number => Math.ceil(text.length * size * 0.55)
