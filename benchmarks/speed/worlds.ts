import { environmentLabel, parseParameters } from '../../envs/environment.ts'
import { environmentById, environments } from '../../envs/registry.ts'
import { begin, type Running, type Subject, studyStream } from '../../envs/study/run.ts'
import { type FieldSetting, fieldSettings } from './field.ts'
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
  /** The world, with the parameters that are not its defaults. */
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

/** A world beside the packages of its field. */
export interface FieldSpeed extends WorldSpeed {
  readonly stepsPerSecond: number
  readonly packages: FieldSetting['packages']
}

const copyOf = (running: Running): Running => ({ ...running, state: structuredClone(running.state) })

function driftOf({ environment, parameters }: Subject, start: Running): Drift[] {
  const { state } = copyOf(start)
  const before = Object.entries(environment.invariants?.(state) ?? {})
  const drift = new Map(before.map(([name]) => [name, 0]))
  for (let t = 0; t < FRAMES; t++) {
    environment.advance(state, parameters)
    const now = environment.invariants?.(state) ?? {}
    for (const [name, { value }] of before)
      drift.set(name, Math.max(drift.get(name)!, Math.abs(now[name].value - value)))
  }
  return before.map(([name, { tolerance }]) => ({ name, drift: drift.get(name)!, tolerance }))
}

const perFrame = ({ median, low, high, samples }: Spread): Spread => ({
  median: median / FRAMES,
  low: low / FRAMES,
  high: high / FRAMES,
  samples,
})

async function measureWorld(subject: Subject, time: number): Promise<WorldSpeed> {
  const { environment, parameters, size } = subject
  const start = begin(subject, studyStream(subject, `speed/${size}`))
  const { height, width } = start.field
  const frame = new Float32Array(start.values)
  let { state } = copyOf(start)
  const before = () => {
    state = copyOf(start).state
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
  return {
    world: environmentLabel(environment, parameters),
    size,
    cells: height * width,
    advance: perFrame(alone),
    observed: perFrame(seen),
    invariants: driftOf(subject, start),
  }
}

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
      rows.push(await measureWorld({ environment, parameters: parseParameters(environment, {}), size }, time))
    }
  return rows
}

/** The settings at which others have been timed. */
export async function measureField(time: number, onWorld: (name: string) => void = () => {}): Promise<FieldSpeed[]> {
  const rows: FieldSpeed[] = []
  for (const { world, size, parameters, steps, packages } of fieldSettings) {
    onWorld(`${world} ${size}`)
    const environment = environmentById(world)
    const subject = { environment, parameters: parseParameters(environment, parameters), size }
    const speed = await measureWorld(subject, time)
    rows.push({ ...speed, stepsPerSecond: (1000 * steps) / speed.advance.median, packages })
  }
  return rows
}
