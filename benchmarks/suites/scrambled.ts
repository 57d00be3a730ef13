import { environments } from '../../envs/registry.ts'
import { anyWorld, withinReach } from './any-world.ts'
import { cellsOf, type Entry, estimateSeconds, references, scrambled, together } from './cells.ts'
import type { Suite } from './suite.ts'

// Every world plain and with the neighbourhood of its tiles hidden: what a model gained from a built-in neighbourhood
// it must lose, what it learned by itself it need not.

const options: Entry['options'] = { headSize: 4 }
const learningRate = 4e-3
const entries: readonly Entry[] = [
  ...references,
  { model: 'conv-gru', learningRate },
  { model: 's2gru', options, learningRate },
  { model: 's2gru-local', options, learningRate },
]

function plainAndScrambled(id: string, title: string, expectedMinutes: number, steps: number, seeds: number): Suite {
  return {
    id,
    title,
    expectedMinutes,
    expectedSeconds: estimateSeconds,
    cells: () =>
      together(
        environments.map(async world => {
          const plan = await withinReach(await anyWorld(world.id), entries)
          const { parameters, batch } = plan.budget
          const plain = {
            ...plan,
            evaluation: { ...plan.evaluation, shifts: [] },
            budget: { kind: 'steps' as const, parameters, batch, steps },
          }
          return [...(await cellsOf(plain, entries, seeds)), ...(await cellsOf(scrambled(plain), entries, seeds))]
        }),
      ),
  }
}

export const scrambledQuick = plainAndScrambled(
  'scrambled',
  'every world plain and scrambled: what a built-in neighbourhood was worth, and what was learned without it',
  6,
  500,
  1,
)
export const scrambledStandard = plainAndScrambled(
  'scrambled-standard',
  'the same, trained twelve times as long, three seeds',
  100,
  6000,
  3,
)
