import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../lib/errors.ts'
import { ensureWritableFolder, readBytes, readTextFile, removeTemporaries, writeFileAtomic } from '../../lib/files.ts'
import { decodeSafetensors, type NamedArrays } from '../../lib/safetensors.ts'
import { type CellRecord, cellId, cellSchema } from '../cell.ts'

/** JSON has no word for these; the CSVs spell them alike. */
const spelled: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity, '-0': -0 }

const number = z.union([z.number(), z.enum(['nan', 'inf', '-inf', '-0']).transform(word => spelled[word])])

const recordSchema: z.ZodType<CellRecord> = z.strictObject({
  cell: z.string(),
  spec: cellSchema,
  sources: z.string(),
  status: z.enum(['ok', 'diverged', 'failed', 'timeout', 'memory', 'crashed']),
  error: z.string(),
  figures: z.array(
    z.strictObject({
      condition: z.string(),
      horizon: z.int().nullable(),
      metric: z.string(),
      direction: z.enum(['lower', 'higher', 'none']),
      value: number,
    }),
  ),
  episodes: z.array(z.strictObject({ condition: z.string(), horizon: z.int(), episode: z.int(), error: number })),
  family: z.enum(['reference', 'global', 'local', 'learned', 'external']),
  trainedParameters: number,
  flopsPerStep: number,
  steps: z.int(),
  versions: z.record(z.string(), z.string()),
  initialStatesHash: z.string(),
  timings: z.strictObject({
    compileMs: number,
    trainMs: number,
    evaluateMs: number,
    dataMs: number,
    peakRssMb: number,
    machine: z.string(),
  }),
})

/** What a folder knows of a cell. `damaged` comes with the reason, in a few words. */
export type Entry =
  | { readonly kind: 'missing' }
  | { readonly kind: 'finished'; readonly record: CellRecord }
  | { readonly kind: 'damaged'; readonly reason: string }

const cellsFolder = (folder: string) => join(folder, 'cells')

/** The file of a cell in a results folder. */
export const cellPath = (folder: string, id: string): string => join(cellsFolder(folder), `${id}.json`)

/** What the process of a cell that did not finish wrote to its output. */
export const logPath = (folder: string, id: string): string => join(cellsFolder(folder), `${id}.log`)

/** What the model of a cell learned. */
export const weightsPath = (folder: string, id: string): string => join(cellsFolder(folder), `${id}.safetensors`)

/** Where the modules of a cell that learned their places have come to be. */
export const topologyPath = (folder: string, id: string): string => join(cellsFolder(folder), `${id}.topology.json`)

/** Episodes that the cells of a results folder share. */
export const episodesFolder = (folder: string): string => join(folder, 'episodes')

/** Predictions of models that were made elsewhere. */
export const predictionsFolder = (folder: string): string => join(folder, 'external')

/** What the model of a cell predicted that was made elsewhere. */
export const predictionsPath = (folder: string, id: string): string => join(predictionsFolder(folder), `${id}.npz`)

/** Makes a results folder ready, without what a killed run left half written. @throws UserError where that cannot be. */
export function openLedger(folder: string): void {
  ensureWritableFolder(folder)
  ensureWritableFolder(cellsFolder(folder))
  removeTemporaries(folder)
  removeTemporaries(cellsFolder(folder))
}

/** The ids of all cells that have a file in a results folder, sorted. */
export function cellIds(folder: string): string[] {
  if (!existsSync(cellsFolder(folder))) return []
  const names = readdirSync(cellsFolder(folder)).map(name => /^([0-9a-f]{64})\.json$/.exec(name)?.[1])
  return names.filter(id => id !== undefined).sort()
}

/** What the model of a cell learned; null where nothing is kept. @throws UserError where the file is damaged. */
export function readWeights(folder: string, id: string): NamedArrays | null {
  const path = weightsPath(folder, id)
  if (!existsSync(path)) return null
  try {
    return decodeSafetensors(readBytes(path))
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${path}: ${error.message}`) : error
  }
}

function encode(record: CellRecord): string {
  const words = (_key: string, value: unknown) => {
    if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value
    return Object.keys(spelled).find(word => Object.is(spelled[word], value))
  }
  return `${JSON.stringify(record, words)}\n`
}

/** The record of a cell as it stands in the folder; it is checked to the last field, its identity included. */
export function readCell(folder: string, id: string): Entry {
  const path = cellPath(folder, id)
  if (!existsSync(path)) return { kind: 'missing' }
  let content: unknown
  try {
    content = JSON.parse(readTextFile(path))
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'damaged', reason: 'it is cut off or not JSON' }
    if (error instanceof UserError && error.message.endsWith('UTF-8 text')) {
      return { kind: 'damaged', reason: 'it is not UTF-8 text' }
    }
    throw error
  }
  const parsed = recordSchema.safeParse(content)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { kind: 'damaged', reason: `${issue.path.join('.') || 'the record'}: ${issue.message}` }
  }
  if (parsed.data.cell !== id || cellId(parsed.data.spec) !== id) {
    return { kind: 'damaged', reason: 'it holds another cell than its name says' }
  }
  return { kind: 'finished', record: parsed.data }
}

/** Writes the record of a cell: the whole file or nothing. @throws UserError, e.g. where the disk is full. */
export function writeCell(folder: string, record: CellRecord): void {
  writeFileAtomic(cellPath(folder, record.cell), encode(record))
}

/** Keeps what a process said before it failed, or forgets it (`log` empty). */
export function writeLog(folder: string, id: string, log: string): void {
  if (log === '') rmSync(logPath(folder, id), { force: true })
  else writeFileAtomic(logPath(folder, id), log)
}

/** Renames a damaged file, so that nothing is lost, and says what it is called now. */
export function setAside(folder: string, id: string): string {
  const path = `${cellPath(folder, id)}.damaged`
  let free = path
  for (let i = 2; existsSync(free); i++) free = `${path}-${i}`
  renameSync(cellPath(folder, id), free)
  return free
}

/** All that a folder may keep of a cell. */
const pathsOfCell = [cellPath, logPath, weightsPath, topologyPath]

/** Forgets a cell. */
export function removeCell(folder: string, id: string): void {
  for (const path of pathsOfCell) rmSync(path(folder, id), { force: true })
}

/** Copies what a results folder keeps of a cell into another one, predictions that it was given too, its record last. */
export function copyCell(from: string, to: string, id: string): void {
  const specPath = (folder: string) => join(predictionsFolder(folder), `${id}.json`)
  for (const path of [predictionsPath, specPath, ...pathsOfCell.toReversed()])
    if (existsSync(path(from, id))) writeFileAtomic(path(to, id), readBytes(path(from, id)))
}

/** Did a cell come to no result? To diverge is one. */
export const hasFailed = ({ status }: CellRecord): boolean => status !== 'ok' && status !== 'diverged'

/** May an earlier result stand for the cell? To have failed is a result too, until somebody wants it tried again. */
export function isCurrent(entry: Entry, sources: string): entry is Entry & { kind: 'finished' } {
  return entry.kind === 'finished' && entry.record.sources === sources
}
