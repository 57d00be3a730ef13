import { beforeAll, describe, expect, it } from 'vitest'
import { compileStep, oneBatch, trainingShape } from '../../benchmarks/speed/steps.ts'
import { shareAt } from '../../benchmarks/training/optimiser.ts'
import { initialParameters, trainingProgram, trainingSignature } from '../../benchmarks/training/training-step.ts'
import { loadEngine } from '../../engine/index.ts'
import * as tf from '../../engine/tf.ts'
import { randomStream } from '../../lib/random.ts'
import { moduleMaps } from '../../models/layers/affine.ts'
import { parseOptions, type TrainedModel } from '../../models/model.ts'
import { modelById } from '../../models/registry.ts'
import { attention, attentionLettingGo, attentionToStrongest } from '../../models/s2/interaction.ts'
import { meanStrength } from '../../models/s2gru-priced.ts'
import { sphereTopology } from '../../models/topologies/sphere.ts'
import { OUT_OF_RANGE, type Topology } from '../../models/topologies/topology.ts'
import { smallTask } from '../benchmarks/small.ts'
import { numbers } from '../engine/support.ts'
import { expectSameOnEveryEngine } from './on-engines.ts'
import { buildOn, predictOn, ringTask, weightsOf } from './small-rings.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const links = sphereTopology({ name: 'links', modules: 40, dimension: 4, epsilon: 2, threshold: -1 })
const shape = { inputs: 5, heads: 1, headSize: 3 }
const [hidden, seen] = [2, 3].map((size, i) => tf.tensor3d(numbers(i, 40 * 2 * size, 'unit'), [40, 2, size]))

describe('the strongest partners', () => {
  // 40 modules are enough for lists of two, too few for lists of more.
  it.each([0, 1, 2, 7])('keeping %d is the dense attention with all weaker ones out of range', keep => {
    const kept: Topology = {
      ...links,
      logKernel: (p, a, b) => {
        const strengths = links.logKernel(p, a, b)
        const weakest = tf.min(tf.topk(strengths, keep + 1).values, -1, true)
        return tf.add(strengths, tf.mul(tf.step(tf.sub(weakest, strengths)), OUT_OF_RANGE))
      },
    }
    const [dense, sparse] = [attention(kept), attentionToStrongest(links, keep)].map(of => of(moduleMaps(40), shape))
    const p = weightsOf({ parameters: { ...dense.places, ...dense.maps } } as never)
    const [a, b] = [dense, sparse].map(one => one.hear(p, hidden, seen, one.prepare(p)))
    expect(tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]).toBeLessThan(1e-6)
  })

  it('are found alike on every engine', async () => {
    const { hear, prepare, maps, places } = attentionToStrongest(links, 1)(moduleMaps(40), shape)
    const p = weightsOf({ parameters: { ...places, ...maps } } as never)
    await expectSameOnEveryEngine({ seen: { shape: [40, 2, 3] } }, t =>
      tf.add(tf.mul(tf.sum(t.seen), 0), hear(p, hidden, seen, prepare(p))),
    )
  })

  it('answer once training is over, from the same parameters; with all kept nothing changes', async () => {
    const ring = ringTask(9)
    const [two, all] = [
      await buildOn(ring, 's2gru-priced', { keep: 2 }),
      await buildOn(ring, 's2gru-priced', { keep: 8 }),
    ]
    expect(Object.keys(two.trained!.parameters)).toEqual(Object.keys(two.parameters))
    expect(predictOn(two.trained!, ring)).not.toEqual(predictOn(two, ring))
    expect(all.trained).toBeUndefined()
    expect(predictOn(all, ring)).toEqual(predictOn(await buildOn(ring, 's2gru-links'), ring))
  })
})

describe('letting go of weaker links', () => {
  const strengthsAt = (share: number) => {
    const { prepare, maps, places } = attentionLettingGo(links, 7, tf.scalar(share))(moduleMaps(40), shape)
    const p = weightsOf({ parameters: { ...places, ...maps } } as never)
    return tf.exp(prepare(p).links).arraySync() as number[][]
  }

  it('leaves all as they are until half of the share, then takes them down in proportion to nothing', () => {
    const whole = strengthsAt(0)
    expect(strengthsAt(0.5)).toEqual(whole)
    const [later, end] = [strengthsAt(0.9), strengthsAt(1)]
    whole.forEach((row, module) => {
      const eighth = row.toSorted((a, b) => b - a)[7]
      row.forEach((strength, other) => {
        const kept = strength >= eighth
        expect(later[module][other]).toBeCloseTo(kept ? strength : 0.2 * strength, 6)
        expect(end[module][other]).toBe(kept ? strength : 0)
      })
    })
  })

  it('ends where the trained network answers', async () => {
    const ring = ringTask(9)
    const network = await buildOn(ring, 's2gru-priced', { keep: 2 })
    const end = network.annealed!(tf.scalar(1))
    const [ended, trained] = [end, network.trained!].map(one => predictOn(one, ring))
    expect(Math.max(...[...ended].map((value, i) => Math.abs(value - trained[i])))).toBeLessThan(1e-6)
  })

  it('gives the same values and gradients on every engine', async () => {
    const { hear, prepare, maps, places } = attentionLettingGo(links, 1, tf.scalar(1))(moduleMaps(40), shape)
    const p = weightsOf({ parameters: { ...places, ...maps } } as never)
    await expectSameOnEveryEngine({ modules: { shape: [40, 4] } }, t => {
      const moved = { ...p, 'links.modules': tf.add(p['links.modules'], t.modules) }
      return hear(moved, hidden, seen, prepare(moved))
    })
  })
})

describe('the price', () => {
  const task = smallTask(
    'coupled-maps',
    8,
    { tile: 1, views: 'all', queries: 'all', context: 4, blind: 0 },
    { range: 1 },
  )
  const batch = trainingShape(task, 4)
  const build = async (options: Record<string, unknown>) => {
    const model = (await modelById('s2gru-priced')) as TrainedModel
    return { model, network: model.build(batch, parseOptions(model, { width: 4, keep: 7, ...options })) }
  }

  it('is of the mean strength between different modules', () => {
    const p = weightsOf({ parameters: links.parameters } as never)
    const points = links.modules(p)
    const strengths = tf.exp(links.logKernel(p, points, points)).arraySync() as number[][]
    const others = strengths.flatMap((row, a) => row.filter((_, b) => a !== b))
    const mean = others.reduce((sum, z) => sum + z, 0) / (40 * 39)
    expect(meanStrength(p, links).dataSync()[0]).toBeCloseTo(mean, 6)
  })

  it('rises over the first half of training', () => {
    expect([0, 25, 50, 99].map(step => shareAt(step, 100))).toEqual([0, 0.5, 1, 1])
  })

  it('is added to the loss by its share; a network without one has no such input', async () => {
    const { model, network } = await build({ price: 0.5 })
    const free = await build({ price: 0 })
    expect(Object.keys(trainingSignature(model, network, batch))).toContain('share')
    expect(Object.keys(trainingSignature(model, free.network, batch))).not.toContain('share')
    const start = initialParameters(network.parameters, randomStream('start'))
    const p = Object.fromEntries(
      Object.entries(start).map(([name, values]) => [name, tf.tensor(values, [...network.parameters[name].shape])]),
    )
    const engine = await loadEngine('onnx')
    const lossOf = async (of: typeof network, share?: number) => {
      const program = await engine.compile('step', trainingSignature(model, of, batch), trainingProgram(of, batch))
      const held = Object.entries(start).flatMap(([name, values]) => [
        [`p/${name}`, values],
        [`m/${name}`, new Float32Array(values.length)],
        [`v/${name}`, new Float32Array(values.length)],
      ])
      const scalars = { rate: Float32Array.of(0), epsilon: Float32Array.of(1e-8) }
      const feeds = { ...Object.fromEntries(held), ...oneBatch(task, batch, model), ...scalars }
      const { loss } = await program.run(share === undefined ? feeds : { ...feeds, share: Float32Array.of(share) })
      return loss.read()[0]
    }
    const error = await lossOf(free.network)
    expect(await lossOf(network, 0)).toBeCloseTo(error, 6)
    expect(await lossOf(network, 0.25)).toBeCloseTo(error + 0.25 * network.penalty!(p).dataSync()[0], 6)
  })

  it('weakens links where nothing else is worth as much', async () => {
    const { model, network } = await build({ price: 1e4 })
    const stepper = await compileStep(await loadEngine('onnx'), model, network, batch, oneBatch(task, batch, model))
    for (let step = 0; step < 40; step++) await stepper.step()
    // At this price the loss is the price of the strength that is left.
    expect(stepper.losses.at(-1)!).toBeLessThan(0.98 * stepper.losses[0])
  })
})
