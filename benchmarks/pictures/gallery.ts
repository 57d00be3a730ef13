import { type Environment, parseParameters } from '../../envs/environment.ts'
import { studyStream } from '../../envs/study/run.ts'
import { UserError } from '../../lib/errors.ts'
import { type Film, recordFilm, spaceTime, still, viewsOf } from './film.ts'
import { encodeGif, encodePng, enlarge } from './picture.ts'

/** Largest size of a picture, in bytes. */
export const MOST_BYTES = 200_000
/** Pixels along the longer side of a picture where it is shown. */
const SIDE = 192
/** Sizes that look good, the best first; a world is drawn at the first that it takes. */
const SIZES = [64, 96, 48, 32, 24]
const FRAME_TIME = 90
/** Numbers of frames, tried in each zoom before a smaller zoom; then these in the smallest, until it is small enough. */
const FRAMES = [60, 48, 40]
const FEWER_FRAMES = [32, 24, 16, 8]
const COLUMNS = 3

/** A world as the gallery shows it. */
interface Exhibit {
  readonly environment: Environment
  readonly size: number
  /** `life.gif`; a 1-D world is a still of space × time, `elementary.png`. */
  readonly file: string
}

/** A picture of the gallery. */
export interface Exhibited extends Exhibit {
  readonly frames: number
  readonly bytes: Uint8Array
}

function exhibit(environment: Environment): Exhibit {
  const parameters = parseParameters(environment, {})
  for (const size of SIZES) {
    try {
      const { height } = environment.field(parameters, size)
      return { environment, size, file: `${environment.id}.${height === 1 ? 'png' : 'gif'}` }
    } catch (error) {
      if (!(error instanceof UserError)) throw error
    }
  }
  throw new UserError(`${environment.id} takes none of the sizes ${SIZES.join(', ')}`)
}

/** Draws a world with its default parameters: its first channel, or all where they share the cells as colours. */
export function drawExhibit(environment: Environment): Exhibited {
  const { size, file } = exhibit(environment)
  const subject = { environment, parameters: parseParameters(environment, {}), size }
  const record = (frames: number) => recordFilm(subject, frames - 1, studyStream(subject, 'gallery'))
  if (file.endsWith('.gif')) return { environment, size, file, ...smallEnough(record(FRAMES[0])) }
  const film = record(size)
  const picture = enlarge(spaceTime(film, viewsOf(film)[0], size - 1, size), SIDE / size)
  return { environment, size, file, frames: size, bytes: encodePng(picture) }
}

/** A GIF of at most so many bytes: a browser that enlarges small pixels is better than a film that is over at once. */
function smallEnough(film: Film): Pick<Exhibited, 'frames' | 'bytes'> {
  const { height, width } = film.field
  const [view] = viewsOf(film)
  const cells = film.frames.map((_, step) => still(film, view, step))
  const largest = Math.max(1, Math.floor(SIDE / Math.max(height, width)))
  for (let zoom = largest; zoom > 0; zoom--)
    for (const frames of zoom > 1 ? FRAMES : [...FRAMES, ...FEWER_FRAMES]) {
      const pictures = cells.slice(0, frames).map(picture => enlarge(picture, zoom))
      const bytes = encodeGif(pictures, FRAME_TIME)
      if (bytes.length <= MOST_BYTES) return { frames, bytes }
    }
  throw new RangeError(`a film of ${height} × ${width} cells does not fit in ${MOST_BYTES} bytes`)
}

const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** The gallery as a table in HTML, for Markdown. @param folder of the pictures, as seen from the page */
export function galleryTable(environments: readonly Environment[], folder: string): string {
  const cells = environments.map(environment => {
    const { id, title, range } = environment
    const image = `<img src="${folder}/${exhibit(environment).file}" width="${SIDE}" alt="${escapeHtml(title)}">`
    return `<td align="center" width="33%">${image}<br><b>${id}</b><br>${escapeHtml(title)}<br>range: ${escapeHtml(range)}</td>`
  })
  const rows = Array.from({ length: Math.ceil(cells.length / COLUMNS) }, (_, row) =>
    ['<tr>', ...cells.slice(row * COLUMNS, (row + 1) * COLUMNS), '</tr>'].join('\n'),
  )
  return ['<table>', ...rows, '</table>'].join('\n')
}

const [BEGIN, END] = ['<!-- gallery: npm run gallery -->', '<!-- /gallery -->']

/** A page with another gallery between its marks. @throws UserError where it has no marks */
export function withGallery(page: string, table: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new UserError(`the page has no place for a gallery: ${BEGIN} … ${END}`)
  return `${page.slice(0, begin + BEGIN.length)}\n${table}\n${page.slice(end)}`
}
