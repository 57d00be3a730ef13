import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { checkDistinctRows } from '../benchmarks/board/distinct-rows.ts'
import { chooseRates, learningRates, ratesCsv, tuningCells } from '../benchmarks/board/tuning.ts'
import { oracle } from '../benchmarks/suites/cells.ts'
import { findSuite } from '../benchmarks/suites/index.ts'
import type { Selection } from '../benchmarks/suites/suite.ts'
import { writeFileAtomic } from '../lib/files.ts'
import { runCommand, wholeNumbers, words, writeLine } from './flags.ts'
import { addRunFlags, type RunFlags, runCells } from './run-cells.ts'

interface Flags extends RunFlags {
  suite: string
  env?: string[]
  model?: string[]
  size?: number[]
  rates: readonly number[]
  out?: string
}

/** Commander's parser of some rates of the grid. */
function ratesOfGrid(value: string): number[] {
  const rates = value.split(',').map(Number)
  if (!rates.every(rate => learningRates.includes(rate)))
    throw new InvalidArgumentError(`Expected some of the grid: ${learningRates.join(',')}.`)
  return learningRates.filter(rate => rates.includes(rate))
}

/**
 * Tries every trained entry of a suite at each learning rate, and prints which is best on the validation split. Not the
 * oracle: it is in no race, and keeps one rate everywhere.
 */
async function tune(flags: Flags): Promise<void> {
  const suite = await findSuite(flags.suite)
  const folder = flags.out ?? join('results', 'local', `${suite.id}-rates`)
  const { expectedTimes, selectCells, uniqueCells } = await import('../benchmarks/suites/suite.ts')
  const { ratesTable } = await import('../benchmarks/board/rates-table.ts')
  const raced = async (wish: Selection, rates: readonly number[]) => {
    const entries = await selectCells(suite, wish)
    const own = entries.filter(({ model }) => model !== oracle.model)
    checkDistinctRows(tuningCells(own, rates.slice(0, 1)))
    return tuningCells(own, rates)
  }
  const cells = await raced({ environments: flags.env, models: flags.model, sizes: flags.size }, flags.rates)
  await runCells({
    command: 'npm run tune',
    name: `the rates of ${suite.id}`,
    cells,
    board: uniqueCells([...(await raced({}, learningRates)), ...cells]),
    folder,
    flags,
    expectedSeconds: await expectedTimes(suite, cells),
    writeFiles: records => writeFileAtomic(join(folder, 'rates.csv'), ratesCsv(chooseRates(records))),
    print: async records => {
      const choices = chooseRates(records)
      if (flags.json) for (const choice of choices) await writeLine(JSON.stringify(choice))
      else await writeLine(ratesTable(choices))
    },
  })
}

await runCommand(
  addRunFlags(new Command('tune'))
    .description('Finds the learning rate of every model of a suite on the validation split, for its file.')
    .option('--suite <id>', 'which list of cells; a file of your own too: .json, or a module', 'quick')
    .option('--env <ids>', 'only these worlds, of the suite or any other; a file too (comma between, or repeat)', words)
    .option('--model <ids>', 'only these models', words)
    .option('--size <cells>', "the side of the worlds, instead of the suite's own", wholeNumbers)
    .addOption(
      new Option('--rates <list>', 'only these rates of the grid (comma between)')
        .argParser(ratesOfGrid)
        .default(learningRates, `all: ${learningRates.join(',')}`),
    )
    .option('--out <folder>', 'where results are, and go (default: results/local/<suite>-rates)')
    .action(tune),
)
