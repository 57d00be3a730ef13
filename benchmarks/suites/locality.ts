import { cellsOf, type Entry, estimateSeconds, references, type TaskPlan, together } from './cells.ts'
import { ring } from './quick.ts'
import type { Suite } from './suite.ts'

// The dial. Coupled maps whose partners are exactly r sites away are the same system for every r, on a ring whose side
// is prime; a model with one module a site hears modules up to ρ away. If all is well, the table of errors over r and ρ
// has a step at ρ = r: what reaches succeeds, what does not fails, and cost alone decides among those that reach.
// Learned links must find every r by themselves. The continuum turns the same dial by one number, λ. Measured one frame
// ahead and blind.

/** A prime, so that every range is coprime to it. */
const side = 17
const ranges = [0, 1, 2, 3, 5, 7]
const radii = [1, 2, 3, 5, 7]
const strengths = [0, 0.01, 0.1, 0.3, 1]
/** Ranges at which the continuum is turned. */
const turned = [1, 3]
const learningRate = 4e-3

const onEveryRange: readonly Entry[] = [
  { model: 's2gru-self', learningRate },
  ...radii.map(radius => ({ model: 's2gru-local', options: { radius }, learningRate })),
  { model: 's2gru-global', learningRate },
  { model: 's2gru-links', learningRate },
]
const continuum: readonly Entry[] = strengths.map(lambda => ({
  model: 's2gru-continuum',
  options: { lambda },
  learningRate,
}))

const dial = (range: number, steps: number): TaskPlan => {
  const plan = ring(range)
  return {
    ...plan,
    size: side,
    schedule: { ...plan.schedule, blind: 4 },
    evaluation: { ...plan.evaluation, shifts: [] },
    budget: { ...plan.budget, kind: 'steps', steps },
  }
}

function locality(id: string, title: string, expectedMinutes: number, steps: number, seeds: number): Suite {
  return {
    id,
    title,
    expectedMinutes,
    expectedSeconds: estimateSeconds,
    cells: () =>
      together(
        ranges.map(range => {
          const entries = [...references, ...onEveryRange, ...(turned.includes(range) ? continuum : [])]
          return cellsOf(dial(range, steps), entries, seeds)
        }),
      ),
  }
}

export const localityQuick = locality(
  'locality',
  'the dial: errors of models that hear ρ sites away on worlds that act r sites away, and the continuum λ',
  5,
  1000,
  1,
)
export const localityStandard = locality(
  'locality-standard',
  'the same, trained four times as long, with five seeds',
  80,
  4000,
  5,
)
