import { existsSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../lib/errors.ts'
import { explained, readBytes, readTextFile, removeTemporaries, writeFileAtomic } from '../../lib/files.ts'
import { sha256Hex } from '../../lib/hash.ts'
import { contradictions } from './contradictions.ts'
import { modelFamilies } from './families.ts'
import { formatResults, type ResultFileName, readResults, resultFiles } from './results.ts'
import { orderedTables, type ResultTables } from './tables.ts'

/** What a publication is made of, beside the CSVs. */
export const manifestFile = 'manifest.json'

/** What publications held before they had a manifest. */
const formerFiles: readonly string[] = ['board.txt']

const texts = z.array(z.string())

const manifestSchema = z.strictObject({
  format: z.literal(1),
  suite: z.string().describe('the list of cells that the rows belong to'),
  commands: texts.min(1).describe('what makes the rows again, in this order'),
  cells: z.int().min(1),
  sources: texts.describe('hashes of the sources and the lockfile that the figures depend on'),
  versions: z.record(z.string(), texts).describe('of Node, and of the engine that did the arithmetic'),
  machines: texts.describe('the kinds of machine: system, architecture, processor'),
  // Publications from before a file was among the results do not have it.
  files: z.partialRecord(
    z.enum(resultFiles),
    z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/, 'should be 64 hexadecimal digits'), bytes: z.int() }),
  ),
})

/** What a publication says of itself. */
export type Manifest = z.output<typeof manifestSchema>

/** @throws UserError, one line, where the text is not that of a manifest */
export function parseManifest(text: string): Manifest {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    throw new UserError(`${manifestFile} is cut off or not JSON`)
  }
  const parsed = manifestSchema.safeParse(content)
  if (parsed.success) return parsed.data
  const [{ path, message }] = parsed.error.issues
  throw new UserError(`${manifestFile}: ${path.join('.') || 'the whole'}: ${message.replace(/\s+/g, ' ')}`)
}

const distinct = (values: readonly string[]) => [...new Set(values)].filter(value => value !== '').sort()

/** What the tables say of themselves; a function of them, so that it can be held against them. */
export function manifestOf(tables: ResultTables, commands: readonly string[], files: Manifest['files']): Manifest {
  const versions = tables.cells.flatMap(({ versions }) =>
    Object.entries(JSON.parse(versions) as Record<string, string>),
  )
  const names = distinct(versions.map(([name]) => name))
  const versionsOf = (name: string) => distinct(versions.filter(([own]) => own === name).map(([, version]) => version))
  return {
    format: 1,
    suite: tables.runs[0].suite,
    commands: [...commands],
    cells: tables.cells.length,
    sources: distinct(tables.cells.map(({ sources }) => sources)),
    versions: Object.fromEntries(names.map(name => [name, versionsOf(name)])),
    machines: distinct(tables.timings.map(({ machine }) => machine)),
    files,
  }
}

/** The hash and the length of every file. */
export function fingerprints(read: (file: ResultFileName) => string | Uint8Array): Manifest['files'] {
  const entries = resultFiles.map(name => {
    const bytes = Buffer.from(read(name))
    return [name, { sha256: sha256Hex(bytes), bytes: bytes.length }]
  })
  return Object.fromEntries(entries)
}

/** What makes the file of a folder another one than its manifest says; undefined where it is the same. */
export function changeOf(folder: string, name: ResultFileName, { files }: Manifest): string | undefined {
  const bytes = readBytes(join(folder, name))
  const published = files[name]
  if (published === undefined || sha256Hex(bytes) === published.sha256) return
  const { length } = bytes
  const size = length === published.bytes ? '' : `, and has ${length} bytes instead of ${published.bytes}`
  return `${name} is not the file that was published: its sha256 differs${size}`
}

/** The files of a folder, without those below it and hidden ones. @throws UserError where it cannot be read */
export function filesIn(folder: string): string[] {
  const entries = explained('read the folder', folder, () => readdirSync(folder, { withFileTypes: true }))
  return entries.filter(entry => !entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name)
}

/** @throws UserError where the folder holds a publication, and one of its files is not the one that was published */
function checkUnchanged(folder: string): void {
  if (!existsSync(join(folder, manifestFile))) return
  const manifest = readManifest(folder)
  const present = resultFiles.filter(name => existsSync(join(folder, name)))
  const [change] = present.flatMap(name => changeOf(folder, name, manifest) ?? [])
  if (change !== undefined) throw new UserError(`'${folder}' cannot be published again: ${change}`)
}

/** @throws UserError where publishing into `out` would lose something that nobody agreed to lose */
function checkReplaceable(out: string, from: string, force: boolean): void {
  if (!existsSync(out)) return
  const isPublication = existsSync(join(from, manifestFile))
  if (realpathSync(out) === realpathSync(from) && !isPublication)
    throw new UserError(`'${out}' holds the results themselves: publish them to another folder, with --out`)
  const own = [...resultFiles, manifestFile, ...formerFiles]
  const files = filesIn(out)
  const foreign = files.find(name => !own.includes(name))
  if (foreign !== undefined)
    throw new UserError(`${JSON.stringify(join(out, foreign))} is no part of a publication: move it away first`)
  if (files.length > 0 && !force) throw new UserError(`'${out}' holds a publication already; --force replaces it`)
}

export interface Publishing {
  readonly suite: string
  /** The folder of a run, or of a publication, which may be brought to its present form where it is. */
  readonly from: string
  /** Where the publication goes. */
  readonly out: string
  /** What makes the results again. */
  readonly commands: readonly string[]
  /** Replace an earlier publication. */
  readonly force: boolean
}

/**
 * Writes the results of a folder as a publication: the CSVs in their one form, and a manifest that says what they are.
 * The manifest is written last and removed first: a publication that was interrupted has none.
 * @throws UserError where the results are damaged, contradict each other, are of another suite or not what was
 * published, and where something else is in the way
 */
export function publish({ suite, from, out, commands, force }: Publishing): Manifest {
  const tables = orderedTables(readResults(from))
  const [problem] = contradictions(tables, modelFamilies)
  if (problem !== undefined) throw new UserError(`'${from}' cannot be published: ${problem}`)
  const [{ suite: own }] = tables.runs
  if (own !== suite)
    throw new UserError(`'${from}' holds results of suite ${JSON.stringify(own)}, not of ${JSON.stringify(suite)}`)
  checkUnchanged(from)
  checkReplaceable(out, from, force)
  const files = formatResults(tables)
  const manifest = manifestOf(
    tables,
    commands,
    fingerprints(name => files[name]),
  )
  if (existsSync(out)) removeTemporaries(out)
  for (const name of [manifestFile, ...formerFiles]) rmSync(join(out, name), { force: true })
  for (const name of resultFiles) writeFileAtomic(join(out, name), files[name])
  writeFileAtomic(join(out, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
}

/** @throws UserError where the manifest is missing or damaged */
export const readManifest = (folder: string): Manifest => parseManifest(readTextFile(join(folder, manifestFile)))
