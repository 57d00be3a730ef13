import type { z } from 'zod'
import type { Tensor } from '../engine/tf.ts'
import { nearestFirst, UserError } from '../lib/errors.ts'

/** The lattice of tiles that a task cuts its world into. A 1-D world has one row. */
export interface Lattice {
  readonly rows: number
  readonly columns: number
  readonly boundary: 'torus' | 'walls'
}

/** The shapes of a task, for one batch size. S steps, B episodes, A views, Q queries, C values a view, P a position. */
export interface TaskShape {
  /** S = context + blind steps. */
  readonly steps: number
  readonly batch: number
  readonly views: number
  readonly queries: number
  /** Cells of a tile, down and across. */
  readonly tile: readonly [height: number, width: number]
  /** C = tile height × tile width × channels. */
  readonly viewSize: number
  /** P: numbers in the encoding of a position. */
  readonly positionSize: number
  readonly lattice: Lattice
  readonly likelihood: 'bernoulli' | 'gaussian'
}

/** What a model may read in one batch, all steps at once. Which of them it reads, `Model.reads` says. */
export interface Observations {
  /** [S, B, A, C] */
  readonly views: Tensor
  /** [S, B, A, P] where each view was taken */
  readonly positions: Tensor
  /** [S, B, A] 1 = a view, 0 = padding or blind */
  readonly present: Tensor
  /** [S, B, Q, P] where the next frame is asked for */
  readonly queries: Tensor
  /** [S, B, rows, columns, C + 2] the same views on the lattice; then a seen mask; then frames since seen / S */
  readonly canvas: Tensor
  /** [S, B, tiles, C] the frame that is asked about, whole: the oracle alone reads it */
  readonly truth: Tensor
}

/**
 * How a parameter starts. `blocks`: equal parts of the last axis hold these values; `normal` has mean 0 and the given
 * standard deviation; `sphere` rows have length 1.
 */
export type Initialiser =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'blocks'; readonly values: readonly number[] }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'sphere' }

export interface ParameterSpec {
  readonly shape: readonly number[]
  readonly initialiser: Initialiser
}

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>
export type Parameters = Readonly<Record<string, Tensor>>
/** Named tensors: a recurrent state, or what one step reads. */
export type Tensors = Readonly<Record<string, Tensor>>

/** What `encode` prepares. */
export interface Encoded {
  /** [S, …] handed to `step` one step at a time */
  readonly steps: Tensors
  /** handed to every `step` and to `decode` as it is */
  readonly whole: Tensors
}

/**
 * A model at fixed shapes, as pure functions of tensors. H_{t+1} = F(O_t, H_t) is `step`, O_t = D(H_t) is `decode`.
 * Nothing in it may read values, so that the same functions are recorded, run eagerly, differentiated and exported.
 */
export interface Network {
  readonly parameters: ParameterSpecs
  /** How many modules stand in the world's places; absent where none do. */
  readonly modules?: number
  /** Whatever does not depend on the state, for all steps at once. */
  encode(p: Parameters, observations: Observations): Encoded
  /** The state before the first frame. */
  begin(p: Parameters, batch: number): Tensors
  /** One frame: `input` holds the encoded `steps` at this step, without their leading S, and `whole` as it is. */
  step(p: Parameters, state: Tensors, input: Tensors): Tensors
  /**
   * From the states after every step (named tensors [S, …]) to predictions of the next frame: [S, B, Q, C] for models
   * that read views, [S, B, rows·columns, C] for models that read the canvas. Logits for bernoulli worlds,
   * standardised values for gaussian ones. `whole` is what `encode` gave.
   */
  decode(p: Parameters, states: Tensors, whole: Tensors): Tensor
  /** What the parameters cost beside their error: a scalar that training adds, times `share`. */
  penalty?(p: Parameters): Tensor
  /**
   * What is trained with these parameters where that is not the network itself. The scalar `share` rises from 0 to 1
   * over the first half of training.
   */
  annealed?(share: Tensor): Network
  /** What answers with the same parameters once they are trained, where that is not the network itself. */
  readonly trained?: Network
  /** What was learned beside weights, for people: points, reaches and strengths as named tensors. Where there is any. */
  describe?(p: Parameters): Tensors
}

export type Family = 'reference' | 'global' | 'local' | 'learned'

interface Description<Options extends z.ZodObject> {
  readonly id: string
  /** Bump whenever the same options mean another network. */
  readonly version: number
  readonly family: Family
  readonly title: string
  readonly source: string
  /** zod options with defaults and descriptions. */
  readonly options: Options
  /** The worlds that it is made for; absent: all. */
  readonly likelihood?: 'bernoulli' | 'gaussian'
}

/** A model that learns by gradient. One of its options is `width`, the dial of `fitWidth`. */
export interface TrainedModel<Options extends z.ZodObject = z.ZodObject> extends Description<Options> {
  /** `truth` is for the oracle that bounds the others: it is shown what it is asked for. */
  readonly reads: 'views' | 'canvas' | 'truth'
  /** What is trained at one size runs at any: no parameter's shape depends on the lattice. */
  readonly transfers?: true
  build(task: TaskShape, options: z.output<Options>): Network
}

/** A reference that is fitted to the training split in closed form. */
export interface FittedModel<Options extends z.ZodObject = z.ZodObject, Constants = unknown>
  extends Description<Options> {
  fit(episodes: EpisodeTable, protocol: Protocol, options: z.output<Options>): Constants
  /** The prediction of every tile for one batch; `out` is [S, B, rows·columns, C], probabilities or values. */
  predict(constants: Constants, observed: ObservedBatch, out: Float32Array): void
}

export type Model = TrainedModel | FittedModel

/** Episodes cut into tiles: values [episodes, frames, tiles, C], standardised for gaussian worlds. */
export interface EpisodeTable {
  readonly episodes: number
  readonly frames: number
  readonly tiles: number
  readonly viewSize: number
  readonly values: Float32Array
}

/** How many frames are watched, how many views each frame, how many frames are blind. */
export interface Protocol {
  readonly context: number
  readonly blind: number
  readonly views: number
  readonly likelihood: 'bernoulli' | 'gaussian'
}

/** What a fitted reference sees of one batch: for every step and episode, which tiles are seen, and their values. */
export interface ObservedBatch {
  readonly steps: number
  readonly context: number
  readonly batch: number
  readonly tiles: number
  readonly viewSize: number
  /** [S, B, tiles] 1 = seen at this step */
  readonly seen: Uint8Array
  /** [S, B, tiles, C] the frame's values where seen; 0 elsewhere */
  readonly values: Float32Array
}

export function defineModel<Options extends z.ZodObject>(model: TrainedModel<Options>): TrainedModel<Options> {
  return model
}

export function defineReference<Options extends z.ZodObject, Constants>(
  model: FittedModel<Options, Constants>,
): FittedModel<Options, Constants> {
  return model
}

/** Options checked and completed with defaults. @throws UserError with the first problem, in one line. */
export function parseOptions<Options extends z.ZodObject>(
  { id, options }: { readonly id: string; readonly options: Options },
  given: Readonly<Record<string, unknown>>,
): z.output<Options> {
  const known = Object.keys(options.shape)
  const unknown = Object.keys(given).find(name => !known.includes(name))
  if (unknown !== undefined)
    throw new UserError(
      `${id} has no option '${unknown}'; it has: ${nearestFirst(unknown, known).join(', ') || 'none'}`,
    )
  const parsed = options.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UserError(`${id}: option '${issue.path.join('.')}': ${issue.message}`)
}

/** How many numbers a network learns. */
export function parameterCount(specs: ParameterSpecs): number {
  return Object.values(specs).reduce((sum, { shape }) => sum + shape.reduce((n, side) => n * side, 1), 0)
}
