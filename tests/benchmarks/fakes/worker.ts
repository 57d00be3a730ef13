import { setTimeout as sleep } from 'node:timers/promises'
import { type CellRecord, type CellSpec, cellId } from '../../../benchmarks/cell.ts'
import type { CellJob } from '../../../benchmarks/running/cell-worker.ts'
import { serve } from '../../../benchmarks/running/child.ts'
import { UserError } from '../../../lib/errors.ts'
import { writeFileAtomic } from '../../../lib/files.ts'
import { randomStream } from '../../../lib/random.ts'

/** What a real cell gives, from the spec alone, timings apart; figures that JSON cannot hold are among them. */
function record(spec: CellSpec): CellRecord {
  const cell = cellId(spec)
  const random = randomStream(cell)
  const errors = [0, 1].map(episode => ({ condition: 'filter', horizon: 1, episode, error: random.uniform() }))
  const E = (errors[0].error + errors[1].error) / 2
  const figure = { condition: 'filter', horizon: 1, metric: 'E', direction: 'lower' } as const
  return {
    cell,
    spec,
    sources: '',
    status: spec.options.fate === 'diverges' ? 'diverged' : 'ok',
    error: spec.options.fate === 'diverges' ? 'the loss became NaN at step 3' : '',
    figures: [
      { ...figure, value: E },
      { ...figure, metric: 'correlation', direction: 'higher', value: spec.seed ? Number.NaN : -Infinity },
    ],
    episodes: errors,
    family: 'local',
    trainedParameters: 10,
    flopsPerStep: 100,
    steps: 3,
    versions: { node: '20' },
    initialStatesHash: '00',
    timings: { compileMs: performance.now(), trainMs: 1, evaluateMs: 1, dataMs: 1, peakRssMb: 1, machine: 'fake' },
  }
}

const held: unknown[] = []

const fates: Record<string, (spec: CellSpec, job: CellJob) => unknown> = {
  lives: () => undefined,
  diverges: () => undefined,
  'is-slow': () => sleep(1500),
  throws: () => {
    throw new TypeError('a defect\nof two lines')
  },
  'throws-user-error': () => {
    throw new UserError('the width 3 is odd; take an even one')
  },
  'throws-later': () => {
    setTimeout(() => {
      throw new Error('nobody catches this')
    })
    return sleep(60_000)
  },
  exits: () => process.exit(7),
  aborts: () => process.abort(),
  'is-killed': () => process.kill(process.pid, 'SIGKILL'),
  'fills-the-heap': () => {
    for (;;) held.push(Array.from({ length: 1000 }, (_, i) => ({ i })))
  },
  'fills-buffers': () => {
    for (;;) held.push(new Uint8Array(2 ** 24).fill(1))
  },
  'learns-much': (_spec, { weights }) => writeFileAtomic(weights, new Uint8Array(2 ** 21)),
  'loops-forever': () => {
    for (;;);
  },
}

serve(async (job: CellJob, onProgress) => {
  const { spec } = job
  onProgress({ phase: 'train', step: 1, steps: 3, loss: Number.NaN })
  await fates[spec.options.fate as string](spec, job)
  return record(spec)
})
