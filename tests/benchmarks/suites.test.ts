import { describe, expect, it } from 'vitest'
import { budgetLabel, environmentLabel, variantLabel } from '../../benchmarks/board/tables.ts'
import { learningRates, tuningCells } from '../../benchmarks/board/tuning.ts'
import { cellId, cellSchema } from '../../benchmarks/cell.ts'
import { suites } from '../../benchmarks/suites/index.ts'
import { createTask, resolveCount, taskShape } from '../../benchmarks/task/task.ts'
import { BUDGET_TOLERANCE, fitWidth } from '../../models/fit-width.ts'
import { modelById } from '../../models/registry.ts'

describe.each(suites.map(suite => [suite.id, suite] as const))('suite %s', (_id, suite) => {
  it('holds every cell once, each as plain JSON that its schema takes', async () => {
    const cells = await suite.cells()
    expect(new Set(cells.map(cellId)).size).toBe(cells.length)
    for (const spec of cells) expect(cellSchema.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec)
  })

  it('gives every trained model of a world the same number of parameters to within 3 %', async () => {
    for (const spec of await suite.cells()) {
      const model = await modelById(spec.model)
      if (spec.budget === null || 'fit' in model) {
        expect('fit' in model && spec.budget === null).toBe(true)
        continue
      }
      const task = createTask(spec)
      const [views, queries] = [spec.schedule.views, spec.schedule.queries].map(count => resolveCount(count, task))
      const shape = taskShape(task, spec.budget.batch, views, queries)
      const { parameters } = fitWidth(model, shape, spec.options, spec.budget.parameters)
      expect(Math.abs(parameters / spec.budget.parameters - 1)).toBeLessThanOrEqual(BUDGET_TOLERANCE)
    }
  })

  it('stands on one board: no two cells differ in what it does not show', async () => {
    const lines = (await suite.cells()).map(spec =>
      [
        environmentLabel(spec),
        spec.size,
        spec.schedule.scrambled,
        spec.model,
        variantLabel(spec.options),
        budgetLabel(spec.budget),
        spec.seed,
      ].join(),
    )
    expect(lines.filter((line, i) => lines.indexOf(line) !== i)).toEqual([])
  })

  it('shows persistence, climatology and the oracle beside every world', async () => {
    const world = ({
      environment,
      parameters,
      schedule,
    }: {
      environment: string
      parameters: object
      schedule: object
    }) => JSON.stringify([environment, parameters, schedule])
    const cells = await suite.cells()
    for (const reference of ['persistence', 'climatology', 'time-traveller'])
      expect(new Set(cells.filter(({ model }) => model === reference).map(world))).toEqual(new Set(cells.map(world)))
  })

  it('takes its learning rates from those that may be chosen', async () => {
    for (const { budget } of await suite.cells()) if (budget) expect(learningRates).toContain(budget.learningRate)
  })
})

it('choosing learning rates never looks at a test episode, nor at a scrambled world', async () => {
  const cells = tuningCells(await suites[0].cells())
  expect(cells.length).toBeGreaterThan(0)
  for (const { evaluation, schedule } of cells) {
    expect(evaluation).toEqual({ split: 'validation', shifts: [], views: [] })
    expect(schedule.scrambled).toBe(false)
  }
})
