import { checkRule, contractRules } from '../../envs/study/check.ts'
import { lyapunovExponent } from '../../envs/study/lyapunov.ts'
import { memory } from '../../envs/study/memory.ts'
import type { Subject } from '../../envs/study/run.ts'
import { writeLine } from '../flags.ts'
import { type WorldFlags, worldOf } from './world.ts'

/** Holds a world against the contract, a line a rule, and prints what is measured of it. Exit code 1 where a rule fails. */
export async function check(id: string, flags: WorldFlags & { readonly steps: number }): Promise<void> {
  const subject = await worldOf(id, flags)
  for (const rule of contractRules) {
    const { outcome, reason } = checkRule(rule, subject, flags.steps)
    if (outcome === 'failed') process.exitCode = 1
    const word = { ok: 'ok', failed: 'FAILED', exempt: '–' }[outcome]
    await writeLine(`${word.padEnd(8)}${rule}${reason && `: ${reason}`}`)
  }
  await writeLine('')
  for (const [name, figure] of measured(subject)) await writeLine(`${name.padEnd(50)}${figure}`)
}

/** Names and figures. */
function* measured(subject: Subject): Generator<[name: string, figure: string]> {
  const { calibrated, plain, correlationTime } = memory(subject)
  yield [
    'one-frame skill of persistence over climatology',
    `${calibrated.toFixed(3)} calibrated, ${plain.toFixed(3)} plain`,
  ]
  // Where the films of an episode's length are too short, fewer and longer ones.
  const frames = 400
  const time = correlationTime < Infinity ? correlationTime : memory(subject, 8, frames).correlationTime
  yield ['correlation time', time < Infinity ? `${time.toFixed(1)} frames` : `over ${frames - 1} frames`]
  if (subject.environment.recorded) return
  const exponent = lyapunovExponent(subject)
  const text = exponent === undefined ? 'none: no disturbance of this world is small' : `${exponent.toFixed(3)} a frame`
  yield ['largest Lyapunov exponent', text]
}
