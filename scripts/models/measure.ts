import { taskOf, trainingShape } from '../../benchmarks/speed/steps.ts'
import type { Entry, TaskPlan } from '../../benchmarks/suites/cells.ts'
import { balls, fullField, optionsOnTiles, ring } from '../../benchmarks/suites/quick.ts'
import type { Task } from '../../benchmarks/task/task.ts'
import { trainingProgram, trainingSignature } from '../../benchmarks/training/training-step.ts'
import { type Measures, measureProgram } from '../../engine/onnx/measure.ts'
import { fitWidth } from '../../models/fit-width.ts'
import { type Network, parseOptions, type TaskShape, type TrainedModel } from '../../models/model.ts'
import type { Settings } from '../flags.ts'
import type { TaskName } from './tasks.ts'

interface ModelTask {
  readonly plan: TaskPlan
  readonly task: Task
  /** Shapes of a training batch. */
  readonly shape: TaskShape
  /** The options that suite quick gives to a model there. */
  optionsOf(model: string): NonNullable<Entry['options']>
}

const plans: Readonly<Record<TaskName, () => TaskPlan>> = {
  balls: () => balls,
  ring: () => ring(3),
  life: () => fullField('life'),
}

export function modelTask(name: TaskName): ModelTask {
  const plan = plans[name]()
  const task = taskOf(plan)
  const shape = trainingShape(task, plan.budget.batch)
  return { plan, task, shape, optionsOf: model => (name === 'ring' ? {} : optionsOnTiles(model)) }
}

/** The network at a task: of the width asked for, or of that which meets the task's number of parameters. */
export function networkAt(
  model: TrainedModel,
  { plan, shape, optionsOf }: ModelTask,
  asked: Settings & { readonly width?: number },
) {
  const given = { ...optionsOf(model.id), ...asked }
  const width = asked.width ?? fitWidth(model, shape, given, plan.budget.parameters).width
  const chosen = parseOptions(model, { ...given, width })
  return { chosen, network: model.build(shape, chosen) }
}

/** What one training step takes, counted from its graph. @throws UserError where it cannot be recorded */
export const measureStep = (model: TrainedModel, network: Network, shape: TaskShape): Measures =>
  measureProgram(`${model.id}.train`, trainingSignature(model, network, shape), trainingProgram(network, shape))
