import { type Film, lookAt, spaceTime, still, type View } from './film.ts'
import { encodeGif, encodePng, layOut, type Panel, stack } from './picture.ts'

/** Milliseconds a frame of a moving picture. */
export const FRAME_TIME = 80
/** About how many pixels the longer side of a panel has: moving, in a strip, as space × time. */
const PANEL = 240
const STRIP_PANEL = 192
const SPACE_TIME = 768
/** Frames of a strip. */
const STRIP = 4

const zoomOf = ([{ picture }]: readonly Panel[], side: number) =>
  Math.max(1, Math.floor(side / Math.max(picture.width, picture.height)))

/** A GIF of a film, its views side by side. @param about what is shown, for the caption */
export function movingPicture(film: Film, views: readonly View[], about: string): Uint8Array {
  const last = film.frames.length - 1
  const pages = film.frames.map((_, step) => {
    const panels = views.map(view => ({ title: view.title, picture: lookAt(film, view, step) }))
    return layOut(panels, zoomOf(panels, PANEL), { about, time: `frame ${step}/${last}`, blind: '' })
  })
  return encodeGif(pages, FRAME_TIME)
}

/** A PNG of a film: space × time of a 1-D world, its views side by side; else a strip of a few frames for each view. */
export function stillPicture(film: Film, views: readonly View[], about: string): Uint8Array {
  const last = film.frames.length - 1
  if (film.field.height === 1) {
    const panels = views.map(view => ({ title: view.title, picture: spaceTime(film, view, last, last + 1) }))
    return encodePng(layOut(panels, zoomOf(panels, SPACE_TIME), { about, time: `frames 0 to ${last}`, blind: '' }))
  }
  const count = Math.min(STRIP, last + 1)
  const steps = Array.from({ length: count }, (_, i) => Math.round((i * last) / Math.max(1, count - 1)))
  const strips = views.map(view => {
    const panels = steps.map(step => ({ title: `frame ${step}`, picture: still(film, view, step) }))
    return layOut(panels, zoomOf(panels, STRIP_PANEL), { about, time: view.title, blind: '' })
  })
  return encodePng(stack(strips))
}
