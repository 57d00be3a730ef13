import type { Environment } from '../../envs/environment.ts'
import { environments } from '../../envs/registry.ts'
import { randomStream } from '../../lib/random.ts'
import { type Spread, timeByTurns } from './rounds.ts'

/** Frames of one sample. Every sample runs the same episode, so that all of them do the same work. */
const FRAMES = 25
const ROUNDS = 5

/** How far an invariant went from its start at most, and how far it may. */
export interface Drift {
  readonly name: string
  readonly drift: number
  readonly tolerance: number
}

export interface WorldSpeed {
  readonly world: string
  readonly size: number
  readonly cells: number
  /** Milliseconds a frame of `advance`. */
  readonly advance: Spread
  /** Milliseconds a frame of `advance` and `observe`. */
  readonly observed: Spread
  /** Over the frames of a sample. */
  readonly invariants: readonly Drift[]
}

/** A world at its default parameters, and a copy of its state after the burn-in for whoever asks. */
function begin(environment: Environment, size: number) {
  const parameters = environment.parameters.parse({})
  const field = environment.field(parameters, size)
  const start = environment.initial(parameters, size, randomStream(`speed/${environment.id}/${size}`))
  for (let t = 0; t < field.burnIn; t++) environment.advance(start, parameters)
  return { parameters, field, copy: () => structuredClone(start) }
}

function driftOf(environment: Environment, size: number): Drift[] {
  const { parameters, copy } = begin(environment, size)
  const state = copy()
  const start = Object.entries(environment.invariants?.(state) ?? {})
  const drift = new Map(start.map(([name]) => [name, 0]))
  for (let t = 0; t < FRAMES; t++) {
    environment.advance(state, parameters)
    const now = environment.invariants?.(state) ?? {}
    for (const [name, { value }] of start)
      drift.set(name, Math.max(drift.get(name)!, Math.abs(now[name].value - value)))
  }
  return start.map(([name, { tolerance }]) => ({ name, drift: drift.get(name)!, tolerance }))
}

const perFrame = ({ median, low, high, samples }: Spread): Spread => ({
  median: median / FRAMES,
  low: low / FRAMES,
  high: high / FRAMES,
  samples,
})

/** How fast every world of the registry runs, with default parameters, and what it kept of its law meanwhile. */
export async function measureWorlds(
  time: number,
  sizes: readonly number[] = [24, 64],
  onWorld: (name: string) => void = () => {},
): Promise<WorldSpeed[]> {
  const rows: WorldSpeed[] = []
  for (const environment of environments)
    for (const size of sizes) {
      onWorld(`${environment.id} ${size}`)
      const { parameters, field, copy } = begin(environment, size)
      const frame = new Float32Array(field.height * field.width * field.channels.length)
      let state = copy()
      const before = () => {
        state = copy()
      }
      const advance = () => {
        for (let t = 0; t < FRAMES; t++) environment.advance(state, parameters)
      }
      const observed = () => {
        for (let t = 0; t < FRAMES; t++) {
          environment.advance(state, parameters)
          environment.observe(state, frame)
        }
      }
      const tasks = [
        { name: 'advance', run: advance, before },
        { name: 'observed', run: observed, before },
      ]
      const [alone, seen] = await timeByTurns(tasks, time, ROUNDS)
      rows.push({
        world: environment.id,
        size,
        cells: field.height * field.width,
        advance: perFrame(alone),
        observed: perFrame(seen),
        invariants: driftOf(environment, size),
      })
    }
  return rows
}
