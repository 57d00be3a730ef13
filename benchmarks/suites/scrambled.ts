import { environments } from '../../envs/registry.ts'
import { anyWorld, withinReach } from './any-world.ts'
import { atRates, cellsOf, type Entry, estimateSeconds, references, scrambled, together } from './cells.ts'
import type { Suite } from './suite.ts'

// Every world plain and with the neighbourhood of its tiles hidden: what a model gained from a built-in neighbourhood
// it must lose, what it learned by itself it need not.

const options: Entry['options'] = { headSize: 4 }
const entries: readonly Entry[] = [
  { model: 'conv-gru' },
  { model: 's2gru', options },
  { model: 's2gru-local', options },
]

// In the same order: the best of three on the validation split of the plain world (`npm run tune -- --suite scrambled
// --rates 2e-3,4e-3,8e-3`; results/rates). Where tiles are hidden, nothing else shall change.
const rates: Readonly<Record<string, readonly number[]>> = {
  'bouncing-balls': [2e-3, 2e-3, 2e-3],
  cavity: [4e-3, 8e-3, 8e-3],
  charges: [4e-3, 4e-3, 2e-3],
  'coupled-maps': [8e-3, 8e-3, 8e-3],
  elementary: [2e-3, 2e-3, 2e-3],
  excitable: [8e-3, 8e-3, 8e-3],
  fluid: [4e-3, 8e-3, 8e-3],
  'gray-scott': [8e-3, 8e-3, 8e-3],
  'kuramoto-sivashinsky': [8e-3, 2e-3, 2e-3],
  lenia: [8e-3, 2e-3, 2e-3],
  life: [8e-3, 2e-3, 2e-3],
  'shallow-water': [8e-3, 8e-3, 8e-3],
  traffic: [8e-3, 4e-3, 8e-3],
  waves: [8e-3, 8e-3, 8e-3],
}
/** Of a world that nobody has searched yet. */
const usual = [4e-3, 4e-3, 4e-3]

function plainAndScrambled(id: string, title: string, expectedMinutes: number, steps: number, seeds: number): Suite {
  return {
    id,
    title,
    expectedMinutes,
    expectedSeconds: estimateSeconds,
    cells: () =>
      together(
        environments.map(async world => {
          const own = [...references, ...atRates(entries, rates[world.id] ?? usual)]
          const plan = await withinReach(await anyWorld(world.id), own)
          const { parameters, batch } = plan.budget
          const plain = {
            ...plan,
            evaluation: { ...plan.evaluation, shifts: [] },
            budget: { kind: 'steps' as const, parameters, batch, steps },
          }
          return [...(await cellsOf(plain, own, seeds)), ...(await cellsOf(scrambled(plain), own, seeds))]
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
