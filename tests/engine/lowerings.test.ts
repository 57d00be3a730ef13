import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { Engine } from '../../engine/engine.ts'
import { loadEngine } from '../../engine/index.ts'
import { lowerings } from '../../engine/onnx/lowerings/index.ts'
import * as tf from '../../engine/tf.ts'
import type { Case } from './cases/case.ts'
import { cases } from './cases/index.ts'
import {
  type Dimensions,
  dimensions,
  expectSame,
  feedOf,
  isInteger,
  runOn,
  signatureOf,
  withGradients,
} from './support.ts'

let cpu: Engine
let onnx: Engine

beforeAll(async () => {
  cpu = await loadEngine('cpu')
  onnx = await loadEngine('onnx')
})

async function agree({ inputs, run, plain }: Case, drawn: Dimensions): Promise<void> {
  const given = Object.entries(inputs(drawn))
  const signatures = Object.fromEntries(given.map(([name, argument]) => [name, signatureOf(argument)]))
  const feeds = Object.fromEntries(given.map(([name, argument], i) => [name, feedOf(argument, drawn.seed + i)]))
  const floats = plain ? [] : given.filter(([, { values }]) => !isInteger(values)).map(([name]) => name)
  const program = withGradients(t => [run(t, drawn)].flat(), floats)
  const expected = await runOn(cpu, signatures, feeds, program)
  expectSame(await runOn(onnx, signatures, feeds, program), expected)
}

describe('lowerings', () => {
  const kernels = [...new Set(cases.map(({ kernel }) => kernel))]
  it.each(kernels)('%s does what cpu does, gradients included', async kernel => {
    const calls = vi.spyOn(tf.engine(), 'runKernel')
    for (const one of cases.filter(known => known.kernel === kernel)) {
      await fc.assert(
        fc.asyncProperty(dimensions, drawn => agree(one, drawn)),
        { numRuns: 4, seed: 1 },
      )
    }
    const called = new Set(calls.mock.calls.map(([name]) => name))
    calls.mockRestore()
    expect(called, `no case calls ${kernel}`).toContain(kernel)
  })

  it('have a test case each', () => {
    expect([...kernels].sort()).toEqual(Object.keys(lowerings).sort())
  })
})
