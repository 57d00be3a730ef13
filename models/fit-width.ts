import { UserError } from '../lib/errors.ts'
import { type Network, parameterCount, parseOptions, type TaskShape, type TrainedModel } from './model.ts'

/** How far from the budget a model's parameters may be. */
export const BUDGET_TOLERANCE = 0.03

/**
 * The network whose number of parameters is nearest to `budget`, found by bisection over the integer option `width`.
 * @throws UserError where no width comes within 3 %: it names the nearest that exists.
 */
export function fitWidth(
  model: TrainedModel,
  task: TaskShape,
  chosen: Readonly<Record<string, unknown>>,
  budget: number,
): { width: number; network: Network; parameters: number } {
  const at = (width: number) => {
    const network = model.build(task, parseOptions(model, { ...chosen, width }))
    return { width, network, parameters: parameterCount(network.parameters) }
  }
  let low = 1
  let high = 2
  while (at(high).parameters < budget) high *= 2
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (at(middle).parameters < budget) low = middle
    else high = middle
  }
  const [below, above] = [at(low), at(high)]
  const nearest = budget - below.parameters < above.parameters - budget ? below : above
  if (Math.abs(nearest.parameters - budget) > BUDGET_TOLERANCE * budget)
    throw new UserError(
      `${model.id} cannot have ${budget} parameters: the nearest is ${nearest.parameters} at width ${nearest.width}`,
    )
  return nearest
}
