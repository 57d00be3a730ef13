import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { recordFilm, viewsOf } from '../../benchmarks/pictures/film.ts'
import { play } from '../../benchmarks/pictures/play.ts'
import { movingPicture, stillPicture } from '../../benchmarks/pictures/world-pictures.ts'
import { within } from '../../envs/study/run.ts'
import { UserError } from '../../lib/errors.ts'
import { writeFileAtomic } from '../../lib/files.ts'
import { listenForInterruption } from '../../lib/interruption.ts'
import { writeLine } from '../flags.ts'
import { labelOf, seededStream, type WorldFlags, worldOf } from './world.ts'

export interface ShowFlags extends WorldFlags {
  readonly steps?: number
  readonly seed: number
  readonly channel?: string
  readonly out?: string
  readonly force?: true
}

const writers: Readonly<Record<string, typeof movingPicture>> = { '.gif': movingPicture, '.png': stillPicture }

/** Shows the frames that `run` reports: in the terminal, or as a picture in a file. @throws UserError */
export async function show(id: string, flags: ShowFlags): Promise<void> {
  const { seed, channel, out, force } = flags
  const draw = out === undefined ? undefined : writers[extname(out).toLowerCase()]
  if (out === undefined) requireTerminal()
  else if (draw === undefined) throw new UserError(`cannot draw '${out}': its name must end in .gif or .png`)
  else if (existsSync(out) && !force) throw new UserError(`'${out}' is there already; --force writes over it`)
  const subject = await worldOf(id, flags)
  const steps = flags.steps ?? within(subject, 100)
  const film = recordFilm(subject, steps, seededStream(subject, seed))
  const views = viewsOf(film, channel)
  const about = labelOf(subject)
  if (out !== undefined && draw !== undefined) {
    writeFileAtomic(out, draw(film, views, about))
    return writeLine(`${out}: frames 0 to ${steps} of ${about}, seed ${seed}`)
  }
  const { signal, exitCode } = listenForInterruption()
  await play(film, views, about, process.stdout, signal)
  process.exitCode = exitCode()
}

function requireTerminal(): void {
  if (process.stdout.isTTY !== true || process.env.TERM === 'dumb')
    throw new UserError('no terminal to show a moving picture in; give --out film.gif or --out still.png')
}
