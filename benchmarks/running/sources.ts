import { existsSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readTextFile } from '../../lib/files.ts'
import { sha256Hex } from '../../lib/hash.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const entry = 'benchmarks/run-cell.ts'
const lockfile = 'package-lock.json'

const typeImport = /\b(?:import|export)\s+type\b[^'"]*?\bfrom\s*'[^']*'/g
const relativeImport = /\b(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g

/** Line ends count as \n: a checkout may have changed them. */
const read = (path: string) => readTextFile(path).replaceAll('\r\n', '\n')

/**
 * The files that the figures of a cell depend on, as sorted paths with `/`: `runCell`'s own, every file of ours that
 * it imports, at once or later, through any number of others, and the lockfile. Types have no influence.
 */
export function sourceFiles(folder: string = root): string[] {
  const found = new Set([entry])
  for (const file of found) {
    const code = read(join(folder, file)).replace(typeImport, '')
    for (const [, specifier] of code.matchAll(relativeImport)) {
      const path = join(folder, dirname(file), specifier)
      if (existsSync(path)) found.add(relative(folder, path).split(sep).join('/'))
    }
  }
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
      .map(file => `${file} ${sha256Hex(read(join(folder, file)))}\n`)
      .join(''),
  )
}
