import type { Field } from '../../envs/environment.ts'
import { requireNumbers } from '../../envs/episodes.ts'
import { begin, look, within } from '../../envs/study/run.ts'
import { type ChannelStatistics, channelStatistics } from '../../envs/study/statistics.ts'
import { UserError } from '../../lib/errors.ts'
import { writeLine } from '../flags.ts'
import { seededStream, type WorldFlags, worldOf } from './world.ts'

export interface RunFlags extends WorldFlags {
  readonly steps?: number
  readonly seed: number
  readonly json?: true
}

const statistics = ['mean', 'min', 'max', 'sum'] as const
type Summary = Pick<ChannelStatistics, (typeof statistics)[number]>

/** Prints what every frame holds, one a line; step 0 is the state after the burn-in. */
export async function run(id: string, flags: RunFlags): Promise<void> {
  const { seed, json } = flags
  const subject = await worldOf(id, flags)
  const { environment, parameters } = subject
  const steps = flags.steps ?? within(subject, 20)
  const most = within(subject, steps)
  if (steps > most)
    throw new UserError(`${id}: its episodes have ${most + 1} frames, ${most} after the first; --steps is at most that`)
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
  const all = channelStatistics([frame], channels.length)
  return Object.fromEntries(channels.map(({ name }, i) => [name, pick(all[i])]))
}

const pick = ({ mean, min, max, sum }: ChannelStatistics): Summary => ({ mean, min, max, sum })

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
