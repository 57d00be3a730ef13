import { join } from 'node:path'
import { Command } from 'commander'
import { groupings } from '../benchmarks/board/groupings.ts'
import { oneOf } from '../lib/errors.ts'
import { collectTexts, runCommand, wholeNumber, words } from './flags.ts'
import { addLimitFlags } from './limits.ts'

const usual = join('results', 'local', 'quick')
const folderMeaning = 'where runs.csv, episodes.csv and cells.csv are'

// What a command takes is loaded by it, for a quick help.
const program = new Command('leaderboard').description('Who predicts best, world by world, from the CSVs of a run.')

program
  .command('show')
  .description('print the leaderboard of a folder of results')
  .argument('[folder]', folderMeaning, usual)
  .option('--by <what>', `put side by side: ${groupings.join(', ')}`, what => oneOf('grouping', what, groupings))
  .action(async (folder, flags) => (await import('./leaderboard/show.ts')).show(folder, flags))

program
  .command('answer')
  .description(
    'say which is the cheapest locality that no other beats, a sentence a world, and how it follows the range',
  )
  .argument('[folder]', folderMeaning, usual)
  .option('--env <ids>', 'only these worlds (comma between, or repeat)', words)
  .action(async (folder, flags) => (await import('./leaderboard/answer.ts')).answer(folder, flags))

program
  .command('costs')
  .description('print what each error costs and the Pareto front, world by world, cheapest first')
  .argument('[folder]', folderMeaning, usual)
  .option('--env <ids>', 'only these worlds (comma between, or repeat)', words)
  .option('--condition <name>', 'where errors are taken from, e.g. blind (default: the first of the board)')
  .action(async (folder, flags) => (await import('./leaderboard/costs.ts')).costs(folder, flags))

program
  .command('diff')
  .description('say what changed from one board to another, and whether it matters: whether intervals overlap')
  .argument('<before>', 'a folder with a leaderboard.csv')
  .argument('<after>', 'another one')
  .action(async (before, after) => (await import('./leaderboard/diff.ts')).diff(before, after))
  .addHelpText('after', '\nExit code: 0 where nothing changed, 1 where anything did, 2 for a mistake in the command.')

program
  .command('merge')
  .description('write the results of several folders, e.g. of shards, as those of one')
  .argument('<folders...>', 'folders of runs or publications of one suite')
  .requiredOption('--out <folder>', 'a new folder')
  .option('--command <line>', 'what makes the results again of a folder that does not say (repeatable)', collectTexts)
  .action(async (folders, flags) => (await import('./leaderboard/merge.ts')).merge(folders, flags))

program
  .command('publish')
  .description('write the results of a run to results/<suite>, with a manifest of hashes, versions and commands')
  .requiredOption('--suite <id>', 'the suite that the results belong to')
  .option('--from <folder>', 'the folder of the run (default: results/local/<suite>)')
  .option('--out <folder>', 'where the publication goes (default: results/<suite>)')
  .option(
    '--command <line>',
    'what makes these results again, where the folder does not say (repeatable)',
    collectTexts,
  )
  .option('--force', 'replace an earlier publication')
  .action(async flags => (await import('./leaderboard/publish.ts')).publishResults(flags))

addLimitFlags(
  program
    .command('verify')
    .description('check every hash of a publication, and work its board out anew')
    .argument('<folder>', 'a publication, e.g. results/quick')
    .option('--sample <n>', 'run so many of its cells again, and compare', wholeNumber(1))
    .option('--seed <n>', 'which cells those are', wholeNumber(0), 0),
)
  .action(async (folder, flags) => (await import('./leaderboard/verify.ts')).verify(folder, flags))
  .addHelpText(
    'after',
    '\nThe limits are those of cells that are run again. One that cannot be run within them was not compared.\n' +
      'Exit code: 0 where all verifies, 1 where something does not, 2 for a mistake in the command.',
  )

await runCommand(program)
