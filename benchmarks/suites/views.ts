import { cellsOf, type Entry, estimateSeconds, references, type TaskPlan } from './cells.ts'
import { balls } from './quick.ts'
import type { Suite } from './suite.ts'

// Few views in, any position asked: the setting of Rahaman et al. 2021. Trained on 3 balls and 8 of 36 tiles a frame,
// tested on other numbers of balls, behind a curtain, and with 2 to 16 views, while watching and blind. The paper's
// claim is the headline: out of distribution learned locality wins over baselines that tie or win in distribution.
// Learning rates: the best of five on the validation split, at this size (`npm run tune -- --suite views`; results/rates).

const options: Entry['options'] = { headSize: 4 }
const entries: readonly Entry[] = [
  ...references,
  { model: 'lstm', learningRate: 8e-3 },
  { model: 'rmc', learningRate: 8e-3 },
  { model: 'rims', learningRate: 4e-3 },
  { model: 'gqn', learningRate: 8e-3 },
  { model: 'transformer', learningRate: 4e-3 },
  { model: 'fno', learningRate: 8e-3 },
  { model: 'conv-gru', learningRate: 8e-3 },
  { model: 's2gru-local', options, learningRate: 8e-3 },
  { model: 's2gru', options, learningRate: 4e-3 },
  { model: 's2rmc', options, learningRate: 8e-3 },
]

const fewViews = (steps: number): TaskPlan => ({
  ...balls,
  schedule: { ...balls.schedule, views: 8 },
  evaluation: { split: 'test', shifts: ['more-balls', 'fewer-balls', 'curtain'], views: [2, 4, 16] },
  budget: { ...balls.budget, kind: 'steps', steps },
})

function views(id: string, title: string, expectedMinutes: number, steps: number, seeds: number): Suite {
  return {
    id,
    title,
    expectedMinutes,
    expectedSeconds: estimateSeconds,
    headline: 'shift',
    cells: () => cellsOf(fewViews(steps), entries, seeds),
  }
}

export const viewsQuick = views(
  'views',
  'few views in, any position asked: more and fewer balls, a curtain, 2 to 16 views',
  2,
  2400,
  1,
)
export const viewsStandard = views('views-standard', 'the same, trained four times as long, three seeds', 30, 9600, 3)
