import { loadEngine } from '../../engine/index.ts'
import { fitWidth } from '../../models/fit-width.ts'
import type { TrainedModel } from '../../models/model.ts'
import { modelById, modelIds } from '../../models/registry.ts'
import { type Spread, timeByTurns } from './rounds.ts'
import { ballsTask, compileStep, oneBatch, type Stepper, trainingShape } from './steps.ts'

const BATCH = 8
const PARAMETERS = 60_000
const ROUNDS = 5

/** 6 × 6 tiles of 4 × 4 cells, a third of them seen. */
const modelTask = () => ballsTask(24, { tile: 4, views: 12, queries: 12, context: 10, blind: 4, scrambled: false })

export interface ModelSpeed {
  readonly model: string
  readonly family: string
  readonly parameters: number
  readonly width: number
  /** Milliseconds a training step. */
  readonly step: Spread
  readonly nodes: number
  readonly compileMs: number
  readonly flops: number
  readonly gigaflopsPerSecond: number
}

type Prepared = Pick<ModelSpeed, 'model' | 'family' | 'parameters' | 'width'> & { readonly stepper: Stepper }

/** A training step of every trained model of the registry, at equal parameters on one task, by turns. */
export async function measureModels(
  time: number,
  ids: readonly string[] = modelIds,
  onPart: (part: string) => void = () => {},
  rounds = ROUNDS,
): Promise<ModelSpeed[]> {
  const task = modelTask()
  const shape = trainingShape(task, BATCH)
  const engine = await loadEngine('onnx')
  const prepare = async (model: TrainedModel): Promise<Prepared> => {
    onPart(`${model.id}: compiling`)
    // Where a module can stand for several tiles: with one a tile, 36 modules are too many for the parameters.
    const chosen = 'block' in model.options.shape ? { block: 2 } : {}
    const { network, width, parameters } = fitWidth(model, shape, chosen, PARAMETERS)
    const stepper = await compileStep(engine, model, network, shape, oneBatch(task, shape, model))
    return { model: model.id, family: model.family, parameters, width, stepper }
  }
  const prepared: Prepared[] = []
  for (const id of ids) {
    const model = await modelById(id)
    if ('build' in model) prepared.push(await prepare(model))
  }
  const tasks = prepared.map(({ model, stepper }) => ({ name: model, run: stepper.step }))
  const spreads = await timeByTurns(tasks, time, rounds, round => onPart(`round ${round + 1} of ${rounds}`))
  return prepared.map(({ stepper, ...about }, i) => {
    const { nodes, compileMs, flops } = stepper.program
    stepper.program.dispose()
    const step = spreads[i]
    return { ...about, step, nodes, compileMs, flops, gigaflopsPerSecond: flops / step.median / 1e6 }
  })
}
