import { atRates, cellsOf, type Entry, estimateSeconds, references, type TaskPlan } from './cells.ts'
import { balls } from './quick.ts'
import type { Suite } from './suite.ts'

// Few views in, any position asked: the setting of Rahaman et al. 2021. Trained on 3 balls and 8 of 36 tiles a frame,
// tested on other numbers of balls, behind a curtain, and with 2 to 16 views, while watching and blind. The paper's
// claim is the headline: out of distribution learned locality wins over baselines that tie or win in distribution.

const options: Entry['options'] = { headSize: 4 }
const entries: readonly Entry[] = [
  { model: 'lstm' },
  { model: 'rmc' },
  { model: 'rims' },
  { model: 'gqn' },
  { model: 'transformer' },
  { model: 'fno' },
  { model: 'conv-gru' },
  { model: 's2gru-local', options },
  { model: 's2gru', options },
  { model: 's2rmc', options },
]

// In the same order: the best on the validation split at each length (`npm run tune -- --suite views`, `views-standard`;
// results/rates). What learns the episodes by heart in four times the steps wants far lower ones.
const ratesQuick = [8e-3, 8e-3, 4e-3, 1.6e-2, 4e-3, 8e-3, 8e-3, 8e-3, 4e-3, 8e-3]
const ratesStandard = [1e-3, 8e-3, 5e-4, 4e-3, 8e-3, 1e-3, 2e-3, 4e-3, 4e-3, 4e-3]

const fewViews = (steps: number): TaskPlan => ({
  ...balls,
  schedule: { ...balls.schedule, views: 8 },
  evaluation: { split: 'test', shifts: ['more-balls', 'fewer-balls', 'curtain'], views: [2, 4, 16] },
  budget: { ...balls.budget, kind: 'steps', steps },
})

interface Length {
  readonly steps: number
  readonly rates: readonly number[]
  readonly seeds: number
}

function views(id: string, title: string, expectedMinutes: number, { steps, rates, seeds }: Length): Suite {
  return {
    id,
    title,
    expectedMinutes,
    expectedSeconds: estimateSeconds,
    headline: 'shift',
    cells: () => cellsOf(fewViews(steps), [...references, ...atRates(entries, rates)], seeds),
  }
}

export const viewsQuick = views(
  'views',
  'few views in, any position asked: more and fewer balls, a curtain, 2 to 16 views',
  2,
  { steps: 2400, rates: ratesQuick, seeds: 1 },
)
export const viewsStandard = views('views-standard', 'the same, trained four times as long, three seeds', 22, {
  ...{ steps: 9600, rates: ratesStandard, seeds: 3 },
})
