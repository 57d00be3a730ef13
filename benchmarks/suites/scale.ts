import { anyWorld, withinReach } from './any-world.ts'
import { atRates, cellsOf, type Entry, estimateSeconds, references, type TaskPlan } from './cells.ts'
import { balls } from './quick.ts'
import type { Suite } from './suite.ts'

// Size as scale: the same local physics, the same part seen, more of it. What do error, parameters, FLOPs and time do as
// the side of the world doubles; and what is a model worth on worlds twice and four times as large as it was trained on?
// Weights that are shared by all places are as many at every size. Modules with weights of their own are one a tile at
// every size, so that their number, and with it their parameters, grows with the area: the board shows what they cost.
// Worlds whose forces have no range of their own (`charges`) are exempt: a larger one is another system, in
// which every place feels more of the others, and an error that grew with the size would say nothing of the model.

const options: Entry['options'] = { headSize: 4 }
const shared: readonly Entry[] = [
  { model: 'conv-gru' },
  { model: 'dilated-resnet' },
  { model: 's2gru-tied' },
  { model: 'lstm' },
]
const ofEveryModule: readonly Entry[] = [
  { model: 's2gru-local', options },
  { model: 's2gru', options },
]
/** Too dear for a run of minutes. */
const automaton: Entry = { model: 'nca', learningRate: 4e-3 }
/** Attends from every tile to every other; at 48 it learned nothing at 4e-3. */
const ofAllPlaces: Entry = { model: 'transformer', learningRate: 1e-3 }
/** What grows with the square of the area, or in parameters, enters up to this side: at 96 it holds 1.2 to 2.1 GB. */
const widest = 48

// The rates of `shared` and of `ofEveryModule`, in their order: the best of five on the validation split at side 24
// (`npm run tune -- --suite scale --size 24 --rates 1e-3,2e-3,4e-3,8e-3,1.6e-2`; results/rates), used at every side.
const rates: Readonly<Record<string, readonly [readonly number[], readonly number[]]>> = {
  'bouncing-balls': [
    [8e-3, 8e-3, 8e-3, 8e-3],
    [8e-3, 4e-3],
  ],
  life: [
    [4e-3, 1.6e-2, 1.6e-2, 4e-3],
    [2e-3, 4e-3],
  ],
  waves: [
    [8e-3, 8e-3, 1.6e-2, 2e-3],
    [1.6e-2, 8e-3],
  ],
}

const usualSize = 24

/** A task for worlds of the usual size on a larger one. What was trained there is tested on all that are larger yet. */
function enlarged(plan: TaskPlan, size: number, sizes: readonly number[]): TaskPlan {
  const area = (size / usualSize) ** 2
  const inProportion = (count: number | 'all') => (count === 'all' ? count : count * area)
  const { schedule, evaluation } = plan
  const larger = sizes.filter(other => other > size)
  return {
    ...plan,
    size,
    schedule: { ...schedule, views: inProportion(schedule.views), queries: inProportion(schedule.queries) },
    evaluation: { ...evaluation, shifts: [], views: [], ...(larger.length > 0 && { sizes: larger }) },
  }
}

interface Length {
  readonly sizes: readonly number[]
  /** Of balls, which are seen in parts; fields, which are seen whole, take half as many. */
  readonly steps: number
  readonly seeds: number
  /** Beside what every length has: of weights that all places share, and what grows with the square of the area. */
  readonly dear: readonly Entry[]
  readonly pairs: readonly Entry[]
}

async function cellsOfWorld(world: TaskPlan, { sizes, seeds, dear, pairs }: Length, steps: number) {
  const [ofShared, ofModules] = rates[world.environment]
  const onAll = [...references, ...atRates(shared, ofShared), ...dear]
  const onModules = atRates(ofEveryModule, ofModules)
  const plan = await withinReach(world, [...onAll, ...pairs, ...onModules])
  const { parameters } = plan.budget
  const lists = sizes.map(async size => {
    const area = (size / usualSize) ** 2
    const withParameters = (count: number): TaskPlan => ({
      ...enlarged(plan, size, sizes),
      budget: { kind: 'steps', parameters: count, steps, batch: 4 },
    })
    const cells = await cellsOf(withParameters(parameters), onAll, seeds)
    if (size > widest) return cells
    return [
      ...cells,
      ...(await cellsOf(withParameters(parameters), pairs, seeds)),
      ...(await cellsOf(withParameters(parameters * area), onModules, seeds)),
    ]
  })
  return (await Promise.all(lists)).flat()
}

function scale(id: string, title: string, expectedMinutes: number, length: Length): Suite {
  return {
    id,
    title,
    expectedMinutes,
    expectedSeconds: estimateSeconds,
    headline: 'size',
    cells: async () =>
      (
        await Promise.all([
          cellsOfWorld(balls, length, length.steps),
          cellsOfWorld(await anyWorld('life'), length, length.steps / 2),
          cellsOfWorld(await anyWorld('waves'), length, length.steps / 2),
        ])
      ).flat(),
  }
}

export const scaleQuick = scale(
  'scale',
  'worlds of side 24 and 48: error and cost against size, and models that are tested on larger worlds',
  4,
  { sizes: [24, 48], steps: 1000, seeds: 1, dear: [], pairs: [] },
)
export const scaleStandard = scale(
  'scale-standard',
  'the same up to side 96, with an automaton and a transformer, trained six times as long, three seeds',
  400,
  { sizes: [24, 48, 96], steps: 6000, seeds: 3, dear: [automaton], pairs: [ofAllPlaces] },
)
