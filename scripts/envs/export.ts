import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import type { Split } from '../../envs/environment.ts'
import { recordEpisodes } from '../../envs/files/record.ts'
import type { Recording } from '../../envs/files/recording.ts'
import { within } from '../../envs/study/run.ts'
import { oneOf, UserError } from '../../lib/errors.ts'
import { writeFileAtomic } from '../../lib/files.ts'
import { estimateRemaining, formatDuration, liveLines } from '../../lib/progress.ts'
import { writeLine } from '../flags.ts'
import { labelOf, type WorldFlags, worldOf } from './world.ts'

export interface ExportFlags extends WorldFlags {
  readonly episodes: number
  readonly first: number
  readonly steps?: number
  readonly split: Split
  readonly out: string
  readonly force?: true
  readonly json?: true
}

type Encoder = (recording: Recording) => Uint8Array | Promise<Uint8Array>

interface Format {
  /** A library loads when its format is asked for. */
  readonly encoder: () => Promise<Encoder>
  /** Bytes of numbers that a file may hold. */
  readonly most: number
}

const hdf5: Format = { encoder: async () => (await import('../../envs/files/the-well.ts')).encodeWell, most: 1e9 }

/** The format of each ending. */
const formats: Readonly<Record<string, Format>> = {
  '.npz': { encoder: async () => (await import('../../envs/files/npz.ts')).encodeNpzRecording, most: 1e9 },
  '.h5': hdf5,
  '.hdf5': hdf5,
  // A row a number, with the place of each: five times as much to hold.
  '.parquet': { encoder: async () => (await import('../../envs/files/parquet.ts')).encodeParquet, most: 2e8 },
}

/** Writes episodes of a world into a file, in the format that its name ends in. @throws UserError */
export async function exportEpisodes(id: string, flags: ExportFlags): Promise<void> {
  const { out, force, json, split, first, episodes } = flags
  const { encoder, most } = formats[oneOf('format', extname(out), Object.keys(formats))]
  if (existsSync(out) && !force) throw new UserError(`'${out}' is there already; --force writes over it`)
  const source = await worldOf(id, flags)
  const steps = flags.steps ?? within(source, 20)
  const progress = progressOf(`${episodes} episodes of ${labelOf(source)}`, episodes)
  const wish = { split, first, episodes, frames: steps + 1, most }
  let recording: Recording
  try {
    recording = recordEpisodes(source, wish, progress.done)
  } finally {
    progress.close()
  }
  const encode = await encoder()
  const bytes = await encode(recording)
  writeFileAtomic(out, bytes)
  const { frames, height, width } = recording
  const channels = recording.channels.map(({ name }) => name)
  const told = { file: out, bytes: bytes.length, split, first, episodes, frames, height, width, channels }
  if (json) return writeLine(JSON.stringify(told))
  const shape = `${episodes} × ${frames} × ${height} × ${width} × ${channels.length}`
  await writeLine(
    `${out}: ${split} episodes ${first} to ${first + episodes - 1} of ${labelOf(source)}, ` +
      `episodes × frames × height × width × channels ${shape} (${channels.join(', ')}), ${(bytes.length / 1e6).toFixed(2)} MB`,
  )
}

/** How far it is, on stderr, where it takes long enough to be read. */
function progressOf(what: string, episodes: number) {
  const lines = liveLines(process.stderr)
  const start = performance.now()
  let shown = start
  return {
    done(count: number) {
      const now = performance.now()
      if (now - shown < 250) return
      shown = now
      const elapsed = (now - start) / 1000
      const phase = { elapsed, share: count / episodes }
      const left = estimateRemaining({ finished: [], running: [{ expected: 0, elapsed, phase }], queued: [], lanes: 1 })
      lines.update([`${count} of ${what}, about ${formatDuration(left)} left`])
    },
    close: lines.clear,
  }
}
