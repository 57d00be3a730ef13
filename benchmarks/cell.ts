import { z } from 'zod'
import { engineIds } from '../engine/engine.ts'
import { hashJson, type Json } from '../lib/hash.ts'

const count = z.int().min(1)
const plain = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]))

/** Which positions are seen at which time, and which are asked for. */
export const scheduleSchema = z.strictObject({
  tile: count.describe('side k of a view, in cells; views do not overlap'),
  views: z.union([count, z.literal('all')]).describe('views of each context frame (A)'),
  queries: z.union([count, z.literal('all')]).describe('tiles asked for at each training step (Q)'),
  context: z.int().min(2).describe('frames that are watched (T)'),
  blind: z.int().min(0).describe('frames after the context that are only predicted (K)'),
  scrambled: z.boolean().describe('one fixed permutation hides the neighbourhood of the tiles'),
})

const anyBudget = {
  parameters: count.describe('numbers to learn, met within 3 % by fitWidth'),
  batch: count.describe('episodes a batch (B)'),
  learningRate: z.number().positive(),
}

/** What one gradient-trained cell may spend: as many training steps as others, or as many FLOPs on all of its own. */
export const budgetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('steps'), steps: count.describe('updates'), ...anyBudget }),
  z.strictObject({
    kind: z.literal('flops'),
    flops: count.describe('FLOPs of all updates together, as counted from the graph of one'),
    ...anyBudget,
  }),
])

/** What is measured beside the plain task. */
export const evaluationSchema = z.strictObject({
  split: z.enum(['validation', 'test']),
  shifts: z.array(z.string()).describe('named shifts of the world'),
  views: z.array(count).describe('other numbers of views than the model was trained with'),
  sizes: z
    .array(count)
    .optional()
    .describe('other sizes of the world, for models that run at any; as large a part of it is seen'),
  influence: count.optional().describe('worlds in which tiles are disturbed, to see what the model makes of it'),
})

/** A cell: all that determines one trained and evaluated model, as plain JSON. */
export const cellSchema = z.strictObject({
  environment: z.string(),
  environmentVersion: z.int(),
  parameters: plain.describe('every parameter of the world, defaults included'),
  size: count,
  schedule: scheduleSchema,
  episodes: z.strictObject({ train: count, evaluation: count }),
  evaluation: evaluationSchema,
  model: z.string(),
  modelVersion: z.int(),
  options: plain.describe('the options of the model that were chosen; the width follows from the budget'),
  seed: z.int().min(0),
  budget: budgetSchema.nullable().describe('null for references, which are fitted in closed form'),
  engine: z.enum(engineIds),
})

export type Schedule = z.output<typeof scheduleSchema>
export type Budget = z.output<typeof budgetSchema>
/** A budget before anybody chose a learning rate. */
export type BudgetPlan = Budget extends infer B ? (B extends Budget ? Omit<B, 'learningRate'> : never) : never
export type CellSpec = z.output<typeof cellSchema>

/** What stands for the model of a cell whose predictions were made elsewhere. */
export const externalModel = 'external'

/** Is the model of a cell one that was made elsewhere? */
export const isExternal = ({ model }: Pick<CellSpec, 'model'>): boolean => model === externalModel

/** The identity of a cell: sha256 of its canonical JSON. */
export function cellId(spec: CellSpec): string {
  return hashJson(spec as Json)
}

/**
 * Where a figure was measured: `filter` (one frame ahead, second half of the context) or `blind` (h frames after the
 * last one seen), with a prefix `<shift>/`, `views-<n>/` or `size-<n>/` where the world, the number of views or the size
 * of the world was changed after training;
 * `influence` (what a disturbance in one tile changes in others, h frames later).
 */
export type Condition = string

/** One measured number. `horizon` in frames; null where figures of all horizons are joined. */
export interface Figure {
  readonly condition: Condition
  readonly horizon: number | null
  readonly metric: string
  readonly direction: 'lower' | 'higher' | 'none'
  readonly value: number
}

/** The proper score's error E of one episode, in one condition, at one horizon. */
export interface EpisodeError {
  readonly condition: Condition
  readonly horizon: number
  readonly episode: number
  readonly error: number
}

export interface Timings {
  readonly compileMs: number
  readonly trainMs: number
  readonly evaluateMs: number
  readonly dataMs: number
  readonly peakRssMb: number
  readonly machine: string
}

export type CellStatus = 'ok' | 'diverged' | 'failed' | 'timeout' | 'memory' | 'crashed'

/** What is written down of one cell. Timings apart, it is a function of the spec and the sources alone. */
export interface CellRecord {
  readonly cell: string
  readonly spec: CellSpec
  /** Hash of the sources and of the lockfile that the figures depend on. */
  readonly sources: string
  readonly status: CellStatus
  /** One line; empty where the status is ok. */
  readonly error: string
  readonly figures: readonly Figure[]
  readonly episodes: readonly EpisodeError[]
  /** `external`: made elsewhere, known by its predictions alone. */
  readonly family: 'reference' | 'global' | 'local' | 'learned' | 'external'
  readonly trainedParameters: number
  readonly flopsPerStep: number
  /** Steps that were really taken. */
  readonly steps: number
  /** Of Node and of the engine's library; the project's own is `sources`. */
  readonly versions: Readonly<Record<string, string>>
  readonly initialStatesHash: string
  readonly timings: Timings
}

/** What came of running a cell, before it is known where it ran. */
export type CellOutcome = Omit<CellRecord, 'cell' | 'spec' | 'sources' | 'timings'> & {
  readonly timings: Omit<Timings, 'peakRssMb' | 'machine'>
}
