import { cellsOf, type Entry, estimateSeconds, references, type TaskPlan, together } from './cells.ts'
import { ring } from './quick.ts'
import type { Suite } from './suite.ts'

// What the review of spatially structured modules asks for and nobody has built, each against plain learned links with
// everything else the same: kernel bounds of every module's own, superimposed thresholds with tied and untied embeddings
// (does one level do as well?), re-projection onto fewer modules to a depth of 1 to 3, the continuum, and links under a
// price of which the strongest are kept. At equal parameters, once at equal steps and once at equal FLOPs. Learning rates:
// the best of four on the validation split (`npm run tune -- --suite followups --rates 2e-3,4e-3,8e-3,1.6e-2`).

const best = 1.6e-2
const entry = (model: string, options: Entry['options'] = {}, rate = best): Entry => ({
  model,
  options,
  learningRate: rate,
})

const entries: readonly Entry[] = [
  entry('s2gru-links'),
  entry('s2gru-bounds'),
  entry('s2gru-levels', { levels: 1 }, 8e-3),
  entry('s2gru-levels', { levels: 3, tied: true }),
  entry('s2gru-levels', { levels: 3, tied: false }),
  ...[1, 2, 3].map(depth => entry('s2gru-hierarchy', { depth })),
  entry('s2gru-continuum', { lambda: 0.1 }),
  entry('s2gru-priced', { keep: 16 }),
  entry('s2gru-priced', { keep: 2 }),
]

const control = (budget: TaskPlan['budget']): TaskPlan => {
  const plan = ring(3)
  return { ...plan, evaluation: { ...plan.evaluation, shifts: [] }, budget }
}

function followups(id: string, title: string, expectedMinutes: number, steps: number, seeds: number): Suite {
  const equal = { parameters: 60_000, batch: 16 }
  // What plain links spend in that many steps.
  const flops = steps * 108_000_000
  return {
    id,
    title,
    expectedMinutes,
    expectedSeconds: estimateSeconds,
    cells: () =>
      together([
        cellsOf(control({ kind: 'steps', steps, ...equal }), [...references, ...entries], seeds),
        cellsOf(control({ kind: 'flops', flops, ...equal }), entries, seeds),
      ]),
  }
}

export const followupsQuick = followups(
  'followups',
  'bounds of every module, levels, re-projection, the continuum and priced links, against plain learned links',
  2,
  1500,
  1,
)
export const followupsStandard = followups('followups-standard', 'the same, longer, with five seeds', 45, 6000, 5)
