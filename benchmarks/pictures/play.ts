import { setTimeout as pause } from 'node:timers/promises'
import { type Film, lookAt, type View } from './film.ts'
import { INK } from './palette.ts'
import { beside, terminalColours, terminalLines, terminalWords } from './terminal.ts'
import { FRAME_TIME } from './world-pictures.ts'

const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const CLEAR_ALL = '\x1b[2J\x1b[H'
const CLEAR_LINE = '\x1b[K'

/** A terminal, as far as a film needs one. */
export interface Terminal {
  readonly columns?: number
  readonly rows?: number
  write(text: string, done: (error?: Error | null) => void): unknown
}

/**
 * Plays a film once, its views side by side, each frame over the one before in a single write. The last one stays.
 * @param signal ends it early; the cursor comes back either way
 */
export async function play(
  film: Film,
  views: readonly View[],
  about: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const put = (text: string) =>
    new Promise<void>((resolve, reject) => {
      terminal.write(text, error => (error ? reject(error) : resolve()))
    })
  const colours = terminalColours(process.env)
  const last = film.frames.length - 1
  const titles = views.flatMap(({ title }) => (typeof title === 'string' ? [{ text: title, colour: INK }] : title))
  let before = { columns: 0, rows: 0, height: 0, status: '' }
  await put(HIDE_CURSOR)
  try {
    for (const step of film.frames.keys()) {
      const [columns, rows] = [terminal.columns || 80, terminal.rows || 24]
      const picture = beside(views.map(view => lookAt(film, view, step)))
      const lines = terminalLines(picture, { columns, rows: rows - 1, colours })
      const time = `${String(step).padStart(String(last).length)}/${last}`
      // There is room for the ^C that a terminal writes after it.
      const status = terminalWords([{ text: about, colour: INK }, { text: time, colour: INK }, ...titles], {
        columns: columns - 3,
        colours,
      })
      const resized = before.columns !== columns || before.rows !== rows
      const start = before.height === 0 ? '' : resized ? CLEAR_ALL : `\r\x1b[${before.height}A`
      await put(start + [...lines, status].join('\n'))
      before = { columns, rows, height: lines.length, status }
      await pause(FRAME_TIME, undefined, { signal })
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await put(`\r${before.status}${CLEAR_LINE}\n${SHOW_CURSOR}`)
  }
}
