import { type Environment, type Field, parseParameters } from '../../envs/environment.ts'
import { environmentById } from '../../envs/registry.ts'
import { oneOf, UserError } from '../../lib/errors.ts'
import { permutation, randomStream } from '../../lib/random.ts'
import type { Lattice, TaskShape } from '../../models/model.ts'
import { positionSize, tilePositions } from '../../models/positions.ts'
import type { CellSpec, Schedule } from '../cell.ts'

/** A world, a size and a view schedule, with everything that follows from them. */
export interface Task {
  readonly environment: Environment
  readonly parameters: Readonly<Record<string, unknown>>
  readonly size: number
  readonly schedule: Schedule
  readonly field: Field
  readonly lattice: Lattice
  /** Tiles of the lattice. */
  readonly tiles: number
  /** Height and width of a tile, in cells; a 1-D world has tiles of height 1. */
  readonly tileHeight: number
  readonly tileWidth: number
  /** C: numbers in a tile. */
  readonly viewSize: number
  /** Which place of the lattice each tile is shown at: the identity, or one fixed permutation where scrambled. */
  readonly placeOf: Int32Array
  /** [tiles, P] the encoded position of every place. */
  readonly positions: Float32Array
}

/**
 * @param environment of a spec that names a file: what is in it (`findEnvironment`)
 * @throws UserError where the schedule does not fit the world.
 */
export function createTask(
  spec: Pick<CellSpec, 'environment' | 'parameters' | 'size' | 'schedule'>,
  environment: Environment = environmentById(spec.environment),
): Task {
  const { schedule, size } = spec
  const parameters = parseParameters(environment, spec.parameters)
  const field = environment.field(parameters, size)
  const line = field.height === 1
  const tileHeight = line ? 1 : schedule.tile
  const tileWidth = schedule.tile
  const right = fittingSizes(schedule, line)
  if (field.height % tileHeight !== 0 || field.width % tileWidth !== 0)
    throw new UserError(`size ${size} is not a multiple of the tile's side ${schedule.tile}: ${right}`)
  const rows = field.height / tileHeight
  const columns = field.width / tileWidth
  const tiles = rows * columns
  if (tiles === 1)
    throw new UserError(`size ${size} is a single tile, which leaves no positions to tell apart: ${right}`)
  for (const name of ['views', 'queries'] as const) {
    const asked = schedule[name]
    if (asked !== 'all' && asked > tiles)
      throw new UserError(`size ${size} has ${tiles} tiles, fewer than ${asked} ${name}: ${right}`)
  }
  const frames = schedule.context + schedule.blind + 1
  if (environment.recorded !== undefined && environment.recorded.frames < frames)
    throw new UserError(
      `${environment.id} has episodes of ${environment.recorded.frames} frames; ${schedule.context} context and ` +
        `${schedule.blind} blind ones and their last target take ${frames}`,
    )
  const identity = Int32Array.from({ length: tiles }, (_, tile) => tile)
  const name = `scramble/${environment.id}@${environment.version}/${size}/${schedule.tile}`
  const lattice = { rows, columns, boundary: field.boundary }
  return {
    environment,
    parameters,
    size,
    schedule,
    field,
    lattice,
    tiles,
    tileHeight,
    tileWidth,
    viewSize: tileHeight * tileWidth * field.channels.length,
    placeOf: schedule.scrambled ? permutation(tiles, randomStream(name)) : identity,
    positions: tilePositions(lattice),
  }
}

/**
 * The same task at another size of the world: the same part of it is seen and asked for.
 * @param task of the spec @throws UserError where the size does not fit
 */
export function taskOfSize(spec: Pick<CellSpec, 'environment' | 'parameters' | 'schedule'>, task: Task, size: number) {
  const { schedule } = spec
  const whole = createTask({ ...spec, size, schedule: { ...schedule, views: 'all', queries: 'all' } }, task.environment)
  const inProportion = (count: number | 'all') =>
    count === 'all' ? count : Math.max(1, Math.round((count * whole.tiles) / task.tiles))
  const [views, queries] = [inProportion(schedule.views), inProportion(schedule.queries)]
  return { ...whole, schedule: { ...schedule, views, queries } }
}

/** Before any data is made. @throws UserError for a shift that the world has not, or more views than it has tiles. */
export function checkEvaluation(spec: CellSpec, task: Task): void {
  const { evaluation, size } = spec
  const { environment, tiles } = task
  for (const name of evaluation.shifts) oneOf(`shift of ${environment.id}`, name, Object.keys(environment.shifts))
  for (const count of evaluation.views)
    if (count > tiles)
      throw new UserError(`size ${size} has ${tiles} tiles: an evaluation takes ${tiles} views at most, not ${count}`)
  for (const other of evaluation.sizes ?? []) taskOfSize(spec, task, other)
}

/** What would be right: the sizes that the schedule can cut, from the smallest with enough tiles. */
function fittingSizes({ tile, views, queries }: Schedule, line: boolean): string {
  const needed = Math.max(2, ...[views, queries].filter(count => count !== 'all'))
  const smallest = (line ? needed : Math.ceil(Math.sqrt(needed))) * tile
  return `this schedule takes multiples of ${tile} from ${smallest} on (${smallest}, ${smallest + tile}, …)`
}

/** How many views, or queries, a count of the schedule means on this lattice. */
export function resolveCount(count: number | 'all', task: Task): number {
  return count === 'all' ? task.tiles : count
}

/** The shapes that a model is built for. Evaluation may hold more views and asks for every tile. */
export function taskShape(task: Task, batch: number, views: number, queries: number): TaskShape {
  return {
    steps: task.schedule.context + task.schedule.blind,
    batch,
    views,
    queries,
    tile: [task.tileHeight, task.tileWidth],
    viewSize: task.viewSize,
    positionSize: positionSize(task.lattice),
    lattice: task.lattice,
    likelihood: task.field.likelihood,
  }
}
