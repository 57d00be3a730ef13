import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { peerSteps, prepareStep } from '../../benchmarks/peers/steps.ts'
import { trainingProgram, trainingSignature } from '../../benchmarks/training/training-step.ts'
import { loadEngine } from '../../engine/index.ts'

// With a Python that has onnx: SCALESPACE_PYTHON=/path/to/python npx vitest run tests/engine/checker.test.ts
const python = process.env.SCALESPACE_PYTHON
const check = 'import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True); print("checked")'

describe.skipIf(python === undefined)("ONNX's own checker", () => {
  it.each(peerSteps)('accepts the exported step of $id, with the shapes that it infers', async step => {
    const { model, network, shape } = await prepareStep(step)
    const engine = await loadEngine('onnx')
    const inputs = trainingSignature(model, network, shape)
    const program = await engine.compile(step.id, inputs, trainingProgram(network, shape))
    const folder = mkdtempSync(join(tmpdir(), 'scalespace-checker-'))
    try {
      const file = join(folder, 'step.onnx')
      writeFileSync(file, program.export())
      expect(execFileSync(python!, ['-c', check, file], { encoding: 'utf8' }).trim()).toBe('checked')
    } finally {
      program.dispose()
      rmSync(folder, { recursive: true })
    }
  })
})
