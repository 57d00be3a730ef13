import { Command, Option } from 'commander'
import type { z } from 'zod'
import { splits } from '../envs/environment.ts'
import { environments } from '../envs/registry.ts'
import type { ExportFlags } from './envs/export.ts'
import type { InfluenceFlags } from './envs/influence.ts'
import type { RunFlags } from './envs/run.ts'
import type { ShowFlags } from './envs/show.ts'
import type { WorldFlags } from './envs/world.ts'
import { collectSettings, runCommand, wholeNumber } from './flags.ts'

/** The parameters of every world, for `--help`. */
function parameterHelp(): string {
  const lines = environments.flatMap(({ id, parameters }) => [
    `\n${id}`,
    ...Object.entries(parameters.shape as Record<string, z.ZodType>).map(
      ([name, schema]) => `  ${name.padEnd(14)}${schema.description}`,
    ),
  ])
  return `\nParameters for --set:${lines.join('\n')}`
}

const program = new Command('envs').description('The worlds of the benchmark.')

/** A command on one world. What it needs is loaded when it runs, so that help comes at once. */
const onWorld = (name: string, description: string) =>
  program
    .command(name)
    .description(description)
    .argument(
      '<id>',
      'a world of `list`, a module that exports one (./my-world.ts), or recorded episodes (data.npz, data.h5)',
    )
    .option('--size <n>', 'side of the world in cells (default: 24; for influence 48)', wholeNumber(1))
    .option('--set <name=value>', 'a parameter of the world (repeatable)', collectSettings, {})
    .addHelpText('after', parameterHelp)

program
  .command('list')
  .description('all worlds')
  .option('--json', 'as one line of JSON')
  .action(async (flags: { json?: true }) => (await import('./envs/list.ts')).list(flags))

onWorld('show', 'show a world as a moving picture in the terminal, or write one')
  .option('--steps <n>', 'frames after the first (default: 100, or all of a recording)', wholeNumber(0))
  .option('--seed <n>', 'number of the random stream', wholeNumber(0), 0)
  .option('--channel <name>', 'this channel only, instead of all')
  .option('--out <file>', 'where it goes: .gif moves; .png is a strip of frames, or space × time of a 1-D world')
  .option('--force', 'write over a file that is there')
  .action(async (id: string, flags: ShowFlags) => (await import('./envs/show.ts')).show(id, flags))

onWorld('run', 'run a world and print what each frame holds; step 0 is the state after the burn-in')
  .option('--steps <n>', 'frames after the first (default: 20, or all of a recording)', wholeNumber(0))
  .option('--seed <n>', 'number of the random stream', wholeNumber(0), 0)
  .option('--json', 'one line of JSON a frame')
  .action(async (id: string, flags: RunFlags) => (await import('./envs/run.ts')).run(id, flags))

onWorld('check', 'check a world against the contract, and measure how far remembering goes')
  .option('--steps <n>', 'frames that values and invariants are watched', wholeNumber(1), 10_000)
  .action(async (id: string, flags: WorldFlags & { steps: number }) =>
    (await import('./envs/check.ts')).check(id, flags),
  )

onWorld('influence', 'measure how far, how fast and how strongly a world acts on itself')
  .option('--starts <n>', 'worlds in each of which 8 cells are disturbed', wholeNumber(1), 24)
  .option('--out <name>', 'write <name>.csv and <name>.png (default: below results/local/influence)')
  .option('--force', 'write over files that are there')
  .option('--json', 'one line of JSON a row of the table')
  .action(async (id: string, flags: InfluenceFlags) => (await import('./envs/influence.ts')).printInfluence(id, flags))

onWorld('export', 'write episodes of a world into a file: the very ones that models are trained and tested on')
  .requiredOption(
    '--out <file>',
    'where they go: .npz (numpy), .h5 (the layout of The Well) or .parquet (a row a cell)',
  )
  .option('--episodes <n>', 'how many', wholeNumber(1), 8)
  .option('--first <n>', 'number of the first one in its split', wholeNumber(0), 0)
  .addOption(new Option('--split <name>', 'where they are from').choices(splits).default('test'))
  .option('--steps <n>', 'frames after the first (default: 20, or all of a recording)', wholeNumber(0))
  .option('--force', 'write over a file that is there')
  .option('--json', 'what was written, as one line of JSON')
  .action(async (id: string, flags: ExportFlags) => (await import('./envs/export.ts')).exportEpisodes(id, flags))

await runCommand(program)
