import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { contradictions } from '../../benchmarks/board/contradictions.ts'
import { mergeTables } from '../../benchmarks/board/merge.ts'
import { formatResults, readResults, resultFiles } from '../../benchmarks/board/results.ts'
import { recordCommands } from '../../benchmarks/running/commands.ts'
import { copyCell, openLedger } from '../../benchmarks/running/ledger.ts'
import { UserError } from '../../lib/errors.ts'
import { explained, writeFileAtomic } from '../../lib/files.ts'
import { lockFolder } from '../../lib/lock.ts'
import { writeLine } from '../flags.ts'
import { commandsOf } from './made-by.ts'

export interface MergeFlags {
  readonly out: string
  readonly command?: readonly string[]
}

/** Writes the results of several folders as those of one, with the files of their cells and what made them. */
export async function merge(folders: readonly string[], { out, command = [] }: MergeFlags): Promise<void> {
  const parts = folders.map(folder => ({ folder, tables: readResults(folder) }))
  for (const { folder, tables } of parts) {
    const [problem] = contradictions(tables)
    if (problem !== undefined) throw new UserError(`'${folder}' cannot be merged: ${problem}`)
  }
  const nameless = folders.find(folder => commandsOf(folder).length === 0)
  if (nameless !== undefined && command.length === 0)
    throw new UserError(`'${nameless}' does not say what made it: --command 'npm run bench -- …' does`)
  const { tables, folders: cells } = mergeTables(parts)
  const isEmpty = !existsSync(out) || explained('read', out, () => readdirSync(out)).length === 0
  if (!isEmpty) throw new UserError(`'${out}' is not empty: merge into a new folder`)
  const files = formatResults(tables)
  openLedger(out)
  const unlock = lockFolder(out)
  try {
    for (const [cell, folder] of cells) copyCell(folder, out, cell)
    recordCommands(out, [...folders.flatMap(commandsOf), ...command])
    for (const name of resultFiles) writeFileAtomic(join(out, name), files[name])
  } finally {
    unlock()
  }
  await writeLine(`${out}: ${cells.size} cells of ${folders.length} folders; npm run leaderboard -- show ${out}`)
}
