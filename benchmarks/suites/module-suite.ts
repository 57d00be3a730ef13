import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { findEnvironment } from '../../envs/find.ts'
import { UserError } from '../../lib/errors.ts'
import { modelById } from '../../models/registry.ts'
import { groupings } from '../board/groupings.ts'
import { type CellSpec, cellSchema } from '../cell.ts'
import { checkEvaluation, createTask } from '../task/task.ts'
import { estimateSeconds } from './cells.ts'
import { firstIssue, within } from './mistakes.ts'
import type { Suite } from './suite.ts'

const isFunction = z.custom((value: unknown) => typeof value === 'function', 'a function is expected')

/** What of a suite can be seen before its cells are made. */
const contract = z.looseObject({
  id: z.string().regex(/^\w[\w.-]*$/, 'letters, digits, _, . and - are expected'),
  title: z.string(),
  expectedMinutes: z.number().optional(),
  headline: z.enum(groupings).optional(),
  cells: isFunction,
  cellsFor: isFunction.optional(),
  expectedSeconds: isFunction.default(() => estimateSeconds),
})

/** The one suite that a module exports, by whatever name. @throws UserError in one line */
export async function moduleSuite(path: string): Promise<Suite> {
  let exports: Record<string, unknown>
  try {
    exports = await import(pathToFileURL(resolve(path)).href)
  } catch (error) {
    const said = error instanceof UserError ? error.message : String(error)
    throw new UserError(`the module cannot be loaded: ${said.replace(/\s+/g, ' ').trim()}`)
  }
  const found = [...new Set(Object.values(exports))].filter(
    value => typeof value === 'object' && value !== null && 'cells' in value,
  )
  if (found.length !== 1)
    throw new UserError(
      `the module exports ${found.length === 0 ? 'no suite' : `${found.length} suites`}: export one, { id, title, cells, … }`,
    )
  const parsed = contract.safeParse(found[0])
  if (!parsed.success) throw new UserError(`the suite's ${firstIssue(parsed.error)}`)
  const suite = parsed.data as unknown as Suite
  const { cellsFor } = suite
  return {
    ...suite,
    cells: async () => checkedCells(await suite.cells()),
    ...(cellsFor && { cellsFor: async (world: string) => checkedCells(await cellsFor(world)) }),
  }
}

/** @throws UserError where a cell is none, or its world, model or schedule do not fit */
async function checkedCells(cells: readonly CellSpec[]): Promise<readonly CellSpec[]> {
  if (!Array.isArray(cells)) throw new UserError('its cells are no array')
  for (const [i, cell] of cells.entries()) {
    const parsed = cellSchema.safeParse(cell)
    if (!parsed.success) throw new UserError(`cell ${i}: ${firstIssue(parsed.error)}`)
    await within(`cell ${i}`, async () => {
      await modelById(cell.model)
      checkEvaluation(cell, createTask(cell, await findEnvironment(cell.environment)))
    })
  }
  return cells
}
