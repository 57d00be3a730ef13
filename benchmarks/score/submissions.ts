import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../lib/errors.ts'
import { readTextFile, writeFileAtomic } from '../../lib/files.ts'
import { hashJson, type Json } from '../../lib/hash.ts'
import { modelById } from '../../models/registry.ts'
import { parseSpec } from '../board/contradictions.ts'
import { environmentLabel } from '../board/tables.ts'
import { type CellSpec, cellId } from '../cell.ts'
import { predictionsFolder, predictionsPath, removeCell } from '../running/ledger.ts'

// Predictions that a results folder was given, each with the cell that they are: `external/<cell>.npz` and `.json`. From
// then on they are a cell of the folder like any other: run with the others, and again when sources change.

const specPath = (folder: string, id: string) => join(predictionsFolder(folder), `${id}.json`)

/** The cells of all predictions that a results folder was given. @throws UserError where a file is damaged */
export function submittedCells(folder: string): CellSpec[] {
  if (!existsSync(predictionsFolder(folder))) return []
  const ids = readdirSync(predictionsFolder(folder)).flatMap(name => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? [])
  return ids.sort().map(id => readSpec(specPath(folder, id), id))
}

function readSpec(path: string, id: string): CellSpec {
  const spec = parseSpec({ spec: readTextFile(path) })
  if (spec !== undefined && cellId(spec) === id) return spec
  throw new UserError(`${path} is damaged: remove it, and score its predictions again`)
}

/** What two cells share that may stand in one table, seeds apart. */
export function taskKey({ environment, environmentVersion, parameters, size, schedule, episodes }: CellSpec): string {
  return hashJson({ environment, environmentVersion, parameters, size, schedule, episodes } as Json)
}

const worldOf = (spec: CellSpec) => JSON.stringify([environmentLabel(spec), spec.size, spec.schedule.scrambled])

/**
 * Which predictions can stand on a board of these cells: those whose world is not there as another task, which their
 * scores would be shares of.
 */
export function onBoard(cells: readonly CellSpec[], submitted: readonly CellSpec[]) {
  const tasks = new Map(cells.map(spec => [worldOf(spec), new Set<string>()]))
  for (const spec of cells) tasks.get(worldOf(spec))!.add(taskKey(spec))
  const placed: CellSpec[] = []
  const left: CellSpec[] = []
  for (const spec of submitted) {
    const own = tasks.get(worldOf(spec)) ?? new Set([taskKey(spec)])
    tasks.set(worldOf(spec), own)
    if (own.has(taskKey(spec))) placed.push(spec)
    else left.push(spec)
  }
  return { placed, left }
}

/** What the scores of a cell are shares of, and its floor: the untrained references of its own task and seed. */
export function measuresOf(spec: CellSpec): Promise<CellSpec[]> {
  return Promise.all(
    ['persistence', 'climatology'].map(async id => {
      const { version } = await modelById(id)
      return { ...spec, model: id, modelVersion: version, options: {}, budget: null }
    }),
  )
}

/** Keeps predictions in a results folder, in place of earlier ones of the same name for the same task and seed. */
export function submit(folder: string, spec: CellSpec, bytes: Uint8Array): void {
  const id = cellId(spec)
  for (const earlier of submittedCells(folder)) {
    const same = earlier.options.name === spec.options.name && earlier.seed === spec.seed
    if (!same || taskKey(earlier) !== taskKey(spec) || cellId(earlier) === id) continue
    for (const path of [specPath, predictionsPath]) rmSync(path(folder, cellId(earlier)), { force: true })
    removeCell(folder, cellId(earlier))
  }
  writeFileAtomic(predictionsPath(folder, id), bytes)
  writeFileAtomic(specPath(folder, id), `${JSON.stringify(spec, null, 2)}\n`)
}
