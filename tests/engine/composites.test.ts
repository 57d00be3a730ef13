import { beforeAll, describe, expect, it } from 'vitest'
import type { Engine, EngineId } from '../../engine/engine.ts'
import { loadEngine } from '../../engine/index.ts'
import { UserError } from '../../lib/errors.ts'
import { composites } from './composites.ts'
import { expectSame, feedOf, numbers, runOn, signatureOf, sizeOf, withGradients } from './support.ts'

const installed = async (id: EngineId): Promise<Engine | undefined> => {
  try {
    return await loadEngine(id)
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}
const tensorflow = await installed('tensorflow')

let cpu: Engine
let onnx: Engine
beforeAll(async () => {
  cpu = await loadEngine('cpu')
  onnx = await loadEngine('onnx')
})

const prepared = composites.map(({ name, inputs, loss }) => {
  const given = Object.entries(inputs)
  return {
    name,
    signatures: Object.fromEntries(given.map(([input, argument]) => [input, signatureOf(argument)])),
    feeds: Object.fromEntries(given.map(([input, argument], i) => [input, feedOf(argument, i) as Float32Array])),
    // tfjs-cpu and wasm lack the gradients of average pooling over padding and of depthwise convolution.
    alike: !/padding|depthwise/.test(name),
    program: withGradients(
      t => [loss(t)],
      given.map(([input]) => input),
    ),
    value: withGradients(t => [loss(t)], []),
  }
})

describe.each(prepared)('$name', ({ name, signatures, feeds, alike, program, value }) => {
  it('has the gradients that finite differences give', async () => {
    const analytic = await runOn(onnx, signatures, feeds, program)
    // One input at a time, along a random direction: (f(x + εd) − f(x − εd)) / 2ε.
    const epsilon = 3e-3
    const factor = numbers(1, 1)[0]
    for (const input of Object.keys(feeds)) {
      const direction = numbers(7, sizeOf(signatures[input].shape))
      const at = async (step: number) => {
        const moved = feeds[input].map((x, i) => x + step * direction[i])
        return (await runOn(onnx, signatures, { ...feeds, [input]: moved }, value)).y0.values[0] * factor
      }
      const numeric = ((await at(epsilon)) - (await at(-epsilon))) / (2 * epsilon)
      const exact = analytic[`d${input}`].values.reduce((sum, slope, i) => sum + slope * direction[i], 0)
      expect(Math.abs(numeric - exact), `${input}: ${numeric}, ${exact}`).toBeLessThan(
        5e-3 * Math.max(0.1, Math.abs(exact)),
      )
    }
  })

  it('is the same on cpu, value and gradients', async () => {
    const given = /padding/.test(name) ? value : program
    expectSame(await runOn(onnx, signatures, feeds, given), await runOn(cpu, signatures, feeds, given))
  })

  it('is the same on wasm', async () => {
    const wasm = await loadEngine('wasm')
    const given = alike && name !== 'convolution' ? program : value
    expectSame(await runOn(wasm, signatures, feeds, given), await runOn(cpu, signatures, feeds, given), 1e-4)
  })

  it.skipIf(!tensorflow)('is the same on tensorflow', async () => {
    expectSame(
      await runOn(tensorflow!, signatures, feeds, program),
      await runOn(onnx, signatures, feeds, program),
      1e-4,
    )
  })
})

describe('engine tensorflow', () => {
  it.skipIf(tensorflow)('says how to install it where it is not there', async () => {
    await expect(loadEngine('tensorflow')).rejects.toThrow(
      "engine 'tensorflow' is not installed; add it with: npm rebuild @tensorflow/tfjs-node --ignore-scripts=false",
    )
  })
})
