import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readTextFile } from '../lib/files.ts'
import { sha256Hex } from '../lib/hash.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const rooms = ['lib', 'envs', 'engine', 'models', 'benchmarks']

/** What only decides which cells run, when, and how they are shown: no figure of a cell can depend on it. */
const without = [
  /^lib\/(csv|files|interruption|progress)\.ts$/,
  /^benchmarks\/(suites|speed|peers)\//,
  /^benchmarks\/(child|pool|ledger|monitor|results|run-suite|sources|suite|tables)\.ts$/,
  /^benchmarks\/(leaderboard|statistics).*\.ts$/,
]

/** The files that the figures of a cell depend on, as paths with `/`, sorted. */
export function sourceFiles(folder = root): string[] {
  const files = rooms.flatMap(room =>
    readdirSync(join(folder, room), { recursive: true, encoding: 'utf8' }).map(
      name => `${room}/${name.split(sep).join('/')}`,
    ),
  )
  const sources = files.filter(file => file.endsWith('.ts') && !without.some(pattern => pattern.test(file)))
  return [...sources, 'package-lock.json'].sort()
}

/**
 * The hash that decides whether an earlier result still holds: sha256 over the names and contents of every .ts file
 * of the rooms up to `benchmarks` but those of presentation and scheduling, and of the lockfile. One hash for all
 * cells, so a change anywhere in a world or a model makes all of them stale: dear, and never wrong. Nothing of the
 * machine is in it; line ends count as \n.
 */
export function sourcesHash(folder = root): string {
  const content = (file: string) => readTextFile(join(folder, file)).replaceAll('\r\n', '\n')
  return sha256Hex(
    sourceFiles(folder)
      .map(file => `${file} ${sha256Hex(content(file))}\n`)
      .join(''),
  )
}
