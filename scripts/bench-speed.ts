import Table from 'cli-table3'
import { Command } from 'commander'
import type { AttentionSpeed } from '../benchmarks/speed/attention.ts'
import type { DrawingSpeed, SolverSpeed } from '../benchmarks/speed/discs.ts'
import type { EngineSpeed } from '../benchmarks/speed/engines.ts'
import type { ModelSpeed } from '../benchmarks/speed/models.ts'
import type { Spread } from '../benchmarks/speed/rounds.ts'
import type { FieldSpeed, WorldSpeed } from '../benchmarks/speed/worlds.ts'
import type { Saving } from '../engine/onnx/passes/index.ts'
import { oneOf } from '../lib/errors.ts'
import { liveLines } from '../lib/progress.ts'
import { addPassesFlag, usePasses } from './engine-passes.ts'
import { runCommand, wholeNumber, writeLine } from './flags.ts'
import { digits, quartiles } from './spread.ts'

const groups = ['worlds', 'field', 'engine', 'models', 'attention'] as const
type Group = (typeof groups)[number]

const perSecond = ({ median }: Spread) => Math.round(1000 / median).toLocaleString('en')
/** Small numbers whose size is what matters. */
const magnitude = (value: number) => (value === 0 ? '0' : value.toExponential(0))

function table(head: string[], rows: string[][]): string {
  const alignments = head.map((_, i) => (i === 0 ? ('left' as const) : ('right' as const)))
  const built = new Table({ head, colAligns: alignments, style: { head: [], border: [], compact: true } })
  // A name with settings goes over several lines.
  built.push(...rows.map(([name, ...rest]) => [name.replace('(', '\n(').replaceAll(', ', ',\n '), ...rest]))
  return built.toString()
}

const kept = ({ invariants }: WorldSpeed) =>
  invariants.map(of => `${of.name} ${magnitude(of.drift)} (${magnitude(of.tolerance)})`).join('\n') || '–'
/** Millions of cells a second. */
const cellRate = ({ cells, advance }: WorldSpeed) => digits(cells / advance.median / 1000)

function worldsTable(rows: readonly WorldSpeed[]): string {
  const head = ['world', 'size', 'advance', 'Mcells', '+ observe', 'kept: drift in 25 frames (allowed)']
  return table(
    head,
    rows.map(row => [
      row.world,
      String(row.size),
      perSecond(row.advance),
      cellRate(row),
      perSecond(row.observed),
      kept(row),
    ]),
  )
}

const packageList = (packages: Readonly<Record<string, number>>) =>
  Object.entries(packages)
    .map(([name, rate]) => `${name} ${rate.toLocaleString('en')}`)
    .join('\n')

interface Field {
  readonly worlds: readonly FieldSpeed[]
  readonly drawing: DrawingSpeed
  readonly solver: SolverSpeed
}

function fieldTable({ worlds, drawing, solver }: Field): string {
  const rows = worlds.map(row => [
    row.world,
    String(row.size),
    Math.round(row.stepsPerSecond).toLocaleString('en'),
    digits((row.stepsPerSecond * row.cells) / 1e6),
    kept(row),
    packageList(row.packages),
  ])
  const area = `area to ${magnitude(drawing.areaError)}`
  rows.push(['three discs drawn', '48', perSecond(drawing.picture), '–', area, packageList(drawing.packages)])
  const ratio = `${digits(solver.matter.median / solver.ours.median)} × matter-js, by turns`
  const matter = `matter-js, here and now ${perSecond(solver.matter)}`
  rows.push(['bouncing-balls, sub-steps', '24', perSecond(solver.ours), '–', ratio, matter])
  return table(['world', 'size', 'steps', 'Mcells', 'kept: drift in 25 frames (allowed)', 'others, on one core'], rows)
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
  const savings = rows.flatMap(({ measured: of }) => (of?.savings.length ? [savingsTable(of.savings)] : []))
  return [table(head, measured), ...notes, ...savings].join('\n')
}

function savingsTable(savings: readonly Saving[]): string {
  return table(
    ['pass', 'nodes saved', 'MFLOP saved', 'took ms'],
    savings.map(({ pass, nodes, flops, milliseconds }) => [
      pass,
      String(nodes),
      digits(flops / 1e6),
      digits(milliseconds),
    ]),
  )
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

function attentionTable(rows: readonly AttentionSpeed[]): string {
  return table(
    ['modules', 'each hears', 'all pairs', 'quartiles', 'lists', 'quartiles', 'all pairs ÷ lists'],
    rows.map(({ modules, neighbours, dense, sparse }) => [
      String(modules),
      String(neighbours),
      digits(dense.median),
      quartiles(dense),
      digits(sparse.median),
      quartiles(sparse),
      digits(dense.median / sparse.median),
    ]),
  )
}

const titles: Readonly<Record<Group, string>> = {
  worlds: 'worlds: frames a second, by the median of runs of 25 frames',
  field:
    'field: steps of the scheme a second, beside what other packages reached elsewhere, in float32, without drawing',
  engine: 'engine: one training step of s2gru on one thread, engines by turns',
  models: 'models: one training step on bouncing balls at equal parameters, engine onnx, models by turns',
  attention: 'attention: milliseconds forward and backward, over all pairs and over neighbour lists, by turns',
}

/** Measures a group. What it needs is loaded here, for a quick help. */
async function measure(group: Group, time: number, tell: (part: string) => void) {
  if (group === 'worlds') {
    const { measureWorlds } = await import('../benchmarks/speed/worlds.ts')
    const rows = await measureWorlds(time, undefined, tell)
    return { rows, text: worldsTable(rows) }
  }
  if (group === 'field') {
    const { measureField } = await import('../benchmarks/speed/worlds.ts')
    const { measureDrawing, measureSolver } = await import('../benchmarks/speed/discs.ts')
    const field = {
      worlds: await measureField(time, tell),
      drawing: await measureDrawing(time),
      solver: await measureSolver(time),
    }
    return { rows: [...field.worlds, field.drawing, field.solver], text: fieldTable(field) }
  }
  if (group === 'engine') {
    const { measureEngines } = await import('../benchmarks/speed/engines.ts')
    const rows = await measureEngines(time, undefined, tell)
    return { rows, text: enginesTable(rows) }
  }
  if (group === 'attention') {
    const { measureAttention } = await import('../benchmarks/speed/attention.ts')
    const rows = await measureAttention(time)
    return { rows, text: attentionTable(rows) }
  }
  const { measureModels } = await import('../benchmarks/speed/models.ts')
  const rows = await measureModels(time, undefined, tell)
  return { rows, text: modelsTable(rows) }
}

interface Flags {
  readonly only?: Group
  readonly time: number
  readonly json?: true
  readonly enginePasses?: string
}

async function speed({ only, time, json, enginePasses }: Flags): Promise<void> {
  usePasses(enginePasses)
  const lines = liveLines(process.stderr)
  for (const group of only ? [only] : groups) {
    const { rows, text } = await measure(group, time, part => lines.update([`${group}: ${part}`])).finally(lines.clear)
    if (json) for (const row of rows) await writeLine(JSON.stringify({ group, ...row }))
    else await writeLine(`${titles[group]}\n${text}\n`)
  }
}

const program = addPassesFlag(new Command('bench:speed'))
  .description('How fast worlds, engines and training steps are, on one thread of this machine.')
  .option('--only <group>', `one of ${groups.join(', ')}`, group => oneOf('group', group, groups))
  .option('--time <ms>', 'time for each measurement; slow ones take a few calls at least', wholeNumber(1), 1000)
  .option('--json', 'one line of JSON a row; times in milliseconds')
  .action(speed)

await runCommand(program)
