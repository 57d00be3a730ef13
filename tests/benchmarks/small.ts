import fc from 'fast-check'
import type { CellSpec, Schedule } from '../../benchmarks/cell.ts'
import { createTask, type Task } from '../../benchmarks/task/task.ts'
import { type Environment, type Field, parseParameters } from '../../envs/environment.ts'
import { environmentById } from '../../envs/registry.ts'
import type { Lattice } from '../../models/model.ts'
import { positionSize, tilePositions } from '../../models/positions.ts'

/** A short schedule in full field, on tiles of 2 × 2. */
export const shortSchedule: Schedule = {
  tile: 2,
  views: 'all',
  queries: 'all',
  context: 3,
  blind: 1,
  scrambled: false,
}

export function worldParameters(environment: string, given: CellSpec['parameters'] = {}): CellSpec['parameters'] {
  return parseParameters(environmentById(environment), given) as CellSpec['parameters']
}

/** A task of a real world, default parameters but for the given. */
export function smallTask(
  environment: string,
  size: number,
  schedule: Partial<Schedule> = {},
  parameters: CellSpec['parameters'] = {},
): Task {
  const whole = { ...shortSchedule, ...schedule }
  return createTask({ environment, parameters: worldParameters(environment, parameters), size, schedule: whole })
}

/** What the number in a cell of a numbered world tells. */
export interface Origin {
  readonly episode: number
  readonly frame: number
  /** Row-major, channels last. */
  readonly index: number
}

const number = ({ episode, frame, index }: Origin) => (episode * 16 + frame) * 4096 + index
export const originOf = (value: number): Origin => ({
  episode: Math.floor(value / 65536),
  frame: Math.floor(value / 4096) % 16,
  index: value % 4096,
})

export interface NumberedShape {
  readonly height: number
  readonly width: number
  readonly channels?: number
  readonly likelihood?: Field['likelihood']
  readonly boundary?: Field['boundary']
}

/**
 * A world in which every number of every frame of every episode is another, exact in float32, so that it can be told
 * where a number that turns up somewhere comes from. At most 16 episodes, 16 frames and 4096 numbers a frame.
 */
export function numberedTask(shape: NumberedShape, schedule: Partial<Schedule> = {}): Task {
  const { height, width, channels = 1, likelihood = 'gaussian', boundary = 'torus' } = shape
  const task = smallTask('life', 16, { ...schedule, tile: 1, views: 1, queries: 1, scrambled: false })
  const field: Field = {
    ...task.field,
    height,
    width,
    channels: Array.from({ length: channels }, (_, c) => ({ name: `channel ${c}`, unit: '1' })),
    likelihood,
    boundary,
    burnIn: 0,
  }
  const environment: Environment = {
    ...task.environment,
    id: 'numbered',
    field: () => field,
    initial: (_parameters, _size, { name }) => ({ episode: Number(name.split('/').at(-1)), frame: 0 }),
    advance: state => {
      ;(state as { frame: number }).frame++
    },
    observe: (state, out) => {
      for (let index = 0; index < out.length; index++) out[index] = number({ ...(state as Origin), index })
    },
  }
  const whole = { ...shortSchedule, ...schedule }
  const [tileHeight, tileWidth] = [height === 1 ? 1 : whole.tile, whole.tile]
  const lattice: Lattice = { rows: height / tileHeight, columns: width / tileWidth, boundary }
  const tiles = lattice.rows * lattice.columns
  // Any permutation will do here: the reversal.
  const placeOf = Int32Array.from({ length: tiles }, (_, tile) => (whole.scrambled ? tiles - 1 - tile : tile))
  const viewSize = tileHeight * tileWidth * channels
  const positions = tilePositions(lattice)
  if (positions.length !== tiles * positionSize(lattice)) throw new RangeError('positions do not fit the lattice')
  return {
    ...task,
    environment,
    field,
    schedule: whole,
    tileHeight,
    tileWidth,
    lattice,
    tiles,
    viewSize,
    placeOf,
    positions,
  }
}

/** Numbered tasks of every kind: ring and plane, one and two channels, plain and scrambled, part and full views. */
export const numberedTasks: fc.Arbitrary<Task> = fc
  .record({
    line: fc.boolean(),
    rows: fc.integer({ min: 2, max: 3 }),
    columns: fc.integer({ min: 2, max: 4 }),
    tile: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 2 }),
    views: fc.integer({ min: 1, max: 12 }),
    queries: fc.integer({ min: 1, max: 12 }),
    context: fc.integer({ min: 2, max: 4 }),
    blind: fc.integer({ min: 0, max: 3 }),
    scrambled: fc.boolean(),
    walls: fc.boolean(),
  })
  .map(({ line, rows, columns, tile, channels, views, queries, walls, ...schedule }) => {
    const tiles = (line ? 1 : rows) * columns
    const count = (asked: number) => (asked >= tiles ? ('all' as const) : asked)
    const shape = { height: line ? 1 : rows * tile, width: columns * tile, channels }
    const boundary = walls ? ('walls' as const) : ('torus' as const)
    return numberedTask({ ...shape, boundary }, { ...schedule, tile, views: count(views), queries: count(queries) })
  })
