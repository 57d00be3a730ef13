import type { EngineId } from '../../engine/engine.ts'
import { loadEngine } from '../../engine/index.ts'
import type { Saving } from '../../engine/onnx/passes/index.ts'
import { UserError } from '../../lib/errors.ts'
import { s2gru } from '../../models/s2gru.ts'
import { type Spread, timeByTurns } from './rounds.ts'
import { compileStep, oneBatch, type Stepper, taskOf, trainingShape } from './steps.ts'

const BATCH = 16
const ROUNDS = 10

/** 4 × 4 tiles of 11 × 11 cells, a module each; 20 frames with 10 views and 10 queries. */
export const engineTask = () =>
  taskOf({
    environment: 'bouncing-balls',
    size: 44,
    schedule: { tile: 11, views: 10, queries: 10, context: 20, blind: 0, scrambled: false },
  })

/** Two heads of 16 between modules of 32 units: the network whose step other frameworks were timed with. */
const options = { width: 32, block: 1, heads: 2, headSize: 16, embedding: 64, dimension: 16 }

export interface EngineSpeed {
  readonly engine: EngineId
  /** Of the library that does the arithmetic; why there is none, where the engine is not installed. */
  readonly version: string
  /** Absent where the engine is not installed. */
  readonly measured?: {
    /** Milliseconds a training step. */
    readonly step: Spread
    /** Its median over that of the first engine. */
    readonly ratio: number
    /** 0 where the engine keeps no graph. */
    readonly nodes: number
    readonly compileMs: number
    /** What the passes over the graph took off. */
    readonly savings: readonly Saving[]
    readonly flops: number
    readonly gigaflopsPerSecond: number
    /** Of the first update: the same for all engines but for rounding. */
    readonly firstLoss: number
  }
}

type Ready = { readonly engine: EngineId; readonly version: string; readonly stepper?: Stepper }

/**
 * One training step of S2GRU on every engine, by turns, in one process, on one thread. An engine that is not
 * installed is a row that says so.
 */
export async function measureEngines(
  time: number,
  engines: readonly EngineId[] = ['onnx', 'tensorflow', 'wasm'],
  onPart: (part: string) => void = () => {},
  rounds = ROUNDS,
): Promise<EngineSpeed[]> {
  const task = engineTask()
  const shape = trainingShape(task, BATCH)
  const network = s2gru.build(shape, s2gru.options.parse(options))
  const feeds = oneBatch(task, shape, s2gru)
  const ready: Ready[] = []
  for (const id of engines) {
    onPart(`${id}: compiling`)
    try {
      const engine = await loadEngine(id)
      const stepper = await compileStep(engine, s2gru, network, shape, feeds)
      ready.push({ engine: id, version: engine.version, stepper })
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      ready.push({ engine: id, version: error.message })
    }
  }
  const running = ready.filter(({ stepper }) => stepper !== undefined)
  const tasks = running.map(({ engine, stepper }) => ({ name: engine, run: stepper!.step }))
  const spreads = await timeByTurns(tasks, time, rounds, round => onPart(`round ${round + 1} of ${rounds}`))
  return ready.map(({ engine, version, stepper }) => {
    if (stepper === undefined) return { engine, version }
    const step = spreads[tasks.findIndex(({ name }) => name === engine)]
    const { nodes, compileMs, savings, flops } = stepper.program
    stepper.program.dispose()
    const ratio = step.median / spreads[0].median
    const gigaflopsPerSecond = flops / step.median / 1e6
    const firstLoss = stepper.losses[0]
    const compiled = { nodes, compileMs, savings, flops }
    return { engine, version, measured: { step, ratio, ...compiled, gigaflopsPerSecond, firstLoss } }
  })
}
