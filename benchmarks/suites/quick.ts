import { environmentById } from '../../envs/registry.ts'
import { anyWorld, withinReach } from './any-world.ts'
import { cellsOf, type Entry, estimateSeconds, references, scrambled, type TaskPlan, together } from './cells.ts'
import type { Suite } from './suite.ts'

// What `npm run bench` runs: few cells, each trained long enough to have learned something. One seed; intervals cover
// episodes only, and the board says so. Learning rates: the best of six on the validation split (`npm run tune`;
// results/rates has what was tried, and its cost).

const everyShift = (environment: string) => Object.keys(environmentById(environment).shifts)

/** Partly seen: 12 of 36 tiles a frame. Long enough that modules have found their places. */
export const balls: TaskPlan = {
  environment: 'bouncing-balls',
  size: 24,
  schedule: { tile: 4, views: 12, queries: 12, context: 8, blind: 3, scrambled: false },
  episodes: { train: 256, evaluation: 64 },
  evaluation: {
    split: 'test',
    shifts: ['more-balls', 'fewer-balls', 'faster', 'larger', 'curtain'],
    views: [6, 24],
  },
  budget: { kind: 'steps', parameters: 57_000, steps: 2400, batch: 8 },
}

/** The control: partners at exactly distance r on a ring of 16, one site a view, one module a site. */
export const ring = (range: number): TaskPlan => ({
  environment: 'coupled-maps',
  parameters: { range },
  size: 16,
  schedule: { tile: 1, views: 'all', queries: 'all', context: 10, blind: 0, scrambled: false },
  episodes: { train: 256, evaluation: 64 },
  evaluation: { split: 'test', shifts: everyShift('coupled-maps'), views: [] },
  budget: { kind: 'steps', parameters: 60_000, steps: 1000, batch: 16 },
})

/** Fully seen, then blind. Fluid episodes are dear to make: fewer of them, and more steps on each. */
export const fullField = (environment: 'life' | 'fluid'): TaskPlan => ({
  environment,
  size: 24,
  schedule: { tile: 4, views: 'all', queries: 'all', context: 5, blind: 3, scrambled: false },
  episodes: environment === 'life' ? { train: 96, evaluation: 32 } : { train: 80, evaluation: 16 },
  evaluation: { split: 'test', shifts: everyShift(environment), views: [] },
  budget: { kind: 'steps', parameters: 57_000, steps: environment === 'life' ? 700 : 1000, batch: 8 },
})

// Heads of 4 numbers leave 36 modules enough units each.
const small = { headSize: 4 }
/** The options of a model on 36 tiles: spatially structured ones get small heads. */
export const optionsOnTiles = (model: string): NonNullable<Entry['options']> => (model.startsWith('s2') ? small : {})
const onTiles = (model: string, learningRate: number): Entry => ({
  model,
  options: optionsOnTiles(model),
  learningRate,
})

const onBalls: readonly Entry[] = [
  onTiles('lstm', 4e-3),
  onTiles('transformer', 8e-3),
  onTiles('fno', 1.6e-2),
  onTiles('conv-gru', 4e-3),
  onTiles('s2gru', 4e-3),
  onTiles('s2gru-self', 8e-3),
  onTiles('s2gru-local', 8e-3),
  onTiles('s2gru-links', 8e-3),
  onTiles('s2gru-global', 8e-3),
]
/** Where the neighbourhood is hidden: one of each kind, at the rates that it has where it is not. */
const kinds = ['transformer', 'fno', 'conv-gru', 's2gru', 's2gru-local']
const onScrambledBalls = onBalls.filter(({ model }) => kinds.includes(model))
const onRings: readonly Entry[] = [
  { model: 's2gru-self', learningRate: 1.6e-2 },
  { model: 's2gru-local', learningRate: 1.6e-2 },
  { model: 's2gru-links', learningRate: 1.6e-2 },
  { model: 's2gru-global', learningRate: 1.6e-2 },
]
/** Neighbours up to distance 3: where the world reaches further than one site. */
const wide: Entry = { model: 's2gru-local', options: { radius: 3 }, learningRate: 1.6e-2 }
const onLife = [onTiles('lstm', 5e-4), onTiles('fno', 2e-3), onTiles('conv-gru', 4e-3), onTiles('s2gru', 1e-3)]
const onFluid = [onTiles('fno', 1.6e-2), onTiles('conv-gru', 2e-3), onTiles('s2gru', 4e-3)]
/** One of each family, at rates that are among the best on most worlds. */
const onAnyWorld = [onTiles('lstm', 4e-3), onTiles('conv-gru', 4e-3), onTiles('s2gru', 4e-3)]

export const quick: Suite = {
  id: 'quick',
  title: 'which locality for which world: four worlds, plain and scrambled',
  expectedMinutes: 4,
  expectedSeconds: estimateSeconds,
  cells: () =>
    together([
      cellsOf(balls, [...references, ...onBalls], 1),
      cellsOf(scrambled(balls), [...references, ...onScrambledBalls], 1),
      cellsOf(ring(1), [...references, ...onRings], 1),
      cellsOf(ring(3), [...references, ...onRings, wide], 1),
      cellsOf(fullField('life'), [...references, ...onLife], 1),
      cellsOf(fullField('fluid'), [...references, ...onFluid], 1),
    ]),
  cellsFor: async world => {
    const entries = [...references, ...onAnyWorld]
    return cellsOf(await withinReach(await anyWorld(world), entries), entries, 1)
  },
}
