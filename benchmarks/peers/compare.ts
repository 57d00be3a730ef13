import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineId } from '../../engine/engine.ts'
import { loadEngine } from '../../engine/index.ts'
import { UserError } from '../../lib/errors.ts'
import { encodeSafetensors } from '../../lib/safetensors.ts'
import { type Spread, spreadOf } from '../speed/rounds.ts'
import { compileStep } from '../speed/steps.ts'
import { type PythonPeer, startPython } from './python.ts'
import { type PeerStep, type PreparedStep, prepareStep, RATE } from './steps.ts'

export const enginePeers = ['onnx', 'tensorflow', 'wasm'] as const satisfies readonly EngineId[]
export type PeerId = (typeof enginePeers)[number] | PythonPeer

export interface PeerRow {
  readonly step: string
  readonly peer: PeerId
  /** Of the library; why there is none, where the peer is not there. */
  readonly version: string
  /** Absent where the peer is not there. */
  readonly measured?: {
    /** Milliseconds of processor time a step. */
    readonly processor: Spread
    /** Milliseconds on the clock, which other work on the core makes longer. */
    readonly clock: Spread
    /** Its median of processor time over that of the first peer that is there. */
    readonly ratio: number
    /** Processor milliseconds of recording, compiling and, outside the engine, of a first step. */
    readonly compileMs: number
    /** Losses before the first updates, and the largest relative distance of one to the first peer's. */
    readonly losses: readonly number[]
    readonly apart: number
  }
}

/** A peer that is ready: takes one step, and says what it took and which loss it started from. */
interface Runner {
  readonly peer: PeerId
  readonly version: string
  readonly compileMs: number
  readonly losses: number[]
  readonly processor: number[]
  readonly clock: number[]
  step(): Promise<{ loss: number; ms: number; cpuMs: number }>
  close(): void
}

/** Losses that every peer's first steps are compared by. */
const COMPARED = 3

const processorMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function startEngine(peer: (typeof enginePeers)[number], prepared: PreparedStep): Promise<Runner> {
  const before = processorMs()
  const engine = await loadEngine(peer)
  const { model, network, shape, feeds } = prepared
  const stepper = await compileStep(engine, model, network, shape, feeds, () => RATE)
  const compileMs = processorMs() - before
  return {
    peer,
    version: engine.version,
    compileMs,
    losses: [],
    processor: [],
    clock: [],
    step: async () => {
      const [clock, processor] = [performance.now(), processorMs()]
      await stepper.step()
      return { loss: stepper.losses.at(-1)!, ms: performance.now() - clock, cpuMs: processorMs() - processor }
    },
    close: () => stepper.program.dispose(),
  }
}

async function startPeer(python: string, peer: PythonPeer, prepared: PreparedStep, file: string): Promise<Runner> {
  const running = startPython(python, peer)
  try {
    const { version, loss, compileCpuMs } = await running.load(file, prepared.setting)
    return {
      peer,
      version,
      compileMs: compileCpuMs,
      losses: [loss],
      processor: [],
      clock: [],
      step: async () => {
        const { losses, ms, cpuMs } = await running.run(1)
        return { loss: losses[0], ms: ms[0], cpuMs: cpuMs[0] }
      },
      close: running.close,
    }
  } catch (error) {
    running.close()
    throw error
  }
}

export interface Comparison {
  readonly peers: readonly PeerId[]
  /** A Python with the frameworks, where there is one. */
  readonly python?: string
  /** Milliseconds of steps for each peer. */
  readonly time: number
}

const isEngine = (peer: PeerId): peer is (typeof enginePeers)[number] =>
  (enginePeers as readonly string[]).includes(peer)

/**
 * One step in every peer, by turns: each round gives each of them one step, until every one had its time. Those that are
 * not there are rows that say so. The losses of the first steps show that all take the same step.
 */
export async function compareStep(
  step: PeerStep,
  { peers, python, time }: Comparison,
  onPart: (part: string) => void = () => {},
): Promise<PeerRow[]> {
  const prepared = await prepareStep(step)
  const folder = mkdtempSync(join(tmpdir(), 'scalespace-peers-'))
  const file = join(folder, 'step.safetensors')
  writeFileSync(file, encodeSafetensors(prepared.arrays))
  const runners: Runner[] = []
  const absent: PeerRow[] = []
  try {
    for (const peer of peers) {
      onPart(`${step.id}: ${peer} compiles`)
      try {
        if (!isEngine(peer) && python === undefined) throw new UserError('no Python is given (--python)')
        const runner = isEngine(peer)
          ? await startEngine(peer, prepared)
          : await startPeer(python!, peer, prepared, file)
        runners.push(runner)
        while (runner.losses.length < COMPARED) runner.losses.push((await runner.step()).loss)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        const failed = runners.findIndex(runner => runner.peer === peer)
        if (failed >= 0) runners.splice(failed, 1)[0].close()
        absent.push({ step: step.id, peer, version: `${peer}: ${error.message}` })
      }
    }
    await takeTurns(runners, time, round => onPart(`${step.id}: round ${round}`))
  } finally {
    for (const runner of runners) runner.close()
    rmSync(folder, { recursive: true })
  }
  const rows = runners.map(runner => rowOf(step, runner, runners[0]))
  return peers.map(peer => [...rows, ...absent].find(row => row.peer === peer)!)
}

async function takeTurns(runners: readonly Runner[], time: number, onRound: (round: number) => void): Promise<void> {
  const used = runners.map(() => 0)
  for (let round = 1; used.some(ms => ms < time); round++) {
    onRound(round)
    for (const [i, runner] of runners.entries()) {
      if (used[i] >= time) continue
      const { ms, cpuMs } = await runner.step()
      runner.clock.push(ms)
      runner.processor.push(cpuMs)
      used[i] += cpuMs
    }
  }
}

function rowOf(step: PeerStep, { peer, version, compileMs, losses, processor, clock }: Runner, first: Runner): PeerRow {
  const [own, measure] = [spreadOf(processor), spreadOf(first.processor)]
  const distances = first.losses.map((loss, i) => Math.abs(losses[i] - loss) / Math.abs(loss))
  return {
    step: step.id,
    peer,
    version,
    measured: {
      processor: own,
      clock: spreadOf(clock),
      ratio: own.median / measure.median,
      compileMs,
      losses: losses.slice(0, COMPARED),
      apart: Math.max(...distances),
    },
  }
}
