import Table from 'cli-table3'
import { Command } from 'commander'
import type { z } from 'zod'
import { type Environment, type Field, parseParameters } from '../envs/environment.ts'
import { environmentById, environments } from '../envs/registry.ts'
import { checkRule, contractRules, persistenceSkill } from '../envs/study/check.ts'
import { hashJson, type Json } from '../lib/hash.ts'
import { randomStream } from '../lib/random.ts'
import { collectSettings, runCommand, type Settings, wholeNumber, writeLine } from './flags.ts'

/** The world that the arguments name, with its parameters. @throws UserError */
function worldOf(id: string, settings: Settings) {
  const environment = environmentById(id)
  return { environment, parameters: parseParameters(environment, settings) }
}

/** Each parameter as `name=default`. */
function defaultsOf({ parameters }: Environment): string {
  return Object.entries(parameters.parse({}))
    .map(([name, value]) => `${name}=${value === '' ? "''" : value}`)
    .join(' ')
}

async function list({ json }: { json?: true }): Promise<void> {
  const rows = environments.map(environment => {
    const { id, version, range, parameters, source } = environment
    const { likelihood, boundary } = environment.field(parameters.parse({}), 24)
    return { id, version, range, likelihood, boundary, parameters: defaultsOf(environment), source }
  })
  if (json) return writeLine(JSON.stringify(rows))
  const table = new Table({
    head: ['id', 'range', 'likelihood', 'parameters', 'source'],
    colWidths: [16, 17, 12, 26, 23],
    wordWrap: true,
    style: { head: [], border: [] },
  })
  for (const row of rows) table.push([row.id, row.range, row.likelihood, row.parameters, row.source])
  await writeLine(table.toString())
}

interface Summary {
  readonly mean: number
  readonly min: number
  readonly max: number
  readonly sum: number
}

/** What a frame holds, by channel. */
function summarise(frame: Float32Array, { channels }: Field): Record<string, Summary> {
  const cells = frame.length / channels.length
  return Object.fromEntries(
    channels.map(({ name }, channel) => {
      let [min, max, sum] = [Infinity, -Infinity, 0]
      for (let i = channel; i < frame.length; i += channels.length) {
        min = Math.min(min, frame[i])
        max = Math.max(max, frame[i])
        sum += frame[i]
      }
      return [name, { mean: sum / cells, min, max, sum }]
    }),
  )
}

interface RunFlags {
  readonly steps: number
  readonly size: number
  readonly seed: number
  readonly set: Settings
  readonly json?: true
}

async function run(id: string, { steps, size, seed, set, json }: RunFlags): Promise<void> {
  const { environment, parameters } = worldOf(id, set)
  const field = environment.field(parameters, size)
  const world = `${id}@${environment.version}/${size}/${hashJson(parameters as Json).slice(0, 16)}`
  const state = environment.initial(parameters, size, randomStream(`${world}/run/${seed}`))
  for (let t = 0; t < field.burnIn; t++) environment.advance(state, parameters)
  const frame = new Float32Array(field.height * field.width * field.channels.length)
  for (let step = 0; step <= steps; step++) {
    if (step > 0) environment.advance(state, parameters)
    environment.observe(state, frame)
    const channels = summarise(frame, field)
    const invariants = Object.fromEntries(
      Object.entries(environment.invariants?.(state) ?? {}).map(([name, { value }]) => [name, value]),
    )
    if (json) await writeLine(JSON.stringify({ step, invariants, channels }))
    else {
      if (step === 0) await writeLine(columns('step', headings(invariants, channels)))
      await writeLine(columns(String(step), figures(invariants, channels)))
    }
  }
}

const statistics = ['mean', 'min', 'max', 'sum'] as const

const headings = (invariants: Record<string, number>, channels: Record<string, Summary>) => [
  ...Object.keys(invariants),
  ...Object.keys(channels).flatMap(name => statistics.map(statistic => `${name} ${statistic}`)),
]

const figures = (invariants: Record<string, number>, channels: Record<string, Summary>) =>
  [...Object.values(invariants), ...Object.values(channels).flatMap(of => statistics.map(name => of[name]))].map(
    value => String(Number(value.toPrecision(6))),
  )

/** One line of a table that is written as it grows: the width of a column cannot wait for the last row. */
const columns = (first: string, rest: readonly string[]) =>
  first.padStart(6) + rest.map(text => text.padStart(16)).join('')

async function check(id: string, { size, set, steps }: { size: number; set: Settings; steps: number }): Promise<void> {
  const { environment, parameters } = worldOf(id, set)
  environment.field(parameters, size)
  for (const rule of contractRules) {
    const problem = checkRule(rule, environment, parameters, size, steps)
    if (problem !== undefined) process.exitCode = 1
    await writeLine(problem === undefined ? `ok      ${rule}` : `FAILED  ${rule}: ${problem}`)
  }
  const { calibrated, plain } = persistenceSkill(environment, parameters, size)
  const verdict = calibrated < 0.2 ? ', below .2: useless' : calibrated > 0.8 ? ', above .8: enough' : ''
  await writeLine(
    `one-frame skill of persistence over climatology: ${calibrated.toFixed(3)} calibrated${verdict} (${plain.toFixed(3)} plain)`,
  )
}

/** The parameters of every world, for `--help`. */
function parameterHelp(): string {
  const lines = environments.flatMap(({ id, parameters }) => [
    `\n${id}`,
    ...Object.entries(parameters.shape as Record<string, z.ZodType>).map(
      ([name, schema]) => `  ${name.padEnd(12)}${schema.description}`,
    ),
  ])
  return `\nParameters for --set:${lines.join('\n')}`
}

const program = new Command('envs').description('The worlds of the benchmark.')

program.command('list').description('all worlds').option('--json', 'as one line of JSON').action(list)

program
  .command('run')
  .description('run a world and print what each frame holds; step 0 is the state after the burn-in')
  .argument('<id>', 'a world')
  .option('--steps <n>', 'frames after the first', wholeNumber(0), 20)
  .option('--size <n>', 'side of the world in cells', wholeNumber(1), 24)
  .option('--seed <n>', 'number of the random stream', wholeNumber(0), 0)
  .option('--set <name=value>', 'a parameter of the world (repeatable)', collectSettings, {})
  .option('--json', 'one line of JSON a frame')
  .addHelpText('after', parameterHelp)
  .action(run)

program
  .command('check')
  .description('check a world against the contract, and measure how far remembering goes')
  .argument('<id>', 'a world')
  .option('--steps <n>', 'frames that values and invariants are watched', wholeNumber(1), 2000)
  .option('--size <n>', 'side of the world in cells', wholeNumber(1), 24)
  .option('--set <name=value>', 'a parameter of the world (repeatable)', collectSettings, {})
  .addHelpText('after', parameterHelp)
  .action(check)

await runCommand(program)
