import { UserError } from '../lib/errors.ts'
import { type Network, parameterCount, parseOptions, type TaskShape, type TrainedModel } from './model.ts'

/** How far from the budget a model's parameters may be. */
export const BUDGET_TOLERANCE = 0.03

interface FittedNetwork {
  readonly width: number
  readonly network: Network
  readonly parameters: number
}

/** The network whose number of parameters is nearest to `budget`, found by bisection over the integer option `width`. */
export function nearestNetwork(
  model: TrainedModel,
  task: TaskShape,
  chosen: Readonly<Record<string, unknown>>,
  budget: number,
): FittedNetwork {
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
  return budget - below.parameters < above.parameters - budget ? below : above
}

/** Is a number of parameters as good as the budget? */
export const meetsBudget = (parameters: number, budget: number): boolean =>
  Math.abs(parameters - budget) <= BUDGET_TOLERANCE * budget

/** `nearestNetwork`, @throws UserError where it is not within 3 % of the budget: it names the nearest that exists. */
export function fitWidth(...asked: Parameters<typeof nearestNetwork>): FittedNetwork {
  const nearest = nearestNetwork(...asked)
  const [model, , , budget] = asked
  if (!meetsBudget(nearest.parameters, budget))
    throw new UserError(
      `${model.id} cannot have ${budget} parameters: the nearest is ${nearest.parameters} at width ${nearest.width}`,
    )
  return nearest
}
