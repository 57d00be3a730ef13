import { randomStream } from '../../lib/random.ts'
import type { NamedArrays } from '../../lib/safetensors.ts'
import { keptWaves, period } from '../../models/layers/spectral.ts'
import type { Network, TaskShape, TrainedModel } from '../../models/model.ts'
import { tilePositions } from '../../models/positions.ts'
import { modelById } from '../../models/registry.ts'
import { oneBatch, taskOf, trainingShape } from '../speed/steps.ts'
import type { TaskPlan } from '../suites/cells.ts'
import type { BatchFeeds } from '../task/batch.ts'
import { batchSignature } from '../task/batch.ts'
import { CLIP_NORM } from '../training/optimiser.ts'
import { initialParameters } from '../training/training-step.ts'

/** A training step that other frameworks take as well. */
export interface PeerStep {
  readonly id: string
  readonly title: string
  readonly model: string
  readonly options: Readonly<Record<string, number>>
  readonly task: Pick<TaskPlan, 'environment' | 'size' | 'schedule'>
  readonly batch: number
}

/** Fields are seen whole: what is compared is arithmetic, not what is hidden. */
const field = (size: number, context: number): PeerStep['task'] => ({
  environment: 'bouncing-balls',
  size,
  schedule: { tile: 1, views: 'all', queries: 'all', context, blind: 0, scrambled: false },
})

/** 4 × 4 tiles of 11 × 11 cells; 20 frames with 10 views and 10 queries. */
const views: PeerStep['task'] = {
  environment: 'bouncing-balls',
  size: 44,
  schedule: { tile: 11, views: 10, queries: 10, context: 20, blind: 0, scrambled: false },
}

export const peerSteps: readonly PeerStep[] = [
  {
    id: 's2gru',
    title: 's2gru, 16 modules of 32 units, batch 16, 20 frames of 10 views',
    model: 's2gru',
    options: { width: 32, block: 1, heads: 2, headSize: 16, embedding: 64, dimension: 16 },
    task: views,
    batch: 16,
  },
  {
    id: 'lstm',
    title: 'lstm of 256 units, batch 16, 20 frames of 10 views',
    model: 'lstm',
    options: { width: 256, embedding: 64, decoder: 128 },
    task: views,
    batch: 16,
  },
  {
    id: 'conv-gru-24',
    title: 'conv-gru of 32 channels on 24 × 24, batch 8, 10 frames',
    model: 'conv-gru',
    options: { width: 32, decoder: 64 },
    task: field(24, 10),
    batch: 8,
  },
  {
    id: 'conv-gru-64',
    title: 'conv-gru of 32 channels on 64 × 64, batch 4, 5 frames',
    model: 'conv-gru',
    options: { width: 32, decoder: 64 },
    task: field(64, 5),
    batch: 4,
  },
  {
    id: 'fno-64',
    title: 'fno of 32 channels, 2 layers, 8 modes on 64 × 64, batch 4, 5 frames',
    model: 'fno',
    options: { width: 32, spectral: 16, modes: 8, layers: 2, decoder: 64 },
    task: field(64, 5),
    batch: 4,
  },
]

/** The learning rate of every step. */
export const RATE = 1e-3

/** A step with all that it reads. */
export interface PreparedStep {
  readonly model: TrainedModel
  readonly network: Network
  readonly shape: TaskShape
  readonly feeds: BatchFeeds
  /** What others need to take it: parameters `p/…`, the batch and constants `f/…`. */
  readonly arrays: NamedArrays
  /** Sizes and settings that stand in no array. */
  readonly setting: Readonly<Record<string, unknown>>
}

export async function prepareStep({ task: plan, model: id, options, batch }: PeerStep): Promise<PreparedStep> {
  const model = (await modelById(id)) as TrainedModel
  const task = taskOf(plan)
  const shape = trainingShape(task, batch)
  const network = model.build(shape, model.options.parse(options))
  const feeds = oneBatch(task, shape, model)
  const start = initialParameters(network.parameters, randomStream('speed/weights'))
  const { lattice, likelihood } = shape
  const tiles = lattice.rows * lattice.columns
  const arrays: Record<string, NamedArrays[string]> = {
    'f/anchors': { shape: [tiles, shape.positionSize], values: tilePositions(lattice) },
  }
  for (const [name, { shape: sides }] of Object.entries(network.parameters))
    arrays[`p/${name}`] = { shape: sides, values: start[name] }
  for (const [name, { shape: sides }] of Object.entries(batchSignature(model, shape)))
    arrays[`f/${name}`] = { shape: sides, values: feeds[name] }
  if (options.modes !== undefined) {
    const waves = keptWaves(lattice, options.modes)
    const list = (of: (wave: (typeof waves)[number]) => number) => ({
      shape: [waves.length],
      values: Float32Array.from(waves, of),
    })
    const [height] = period(lattice)
    Object.assign(arrays, {
      'f/down': list(({ down }) => (down + height) % height),
      'f/across': list(({ across }) => across),
      // A real transform doubles the waves whose conjugates it leaves out, but keeps those of the first column.
      'f/factor': list(({ across, own }) => (across === 0 && !own ? 2 : 1)),
    })
  }
  const setting = {
    network: id,
    ...options,
    modules: tiles,
    torus: lattice.boundary === 'torus',
    period: period(lattice),
    likelihood,
    rate: RATE,
    clip: CLIP_NORM,
  }
  return { model, network, shape, feeds, arrays, setting }
}
