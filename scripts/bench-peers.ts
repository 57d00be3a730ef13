import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import Table from 'cli-table3'
import { Command } from 'commander'
import type { PeerRow } from '../benchmarks/peers/compare.ts'
import { oneOf, UserError } from '../lib/errors.ts'
import { liveLines } from '../lib/progress.ts'
import { runCommand, wholeNumber, words, writeLine } from './flags.ts'
import { digits, quartiles } from './spread.ts'

const stepIds = ['s2gru', 'lstm', 'conv-gru-24', 'conv-gru-64', 'fno-64'] as const
const peerIds = ['onnx', 'tensorflow', 'wasm', 'torch', 'torch-compiled', 'jax'] as const

interface Flags {
  readonly step: string[]
  readonly peer: string[]
  readonly python?: string
  readonly time: number
  readonly core?: number
  readonly json?: true
}

function table(rows: readonly PeerRow[]): string {
  // Of those that are there the first is the measure.
  const measure = rows.find(({ measured }) => measured !== undefined) ?? rows[0]
  const times = `times ${measure.peer}`
  const head = ['peer', 'ms a step', 'quartiles', 'steps', times, 'on the clock', 'compile ms', 'loss apart']
  const colAligns = head.map((_, i) => (i === 0 ? ('left' as const) : ('right' as const)))
  const built = new Table({ head, colAligns, style: { head: [], border: [], compact: true } })
  for (const { peer, measured: of } of rows) {
    if (of === undefined) continue
    const { processor, clock, ratio, compileMs, apart } = of
    const figures = [digits(processor.median), quartiles(processor), String(processor.samples), digits(ratio)]
    built.push([peer, ...figures, digits(clock.median), digits(compileMs), apart.toExponential(0)])
  }
  const notes = rows.map(({ peer, version, measured }) => (measured ? `${peer}: ${version}` : version))
  return [built.toString(), ...notes].join('\n')
}

/**
 * Keeps this process and all that it starts on one core, by default the last one, where the system can; says so where
 * it cannot. @throws UserError where the core was asked for and taskset refuses it
 */
function pin(asked: number | undefined): string {
  const core = asked ?? availableParallelism() - 1
  try {
    execFileSync('taskset', ['-a', '-c', '-p', String(core), String(process.pid)], { stdio: 'pipe', encoding: 'utf8' })
    return `on core ${core}`
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string }
    const reason = code === 'ENOENT' ? 'there is no taskset here' : refusal(core, stderr)
    if (asked !== undefined && code !== 'ENOENT') throw new UserError(reason)
    return `on one thread each, not pinned: ${reason}`
  }
}

/** Why taskset did not do it, in its own words, and what it might do. */
function refusal(core: number, stderr = ''): string {
  const words = stderr
    .trim()
    .split('\n')[0]
    .replace(/^taskset: /, '')
  return `taskset refuses core ${core}: ${words} (cores here: 0 to ${cpus().length - 1})`
}

async function peers({ step, peer, python, time, core, json }: Flags): Promise<void> {
  const chosen = {
    steps: step.map(id => oneOf('step', id, stepIds)),
    peers: peer.map(id => oneOf('peer', id, peerIds)),
  }
  const where = pin(core)
  const { compareStep } = await import('../benchmarks/peers/compare.ts')
  const { peerSteps } = await import('../benchmarks/peers/steps.ts')
  const lines = liveLines(process.stderr)
  for (const id of chosen.steps) {
    const of = peerSteps.find(known => known.id === id)!
    const ask = { peers: chosen.peers, python, time }
    const rows = await compareStep(of, ask, part => lines.update([part])).finally(lines.clear)
    if (json) for (const row of rows) await writeLine(JSON.stringify(row))
    else await writeLine(`${of.title}: processor time, by turns, ${where}\n${table(rows)}\n`)
  }
}

const program = new Command('bench:peers')
  .description('The same training step in this engine, in tfjs and in other frameworks, by turns, on one core.')
  .option('--step <ids>', `steps: ${stepIds.join(', ')} (default: all)`, words, undefined)
  .option('--peer <ids>', `who takes them: ${peerIds.join(', ')} (default: all; the first is the measure)`, words)
  .option('--python <path>', 'a Python that has torch, jax or both')
  .option('--time <ms>', 'processor time for each peer and step', wholeNumber(1), 3000)
  .option('--core <n>', 'the core that all are kept on (default: the last one)', wholeNumber(0))
  .option('--json', 'one line of JSON a row; times in milliseconds')
  .addHelpText(
    'after',
    `
All start from the same parameters and the same batch; "loss apart" is how far their first three losses lie apart,
relative: below 1e-4 it is the same step. Times are processor time, which other work on the machine changes little;
compiling comes apart: recording, passes and session for onnx, the first step for the others.
torch, torch-compiled and jax need --python; the project itself does not.`,
  )
  .action((flags: Partial<Flags>) => peers({ step: [...stepIds], peer: [...peerIds], ...flags } as Flags))

await runCommand(program)
