export type Colour = readonly [red: number, green: number, blue: number]

/** Shades of a ramp, and of the ramp of one hue. */
const SHADES = 69
const HUE_SHADES = 14

const black: Colour = [0, 0, 0]
const white: Colour = [255, 255, 255]

function mix(stops: readonly Colour[], share: number): Colour {
  const at = share * (stops.length - 1)
  const low = Math.min(stops.length - 2, Math.floor(at))
  const between = (i: 0 | 1 | 2) => Math.round(stops[low][i] + (at - low) * (stops[low + 1][i] - stops[low][i]))
  return [between(0), between(1), between(2)]
}
const ramp = (shades: number, ...stops: Colour[]): Colour[] =>
  Array.from({ length: shades }, (_, i) => mix(stops, i / (shades - 1)))

const ramps = [
  ramp(SHADES, black, white),
  ramp(SHADES, [33, 62, 154], [120, 160, 214], [245, 245, 245], [222, 126, 104], [165, 20, 38]),
  // Evenly lighter from end to end, so that it also reads without its hues.
  ramp(SHADES, [6, 5, 20], [62, 15, 101], [140, 38, 105], [212, 72, 66], [248, 149, 32], [252, 252, 196]),
]
const hues = [
  ramp(HUE_SHADES, black, [240, 84, 60]),
  ramp(HUE_SHADES, black, [70, 150, 240]),
  ramp(HUE_SHADES, black, [244, 200, 84]),
]
/** Categories that colours of one picture can tell apart. */
export const HUES = hues.length

const FIRST_HUE = ramps.length * SHADES
const FIRST_SINGLE = FIRST_HUE + HUES * HUE_SHADES
/** What nobody saw or nothing reached; what is blind; the paper and the ink of words; what shows the frame before. */
export const [HIDDEN, MARK, PAPER, INK, CLEAR] = [0, 1, 2, 3, 4].map(i => FIRST_SINGLE + i)

/** The colours of all pictures, by number. A GIF has room for 256. */
export const palette: readonly Colour[] = [
  ...ramps.flat(),
  ...hues.flat(),
  [52, 62, 74],
  [236, 72, 66],
  [18, 21, 26],
  [196, 203, 212],
  black,
]

const shade = (share: number, shades: number) => Math.round(Math.min(1, Math.max(0, share)) * (shades - 1))

/** From black (0) to white (1). */
export const grey = (share: number): number => shade(share, SHADES)

/** From blue (0) over white (½) to red (1). */
export const diverging = (share: number): number => SHADES + shade(share, SHADES)

/** From nearly black (0) over violet and orange to a pale yellow (1). */
export const sequential = (share: number): number => 2 * SHADES + shade(share, SHADES)

/** From black (0) to the colour of a category (1). */
export const hue = (category: number, share: number): number =>
  FIRST_HUE + category * HUE_SHADES + shade(share, HUE_SHADES)

/** Colour of a value of a world: probabilities from black to white; standardised values within ±2.5 from blue to red. */
export function valueColour(value: number, likelihood: 'bernoulli' | 'gaussian'): number {
  return likelihood === 'bernoulli' ? grey(value) : diverging(0.5 + value / 5)
}

/**
 * Colour of an absolute error: black is none, or less than shades can tell; the palest is 1 (bernoulli) or 2.5 standard
 * deviations (gaussian). The distance from what is no number is the largest there is, and not none.
 */
export function errorColour(error: number, likelihood: 'bernoulli' | 'gaussian'): number {
  const colour = sequential(Number.isNaN(error) ? 1 : likelihood === 'bernoulli' ? error : error / 2.5)
  return colour === sequential(0) ? grey(0) : colour
}
