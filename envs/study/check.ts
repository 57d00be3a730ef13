import { isDeepStrictEqual } from 'node:util'
import { type Environment, parseParameters, splits } from '../environment.ts'
import { memory, skillWindow } from './memory.ts'
import { begin, film, liveliest, look, type Running, type Subject, separation, studyStream, within } from './run.ts'

/** A rule of the contract: what must hold of a world that runs for `frames` frames. */
interface Rule {
  /** What is wrong, in one line, or nothing. */
  check(subject: Subject, frames: number): string | undefined
  /** Why the rule has nothing to say of a world, or nothing. */
  exempt?(environment: Environment): string | undefined
}

/** How far a number of a frame is from a cell, in rows or columns, whichever are more. */
function distanceTo({ field }: Running, index: number, row: number, column: number): number {
  const cell = Math.floor(index / field.channels.length)
  const rows = separation(Math.floor(cell / field.width), row, field.height, field)
  return Math.max(rows, separation(cell % field.width, column, field.width, field))
}

const amountFor = ({ field }: Running) => (field.likelihood === 'bernoulli' ? 1 : 0.1)

const undisturbed = ({ recorded }: Environment) => (recorded ? 'a recording cannot be disturbed' : undefined)

const rules: Record<string, Rule> = {
  'a stream determines the state, whatever other worlds do': {
    check(subject) {
      const { environment, parameters } = subject
      const first = begin(subject, studyStream(subject, 'a'))
      const second = begin(subject, studyStream(subject, 'a'))
      if (!isDeepStrictEqual(first.state, second.state)) return 'two states from the same stream differ'
      const alone = Array.from({ length: within(subject, 50) }, () => {
        environment.advance(first.state, parameters)
        return look(subject, first)
      })
      const other = begin(subject, studyStream(subject, 'b'))
      for (const frame of alone) {
        environment.advance(other.state, parameters)
        environment.advance(second.state, parameters)
        if (!isDeepStrictEqual(look(subject, second), frame)) return 'another world changed this one'
      }
      return undefined
    },
  },

  'different streams begin differently: no episode is in two splits': {
    check(subject) {
      const begins = new Map<string, string>()
      for (const split of splits)
        for (let episode = 0; episode < Math.min(16, subject.environment.recorded?.episodes[split] ?? 16); episode++) {
          const name = `${split}/${episode}`
          const seen = look(subject, begin(subject, studyStream(subject, name), { split, episode })).join()
          const twin = begins.get(seen)
          if (twin !== undefined) return `the first frames of ${twin} and ${name} are equal`
          begins.set(seen, name)
        }
      return undefined
    },
  },

  'a copy of a state continues identically': {
    check(subject) {
      const { environment, parameters } = subject
      const running = begin(subject, studyStream(subject, 'copy'))
      const before = within(subject, 120) / 6
      for (let t = 0; t < Math.floor(before); t++) environment.advance(running.state, parameters)
      const copy: Running = { ...running, state: structuredClone(running.state) }
      for (let t = 0; t < Math.floor(5 * before); t++) {
        environment.advance(running.state, parameters)
        environment.advance(copy.state, parameters)
        if (!isDeepStrictEqual(look(subject, running), look(subject, copy)))
          return `${t + 1} frames after it was made, a copy is elsewhere`
      }
      return isDeepStrictEqual(running.state, copy.state) ? undefined : 'a copy looks the same, but its state is not'
    },
  },

  'every value is written, finite and in range': {
    check(subject, frames) {
      const running = begin(subject, studyStream(subject, 'range'))
      const bernoulli = running.field.likelihood === 'bernoulli'
      for (let t = 0; t < frames; t++) {
        const wrong = look(subject, running).find(x => !Number.isFinite(x) || (bernoulli && (x < 0 || x > 1)))
        if (wrong !== undefined) return `a value is ${wrong} in frame ${t}`
        subject.environment.advance(running.state, subject.parameters)
      }
      return undefined
    },
  },

  'invariants hold': {
    exempt: ({ invariants }) => (invariants === undefined ? 'the world names none' : undefined),
    check(subject, frames) {
      const { environment, parameters } = subject
      const { state } = begin(subject, studyStream(subject, 'invariants'))
      const start = environment.invariants!(state)
      for (let t = 1; t <= frames; t++) {
        environment.advance(state, parameters)
        for (const [name, { value }] of Object.entries(environment.invariants!(state))) {
          const { value: before, tolerance } = start[name]
          if (!(Math.abs(value - before) <= tolerance))
            return `${name} is ${value} after ${t} frames, was ${before} (tolerance ${tolerance})`
        }
      }
      return undefined
    },
  },

  'a disturbance leaves the rest alone': {
    exempt: undisturbed,
    check(subject) {
      const { environment, parameters, size } = subject
      const running = begin(subject, studyStream(subject, 'disturbance'))
      const before = look(subject, running)
      const { row, column } = liveliest(running, before)
      const other: Running = { ...running, state: structuredClone(running.state) }
      environment.perturb(other.state, row, column, amountFor(running))
      const change = look(subject, other).map((x, i) => Math.abs(x - before[i]))
      const total = change.reduce((sum, x) => sum + x, 0)
      if (!(total > 0)) return 'it changes nothing'
      const far = change.filter((_, i) => distanceTo(running, i, row, column) > size / 3)
      if (far.reduce((sum, x) => sum + x, 0) > 1e-2 * total) return `it changes cells more than ${size / 3} cells away`
      if (!isDeepStrictEqual(look(subject, running), before))
        return 'it changes the world that the disturbed one was copied from'
      environment.advance(other.state, parameters)
      return look(subject, other).every(Number.isFinite) ? undefined : 'the world does not survive it'
    },
  },

  'nothing acts beyond the reach': {
    exempt: environment =>
      undisturbed(environment) ?? (environment.reach === undefined ? 'the world names none' : undefined),
    check(subject) {
      const { environment, parameters, size } = subject
      const reach = environment.reach!(parameters as never, size)
      for (let start = 0; start < 8; start++) {
        const stream = studyStream(subject, `reach/${start}`)
        const running = begin(subject, stream)
        const { height, width } = running.field
        const [row, column] = [stream.integer(height), stream.integer(width)]
        const other: Running = { ...running, state: structuredClone(running.state) }
        environment.perturb(other.state, row, column, amountFor(running))
        for (let frame = 1; frame <= 4; frame++) {
          environment.advance(running.state, parameters)
          environment.advance(other.state, parameters)
          const [here, there] = [look(subject, running), look(subject, other)]
          const change = here.map((x, i) => Math.abs(there[i] - x))
          // A transform rounds everywhere; what is a millionth of the largest change is not an action.
          const least = 1e-6 * Math.max(...change)
          const far = change.findIndex((x, i) => x > least && distanceTo(running, i, row, column) > frame * reach)
          if (far >= 0)
            return `${frame} frames after a disturbance, ${distanceTo(running, far, row, column)} cells away is not as it was; the reach is ${reach} a frame`
        }
      }
      return undefined
    },
  },

  'remembering a frame is neither useless nor enough': {
    check(subject) {
      const { calibrated } = memory(subject)
      if (calibrated >= skillWindow.least && calibrated <= skillWindow.most) return undefined
      const verdict =
        calibrated < skillWindow.least ? `below ${skillWindow.least}: useless` : `above ${skillWindow.most}: enough`
      return `the skill of persistence over climatology is ${calibrated.toFixed(3)}, ${verdict}`
    },
  },

  'parameters have defaults and descriptions': {
    check({ environment }) {
      const bare = Object.entries(environment.parameters.shape).find(([, schema]) => !schema.description)
      if (bare !== undefined) return `'${bare[0]}' has no description`
      parseParameters(environment, {})
      return undefined
    },
  },

  'two shifts or more, each with a reason': {
    exempt: ({ recorded }) => (recorded ? 'a recording has no parameters to change' : undefined),
    check(subject) {
      const { environment, parameters } = subject
      const shifts = Object.entries(environment.shifts)
      if (shifts.length < 2) return `there are ${shifts.length}`
      for (const [name, { change, why }] of shifts) {
        if (why.trim() === '' || why.includes('\n')) return `'${name}' lacks a reason of one line`
        const usual = parseParameters(environment, {})
        if (isDeepStrictEqual({ ...usual, ...change }, usual)) return `'${name}' changes nothing`
        const shifted = parseParameters(environment, { ...parameters, ...change })
        const frames = film({ ...subject, parameters: shifted }, `shift/${name}`, 0, 20)
        if (!frames.every(frame => frame.every(Number.isFinite))) return `'${name}' does not run`
      }
      return undefined
    },
  },
}

/** The names of the contract's rules, in the order in which they are checked. */
export const contractRules: readonly string[] = Object.keys(rules)

/** What came of a rule. `reason`: one line, empty where the rule holds. */
export interface Verdict {
  readonly outcome: 'ok' | 'failed' | 'exempt'
  readonly reason: string
}

/** One rule of the contract of environments, on one world. Rules that watch an episode run `frames` frames. */
export function checkRule(rule: string, subject: Subject, frames = 2000): Verdict {
  const { exempt, check } = rules[rule]
  const excuse = exempt?.(subject.environment)
  if (excuse !== undefined) return { outcome: 'exempt', reason: excuse }
  const problem = check(subject, within(subject, frames))
  return problem === undefined ? { outcome: 'ok', reason: '' } : { outcome: 'failed', reason: problem }
}
