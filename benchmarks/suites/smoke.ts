import { anyWorld, withinReach } from './any-world.ts'
import { cellsOf, type Entry, estimateSeconds, references, scrambled, type TaskPlan, together } from './cells.ts'
import { balls, fullField, ring } from './quick.ts'
import type { Suite } from './suite.ts'

// The whole path in half a minute: four worlds, every family, both families of tasks. It proves that all parts work
// together; nothing is learned in so few steps.

const brief = (plan: TaskPlan): TaskPlan => ({
  ...plan,
  schedule: { ...plan.schedule, context: 4, blind: Math.min(1, plan.schedule.blind) },
  episodes: { train: Math.min(16, plan.episodes.train), evaluation: Math.min(16, plan.episodes.evaluation) },
  budget: { kind: 'steps', parameters: plan.budget.parameters, steps: 12, batch: 4 },
})

const learningRate = 2e-3
const options: Entry['options'] = { headSize: 4 }
const global: Entry = { model: 'lstm', learningRate }
const local: Entry = { model: 'conv-gru', learningRate }
const learned: Entry = { model: 's2gru', options, learningRate }
const links: Entry = { model: 's2gru-links', options, learningRate }

export const smoke: Suite = {
  id: 'smoke',
  title: 'the whole path in half a minute; too short to learn anything',
  expectedMinutes: 0.5,
  expectedSeconds: estimateSeconds,
  cells: () =>
    together([
      cellsOf(brief(balls), [...references, global, local, learned], 1),
      cellsOf(brief(scrambled(balls)), [...references, learned], 1),
      cellsOf(brief(ring(3)), [...references, links], 1),
      cellsOf(brief(fullField('life')), [...references, { ...links, model: 's2gru-local' }], 1),
      cellsOf(brief(fullField('fluid')), [...references, local], 1),
    ]),
  cellsFor: async world => {
    const entries = [...references, global, local, learned]
    return cellsOf(await withinReach(brief(await anyWorld(world)), entries), entries, 1)
  },
}
