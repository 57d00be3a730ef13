import { cellsOf, type Entry, estimateSeconds, references, type TaskPlan, together } from './cells.ts'
import { ring } from './quick.ts'
import type { Suite } from './suite.ts'

// The dial, measured one frame ahead and blind. If all is well, the table of errors over a world's range r and a model's
// radius ρ has a step at ρ = r: what reaches succeeds, what does not fails, and cost alone decides among those that
// reach. Learned links must find every range by themselves.

// Learning rates: the best of six on the validation split at standard size (`npm run tune -- --suite
// locality-standard`; results/rates has what was tried, on rings of r = 3, and of r = 0 where nobody is heard).

const withRadius = (model: string, radius: number): Entry => ({ model, options: { radius }, learningRate: 4e-3 })

// Coupled maps whose partners are exactly r sites away, one site a view and one module a site: the same system for every
// r, on a ring whose side is prime. The continuum turns the same dial by one number, λ.

/** Primes, so that every range is coprime to them; the curves of cost have a ring of their own. */
const [side, sideOfCurves] = [17, 19]
const ranges = [0, 1, 2, 3, 5, 7]
const radii = [1, 2, 3, 5, 7]
const strengths = [0, 0.01, 0.1, 0.3, 1]
/** Ranges at which the continuum is turned: near, farther, far. */
const turned = [1, 3, 7]

/** Can learn everything where nobody acts on another, and little else. */
const self = (range: number): Entry => ({ model: 's2gru-self', learningRate: range === 0 ? 1.6e-2 : 5e-4 })
const everyone: Entry = { model: 's2gru-global', learningRate: 8e-3 }
const links: Entry = { model: 's2gru-links', learningRate: 8e-3 }
const continuum = (lambda: number): Entry => ({ model: 's2gru-continuum', options: { lambda }, learningRate: 8e-3 })
const onRings = [...radii.map(radius => withRadius('s2gru-local', radius)), everyone, links]

const onRing = (range: number, size: number, steps: number): TaskPlan => {
  const plan = ring(range)
  return {
    ...plan,
    size,
    schedule: { ...plan.schedule, blind: 4 },
    evaluation: { ...plan.evaluation, shifts: [] },
    budget: { ...plan.budget, kind: 'steps', steps },
  }
}

/** What more training buys, at the middle range: budgets as multiples of the suite's own. */
const multiples = [0.25, 0.5, 1, 2]
const onCurves = [withRadius('s2gru-local', 3), everyone, links, continuum(0.1)]

// Fields whose range is a parameter: the radius R of Lenia's ring, which acts R − 1 cells away, and the speed c of waves,
// which act c / .7 cells away, rounded up. Seen by views of 2 × 2 cells, so that they act 1, 2 and 3 views away. Weights
// are shared by all places, since there are 225 of them: convolutions of radius ρ, links learned among all displacements
// up to the largest radius, and a Fourier operator, which hears everything.

const fields = [
  ...[3, 5, 7].map(radius => ({ environment: 'lenia', parameters: { radius } })),
  ...[1.3, 2.7, 4.1].map(c => ({ environment: 'waves', parameters: { c, width: 4 } })),
]
const farthest = 3
const onFields: readonly Entry[] = [
  ...Array.from({ length: farthest + 1 }, (_, radius) => withRadius('conv-gru', radius)),
  withRadius('s2gru-tied', farthest),
  { model: 'fno', options: { spectral: 6 }, learningRate: 4e-3 },
]

const onField = (field: Pick<TaskPlan, 'environment' | 'parameters'>, steps: number): TaskPlan => ({
  ...field,
  size: 30,
  schedule: { tile: 2, views: 'all', queries: 'all', context: 6, blind: 4, scrambled: false },
  episodes: { train: 128, evaluation: 32 },
  evaluation: { split: 'test', shifts: [], views: [] },
  budget: { kind: 'steps', parameters: 41_500, steps, batch: 4 },
})

function locality(id: string, title: string, expectedMinutes: number, steps: number, seeds: number): Suite {
  return {
    id,
    title,
    expectedMinutes,
    expectedSeconds: estimateSeconds,
    cells: () =>
      together([
        ...ranges.map(range => {
          const entries = [
            ...references,
            self(range),
            ...onRings,
            ...(turned.includes(range) ? strengths.map(continuum) : []),
          ]
          return cellsOf(onRing(range, side, steps), entries, seeds)
        }),
        cellsOf(onRing(3, sideOfCurves, steps), references, seeds),
        ...multiples.map(multiple => cellsOf(onRing(3, sideOfCurves, multiple * steps), onCurves, seeds)),
        ...fields.map(field => cellsOf(onField(field, 0.3 * steps), [...references, ...onFields], seeds)),
      ]),
  }
}

export const localityQuick = locality(
  'locality',
  'the dial: errors of models that hear ρ sites away on worlds that act r sites away, λ, and what cost buys',
  11,
  1000,
  1,
)
export const localityStandard = locality(
  'locality-standard',
  'the same, trained four times as long, with five seeds',
  175,
  4000,
  5,
)
