import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { manifestFile, readManifest } from '../../benchmarks/board/publication.ts'
import { readCommands } from '../../benchmarks/running/commands.ts'

/** What made the results of a folder, a run's or a publication's. */
export const commandsOf = (folder: string): readonly string[] =>
  existsSync(join(folder, manifestFile)) ? readManifest(folder).commands : readCommands(folder)
