import { expect, it } from 'vitest'
import { describeTrained } from '../../benchmarks/training/describe.ts'
import { initialParameters } from '../../benchmarks/training/training-step.ts'
import { loadEngine } from '../../engine/index.ts'
import { randomStream } from '../../lib/random.ts'
import { parseOptions, type TaskShape } from '../../models/model.ts'
import { positionSize } from '../../models/positions.ts'
import { modelById, modelIds } from '../../models/registry.ts'

const lattice = { rows: 4, columns: 4, boundary: 'torus' } as const
const task: TaskShape = {
  steps: 3,
  batch: 2,
  views: 16,
  queries: 16,
  tile: [2, 2],
  viewSize: 4,
  positionSize: positionSize(lattice),
  lattice,
  likelihood: 'gaussian',
}
const models = await Promise.all(modelIds.map(modelById))

it.each(models.flatMap(model => ('build' in model && model.family === 'learned' ? [[model.id, model] as const] : [])))(
  'what %s learns of places is told alike by every engine: strengths in [0, 1], each module its own',
  async (_, model) => {
    const network = model.build(task, parseOptions(model, {}))
    const parameters = initialParameters(network.parameters, randomStream('describe'))
    const [onnx, cpu] = await Promise.all(
      (['onnx', 'cpu'] as const).map(async id => describeTrained(await loadEngine(id), model, network, parameters)),
    )
    expect(onnx).not.toBeNull()
    expect(Object.keys(onnx!)).toEqual(Object.keys(cpu!))
    const strengths = Object.keys(onnx!).filter(name => name.endsWith('strengths'))
    expect(strengths).not.toEqual([])
    for (const [name, { shape, values }] of Object.entries(onnx!)) {
      expect(shape).toEqual(cpu![name].shape)
      values.forEach((value, i) => {
        expect(value).toBeCloseTo(cpu![name].values[i], 5)
      })
    }
    for (const name of strengths) {
      const { shape, values } = onnx![name]
      // A rounding above 1: points have length 1 to 1e-7 only.
      for (const value of values) expect(value >= 0 && value < 1 + 1e-5).toBe(true)
      const [rows, columns] = shape
      if (rows === columns && name.startsWith('links'))
        for (let m = 0; m < rows; m++) expect(values[m * columns + m]).toBeCloseTo(1, 4)
    }
  },
)
