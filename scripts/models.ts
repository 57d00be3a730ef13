import { join } from 'node:path'
import { Command, Option } from 'commander'
import { modelIds } from '../models/registry.ts'
import { addPassesFlag } from './engine-passes.ts'
import { collectSettings, runCommand, wholeNumber } from './flags.ts'
import type { ExportFlags } from './models/export.ts'
import type { GraphFlags } from './models/graph.ts'
import type { ListFlags } from './models/list.ts'
import type { ShowFlags } from './models/show.ts'
import { taskNames } from './models/tasks.ts'

const program = new Command('models').description('The models of the benchmark.')

/** A command that builds models. What it needs is loaded when it runs, so that help comes at once. */
const onTask = (name: string, description: string) =>
  program
    .command(name)
    .description(description)
    .addOption(
      new Option('--task <name>', 'the shapes and the number of parameters of this task of suite quick')
        .choices(taskNames)
        .default('balls'),
    )

onTask('list', 'all models, at the number of parameters that the task gives to each')
  .option('--json', 'as one line of JSON')
  .action(async (flags: ListFlags) => (await import('./models/list.ts')).list(flags))

onTask('show', 'options, shapes of every parameter, and what a training step takes')
  .argument('<id>', 'a model of `list`')
  .option('--width <n>', 'instead of the width that meets the number of parameters', wholeNumber(1))
  .option('--set <option=value>', 'an option of the model (repeatable)', collectSettings)
  .option('--json', 'as one line of JSON')
  .addHelpText('after', `\nModels: ${modelIds.join(', ')}`)
  .action(async (id: string, flags: ShowFlags) => (await import('./models/show.ts')).show(id, flags))

addPassesFlag(onTask('graph', 'write a training step as the onnx engine runs it, and what its operators cost'))
  .argument('<id>', 'a model of `list`')
  .requiredOption('--out <file>', 'where it goes: model.onnx')
  .option('--width <n>', 'instead of the width that meets the number of parameters', wholeNumber(1))
  .option('--set <option=value>', 'an option of the model (repeatable)', collectSettings)
  .option('--steps <n>', 'steps that are timed, after one to warm up', wholeNumber(1), 10)
  .option('--force', 'write over a file that is there')
  .option('--json', 'what was written and the table, as one line of JSON')
  .addHelpText('after', `\nModels: ${modelIds.join(', ')}`)
  .action(async (id: string, flags: GraphFlags) => (await import('./models/graph.ts')).showGraph(id, flags))

program
  .command('export')
  .description('write a trained model as an ONNX file with its parameters inside')
  .argument('<cell>', 'the first digits of the id of a finished cell, 4 at least')
  .requiredOption('--out <file>', 'where it goes: model.onnx')
  .option('--parameters <file>', 'write the parameters alone as well, as .safetensors')
  .option('--batch <n>', 'episodes that the file predicts at a time', wholeNumber(1), 1)
  .option('--folder <folder>', 'results of a suite', join('results', 'local', 'quick'))
  .option('--force', 'write over files that are there')
  .option('--json', 'what was written, as one line of JSON')
  .addHelpText(
    'after',
    `
The file holds what was trained and evaluated: the prediction program, operators of ONNX itself only (opset 21, for
ONNX Runtime 1.18 and later), float32, shapes fixed. Its inputs, outputs and all that a reader must know of tiles,
positions and units are printed here and stand in its metadata_props.`,
  )
  .action(async (cell: string, flags: ExportFlags) => (await import('./models/export.ts')).exportModel(cell, flags))

await runCommand(program)
