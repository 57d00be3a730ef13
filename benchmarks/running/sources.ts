import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256Hex } from '../../lib/hash.ts'
import { importedFiles, readSource } from '../../lib/imports.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const entry = 'benchmarks/run-cell.ts'
const lockfile = 'package-lock.json'

/**
 * The files that the figures of a cell depend on, as sorted paths with `/`: `runCell`'s own, every file of ours that
 * it imports, at once or later, through any number of others, and the lockfile. Types have no influence.
 */
export function sourceFiles(folder: string = root): string[] {
  const found = importedFiles(join(folder, entry)).map(file => relative(folder, file).split(sep).join('/'))
  return [...found, lockfile].sort()
}

/**
 * The hash that decides whether an earlier result still holds: sha256 over the names and contents of `sourceFiles`.
 * One hash for all cells, as the registries lead to every world and model: a change in any of them makes all results
 * stale, which is dear and never wrong. Nothing of the machine is in it.
 */
export function sourcesHash(folder: string = root): string {
  return sha256Hex(
    sourceFiles(folder)
      .map(file => `${file} ${sha256Hex(readSource(join(folder, file)))}\n`)
      .join(''),
  )
}
