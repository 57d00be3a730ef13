import { join } from 'node:path'
import { publish } from '../../benchmarks/board/publication.ts'
import { readBoardTables } from '../../benchmarks/board/results.ts'
import { cellId } from '../../benchmarks/cell.ts'
import { sourcesHash } from '../../benchmarks/running/sources.ts'
import { suites } from '../../benchmarks/suites/index.ts'
import { UserError } from '../../lib/errors.ts'
import { writeLine } from '../flags.ts'
import { commandsOf } from './made-by.ts'

export interface PublishFlags {
  readonly suite: string
  readonly from?: string
  readonly out?: string
  readonly command?: readonly string[]
  readonly force?: true
}

const tell = (line: string) => process.stderr.write(`${line}\n`)

/** Says what a reader of the publication would miss. */
async function tellGaps(suite: string, from: string): Promise<void> {
  const { cells } = readBoardTables(from)
  const failed = cells.filter(({ status }) => status !== 'ok' && status !== 'diverged').length
  if (failed > 0) tell(`note: ${failed} of ${cells.length} cells failed; they are published as such`)
  const known = suites.find(({ id }) => id === suite)
  const wanted = (await known?.cells()) ?? []
  const own = new Set(cells.map(({ cell }) => cell))
  const missing = wanted.filter(spec => !own.has(cellId(spec))).length
  if (missing > 0) tell(`note: ${missing} of the ${wanted.length} cells of suite ${suite} are not among them`)
  const sources = sourcesHash()
  if (cells.some(row => row.sources !== sources)) tell('note: the sources have changed since these cells were run')
}

/** Writes the results of a folder to results/<suite>, with the manifest that `verify` reads. */
export async function publishResults(flags: PublishFlags): Promise<void> {
  const { suite } = flags
  if (!/^\w[\w.-]*$/.test(suite)) throw new UserError(`${JSON.stringify(suite)} cannot be the name of a suite`)
  const from = flags.from ?? join('results', 'local', suite)
  const out = flags.out ?? join('results', suite)
  const commands = flags.command ?? commandsOf(from)
  if (commands.length === 0)
    throw new UserError(`'${from}' does not say what made it: --command 'npm run bench -- …' does`)
  const { cells } = publish({ suite, from, out, commands, force: flags.force === true })
  await tellGaps(suite, from)
  await writeLine(`${out}: ${cells} cells of suite ${suite}; npm run leaderboard -- verify ${out}`)
}
