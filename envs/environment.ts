import { safeParse, type z } from 'zod'
import { UserError } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'

/** What a world shows of itself: a rectangular field, a few numbers in every cell. A 1-D world has height 1. */
export interface Field {
  readonly height: number
  readonly width: number
  readonly channels: readonly { readonly name: string; readonly unit: string }[]
  /** `bernoulli`: every value is a probability in [0, 1]. `gaussian`: any finite value. */
  readonly likelihood: 'bernoulli' | 'gaussian'
  readonly boundary: 'torus' | 'walls'
  /** Time between two frames, in the world's own unit. */
  readonly dt: number
  /** Frames that pass unseen before an episode begins. */
  readonly burnIn: number
}

/** A number that the world's law keeps. */
export interface Invariant {
  readonly value: number
  /** Largest allowed distance from the value at the start of the episode, in the unit of the value. */
  readonly tolerance: number
}

/** A change of parameters that no model was trained on, and why it is hard. */
export interface Shift<Parameters> {
  readonly change: Partial<Parameters>
  readonly why: string
}

export const splits = ['train', 'validation', 'test'] as const
export type Split = (typeof splits)[number]

/** Which episode of which split: worlds that were recorded ask for it, where others draw from their stream. */
export interface EpisodeNumber {
  readonly split: Split
  readonly episode: number
}

/** What is there of a world that was recorded rather than simulated: it cannot be disturbed, and it ends. */
export interface RecordedExtent {
  /** The only size that it has. */
  readonly size: number
  /** Frames of every episode. */
  readonly frames: number
  readonly episodes: Readonly<Record<Split, number>>
}

/** A world: a flow on states, seen through a field. Everything random comes from the stream handed to `initial`. */
export interface Environment<Schema extends z.ZodObject = z.ZodObject, State = unknown> {
  readonly id: string
  /** Bump whenever any trajectory changes: it is part of every random stream's name and of every cell's identity. */
  readonly version: number
  readonly title: string
  /** Paper or DOI. */
  readonly source: string
  /** How far the world acts in one frame, in words: `1 cell`, `exactly r`, `every pair`. */
  readonly range: string
  /** Every parameter with its default, range and `.describe()`. Lengths in cells, speeds in cells a frame. */
  readonly parameters: Schema
  /** What is seen of the square world of side `size` cells. @throws UserError where size and parameters do not fit. */
  field(parameters: z.output<Schema>, size: number): Field
  /** Present where the episodes come from a file: then there are so many, and no others. */
  readonly recorded?: RecordedExtent
  /** A state before the burn-in: plain data that `structuredClone` copies, caches included. */
  initial(parameters: z.output<Schema>, size: number, random: Random, which?: EpisodeNumber): State
  /** One frame later, in place, with as many inner sub-steps as stability needs. */
  advance(state: State, parameters: z.output<Schema>): void
  /** Writes height × width × channels values, row-major, channels last. */
  observe(state: State, out: Float32Array): void
  /** A disturbance of the given size (in the unit of the first channel) at one cell, in place. */
  perturb(state: State, row: number, column: number, amount: number): void
  invariants?(state: State): Record<string, Invariant>
  /**
   * Cells beyond which nothing can act within one frame, where the rule itself makes that certain: rows or columns,
   * whichever are more, the short way round on a torus; it may be more than the world has. Absent where influence only
   * fades.
   */
  reach?(parameters: z.output<Schema>, size: number): number
  readonly shifts: Readonly<Record<string, Shift<z.output<Schema>>>>
}

/** Keeps the types of one world's parameters and state while it is written; the registry forgets them. */
export function defineEnvironment<Schema extends z.ZodObject, State>(
  environment: Environment<Schema, State>,
): Environment<Schema, State> {
  return environment
}

/** Was a parameter that is text given a number or a boolean? On a command line all three look alike. */
function isText(parameter: z.core.$ZodType, value: unknown): boolean {
  if (typeof value !== 'number' && typeof value !== 'boolean') return false
  const { error } = safeParse(parameter, value)
  return error?.issues.some(issue => issue.code === 'invalid_type' && issue.expected === 'string') ?? false
}

/**
 * Parameters checked and completed with defaults; a parameter that is text takes what spells a number as its text.
 * @throws UserError with the first problem, in one line
 */
export function parseParameters<Schema extends z.ZodObject>(
  environment: Environment<Schema>,
  given: Record<string, unknown>,
): z.output<Schema> {
  const known = Object.keys(environment.parameters.shape)
  const unknown = Object.keys(given).find(name => !known.includes(name))
  if (unknown !== undefined)
    throw new UserError(`${environment.id} has no parameter '${unknown}'; it has: ${known.join(', ')}`)
  const meant = Object.entries(given).map(([name, value]) => [
    name,
    isText(environment.parameters.shape[name], value) ? String(value) : value,
  ])
  const parsed = environment.parameters.safeParse(Object.fromEntries(meant))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UserError(`${environment.id}: parameter '${issue.path.join('.')}': ${issue.message}`)
}

/** A world as tables name it: its id and the parameters that are not its defaults, `coupled-maps(range=3)`. */
export function environmentLabel(
  { id, parameters: schema }: Environment,
  parameters: Readonly<Record<string, unknown>>,
) {
  const defaults: Record<string, unknown> = schema.parse({})
  const changed = Object.keys(defaults).filter(name => parameters[name] !== defaults[name])
  return changed.length === 0 ? id : `${id}(${changed.map(name => `${name}=${parameters[name]}`).join(', ')})`
}
