import { UserError } from '../../lib/errors.ts'
import type { Budget } from '../cell.ts'

/**
 * The training steps that a budget pays for. Of FLOPs as many whole steps as fit, so that nobody spends more than
 * another; what is left over is less than one step.
 * @param flopsPerStep of forward, backward and update together, counted from the recorded graph before it has run
 * @throws UserError where a single step costs more, or cannot be counted
 */
export function affordableSteps(budget: Budget, flopsPerStep: number, model: string): number {
  if (budget.kind === 'steps') return budget.steps
  if (!(flopsPerStep > 0))
    throw new UserError(`the FLOPs of a training step of ${model} cannot be counted: give it a budget of steps`)
  const steps = Math.floor(budget.flops / flopsPerStep)
  if (steps === 0)
    throw new UserError(
      `a training step of ${model} takes ${flopsPerStep} FLOPs, more than its whole budget of ${budget.flops}`,
    )
  return steps
}
