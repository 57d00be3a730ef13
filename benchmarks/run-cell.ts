import { arch, cpus, platform } from 'node:os'
import { findEnvironment } from '../envs/find.ts'
import { UserError } from '../lib/errors.ts'
import type { Model } from '../models/model.ts'
import { modelById } from '../models/registry.ts'
import { type CellOutcome, type CellRecord, type CellSpec, cellId, isExternal } from './cell.ts'
import { type Circumstance, evaluate } from './evaluation/evaluation.ts'
import { influenceFigures } from './evaluation/influence.ts'
import { scoreCell } from './score/score-cell.ts'
import { initialStatesHash, standardisedData, trainingOfSize } from './task/cell-data.ts'
import { noPool } from './task/episode-pool.ts'
import { checkEvaluation, createTask, type Task } from './task/task.ts'
import { type CellHooks, learn } from './training/learn.ts'
import type { Predictor } from './training/predictor.ts'

/**
 * Makes the data, trains, evaluates: a function of the spec alone, timings apart. `sources` is left empty for the
 * caller, who knows what the figures depend on.
 * @throws UserError where the spec cannot be run.
 */
export async function runCell(spec: CellSpec, hooks: CellHooks = {}): Promise<CellRecord> {
  const task = createTask(spec, await findEnvironment(spec.environment))
  checkVersion(task.environment, spec.environmentVersion)
  checkEvaluation(spec, task)
  const outcome = isExternal(spec)
    ? await scoreCell(spec, task, hooks.predictions, hooks.pool)
    : await runModel(spec, task, hooks)
  const peakRssMb = process.resourceUsage().maxRSS / 1024
  const machine = `${platform()}-${arch()} ${cpus()[0]?.model.trim() ?? 'unknown'}`
  return { cell: cellId(spec), spec, sources: '', ...outcome, timings: { ...outcome.timings, peakRssMb, machine } }
}

async function runModel(spec: CellSpec, task: Task, hooks: CellHooks): Promise<CellOutcome> {
  const model = await modelById(spec.model)
  checkVersion(model, spec.modelVersion)
  checkWorld(task, model)
  const began = performance.now()
  hooks.onProgress?.({ phase: 'data', step: 0, steps: 1, loss: null })
  const pool = hooks.pool ?? noPool
  const data = await standardisedData(spec, task, pool)
  const { training, circumstances, otherSizes } = data
  const dataMs = performance.now() - began

  const room = Math.max(...circumstances.map(({ views }) => views))
  const { predictor, atSize, ...learned } = await learn(spec, task, model, training, room, hooks)
  const evaluationBegan = performance.now()
  const figures: CellRecord['figures'][number][] = []
  const episodes: CellRecord['episodes'][number][] = []
  const test = async (at: Task, asked: Predictor, circumstance: Circumstance, step: number) => {
    hooks.onProgress?.({ phase: 'evaluate', step, steps: circumstances.length + otherSizes.length, loss: null })
    const evaluation = await evaluate(at, asked, circumstance, spec.seed)
    figures.push(...evaluation.figures)
    episodes.push(...evaluation.episodes)
  }
  if (learned.status === 'ok')
    for (const [i, circumstance] of circumstances.entries()) await test(task, predictor, circumstance, i)
  if (learned.status === 'ok' && spec.evaluation.influence !== undefined)
    figures.push(...(await influenceFigures(task, predictor, data.scale, spec.evaluation.influence, spec.seed)))
  predictor.dispose()
  if (learned.status === 'ok')
    for (const [i, other] of otherSizes.entries()) {
      const fitted = () => trainingOfSize(spec, task, other, data.scale, pool)
      const there = await atSize(other.task, fitted, other.views)
      if (there === null) continue
      await test(other.task, there, other, circumstances.length + i)
      there.dispose()
    }
  const evaluateMs = performance.now() - evaluationBegan
  return {
    ...learned,
    figures,
    episodes,
    family: model.family,
    initialStatesHash: initialStatesHash(data),
    timings: { ...learned.timings, evaluateMs, dataMs },
  }
}

function checkVersion({ id, version }: { id: string; version: number }, asked: number): void {
  if (version !== asked) throw new UserError(`${id} is at version ${version} here, the cell asks for version ${asked}`)
}

/** @throws UserError where the model is made for worlds of the other kind. */
function checkWorld({ environment, field }: Task, model: Model): void {
  if (model.likelihood === undefined || model.likelihood === field.likelihood) return
  throw new UserError(
    `${model.id} is made for ${model.likelihood} worlds, and ${environment.id} is a ${field.likelihood} one`,
  )
}
