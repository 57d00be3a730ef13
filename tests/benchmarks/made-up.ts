import { type CellRecord, type CellSpec, cellId } from '../../benchmarks/cell.ts'
import { randomStream } from '../../lib/random.ts'

/** What a made-up cell may differ in. `error` is E of one episode at one place. */
export interface MadeUp {
  readonly environment?: string
  readonly parameters?: CellSpec['parameters']
  readonly size?: number
  readonly scrambled?: boolean
  readonly model: string
  readonly options?: CellSpec['options']
  readonly family?: CellRecord['family']
  /** A reference that is trained. */
  readonly oracle?: boolean
  readonly seed?: number
  readonly status?: CellRecord['status']
  readonly message?: string
  readonly places?: readonly (readonly [condition: string, horizon: number])[]
  readonly episodes?: number
  readonly error?: (episode: number, horizon: number) => number
}

/** A record as a run would have written it, with the given errors and without the run. */
export function madeUpRecord(wish: MadeUp): CellRecord {
  const { model, family = 'global', seed = 0, status = 'ok', episodes = 8, error = () => 1 } = wish
  const reference = family === 'reference' && !wish.oracle
  const spec: CellSpec = {
    environment: wish.environment ?? 'bouncing-balls',
    environmentVersion: 1,
    parameters: wish.parameters ?? {},
    size: wish.size ?? 24,
    schedule: { tile: 4, views: 12, queries: 'all', context: 10, blind: 7, scrambled: wish.scrambled ?? false },
    episodes: { train: 100, evaluation: episodes },
    evaluation: { split: 'test', shifts: [], views: [] },
    model,
    modelVersion: 1,
    options: wish.options ?? {},
    seed,
    budget: reference ? null : { kind: 'steps', parameters: 30_000, steps: 2300, batch: 8, learningRate: 1e-3 },
    engine: 'onnx',
  }
  const places = status === 'ok' ? (wish.places ?? [['filter', 1] as const]) : []
  const own = places.map(([condition, horizon]) => {
    const errors = Array.from({ length: episodes }, (_, episode) => error(episode, horizon))
    return { condition, horizon, errors }
  })
  return {
    cell: cellId(spec),
    spec,
    sources: 'a'.repeat(64),
    status,
    error: wish.message ?? (status === 'ok' ? '' : `made up`),
    figures: own.map(({ condition, horizon, errors }) => {
      const value = errors.reduce((sum, value) => sum + value, 0) / episodes
      return { condition, horizon, metric: 'excess_cross_entropy', direction: 'lower', value }
    }),
    episodes: own.flatMap(({ condition, horizon, errors }) =>
      errors.map((error, episode) => ({ condition, horizon, episode, error })),
    ),
    family,
    trainedParameters: reference ? 0 : 30_012,
    flopsPerStep: reference ? 0 : 12_345_678,
    steps: reference ? 0 : 2300,
    versions: { node: 'v20.0.0' },
    initialStatesHash: 'b'.repeat(64),
    timings: {
      compileMs: 1.5,
      trainMs: 2,
      evaluateMs: 3,
      dataMs: 4,
      peakRssMb: 200,
      machine: 'two cores, "made up"',
    },
  }
}

/** As the registry has them; other names are of models that learn their locality. */
const families: Readonly<Record<string, CellRecord['family']>> = {
  persistence: 'reference',
  climatology: 'reference',
  lstm: 'global',
  gru: 'global',
  'conv-gru': 'local',
}

/** Both references and trained models, every seed, whose errors scatter about a share of persistence's. */
export function madeUpWorld(world: Partial<MadeUp>, shares: Readonly<Record<string, number>>, seeds = 3): CellRecord[] {
  const references = { persistence: 1, climatology: 1.8 }
  const hardness = (episode: number, horizon: number) => 0.05 * horizon * (1 + (episode % 3))
  return Array.from({ length: seeds }, (_, seed) => seed).flatMap(seed =>
    Object.entries({ ...references, ...shares }).map(([model, share]) => {
      const reference = model in references
      const random = randomStream(`${model}/${seed}`)
      const noise = () => (reference ? 1 : 1 + 0.1 * random.normal())
      const family = families[model] ?? 'learned'
      return madeUpRecord({ model, family, seed, error: (e, h) => share * hardness(e, h) * noise(), ...world })
    }),
  )
}
