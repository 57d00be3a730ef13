import { beforeAll, describe, expect, it } from 'vitest'
import { generateEpisodes } from '../../benchmarks/task/episodes.ts'
import { taskShape } from '../../benchmarks/task/task.ts'
import { train } from '../../benchmarks/training/training.ts'
import { loadEngine } from '../../engine/index.ts'
import * as tf from '../../engine/tf.ts'
import { UserError } from '../../lib/errors.ts'
import { moduleMaps, sharedMaps } from '../../models/layers/affine.ts'
import { type Parameters, parseOptions, type TrainedModel } from '../../models/model.ts'
import { modelById } from '../../models/registry.ts'
import { hierarchy } from '../../models/s2/hierarchy.ts'
import { attention } from '../../models/s2/interaction.ts'
import { coarseToFine } from '../../models/s2/levels.ts'
import { boundedSphereTopology } from '../../models/topologies/bounded-sphere.ts'
import { continuumTopology } from '../../models/topologies/continuum.ts'
import { everywhereTopology } from '../../models/topologies/everywhere.ts'
import { sphereTopology } from '../../models/topologies/sphere.ts'
import { OUT_OF_RANGE } from '../../models/topologies/topology.ts'
import { unroll } from '../../models/unroll.ts'
import { smallTask } from '../benchmarks/small.ts'
import { numbers, sizeOf } from '../engine/support.ts'
import { expectGradientByDifferences, expectSameOnEveryEngine } from './on-engines.ts'
import { buildOn, fullField, predictOn, ringTask, someValues, weightsOf } from './small-rings.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const ring = ringTask(9)
const values = (seed: number, ...shape: number[]) => tf.tensor(numbers(seed, sizeOf(shape), 'unit'), shape)
const largest = (x: tf.Tensor) => tf.max(tf.abs(x)).dataSync()[0]

/** Which sites' predictions change at every step when site 4 of the first frame does. */
async function influenced(id: string, options: Record<string, unknown>): Promise<number[][]> {
  const network = await buildOn(ring, id, options)
  const moved = someValues(9).map((row, t) => row.map((x, i) => (t === 0 && i === 4 ? x + 1 : x)))
  const [before, after] = [predictOn(network, ring), predictOn(network, ring, moved)]
  return [0, 1, 2].map(t =>
    Array.from({ length: 9 }, (_, i) => i).filter(i => before[t * 18 + i] !== after[t * 18 + i]),
  )
}

describe('laws of every spatially structured network', () => {
  const all = [
    's2gru',
    's2gru-table',
    's2gru-flat',
    's2rmc',
    's2gru-bounds',
    's2gru-levels',
    's2gru-hierarchy',
    's2gru-continuum',
  ]

  it.each(all)('%s: what is absent has no weight, whatever stands in its place', async id => {
    const network = await buildOn(ring, id)
    const present = (t: number, i: number) => t === 0 && i % 2 === 0
    const garbage = someValues(9).map((row, t) => row.map((x, i) => (present(t, i) ? x : 1e3 * (i + 1))))
    expect(predictOn(network, ring, garbage, present)).toEqual(predictOn(network, ring, someValues(9), present))
  })

  it.each(all)('%s: the order of views does not matter', async id => {
    const network = await buildOn(ring, id)
    const observed = fullField(ring, someValues(9), (t, i) => (t + i) % 3 > 0)
    const order = [3, 1, 8, 0, 2, 7, 5, 6, 4]
    const [views, positions, present] = [observed.views, observed.positions, observed.present].map(x =>
      tf.gather(x, order, 2),
    )
    const [one, other] = [observed, { ...observed, views, positions, present }].map(o =>
      unroll(network, ring, weightsOf(network), o),
    )
    expect(largest(tf.sub(one, other))).toBeLessThan(1e-6)
  })

  it('all-to-all with shared maps: to permute the modules is to permute what they hear', () => {
    const { maps, prepare, hear } = attention(everywhereTopology(5))(sharedMaps, { inputs: 7, heads: 2, headSize: 3 })
    const p = weightsOf({ parameters: maps } as never)
    const order = [3, 0, 4, 1, 2]
    const [hidden, seen] = [values(1, 5, 2, 4), values(2, 5, 2, 3)]
    const heard = hear(p, hidden, seen, prepare(p))
    const permuted = hear(p, tf.gather(hidden, order), tf.gather(seen, order), prepare(p))
    expect(largest(tf.sub(permuted, tf.gather(heard, order)))).toBeLessThan(1e-6)
  })
})

describe('bounds for every module', () => {
  const options = { name: 'links', modules: 6, dimension: 4, epsilon: 2, threshold: -0.5, ramp: 0.4 }
  const topology = boundedSphereTopology(options)
  const p: Parameters = {
    'links.modules': values(3, 6, 4),
    'links.logEpsilon': tf.tensor1d([-0.5, 0, 0.5, 1, 1.5, 2]),
    'links.threshold': tf.tensor1d([-2, -1, 0, 1, 2, 9]),
  }
  const points = topology.modules(p)
  const kernel = topology.logKernel(p, points, points).arraySync() as number[][]
  const cosine = tf.matMul(points, points, false, true).arraySync() as number[][]

  it('follow their equation, and a module hears itself in full', () => {
    let [shut, ramp, full] = [0, 0, 0]
    for (let a = 0; a < 6; a++)
      for (let b = 0; b < 6; b++) {
        const ε = Math.exp([-0.5, 0, 0.5, 1, 1.5, 2][a])
        const τ = -1 + 1.2 / (1 + Math.exp(-[-2, -1, 0, 1, 2, 9][a]))
        const open = Math.min(1, Math.max(0, (cosine[a][b] - τ) / 0.4))
        if (open === 0) shut++
        else if (open < 1) ramp++
        else full++
        if (a === b) expect(kernel[a][b]).toBeCloseTo(0, 4)
        else if (open === 0) expect(kernel[a][b]).toBeLessThan(OUT_OF_RANGE / 2)
        else expect(kernel[a][b]).toBeCloseTo(-2 * ε * (1 - cosine[a][b]) + Math.log(open), 3)
      }
    // The case is worth something only if it has pairs of every kind.
    expect(Math.min(shut, ramp, full - 6)).toBeGreaterThan(0)
  })

  it('leave a truncated pair exactly no weight', () => {
    const { hear, maps, prepare } = attention(topology)(moduleMaps(6), { inputs: 5, heads: 1, headSize: 3 })
    const all = { ...p, ...weightsOf({ parameters: maps } as never) }
    const shut = kernel.flatMap((row, a) => row.flatMap((z, b) => (z < OUT_OF_RANGE / 2 ? [[a, b]] : [])))
    const [hidden, seen] = [values(1, 6, 2, 2), values(2, 6, 2, 3)]
    const heard = hear(all, hidden, seen, prepare(all)).arraySync() as number[][][]
    for (const [a, b] of shut) {
      const one = tf.reshape(tf.oneHot(b, 6), [6, 1, 1])
      const moved = hear(all, tf.add(hidden, tf.mul(one, 1e3)), seen, prepare(all)).arraySync() as number[][][]
      expect(moved[a]).toEqual(heard[a])
      expect(moved[b]).not.toEqual(heard[b])
    }
  })

  it('have the same gradients on every engine, those that differences say', async () => {
    const layer = (t: Record<string, tf.Tensor>) => {
      const q = { 'links.modules': t.points, 'links.logEpsilon': t.sharpness, 'links.threshold': t.bounds }
      return tf.exp(topology.logKernel(q, topology.modules(q), topology.modules(q)))
    }
    await expectSameOnEveryEngine(
      { points: { shape: [6, 4] }, sharpness: { shape: [6], values: 'unit' }, bounds: { shape: [6], values: 'unit' } },
      layer,
    )
    const inputs = { points: p['links.modules'], sharpness: p['links.logEpsilon'], bounds: p['links.threshold'] }
    expectGradientByDifferences(inputs, layer, 1e-3)
  })

  it('move when they are trained: ε and τ of every module', async () => {
    const task = smallTask(
      'coupled-maps',
      8,
      { tile: 1, views: 'all', queries: 'all', context: 4, blind: 0 },
      { range: 1 },
    )
    const model = (await modelById('s2gru-bounds')) as TrainedModel
    const network = model.build(taskShape(task, 4, 8, 8), parseOptions(model, { width: 4 }))
    const budget = { kind: 'steps', steps: 20, batch: 4, parameters: 0, learningRate: 1e-2 } as const
    const data = generateEpisodes(task, 'train', 8)
    const engine = await loadEngine('onnx')
    const { parameters } = await train({ engine, task, model, network, budget, seed: 0, data })
    for (const name of ['links.logEpsilon', 'links.threshold']) {
      const { initialiser } = network.parameters[name]
      const start = initialiser.kind === 'blocks' ? initialiser.values[0] : Number.NaN
      for (const value of parameters[name].read()) expect(Math.abs(value - start)).toBeGreaterThan(1e-3)
    }
  })

  it('refuse a threshold at which a module would not hear itself in full', async () => {
    await expect(buildOn(ring, 's2gru-bounds', { threshold: 0.5 })).rejects.toThrow(UserError)
  })
})

describe('levels', () => {
  it.each([-1, 0.2])('one of them at threshold %d is s2gru-links, number for number', async threshold => {
    const [levels, links] = [
      await buildOn(ring, 's2gru-levels', { levels: 1, threshold }),
      await buildOn(ring, 's2gru-links', { threshold }),
    ]
    expect(Object.entries(levels.parameters)).toEqual(Object.entries(links.parameters))
    expect(predictOn(levels, ring)).toEqual(predictOn(links, ring))
  })

  it('have maps of their own unless they are tied', async () => {
    const mapsOf = async (tied: boolean) =>
      Object.keys((await buildOn(ring, 's2gru-levels', { levels: 3, tied })).parameters).filter(name =>
        /^interact.*weight/.test(name),
      )
    expect(await mapsOf(false)).toEqual(['interact.weight', 'interact.2.weight', 'interact.3.weight'])
    expect(await mapsOf(true)).toEqual(['interact.weight'])
  })

  it.each([false, true])('tell the finer what the coarser has heard (tied: %s)', async tied => {
    // At this threshold nothing but itself is in range of a module at the finest level: its only way to hear of others
    // is through the coarser one, whose threshold is half way down.
    const far = await influenced('s2gru-levels', { levels: 2, threshold: 0.9999, tied, dimension: 2 })
    const alone = await influenced('s2gru-levels', { levels: 1, threshold: 0.9999, tied, dimension: 2 })
    expect(alone[2]).toEqual([4])
    expect(far[0].length).toBeGreaterThan(1)
  })

  it('add up to what two attentions hear, the finer one told of the coarser', () => {
    const sphere = { name: 'links', modules: 5, dimension: 3, epsilon: 2, threshold: -1 }
    const shape = { inputs: 5, heads: 1, headSize: 3 }
    const both = coarseToFine(sphere, [-0.4, 0.3], false)(moduleMaps(5), shape)
    const p = weightsOf({ parameters: { ...both.places, ...both.maps } } as never, 2)
    const finer = { ...p, 'interact.weight': p['interact.2.weight'], 'interact.bias': p['interact.2.bias'] }
    const [hidden, seen] = [values(1, 5, 2, 2), values(2, 5, 2, 3)]
    const hearAt = (threshold: number, weights: Parameters, known: tf.Tensor) => {
      const { prepare, hear } = attention(sphereTopology({ ...sphere, threshold }))(moduleMaps(5), shape)
      return hear(weights, hidden, known, prepare(weights))
    }
    const coarse = hearAt(-0.4, p, seen)
    const fine = hearAt(0.3, finer, tf.add(seen, coarse))
    expect(largest(tf.sub(both.hear(p, hidden, seen, both.prepare(p)), tf.add(coarse, fine)))).toBeLessThan(1e-6)
    expect(largest(tf.sub(fine, hearAt(0.3, finer, seen)))).toBeGreaterThan(1e-2)
  })
})

describe('the continuum', () => {
  it.each([
    [0, 's2gru-self'],
    [1, 's2gru-global'],
  ])('λ = %d is %s, number for number', async (lambda, id) => {
    const [between, end] = [await buildOn(ring, 's2gru-continuum', { lambda }), await buildOn(ring, id)]
    expect(Object.entries(between.parameters)).toEqual(Object.entries(end.parameters))
    expect(predictOn(between, ring)).toEqual(predictOn(end, ring))
  })

  it('gives others λ times the weight of itself', () => {
    const topology = continuumTopology(4, 0.25)
    const weights = tf
      .softmax(topology.logKernel({}, topology.modules({}), topology.modules({})))
      .arraySync() as number[][]
    expect(weights[1][1]).toBeCloseTo(1 / (1 + 3 * 0.25), 6)
    expect(weights[1][2]).toBeCloseTo(0.25 / (1 + 3 * 0.25), 6)
  })
})

describe('the hierarchy', () => {
  it('goes up and down by its equations: two modules below one, in loops over plain numbers', () => {
    const sphere = { dimension: 3, epsilon: 2, threshold: -1 }
    const { places, maps, prepare, hear } = hierarchy([2, 1], sphere)(moduleMaps(2), {
      inputs: 4,
      heads: 1,
      headSize: 2,
    })
    const p = weightsOf({ parameters: { ...places, ...maps } } as never, 1)
    const [hidden, seen] = [values(1, 2, 1, 2), values(2, 2, 1, 2)]
    const found = (hear(p, hidden, seen, prepare(p)).arraySync() as number[][][]).map(row => row[0])

    const rows = (name: string) => p[name].arraySync() as number[][]
    const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0)
    const unit = (a: number[]) => a.map(x => x / Math.sqrt(dot(a, a)))
    const affine = (name: string, m: number, x: number[]) => {
      const weight = (p[`${name}.weight`].arraySync() as number[][][])[m]
      const bias = (p[`${name}.bias`].arraySync() as number[][][])[m][0]
      return bias.map(
        (b, j) =>
          b +
          dot(
            x,
            weight.map(row => row[j]),
          ),
      )
    }
    const ε = Math.exp(p['bridge.0.logEpsilon'].dataSync()[0])
    const [coarse] = rows('bridge.0.coarse').map(unit)
    const strength = rows('bridge.0.modules').map(point => Math.exp(-2 * ε * (1 - dot(unit(point), coarse))))
    const content = [0, 1].map(m => [hidden, seen].flatMap(x => (x.arraySync() as number[][][])[m][0]))
    const roles = content.map((x, m) => affine('bridge.0.up', m, x))
    const query = (p['bridge.0.query'].arraySync() as number[][][])[0][0]
    const scores = roles.map((role, m) => strength[m] * Math.exp(dot(query, role.slice(2, 4)) / Math.SQRT2))
    const share = scores.map(score => score / (scores[0] + scores[1]))
    const taken = [4, 5].map(i => share[0] * roles[0][i] + share[1] * roles[1][i])
    // A single module at the top hears itself alone: its own value.
    const above = affine('interact', 0, taken).slice(4, 6)
    const told = affine(
      'bridge.0.down',
      0,
      taken.map((x, i) => x + above[i]),
    ).slice(2, 4)
    roles.forEach((role, m) => {
      told.forEach((x, i) => {
        expect(found[m][i]).toBeCloseTo(role[4 + i] + x, 5)
      })
    })
  })

  it.each([1, 2, 3])('reaches everywhere at depth %i, through fewer modules each time', async depth => {
    expect((await influenced('s2gru-hierarchy', { depth }))[0]).toHaveLength(9)
    const { parameters } = await buildOn(ring, 's2gru-hierarchy', { depth })
    expect(parameters['summit.modules'].shape[0]).toBe([5, 3, 2][depth - 1])
  })

  it('has the same values and gradients on every engine', async () => {
    const { places, maps, prepare, hear } = hierarchy([4, 2, 1], { dimension: 3, epsilon: 2, threshold: -1 })(
      moduleMaps(4),
      { inputs: 5, heads: 2, headSize: 2 },
    )
    const specs = Object.entries({ ...places, ...maps }).map(([name, { shape }]) => [name, { shape, values: 'unit' }])
    const inputs = { ...Object.fromEntries(specs), hidden: { shape: [4, 2, 1] }, seen: { shape: [4, 2, 4] } }
    await expectSameOnEveryEngine(inputs, ({ hidden, seen, ...p }) => hear(p, hidden, seen, prepare(p)))
  })
})
