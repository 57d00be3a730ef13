import { loadEngine } from '../../engine/index.ts'
import { fitWidth } from '../../models/fit-width.ts'
import type { TrainedModel } from '../../models/model.ts'
import { modelById, modelIds } from '../../models/registry.ts'
import { balls, optionsOnTiles } from '../suites/quick.ts'
import { type Spread, timeByTurns } from './rounds.ts'
import { compileStep, oneBatch, type Stepper, taskOf, trainingShape } from './steps.ts'

const ROUNDS = 5

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

/**
 * A training step of every trained model of the registry as the quick suite takes it on bouncing balls: its batch, its
 * number of parameters, its options where it has the model. By turns.
 * @throws UserError where a model cannot have that many parameters
 */
export async function measureModels(
  time: number,
  ids: readonly string[] = modelIds,
  onPart: (part: string) => void = () => {},
  rounds = ROUNDS,
): Promise<ModelSpeed[]> {
  const task = taskOf(balls)
  const shape = trainingShape(task, balls.budget.batch)
  const engine = await loadEngine('onnx')
  const prepare = async (model: TrainedModel): Promise<Prepared> => {
    onPart(`${model.id}: compiling`)
    const options = optionsOnTiles(model.id)
    const { network, width, parameters } = fitWidth(model, shape, options, balls.budget.parameters)
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
