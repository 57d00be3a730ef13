import type { EngineId } from '../../engine/engine.ts'
import type { Environment } from '../../envs/environment.ts'
import { findEnvironment, isWorldFile, worldName } from '../../envs/find.ts'
import { environments as worlds } from '../../envs/registry.ts'
import { oneOf, UserError } from '../../lib/errors.ts'
import { modelIds } from '../../models/registry.ts'
import type { Grouping } from '../board/groupings.ts'
import { type Budget, type CellSpec, cellId } from '../cell.ts'
import { createTask } from '../task/task.ts'
import { cellParameters } from './cells.ts'

/** A named list of cells. */
export interface Suite {
  readonly id: string
  /** The question it answers, in one line. */
  readonly title: string
  /** Of the whole suite on two cores; not known of a person's own. */
  readonly expectedMinutes?: number
  /** What its question puts side by side: printed below the board. */
  readonly headline?: Grouping
  /** Every cell, in the order of the board. Async, because versions of models come from modules that load tfjs. */
  cells(): Promise<readonly CellSpec[]>
  /** The cells of a world that is not in the suite, a world in a file among them: its general task and entries. */
  cellsFor?(world: string): Promise<readonly CellSpec[]>
  /** Roughly how long a cell takes on one core: for the order of the work and the first estimate of its end. */
  expectedSeconds(spec: CellSpec, environment: Environment): number
}

/** What a person wants of a suite. An absent field leaves the suite as it is. */
export interface Selection {
  /** Worlds to keep. */
  readonly environments?: readonly string[]
  /** Models to keep; persistence stays with them, because no figure is shown without its reference. */
  readonly models?: readonly string[]
  /** Every task at these sizes, instead of the suite's own; of a suite that is about sizes, those of them. */
  readonly sizes?: readonly number[]
  /** Every task with its neighbourhood hidden. */
  readonly scrambled?: boolean
  /** Seeds 0 … n−1, instead of the suite's own. */
  readonly seeds?: number
  readonly engine?: EngineId
  /** The FLOPs that every trained model may spend on all its steps, instead of the suite's own budgets. */
  readonly flops?: number
  /** Parameters of the one world that is kept. */
  readonly parameters?: Readonly<Record<string, unknown>>
}

const alwaysKept = 'persistence'

/** @throws UserError where a known name is not in the suite */
function checkPresent(suite: Suite, kind: string, names: readonly string[], own: readonly string[]): void {
  const absent = names.find(name => !own.includes(name))
  if (absent === undefined) return
  throw new UserError(`suite ${suite.id} has no ${kind} '${absent}'; it has: ${[...new Set(own)].join(', ')}`)
}

/** Each cell once, at its first place. */
export function uniqueCells(cells: readonly CellSpec[]): CellSpec[] {
  return [...new Map(cells.map(spec => [cellId(spec), spec])).values()]
}

/** Each cell once for each value: where the suite varies the same field, the doubles fall together. */
function spread<T>(cells: readonly CellSpec[], values: readonly T[], set: (spec: CellSpec, value: T) => CellSpec) {
  return uniqueCells(cells.flatMap(spec => values.map(value => set(spec, value))))
}

/**
 * The cells of a suite that are wanted, in the order of the board.
 * @throws UserError where a wish cannot be met, or a size does not fit the schedule
 */
export async function selectCells(suite: Suite, wish: Selection): Promise<CellSpec[]> {
  const { environments, models, sizes, seeds, engine, flops, parameters } = wish
  const worldIds = worlds.map(world => world.id)
  const names = environments?.map(worldName)
  for (const name of names ?? []) if (!isWorldFile(name)) oneOf('environment', name, worldIds)
  for (const name of models ?? []) oneOf('model', name, modelIds)
  if (parameters && environments?.length !== 1) throw new UserError('--set changes one world: say which, with --env')
  let cells = uniqueCells(await suite.cells())
  if (names) cells = await ofWorlds(suite, cells, names)
  if (models) {
    checkPresent(
      suite,
      'model',
      models,
      cells.map(spec => spec.model),
    )
    cells = cells.filter(spec => models.includes(spec.model) || spec.model === alwaysKept)
  }
  if (parameters) {
    const [name] = names!
    const environment = await findEnvironment(name)
    const change = (own: CellSpec['parameters']) =>
      cellParameters(environment, name, { ...own, ...parameters } as CellSpec['parameters'])
    cells = uniqueCells(cells.map(spec => ({ ...spec, parameters: change(spec.parameters) })))
  }
  if (sizes) cells = ofSizes(suite, cells, sizes)
  if (wish.scrambled) {
    cells = uniqueCells(cells.map(spec => ({ ...spec, schedule: { ...spec.schedule, scrambled: true } })))
  }
  if (seeds) {
    const numbers = Array.from({ length: seeds }, (_, seed) => seed)
    cells = spread(cells, numbers, (spec, seed) => ({ ...spec, seed }))
  }
  if (engine) cells = uniqueCells(cells.map(spec => ({ ...spec, engine })))
  if (flops) cells = uniqueCells(cells.map(spec => ({ ...spec, budget: spec.budget && inFlops(spec.budget, flops) })))
  const opened = await openWorlds(cells)
  for (const spec of cells) createTask(spec, opened(spec))
  return cells
}

function inFlops({ parameters, batch, learningRate }: Budget, flops: number): Budget {
  return { kind: 'flops', flops, parameters, batch, learningRate }
}

/** The suite's cells of these worlds, and those that it makes for worlds that it does not have. */
async function ofWorlds(suite: Suite, cells: readonly CellSpec[], names: readonly string[]): Promise<CellSpec[]> {
  const own = cells.map(spec => spec.environment)
  if (suite.cellsFor === undefined) checkPresent(suite, 'environment', names, own)
  const made = names.filter(name => !own.includes(name)).map(name => suite.cellsFor!(name))
  return uniqueCells([...cells.filter(spec => names.includes(spec.environment)), ...(await Promise.all(made)).flat()])
}

/** A world that the suite poses at several sizes is posed there with care: its cells of the wanted sizes are kept. */
function ofSizes(suite: Suite, cells: readonly CellSpec[], sizes: readonly number[]): CellSpec[] {
  const sizesOf = new Map<string, Set<number>>()
  for (const { environment, parameters, size } of cells) {
    const world = JSON.stringify([environment, parameters])
    sizesOf.set(world, (sizesOf.get(world) ?? new Set()).add(size))
  }
  if ([...sizesOf.values()].every(own => own.size === 1))
    return spread(cells, sizes, (spec, size) => ({ ...spec, size }))
  checkPresent(
    suite,
    'size',
    sizes.map(String),
    cells.map(({ size }) => String(size)),
  )
  return cells.filter(({ size }) => sizes.includes(size))
}

/** Every world of some cells, each opened once: a file may be large. */
async function openWorlds(cells: readonly CellSpec[]): Promise<(spec: CellSpec) => Environment> {
  const names = [...new Set(cells.map(spec => spec.environment))]
  const found = new Map(await Promise.all(names.map(async name => [name, await findEnvironment(name)] as const)))
  return spec => found.get(spec.environment)!
}

/** How long each of these cells takes by a suite's estimate, for whoever asks often. */
export async function expectedTimes(suite: Suite, cells: readonly CellSpec[]): Promise<(spec: CellSpec) => number> {
  const opened = await openWorlds(cells)
  const seconds = new Map(cells.map(spec => [spec, suite.expectedSeconds(spec, opened(spec))]))
  return spec => seconds.get(spec)!
}
