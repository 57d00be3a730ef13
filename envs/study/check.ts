import { isDeepStrictEqual } from 'node:util'
import { type Random, randomStream } from '../../lib/random.ts'
import { type Environment, parseParameters } from '../environment.ts'

type Parameters = Readonly<Record<string, unknown>>

/** A world that is being checked: with its parameters and its size. */
interface Subject {
  readonly environment: Environment
  readonly parameters: Parameters
  readonly size: number
  /** Frames that a check may run. */
  readonly frames: number
}

/** Burnt in, with the number of values in a frame. */
function begin({ environment, parameters, size }: Omit<Subject, 'frames'>, random: Random) {
  const { height, width, channels, burnIn } = environment.field(parameters, size)
  const state = environment.initial(parameters, size, random)
  for (let t = 0; t < burnIn; t++) environment.advance(state, parameters)
  return { state, values: height * width * channels.length }
}

/** What is seen; NaN wherever the world did not write. */
function look({ environment }: Subject, state: unknown, values: number): Float32Array {
  const frame = new Float32Array(values).fill(Number.NaN)
  environment.observe(state, frame)
  return frame
}

const stream = (subject: Subject, name: string) => randomStream(`check/${subject.environment.id}/${name}`)

/** Each rule of the contract: a function that says what is wrong, or nothing. */
const rules: Record<string, (subject: Subject) => string | undefined> = {
  'a stream determines the state, whatever other worlds do'(subject) {
    const { environment, parameters } = subject
    const first = begin(subject, stream(subject, 'a'))
    const second = begin(subject, stream(subject, 'a'))
    if (!isDeepStrictEqual(first.state, second.state)) return 'two states from the same stream differ'
    const alone = Array.from({ length: 50 }, () => {
      environment.advance(first.state, parameters)
      return look(subject, first.state, first.values)
    })
    const other = begin(subject, stream(subject, 'b'))
    for (const frame of alone) {
      environment.advance(other.state, parameters)
      environment.advance(second.state, parameters)
      if (!isDeepStrictEqual(look(subject, second.state, second.values), frame)) return 'another world changed this one'
    }
    return undefined
  },

  'different streams begin differently'(subject) {
    const [a, b] = ['a', 'b'].map(name => begin(subject, stream(subject, name)))
    const equal = isDeepStrictEqual(look(subject, a.state, a.values), look(subject, b.state, b.values))
    return equal ? 'the first frames of two streams are equal' : undefined
  },

  'a copy of a state continues identically'(subject) {
    const { environment, parameters } = subject
    const { state, values } = begin(subject, stream(subject, 'copy'))
    for (let t = 0; t < 20; t++) environment.advance(state, parameters)
    const copy = structuredClone(state)
    for (let t = 0; t < 100; t++) {
      environment.advance(state, parameters)
      environment.advance(copy, parameters)
      if (!isDeepStrictEqual(look(subject, state, values), look(subject, copy, values)))
        return `${t + 1} frames after it was made, a copy is elsewhere`
    }
    return isDeepStrictEqual(state, copy) ? undefined : 'a copy looks the same, but its state is not'
  },

  'every value is written, finite and in range'(subject) {
    const { environment, parameters, size, frames } = subject
    const bernoulli = environment.field(parameters, size).likelihood === 'bernoulli'
    const { state, values } = begin(subject, stream(subject, 'range'))
    for (let t = 0; t < frames; t++) {
      const wrong = look(subject, state, values).find(x => !Number.isFinite(x) || (bernoulli && (x < 0 || x > 1)))
      if (wrong !== undefined) return `a value is ${wrong} in frame ${t}`
      environment.advance(state, parameters)
    }
    return undefined
  },

  'invariants hold'(subject) {
    const { environment, parameters, frames } = subject
    const { state } = begin(subject, stream(subject, 'invariants'))
    const start = environment.invariants?.(state) ?? {}
    for (let t = 1; t <= frames; t++) {
      environment.advance(state, parameters)
      for (const [name, { value }] of Object.entries(environment.invariants?.(state) ?? {}))
        if (!(Math.abs(value - start[name].value) <= start[name].tolerance))
          return `${name} is ${value} after ${t} frames, was ${start[name].value} (tolerance ${start[name].tolerance})`
    }
    return undefined
  },

  'a disturbance is local and in place'(subject) {
    const { environment, parameters, size } = subject
    const { width, channels, likelihood } = environment.field(parameters, size)
    const { state, values } = begin(subject, stream(subject, 'disturbance'))
    const before = look(subject, state, values)
    // Where the first channel is highest, there is something to disturb in every world.
    const firstChannel = before.filter((_, i) => i % channels.length === 0)
    const cell = firstChannel.indexOf(Math.max(...firstChannel))
    environment.perturb(state, Math.floor(cell / width), cell % width, likelihood === 'bernoulli' ? 1 : 0.1)
    const change = look(subject, state, values).map((x, i) => Math.abs(x - before[i]))
    const largest = Math.max(...change)
    if (!(largest > 0)) return 'it changes nothing'
    if (change.filter(x => x > 1e-3 * largest).length > values / 2) return 'it changes more than half of what is seen'
    environment.advance(state, parameters)
    return look(subject, state, values).every(Number.isFinite) ? undefined : 'the world does not survive it'
  },

  'parameters have defaults and descriptions'({ environment }) {
    const bare = Object.entries(environment.parameters.shape).find(([, schema]) => !schema.description)
    if (bare !== undefined) return `'${bare[0]}' has no description`
    parseParameters(environment, {})
    return undefined
  },

  'two shifts or more, each with a reason'({ environment, parameters, size }) {
    const shifts = Object.entries(environment.shifts)
    if (shifts.length < 2) return `there are ${shifts.length}`
    for (const [name, { change, why }] of shifts) {
      if (why.trim() === '' || why.includes('\n')) return `'${name}' lacks a reason of one line`
      const shifted = parseParameters(environment, { ...parameters, ...change })
      environment.field(shifted, size)
      if (isDeepStrictEqual(shifted, parameters)) return `'${name}' changes nothing`
    }
    return undefined
  },
}

/** The names of the contract's rules, in the order in which they are checked. */
export const contractRules: readonly string[] = Object.keys(rules)

/**
 * One rule of the contract of environments, on one world. Rules that watch an episode run `frames` frames.
 * @returns what is wrong, in one line, or undefined.
 */
export function checkRule(rule: string, environment: Environment, parameters: Parameters, size: number, frames = 2000) {
  return rules[rule]({ environment, parameters, size, frames })
}

/** How far remembering the last frame goes, each channel by itself, then their mean. 1 = perfect, 0 = climatology. */
export interface PersistenceSkill {
  /** Of climatology + a·anomaly with the best a: the squared one-frame correlation of anomalies. */
  readonly calibrated: number
  /** Of the last frame as it was. */
  readonly plain: number
}

/** The one-frame skill of persistence in squared error, against the mean of every cell. Takes `episodes` × `frames`. */
export function persistenceSkill(
  environment: Environment,
  parameters: Parameters,
  size: number,
  episodes = 64,
  frames = 30,
): PersistenceSkill {
  const subject = { environment, parameters, size, frames }
  const channels = environment.field(parameters, size).channels.length
  const films = Array.from({ length: episodes }, (_, episode) => {
    const { state, values } = begin(subject, stream(subject, `skill/${episode}`))
    return Array.from({ length: frames }, () => {
      const frame = look(subject, state, values)
      environment.advance(state, parameters)
      return frame
    })
  })
  const mean = new Float64Array(films[0][0].length)
  for (const film of films)
    for (const frame of film) for (let i = 0; i < mean.length; i++) mean[i] += frame[i] / (episodes * frames)
  const moments = Array.from({ length: channels }, () => ({ product: 0, now: 0, next: 0, difference: 0 }))
  for (const film of films)
    for (let t = 1; t < frames; t++)
      for (let i = 0; i < mean.length; i++) {
        const moment = moments[i % channels]
        const [now, next] = [film[t - 1][i] - mean[i], film[t][i] - mean[i]]
        moment.product += now * next
        moment.now += now * now
        moment.next += next * next
        moment.difference += (next - now) ** 2
      }
  const average = (of: (moment: (typeof moments)[number]) => number) =>
    moments.reduce((sum, moment) => sum + of(moment), 0) / channels
  return {
    calibrated: average(({ product, now, next }) => product ** 2 / (now * next)),
    plain: average(({ difference, next }) => 1 - difference / next),
  }
}
