import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { readTextFile } from './files.ts'

const typeImport = /\b(?:import|export)\s+type\b[^'"]*?\bfrom\s*(?:'[^']*'|"[^"]*")/g
const relativeImport = /\b(?:from|import)\s*\(?\s*(?:'(\.{1,2}\/[^']+)'|"(\.{1,2}\/[^"]+)")/g

/** The text of a source file. Line ends count as \n: a checkout may have changed them. */
export const readSource = (path: string): string => readTextFile(path).replaceAll('\r\n', '\n')

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true

/** The file that a specifier means: itself, or what a loader of TypeScript takes it for. */
function fileOf(specifier: string): string | undefined {
  const asSource = specifier.replace(/\.([cm]?)js$/, '.$1ts')
  return [specifier, asSource, ...['.ts', '.js', '.mjs', '/index.ts', '/index.js'].map(end => specifier + end)].find(
    isFile,
  )
}

/**
 * A source file and every file that it imports by a relative path, at once or later, through any number of others:
 * absolute paths, the file itself first. Types have no influence at run time and are passed over.
 */
export function importedFiles(entry: string): string[] {
  const found = new Set([resolve(entry)])
  for (const file of found) {
    const code = readSource(file).replace(typeImport, '')
    for (const [, single, double] of code.matchAll(relativeImport)) {
      const path = fileOf(resolve(dirname(file), single ?? double))
      if (path !== undefined) found.add(path)
    }
  }
  return [...found]
}
