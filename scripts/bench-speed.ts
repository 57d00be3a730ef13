import Table from 'cli-table3'
import { Command } from 'commander'
import type { EngineSpeed } from '../benchmarks/speed/engines.ts'
import type { ModelSpeed } from '../benchmarks/speed/models.ts'
import type { Spread } from '../benchmarks/speed/rounds.ts'
import type { WorldSpeed } from '../benchmarks/speed/worlds.ts'
import { oneOf } from '../lib/errors.ts'
import { liveLines } from '../lib/progress.ts'
import { runCommand, wholeNumber, writeLine } from './flags.ts'

const groups = ['worlds', 'engine', 'models'] as const
type Group = (typeof groups)[number]

/** Three digits that mean something. */
const digits = (value: number) => {
  const places = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places })
}
const quartiles = ({ low, high }: Spread) => `${digits(low)}–${digits(high)}`
const perSecond = ({ median }: Spread) => Math.round(1000 / median).toLocaleString('en')
/** Small numbers whose size is what matters. */
const magnitude = (value: number) => (value === 0 ? '0' : value.toExponential(0))

function table(head: string[], rows: string[][]): string {
  const alignments = head.map((_, i) => (i === 0 ? ('left' as const) : ('right' as const)))
  const built = new Table({ head, colAligns: alignments, style: { head: [], border: [], compact: true } })
  built.push(...rows)
  return built.toString()
}

function worldsTable(rows: readonly WorldSpeed[]): string {
  const head = ['world', 'size', 'advance', '+ observe', 'kept: drift in 25 frames (allowed)']
  return table(
    head,
    rows.map(({ world, size, advance, observed, invariants }) => [
      world,
      String(size),
      perSecond(advance),
      perSecond(observed),
      invariants.map(of => `${of.name} ${magnitude(of.drift)} (${magnitude(of.tolerance)})`).join('\n') || '–',
    ]),
  )
}

function enginesTable(rows: readonly EngineSpeed[]): string {
  const head = ['engine', 'ms a step', 'quartiles', 'steps', 'times onnx', 'nodes', 'compile ms', 'GFLOP/s']
  const measured = rows.flatMap(({ engine, measured: of }) => {
    if (of === undefined) return []
    const compiling = of.nodes === 0 ? ['–', '–'] : [String(of.nodes), digits(of.compileMs)]
    const { step, ratio, gigaflopsPerSecond } = of
    const figures = [digits(step.median), quartiles(step), String(step.samples), digits(ratio)]
    return [[engine, ...figures, ...compiling, digits(gigaflopsPerSecond)]]
  })
  const notes = rows.map(({ engine, version, measured: of }) => (of ? `${engine}: ${version}` : version))
  return [table(head, measured), ...notes].join('\n')
}

function modelsTable(rows: readonly ModelSpeed[]): string {
  const head = ['model', 'width', 'parameters', 'ms a step', 'quartiles', 'MFLOP', 'GFLOP/s', 'nodes', 'compile ms']
  return table(
    head,
    rows.map(({ model, width, parameters, step, flops, gigaflopsPerSecond, nodes, compileMs }) => [
      model,
      String(width),
      String(parameters),
      digits(step.median),
      quartiles(step),
      digits(flops / 1e6),
      digits(gigaflopsPerSecond),
      String(nodes),
      digits(compileMs),
    ]),
  )
}

const titles: Readonly<Record<Group, string>> = {
  worlds: 'worlds: frames a second, by the median of runs of 25 frames',
  engine: 'engine: one training step of s2gru on one thread, engines by turns',
  models: 'models: one training step on bouncing balls at equal parameters, engine onnx, models by turns',
}

/** Measures a group. What it needs is loaded here, for a quick help. */
async function measure(group: Group, time: number, tell: (part: string) => void) {
  if (group === 'worlds') {
    const { measureWorlds } = await import('../benchmarks/speed/worlds.ts')
    const rows = await measureWorlds(time, undefined, tell)
    return { rows, text: worldsTable(rows) }
  }
  if (group === 'engine') {
    const { measureEngines } = await import('../benchmarks/speed/engines.ts')
    const rows = await measureEngines(time, undefined, tell)
    return { rows, text: enginesTable(rows) }
  }
  const { measureModels } = await import('../benchmarks/speed/models.ts')
  const rows = await measureModels(time, undefined, tell)
  return { rows, text: modelsTable(rows) }
}

async function speed({ only, time, json }: { only?: Group; time: number; json?: true }): Promise<void> {
  const lines = liveLines(process.stderr)
  for (const group of only ? [only] : groups) {
    const { rows, text } = await measure(group, time, part => lines.update([`${group}: ${part}`])).finally(lines.clear)
    if (json) for (const row of rows) await writeLine(JSON.stringify({ group, ...row }))
    else await writeLine(`${titles[group]}\n${text}\n`)
  }
}

const program = new Command('bench:speed')
  .description('How fast worlds, engines and training steps are, on one thread of this machine.')
  .option('--only <group>', `one of ${groups.join(', ')}`, group => oneOf('group', group, groups))
  .option('--time <ms>', 'time for each measurement; slow ones take a few calls at least', wholeNumber(1), 1000)
  .option('--json', 'one line of JSON a row; times in milliseconds')
  .action(speed)

await runCommand(program)
