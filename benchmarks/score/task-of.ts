import { UserError } from '../../lib/errors.ts'
import { environmentLabel } from '../board/tables.ts'
import type { CellSpec } from '../cell.ts'
import { type Selection, type Suite, selectCells } from '../suites/suite.ts'
import { taskKey } from './submissions.ts'

export interface TaskWish extends Pick<Selection, 'parameters' | 'scrambled'> {
  readonly environment: string
  readonly size?: number
}

const label = (spec: CellSpec) =>
  `${environmentLabel(spec)}, size ${spec.size}${spec.schedule.scrambled ? ', scrambled' : ''}`

/**
 * The cells of the one task of a suite that is meant, in the order of the board. Where nothing is said of scrambling,
 * the plain one is meant. @throws UserError where there is no such task, or are several
 */
export async function cellsOfTask(suite: Suite, wish: TaskWish): Promise<CellSpec[]> {
  const { environment, size, scrambled, parameters } = wish
  const sizes = size === undefined ? undefined : [size]
  const selected = await selectCells(suite, { environments: [environment], sizes, scrambled, parameters })
  const plain = selected.filter(({ schedule }) => !schedule.scrambled)
  const cells = scrambled || plain.length === 0 ? selected : plain
  const tasks = new Map(cells.map(spec => [taskKey(spec), spec]))
  if (tasks.size === 1) return cells
  const labels = [...tasks.values()].map(label).join('; ')
  throw new UserError(`suite ${suite.id} has several such tasks: ${labels}; say which, with --set or --size`)
}
