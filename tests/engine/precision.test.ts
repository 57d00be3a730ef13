import * as ort from 'onnxruntime-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { peerSteps, prepareStep, RATE } from '../../benchmarks/peers/steps.ts'
import { adamFactors } from '../../benchmarks/training/optimiser.ts'
import { trainingProgram, trainingSignature } from '../../benchmarks/training/training-step.ts'
import type { ConstantData, Graph, GraphNode, GraphValue } from '../../engine/onnx/graph.ts'
import { encodeModel } from '../../engine/onnx/model.ts'
import { fusions, optimise, type PassId, passIds, simplifications } from '../../engine/onnx/passes/index.ts'
import { sessionOptions } from '../../engine/onnx/session.ts'
import { record } from '../../engine/onnx/trace.ts'

// A sum of float32 numbers has no one value: it depends on the order of its terms. What passes may change is therefore
// measured against the exact gradient, which the graph as it was recorded gives when every number in it is a float64.

const [FLOAT, DOUBLE] = [1, 11]

/** The same graph in float64. */
function widened(graph: Graph): Graph {
  const known = new Map<GraphValue, GraphValue>()
  const widen = (value: GraphValue): GraphValue => {
    if (value.type !== 'float32') return value
    const data = value.data && (Float64Array.from(value.data as Float32Array) as unknown as ConstantData)
    const made = known.get(value) ?? { shape: value.shape, type: 'float64', ...(data && { data }) }
    known.set(value, made)
    return made
  }
  const all = (values: ReadonlyMap<string, GraphValue>) =>
    new Map([...values].map(([name, value]) => [name, widen(value)]))
  const node = ({ attributes, ...rest }: GraphNode): GraphNode => ({
    ...rest,
    inputs: rest.inputs.map(widen),
    outputs: rest.outputs.map(widen),
    attributes: attributes.to === FLOAT ? { to: DOUBLE } : attributes,
  })
  return { ...graph, inputs: all(graph.inputs), outputs: all(graph.outputs), nodes: graph.nodes.map(node) }
}

type Arrays = Readonly<Record<string, ArrayLike<number>>>

/** The first moments after one step from zero: every gradient, times one factor. */
async function gradients(graph: Graph, feeds: Readonly<Record<string, Float32Array>>): Promise<Arrays> {
  const session = await ort.InferenceSession.create(encodeModel(graph), sessionOptions)
  const tensors = Object.entries(feeds).map(([name, values]) => {
    const { shape, type } = graph.inputs.get(name)!
    return [name, new ort.Tensor(type, type === 'float64' ? Float64Array.from(values) : values, shape)] as const
  })
  const results = await session.run(Object.fromEntries(tensors))
  await session.release()
  const moments = Object.entries(results).filter(([name]) => name.startsWith('m/'))
  return Object.fromEntries(moments.map(([name, { data }]) => [name, data as Float32Array]))
}

const norm = (values: ArrayLike<number>, from?: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value, i) => sum + (value - (from?.[i] ?? 0)) ** 2, 0))

describe('a whole training step of s2gru', () => {
  let graph: Graph
  let feeds: Record<string, Float32Array>
  let exact: Arrays
  let plain: Arrays
  /** Arrays whose gradient is more than rounding: that of a key's bias is zero. */
  let names: string[]

  beforeAll(async () => {
    const { model, network, shape, arrays, feeds: batch } = await prepareStep(peerSteps[0])
    const inputs = trainingSignature(model, network, shape)
    graph = record('step', inputs, trainingProgram(network, shape))
    const { rate, epsilon } = adamFactors(0, RATE)
    const given: Record<string, ArrayLike<number>> = { ...batch, rate: [rate], epsilon: [epsilon] }
    feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape: sides }]) => {
        const values = arrays[name]?.values ?? given[name]
        return [name, values ? Float32Array.from(values) : new Float32Array(sides.reduce((n, side) => n * side, 1))]
      }),
    )
    exact = await gradients(widened(graph), feeds)
    plain = await gradients(graph, feeds)
    names = Object.keys(exact).filter(name => norm(exact[name]) > 1e-10)
    expect(names.length).toBeGreaterThan(20)
  }, 60_000)

  const optimised = (passes: readonly PassId[]) => gradients(optimise(graph, passes), feeds)
  const everything = [...simplifications, ...fusions]

  /** The relative distance of each gradient to what it is measured by. */
  const distances = (found: Arrays, to: Arrays) =>
    names.map(name => norm(found[name], to[name]) / norm(exact[name])).sort((a, b) => a - b)

  const reordering: readonly PassId[] = ['transposes', 'time', 'biases']

  it.each(passIds.filter(pass => !reordering.includes(pass)))('pass %s changes no bit of any gradient', async pass => {
    expect(distances(await optimised([pass]), plain).at(-1)).toBe(0)
  })

  it('all passes, which add in another order, move no gradient as far as float32 had moved it from the exact one', async () => {
    const [moved, before] = [distances(await optimised(everything), plain), distances(plain, exact)]
    expect(moved.at(-1)).toBeLessThan(before.at(-1)!)
    expect(moved[names.length >> 1]).toBeLessThan(1e-6)
  })

  it('with all passes the gradients are as near to the exact ones as without', async () => {
    const [before, after] = [plain, await optimised(everything)].map(found => distances(found, exact))
    for (const rank of [names.length >> 1, names.length - 1]) expect(after[rank]).toBeLessThan(1.1 * before[rank])
  })
})
