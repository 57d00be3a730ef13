import { existsSync } from 'node:fs'
import { checkDistinctRows } from '../../benchmarks/board/distinct-rows.ts'
import { environmentLabel } from '../../benchmarks/board/tables.ts'
import { type CellSpec, cellId } from '../../benchmarks/cell.ts'
import { cellPath, predictionsFolder } from '../../benchmarks/running/ledger.ts'
import { measuresOf, onBoard, submittedCells } from '../../benchmarks/score/submissions.ts'
import { type Selection, type Suite, selectCells, uniqueCells } from '../../benchmarks/suites/suite.ts'
import { tell } from '../run-cells.ts'

/** The cells of a suite at further seeds that a folder has: what was run once stays in its files. */
function furtherSeeds(folder: string, own: readonly CellSpec[]): CellSpec[] {
  const found: CellSpec[] = []
  for (let seed = 1 + Math.max(...own.map(spec => spec.seed)); ; seed++) {
    const wanted = uniqueCells(own.map(spec => ({ ...spec, seed })))
    const there = wanted.filter(spec => existsSync(cellPath(folder, cellId(spec))))
    if (there.length === 0) return found
    found.push(...there)
  }
}

/**
 * What the files of a folder are about, whatever a command asks for: the whole suite, the cells of the command, and
 * predictions that were made elsewhere, each with its measures.
 * @throws UserError before any work, where two cells would be one row
 */
export async function boardCells(
  suite: Suite,
  selection: Pick<Selection, 'engine' | 'flops'>,
  folder: string,
  cells: readonly CellSpec[],
): Promise<{ readonly board: CellSpec[]; readonly external: CellSpec[] }> {
  const own = await selectCells(suite, selection)
  const trained = uniqueCells([...own, ...cells, ...furtherSeeds(folder, own)])
  const { placed, left } = onBoard(trained, submittedCells(folder))
  for (const spec of left)
    tell(
      `the predictions '${spec.options.name}' are of another task on ${environmentLabel(spec)} than the suite's, and ` +
        `not on its board: export the task anew, or remove ${predictionsFolder(folder)}/${cellId(spec)}.*`,
    )
  const measures = await Promise.all(placed.map(measuresOf))
  const board = uniqueCells([...trained, ...measures.flat(), ...placed])
  checkDistinctRows(board)
  return { board, external: placed }
}
