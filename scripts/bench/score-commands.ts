import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { collectSettings, wholeNumber } from '../flags.ts'
import { addRunFlags } from '../run-cells.ts'
import type { ExportTaskFlags } from './export-task.ts'
import type { ScoreFlags } from './score.ts'

function addTaskFlags(command: Command): Command {
  return command
    .requiredOption('--env <id>', 'the world of the task')
    .option('--suite <id>', 'which list of cells; a file of your own too', 'quick')
    .option('--size <cells>', "the side of the world, instead of the suite's own", wholeNumber(1))
    .option('--scrambled', 'the task whose tiles are scrambled')
    .option('--set <name=value>', 'a parameter of the world (repeatable)', collectSettings)
    .option('--seed <n>', 'of the views that are drawn, where not everything is seen', wholeNumber(0), 0)
}

function modelName(value: string): string {
  if (!/^\w[\w.-]{0,39}$/.test(value)) throw new InvalidArgumentError('Expected up to 40 letters, digits, _, . and -.')
  return value
}

/** `export-task` and `score`: the way of a model that was made elsewhere. */
export function addScoreCommands(program: Command): void {
  addTaskFlags(program.command('export-task'))
    .description('write what a model may know of a task as NPZ files, for models that are made elsewhere')
    .requiredOption('--out <folder>', 'where train.npz, validation.npz, test.npz and task.json go')
    .option('--force', 'write over files that are there')
    .action(async (flags: ExportTaskFlags) => (await import('./export-task.ts')).exportTaskFiles(flags))

  addRunFlags(addTaskFlags(program.command('score')))
    .description('score predictions that were made elsewhere, and put them on the board as external')
    .argument('<predictions.npz>', "as task.json asks for them: 'predictions' and 'episodes'")
    .option('--name <name>', "what the model is called (default: the file's name)", modelName)
    .option('--out <folder>', `where the suite's results are, and go (default: ${join('results', 'local', '<suite>')})`)
    .action(async (file: string, flags: ScoreFlags) => (await import('./score.ts')).score(file, flags))
}
