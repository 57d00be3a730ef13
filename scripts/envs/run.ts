import type { Field } from '../../envs/environment.ts'
import { requireNumbers } from '../../envs/episodes.ts'
import { begin, look, within } from '../../envs/study/run.ts'
import { writeLine } from '../flags.ts'
import { seededStream, type WorldFlags, worldOf } from './world.ts'

export interface RunFlags extends WorldFlags {
  readonly steps?: number
  readonly seed: number
  readonly json?: true
}

const statistics = ['mean', 'min', 'max', 'sum'] as const
type Summary = Record<(typeof statistics)[number], number>

/** Prints what every frame holds, one a line; step 0 is the state after the burn-in. */
export async function run(id: string, flags: RunFlags): Promise<void> {
  const { seed, json } = flags
  const subject = await worldOf(id, flags)
  const steps = flags.steps ?? within(subject, 20)
  const { environment, parameters } = subject
  const running = begin(subject, seededStream(subject, seed))
  for (let step = 0; step <= steps; step++) {
    if (step > 0) environment.advance(running.state, parameters)
    const frame = look(subject, running)
    requireNumbers(environment, frame, step)
    const channels = summarise(frame, running.field)
    const invariants = Object.fromEntries(
      Object.entries(environment.invariants?.(running.state) ?? {}).map(([name, { value }]) => [name, value]),
    )
    if (json) await writeLine(JSON.stringify({ step, invariants, channels }))
    else {
      if (step === 0) await writeLine(columns('step', headings(invariants, channels)))
      await writeLine(columns(String(step), figures(invariants, channels)))
    }
  }
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
  first.padStart(6) + rest.map(text => text.padStart(Math.max(16, text.length + 2))).join('')
