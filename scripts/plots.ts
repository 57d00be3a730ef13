import { rmSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, Option } from 'commander'
import { plots, type Shown, withPlots } from '../benchmarks/plots/index.ts'
import { type Published, readPublished } from '../benchmarks/plots/published.ts'
import { UserError } from '../lib/errors.ts'
import { readTextFile, writeFileAtomic } from '../lib/files.ts'
import { runCommand, writeLine } from './flags.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const ours = join(root, 'results')
/** Paths of this repository are shown from its root. */
const shown = (path: string) => (path.startsWith(ours) ? relative(root, path) : path)

/**
 * Draws every plot whose suite is published, removes what was drawn of the others, and puts those of the project into
 * its README.
 */
async function drawPlots({ results }: { readonly results: string }): Promise<void> {
  const published = new Map<string, Published | null>()
  for (const { suite } of plots) {
    if (!published.has(suite)) published.set(suite, readPublished(join(results, suite)))
  }
  if ([...published.values()].every(rows => rows === null))
    throw new UserError(`no published suite in '${results}': it should hold folders as quick/ with a leaderboard.csv`)
  const drawn: Shown[] = []
  for (const { name, suite, draw } of plots) {
    const rows = published.get(suite)
    const drawing = rows ? draw(rows) : null
    const file = join(results, 'plots', `${name}.svg`)
    if (drawing === null) {
      // An old one would be of other results; what else lies there is somebody's own.
      rmSync(file, { force: true })
      const reason = rows ? 'has no rows for it' : 'is not published'
      process.stderr.write(`${name}: skipped, ${shown(join(results, suite))} ${reason}\n`)
      continue
    }
    writeFileAtomic(file, drawing.svg)
    drawn.push({ name, caption: drawing.caption })
    await writeLine(`${shown(file)}: ${Buffer.byteLength(drawing.svg)} bytes`)
  }
  if (resolve(results) !== ours) return
  const readme = join(root, 'README.md')
  writeFileAtomic(readme, withPlots(readTextFile(readme), drawn, 'results/plots'))
}

await runCommand(
  new Command('plots')
    .description(
      'Draws the plots of published suites, from their CSVs alone, into <results>/plots; those of the project’s own ' +
        'results also into the README. The same bytes every time. Of those that are not drawn no old file stays.',
    )
    .addOption(
      new Option('--results <folder>', 'where suites are published').default(ours, 'results/ of this repository'),
    )
    .action(drawPlots),
)
