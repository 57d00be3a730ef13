import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomStream, shuffle } from '../../lib/random.ts'
import { meanErrors } from '../board/contradictions.ts'
import { type CellRow, type ResultTables, resultTables } from '../board/tables.ts'
import { type CellRecord, type CellSpec, cellSchema, isExternal } from '../cell.ts'
import type { CellJob } from './cell-worker.ts'
import { type PoolHooks, type PoolOptions, runPool } from './pool.ts'

/**
 * How far the mean error of a cell may lie from the published one, at any place, where the last bits of the arithmetic
 * are other ones: as a share of that error or of persistence's, whichever is larger. Training amplifies a rounding: a
 * learning rate changed by one part in 10⁷ moved seven trained cells of the quick suite by up to .05.
 */
export const tolerances = { trained: 0.1, reference: 1e-6 } as const

const specOf = ({ spec }: CellRow): CellSpec => cellSchema.parse(JSON.parse(spec))

/** `count` of the cells that have a result and were made here, or all; the same ones for the same seed. */
export function sampleCells({ cells }: ResultTables, count: number, seed: number): CellRow[] {
  const rows = cells.filter(row => (row.status === 'ok' || row.status === 'diverged') && !isExternal(specOf(row)))
  const order = Int32Array.from(rows, (_, i) => i)
  shuffle(order, count, randomStream(`verify/${seed}`))
  return [...order.subarray(0, count)].map(i => rows[i])
}

/** The rows of one cell, in their one order. */
interface CellRows extends ResultTables {
  readonly cells: readonly [CellRow]
}

function rowsOf({ runs, episodes, cells, timings }: ResultTables, id: string): CellRows {
  const own = <T extends { readonly cell: string }>(rows: readonly T[]) => rows.filter(({ cell }) => cell === id)
  const [row] = own(cells)
  return { runs: own(runs), episodes: own(episodes), cells: [row], timings: own(timings) }
}

const nodeMajor = (version: string) => version.split('.')[0]

/** Why the same bits cannot be asked for; empty where they can. */
function differentCircumstances(published: CellRows, again: CellRows): string[] {
  const [there, here] = [published, again].map(({ cells: [{ sources, versions }], timings: [timing] }) => {
    const { node = '', ...others } = JSON.parse(versions) as Record<string, string>
    return { machine: timing.machine, Node: nodeMajor(node), engine: Object.values(others).join(', '), sources }
  })
  const names = Object.keys(there) as (keyof typeof there)[]
  const different = names.filter(name => there[name] !== here[name])
  return different.map(name => (name === 'sources' ? 'other sources' : `${name} ${here[name]}, not ${there[name]}`))
}

type AnyRow = Readonly<Record<string, string | number | boolean | null>>

/** The first value that is not the same to the last bit. */
function firstDifferent(published: CellRows, again: CellRows): string | undefined {
  const files = ['cells', 'runs', 'episodes'] as const
  const local = ['sources', 'versions', 'suite']
  for (const file of files) {
    const [there, here] = [published[file], again[file]] as unknown as [readonly AnyRow[], readonly AnyRow[]]
    for (const [i, row] of there.entries()) {
      const column = Object.keys(row).find(name => !local.includes(name) && !Object.is(row[name], here[i]?.[name]))
      if (column === undefined) continue
      const place = ['condition', 'horizon', 'metric', 'episode'].flatMap(name => row[name] ?? []).join(' ')
      const [was, is] = [row[column], here[i]?.[column]].map(value => JSON.stringify(value) ?? 'nothing')
      return `${file}.csv${place && ` at ${place}`}: ${column} is ${was}, again it came to ${is}`
    }
    if (here.length > there.length) return `${file}.csv lacks ${here.length - there.length} rows of it`
  }
}

const errorsByPlace = (rows: ResultTables['episodes']) =>
  meanErrors(rows, ({ condition, horizon }) => `${condition} ${horizon}`)

/** The errors of persistence in the world of a cell, at its seed or any other. */
function persistenceErrors(tables: ResultTables, spec: CellSpec): Map<string, number> {
  const world = ({ environment, parameters, size, schedule }: CellSpec) =>
    JSON.stringify([environment, Object.entries(parameters).sort(), size, schedule])
  const own = tables.cells.find(row => {
    const other = specOf(row)
    return row.status === 'ok' && other.model === 'persistence' && world(other) === world(spec)
  })
  return errorsByPlace(own ? tables.episodes.filter(({ cell }) => cell === own.cell) : [])
}

/** The largest distance of two means, as `tolerances` count it, with its place. */
function largestDistance(published: CellRows, again: CellRows, persistence: ReadonlyMap<string, number>) {
  const here = errorsByPlace(again.episodes)
  let largest = { distance: 0, place: '' }
  for (const [place, error] of errorsByPlace(published.episodes)) {
    const other = here.get(place) ?? Number.NaN
    const distance = Object.is(error, other)
      ? 0
      : Math.abs(other - error) / Math.max(error, persistence.get(place) ?? 0)
    if (!(distance <= largest.distance)) largest = { distance: Number.isNaN(distance) ? Infinity : distance, place }
  }
  return largest
}

/** What came of running a cell again. */
export interface Comparison {
  readonly agrees: boolean
  /** In one line. */
  readonly found: string
}

/** Holds a cell that was run again against its published rows. `tables` are the whole publication. */
export function compareCell(tables: ResultTables, record: CellRecord): Comparison {
  const [published, again] = [tables, resultTables(tables.runs[0].suite, [record])].map(all => rowsOf(all, record.cell))
  const circumstances = differentCircumstances(published, again)
  if (circumstances.length === 0) {
    const difference = firstDifferent(published, again)
    return { agrees: difference === undefined, found: difference ?? 'the same to the last bit' }
  }
  const [there, here] = [published.cells[0].status, again.cells[0].status]
  if (there !== here) return { agrees: false, found: `its status is ${there}, again it came to ${here}` }
  const tolerance = record.spec.budget === null ? tolerances.reference : tolerances.trained
  const { distance, place } = largestDistance(published, again, persistenceErrors(tables, record.spec))
  const agrees = distance <= tolerance
  const where = distance === 0 ? 'the same errors' : `errors off by ${distance.toPrecision(2)} at most, at ${place}`
  return { agrees, found: `${where}; tolerance ${tolerance}, because of ${circumstances.join(', ')}` }
}

/** Runs cells again, each in a process of its own; nothing of what they learn is kept. */
export async function rerunCells(
  rows: readonly CellRow[],
  pool: PoolOptions,
  hooks: PoolHooks<CellJob, CellRecord>,
  signal?: AbortSignal,
): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'scalespace-verify-'))
  try {
    const file = (name: string) => join(scratch, name)
    const jobs = rows.map(row => ({
      spec: specOf(row),
      weights: file(`${row.cell}.safetensors`),
      topology: file(`${row.cell}.json`),
      episodes: file('episodes'),
    }))
    await runPool(jobs, pool, hooks, signal)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
