import { anyWorld, withinReach } from './any-world.ts'
import { atRates, cellsOf, type Entry, estimateSeconds, references, together } from './cells.ts'
import type { Suite } from './suite.ts'

// The classical forecast: the full field is seen for a few frames and then nothing for many, in worlds that are fields.
// Correlation times and spectral errors are rows of runs.csv.

const entries: readonly Entry[] = [
  { model: 'fno' },
  { model: 'dilated-resnet' },
  { model: 'conv-gru' },
  { model: 'nca' },
]

// In the same order: the best of four on the validation split (`npm run tune -- --suite rollout --rates
// 2e-3,4e-3,8e-3,1.6e-2`; results/rates). The U-Net, ten times as dear, has the rate that it was built with.
const rates: Readonly<Record<string, readonly number[]>> = {
  fluid: [1.6e-2, 4e-3, 4e-3, 4e-3],
  waves: [1.6e-2, 4e-3, 8e-3, 4e-3],
  'shallow-water': [1.6e-2, 1.6e-2, 4e-3, 8e-3],
  'gray-scott': [1.6e-2, 1.6e-2, 2e-3, 8e-3],
  'kuramoto-sivashinsky': [4e-3, 4e-3, 8e-3, 8e-3],
  cavity: [1.6e-2, 1.6e-2, 2e-3, 2e-3],
}
const unet: Entry = { model: 'unet', learningRate: 2e-3 }

function rollout(id: string, title: string, expectedMinutes: number, steps: number, seeds: number): Suite {
  return {
    id,
    title,
    expectedMinutes,
    expectedSeconds: estimateSeconds,
    cells: () =>
      together(
        Object.keys(rates).map(async world => {
          const own = [...references, { model: 'linear-extrapolation' }, unet, ...atRates(entries, rates[world])]
          const plan = await withinReach(await anyWorld(world), own)
          const { parameters } = plan.budget
          return cellsOf(
            {
              ...plan,
              schedule: { ...plan.schedule, context: 4, blind: 12 },
              evaluation: { ...plan.evaluation, shifts: [] },
              budget: { kind: 'steps', parameters, steps, batch: 4 },
            },
            own,
            seeds,
          )
        }),
      ),
  }
}

export const rolloutQuick = rollout(
  'rollout',
  'long forecasts of whole fields: Fourier operator, U-Net, dilated network, automaton and convolutional GRU',
  6,
  600,
  1,
)
export const rolloutStandard = rollout(
  'rollout-standard',
  'the same, trained ten times as long, three seeds',
  60,
  6000,
  3,
)
