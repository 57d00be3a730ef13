import { expect, it } from 'vitest'
import { compileStep, oneBatch, taskOf, trainingShape } from '../../benchmarks/speed/steps.ts'
import { learningRateAt } from '../../benchmarks/training/optimiser.ts'
import { loadEngine } from '../../engine/index.ts'
import { nearestNetwork } from '../../models/fit-width.ts'
import { modelById, modelIds } from '../../models/registry.ts'

// What cannot learn three short episodes by heart cannot learn: a loss that stays up here is a defect of the model, of
// its gradient or of its initial values.

/** Three balls on 3 × 3 tiles: three frames seen whole, one blind; every tile of every next frame asked for. */
const task = taskOf({
  environment: 'bouncing-balls',
  size: 12,
  schedule: { tile: 4, views: 'all', queries: 'all', context: 3, blind: 1, scrambled: false },
})
const episodes = 3
const parameters = 40_000
const peak = 1e-2
/** Nats a cell above the entropy of the targets; untrained models are at about .63. */
const near = 0.01

const usualSteps = 300
/** Those that need more: states are read as their mean; levels and bridges leave little width to each module. */
const longer: Readonly<Record<string, number>> = { 's2gru-flat': 600, 's2gru-levels': 600, 's2gru-hierarchy': 450 }
/** What is paid for beside the error is no part of it. */
const options: Readonly<Record<string, Record<string, number>>> = { 's2gru-priced': { price: 0 } }

const models = (await Promise.all(modelIds.map(modelById))).flatMap(model =>
  'build' in model && model.likelihood !== 'gaussian'
    ? [{ id: model.id, model, steps: longer[model.id] ?? usualSteps }]
    : [],
)

const entropy = (p: number) => (p > 0 && p < 1 ? -p * Math.log(p) - (1 - p) * Math.log(1 - p) : 0)

it.each(models)(
  '$id learns three episodes of bouncing balls by heart in $steps steps',
  async ({ id, model, steps }) => {
    const shape = trainingShape(task, episodes)
    const { network } = nearestNetwork(model, shape, options[id] ?? {}, parameters)
    const feeds = oneBatch(task, shape, model)
    const rateAt = (step: number) => learningRateAt(step, steps, peak)
    const { program, step, losses } = await compileStep(await loadEngine('onnx'), model, network, shape, feeds, rateAt)
    const floor = feeds.targets.reduce((sum, target) => sum + entropy(target), 0) / feeds.targets.length
    for (let i = 0; i < steps; i++) await step()
    program.dispose()
    expect(losses[0] - floor).toBeGreaterThan(0.5)
    // A loss below the entropy of what is asked for would be no cross-entropy.
    expect(losses[steps - 1]).toBeGreaterThan(floor)
    expect(losses[steps - 1] - floor).toBeLessThan(near)
  },
)
