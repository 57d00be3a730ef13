import gifenc from 'gifenc'

const { GIFEncoder } = gifenc

/** A picture in colours of `palette`, row-major. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

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
  [220, 60, 60],
]
export const HIDDEN = 3 * RAMP
export const MARK = 3 * RAMP + 1

const shade = (share: number, ramps: number) => ramps * RAMP + Math.round(Math.min(1, Math.max(0, share)) * (RAMP - 1))

/** Colour of a value of a world: probabilities from black to white; standardised values within ±2.5 from blue to red. */
export function valueColour(value: number, likelihood: 'bernoulli' | 'gaussian'): number {
  return likelihood === 'bernoulli' ? shade(value, 0) : shade(0.5 + value / 5, 1)
}

/** Colour of an absolute error: black is none, white is 1 (bernoulli) or 2.5 standard deviations (gaussian). */
export function errorColour(error: number, likelihood: 'bernoulli' | 'gaussian'): number {
  return shade(likelihood === 'bernoulli' ? error : error / 2.5, 2)
}

/** Pictures beside each other with a gap, every cell drawn `zoom` pixels wide and high. */
export function beside(panels: readonly Picture[], zoom: number, gap: number, background: number): Picture {
  const height = panels[0].height * zoom + 2 * gap
  const width = panels.reduce((sum, panel) => sum + panel.width * zoom + gap, gap)
  const pixels = new Uint8Array(width * height).fill(background)
  let left = gap
  for (const panel of panels) {
    for (let y = 0; y < panel.height * zoom; y++)
      for (let x = 0; x < panel.width * zoom; x++)
        pixels[(gap + y) * width + left + x] = panel.pixels[Math.floor(y / zoom) * panel.width + Math.floor(x / zoom)]
    left += panel.width * zoom + gap
  }
  return { width, height, pixels }
}

/** The bytes of an endless GIF, `delay` milliseconds a frame. */
export function encodeGif(frames: readonly Picture[], delay: number): Uint8Array {
  const gif = GIFEncoder()
  for (const { pixels, width, height } of frames) gif.writeFrame(pixels, width, height, { palette, delay })
  gif.finish()
  return gif.bytes()
}
