import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { UserError } from '../lib/errors.ts'
import { readTextFile } from '../lib/files.ts'
import { runCommand, writeLine } from './flags.ts'

/** Works the board out anew from the CSVs of a folder, and prints it. What that takes is loaded here, for a quick help. */
async function show(folder: string): Promise<void> {
  if (!existsSync(join(folder, 'runs.csv')))
    throw new UserError(`no results in '${folder}': npm run bench -- --out ${folder} makes them`)
  const { leaderboard } = await import('../benchmarks/board/leaderboard.ts')
  const { leaderboardTable } = await import('../benchmarks/board/leaderboard-table.ts')
  const { parseTables } = await import('../benchmarks/board/tables.ts')
  const tables = parseTables(file => readTextFile(join(folder, file)))
  const color = process.stdout.isTTY === true && !process.env.NO_COLOR
  await writeLine(leaderboardTable(leaderboard(tables), tables.runs, { color }).trimEnd())
}

const program = new Command('leaderboard').description('Who predicts best, world by world, from the CSVs of a run.')

program
  .command('show')
  .description('print the leaderboard of a folder of results')
  .argument('[folder]', 'where runs.csv, episodes.csv and cells.csv are', join('results', 'local', 'quick'))
  .action(show)

await runCommand(program)
