import { anyWorld, withinReach } from './any-world.ts'
import { cellsOf, type Entry, estimateSeconds, references, together } from './cells.ts'
import type { Suite } from './suite.ts'

// The classical forecast: the full field is seen for a few frames and then nothing for many, in worlds that are fields.
// Correlation times and spectral errors are rows of runs.csv. Learning rates: as the search for quick found them on fluid,
// where the model is there; U-Net, dilated network and automaton have the rates that they were built with.

const worlds = ['fluid', 'waves', 'shallow-water', 'gray-scott', 'kuramoto-sivashinsky', 'cavity']
const entries: readonly Entry[] = [
  ...references,
  { model: 'linear-extrapolation' },
  { model: 'fno', learningRate: 4e-3 },
  { model: 'unet', learningRate: 2e-3 },
  { model: 'dilated-resnet', learningRate: 2e-3 },
  { model: 'conv-gru', learningRate: 4e-3 },
  { model: 'nca', learningRate: 4e-3 },
]

function rollout(id: string, title: string, expectedMinutes: number, steps: number, seeds: number): Suite {
  return {
    id,
    title,
    expectedMinutes,
    expectedSeconds: estimateSeconds,
    cells: () =>
      together(
        worlds.map(async world => {
          const plan = await withinReach(await anyWorld(world), entries)
          const { parameters } = plan.budget
          return cellsOf(
            {
              ...plan,
              schedule: { ...plan.schedule, context: 4, blind: 12 },
              evaluation: { ...plan.evaluation, shifts: [] },
              budget: { kind: 'steps', parameters, steps, batch: 4 },
            },
            entries,
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
