import { join } from 'node:path'
import { Command } from 'commander'
import { type CellSpec, cellId } from '../benchmarks/cell.ts'
import { cutShard, parseShard, type Shard } from '../benchmarks/running/shard.ts'
import { findSuite, suites } from '../benchmarks/suites/index.ts'
import type { Suite } from '../benchmarks/suites/suite.ts'
import { type EngineId, engineIds } from '../engine/engine.ts'
import { oneOf } from '../lib/errors.ts'
import { formatDuration } from '../lib/progress.ts'
import { addScoreCommands } from './bench/score-commands.ts'
import {
  amount,
  collectSettings,
  runCommand,
  type Settings,
  wholeNumber,
  wholeNumbers,
  words,
  writeLine,
} from './flags.ts'
import { addRunFlags, type RunFlags, runCells, tell } from './run-cells.ts'
import type { WatchFlags } from './watch.ts'

interface Flags extends RunFlags {
  suite: string
  env?: string[]
  model?: string[]
  size?: number[]
  scrambled?: boolean
  seeds?: number
  set?: Settings
  engine?: EngineId
  flops?: number
  out?: string
  shard?: Shard
  dryRun?: boolean
}

/** Prints what would run, and in which order it would stand on the board. */
async function list(suite: Suite, cells: readonly CellSpec[], { json, workers }: Flags): Promise<void> {
  const { cellLabel } = await import('../benchmarks/running/monitor.ts')
  const { expectedTimes } = await import('../benchmarks/suites/suite.ts')
  const expectedSeconds = await expectedTimes(suite, cells)
  let total = 0
  for (const spec of cells) {
    const seconds = expectedSeconds(spec)
    total += seconds
    const line = `${formatDuration(seconds).padStart(8)}  ${cellLabel(spec)}`
    await writeLine(json ? JSON.stringify({ cell: cellId(spec), expectedSeconds: seconds, spec }) : line)
  }
  const time = formatDuration(total / Math.min(workers, cells.length))
  tell(`${cells.length} cells, about ${time} with ${workers} at a time where nothing is finished yet`)
}

/** Runs a suite, or a part of it. What takes long to load is loaded here, so that help comes at once. */
async function bench(flags: Flags): Promise<void> {
  const suite = await findSuite(flags.suite)
  const part = flags.shard ? [`${flags.shard.index}-of-${flags.shard.count}`] : []
  const folder = flags.out ?? join('results', 'local', [suite.id, ...(flags.flops ? ['flops'] : []), ...part].join('-'))
  const { expectedTimes, selectCells, uniqueCells } = await import('../benchmarks/suites/suite.ts')
  const { engine, flops } = flags
  const selected = await selectCells(suite, {
    environments: flags.env,
    models: flags.model,
    sizes: flags.size,
    scrambled: flags.scrambled,
    seeds: flags.seeds,
    engine,
    flops,
    parameters: flags.set,
  })
  const { boardCells } = await import('./bench/board-cells.ts')
  const { measuresOf, taskKey } = await import('../benchmarks/score/submissions.ts')
  const { board, external } = await boardCells(suite, { engine, flops }, folder, selected)
  const expectedSeconds = await expectedTimes(suite, board)
  const cells = flags.shard ? cutShard(selected, flags.shard, expectedSeconds) : selected
  if (flags.dryRun) return list(suite, cells, flags)
  const { writeResults } = await import('../benchmarks/board/results.ts')
  const { printBoard } = await import('./bench/print-board.ts')
  const tasks = new Set(cells.map(taskKey))
  const beside = flags.model ? [] : external.filter(spec => tasks.has(taskKey(spec)))
  const measures = await Promise.all(beside.map(measuresOf))
  await runCells({
    command: 'npm run bench',
    name: suite.id,
    cells: uniqueCells([...cells, ...measures.flat(), ...beside]),
    board,
    folder,
    flags,
    expectedSeconds,
    writeFiles: records => writeResults(folder, suite.id, records),
    print: records => printBoard(suite, records, flags.json === true),
  })
}

const known = suites.map(({ id, title, expectedMinutes }) => `  ${id.padEnd(18)} ${title} (${expectedMinutes} minutes)`)

// Flags of a subcommand stand behind its name, so that both may have an --out.
const program = addRunFlags(new Command('bench'))
  .description('Trains and compares global, local and learned-locality models on procedural worlds.')
  .enablePositionalOptions()
  .option('--suite <id>', 'which list of cells; a file of your own too: .json, or a module', 'quick')
  .option(
    '--env <ids>',
    'only these worlds, of the suite or any other; a file too: a module, .npz, .h5 (comma between, or repeat)',
    words,
  )
  .option('--model <ids>', 'only these models; persistence, the measure of all, stays', words)
  .option('--size <cells>', "the side of the worlds, instead of the suite's own", wholeNumbers)
  .option('--scrambled', 'hide the neighbourhood of the tiles in every task')
  .option('--seeds <n>', "seeds 0 to n − 1, instead of the suite's own", wholeNumber(1))
  .option('--set <name=value>', 'a parameter of the one world that --env names (repeatable)', collectSettings)
  .option('--engine <id>', `what does the arithmetic: ${engineIds.join(', ')}`, id => oneOf('engine', id, engineIds))
  .option('--flops <n>', 'equal FLOPs: what each model may spend on all its steps, e.g. 2e11', amount)
  .option('--out <folder>', 'where results are, and go (default: results/local/<suite>, with -flops, -1-of-3)')
  .option('--shard <i/n>', 'only the i-th of n parts of about equal length; leaderboard merge joins them', parseShard)
  .option('--dry-run', 'list the cells and their expected times, run nothing')
  .addHelpText(
    'after',
    `
Suites:
${known.join('\n')}

Each finished cell is a file in <folder>/cells: the same command again finishes what is missing. A cell that failed is a
row with its status, and stays one until --retry-failed. The CSVs in <folder> hold the finished cells of the whole
suite, the printed board those that were asked for. One run at a time may have a folder.
The board is printed on stdout, everything else on stderr.
Exit code: 0, 1 where a cell failed, 2 for a mistake in the command, 130 after Ctrl-C.`,
  )
  .action(bench)

program
  .command('watch')
  .description('draw what the model of a finished cell saw and predicted, as a moving picture')
  .argument('[cell]', 'the first digits of its id, 4 at least; or say which with the flags')
  .option('--env <id>', 'the cell of this world')
  .option('--model <id>', 'the cell of this model')
  .option('--seed <n>', 'its seed (default without an id: 0)', wholeNumber(0))
  .option('--scrambled', 'the cell whose tiles are scrambled; without an id, a plain one is meant otherwise')
  .option('--folder <folder>', 'results of a suite', join('results', 'local', 'quick'))
  .option('--episode <n>', 'which of the episodes that it was evaluated on', wholeNumber(0), 0)
  .option('--out <file>', 'where the GIF goes (default: <environment>-<model>-<id>.gif)')
  .option('--force', 'write over a file that is there')
  .action(async (cell: string | undefined, flags: WatchFlags) => (await import('./watch.ts')).watch(cell, flags))

addScoreCommands(program)

await runCommand(program)
