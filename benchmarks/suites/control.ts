import { modelById, modelIds } from '../../models/registry.ts'
import { cellsOf, type Entry, estimateSeconds, references, together } from './cells.ts'
import { ring } from './quick.ts'
import type { Suite } from './suite.ts'

// The control: coupled maps are the same system for every range that is coprime to the ring, so that what tells right
// from wrong locality is the range alone. What can reach 3 sites in a frame errs a hundred times less at range 3 than
// what cannot; at range 1 neighbours suffice. Every trained model of the registry is entered: a wrong mask, order or
// gradient shows here within half a minute.

/** Long enough that what can reach its partners has found them. */
const steps = 3000

async function everyModel(): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const id of modelIds) {
    const model = await modelById(id)
    if ('build' in model && model.family !== 'reference') entries.push({ model: id, learningRate: 4e-3 })
  }
  return [...entries, { model: 's2gru-local', options: { radius: 3 }, learningRate: 4e-3 }]
}

export const control: Suite = {
  id: 'control',
  title: 'every model on coupled maps: does it reach partners 1 and 3 sites away, and only where it can?',
  expectedMinutes: 10,
  expectedSeconds: estimateSeconds,
  cells: async () => {
    const entries = [...references, ...(await everyModel())]
    const plans = [1, 3].map(range => ({
      ...ring(range),
      evaluation: { ...ring(range).evaluation, shifts: [], influence: 16 },
    }))
    return together(
      plans.map(plan => cellsOf({ ...plan, budget: { ...plan.budget, kind: 'steps', steps } }, entries, 1)),
    )
  },
}
