import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { drawExhibit, galleryTable, withGallery } from '../benchmarks/pictures/gallery.ts'
import { environments } from '../envs/registry.ts'
import { readTextFile, writeFileAtomic } from '../lib/files.ts'
import { runCommand, writeLine } from './flags.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = 'results/gallery'

/** Draws every world of the registry, removes what is of none, and puts the gallery into the README. */
async function gallery(): Promise<void> {
  const drawn = new Set<string>()
  for (const environment of environments) {
    const { file, size, frames, bytes } = drawExhibit(environment)
    writeFileAtomic(join(root, folder, file), bytes)
    drawn.add(file)
    await writeLine(`${folder}/${file}: size ${size}, ${frames} frames, ${bytes.length} bytes`)
  }
  for (const file of readdirSync(join(root, folder))) if (!drawn.has(file)) rmSync(join(root, folder, file))
  const readme = join(root, 'README.md')
  writeFileAtomic(readme, withGallery(readTextFile(readme), galleryTable(environments, folder)))
}

await runCommand(
  new Command('gallery')
    .description(`Draws every world into ${folder} and shows them in the README; the same bytes every time.`)
    .action(gallery),
)
