import { begin, studyStream } from '../../envs/study/run.ts'
import { type Random, shuffle } from '../../lib/random.ts'
import type { EpisodeTable } from '../../models/model.ts'
import type { ViewPlan } from '../task/batch.ts'
import { cellIndices, type Scale, standardise } from '../task/episodes.ts'
import type { Task } from '../task/task.ts'

// Episodes and their disturbed copies: alike up to the last frame that is seen, in which one cell is disturbed as the
// influence oracle does it (envs/study/influence.ts).

/** Tiles disturbed at each start. */
const DISTURBED = 8
/** Where a disturbance finds nothing to disturb, other cells are tried. */
const TRIES = 100

/** An episode, and which one it was before one of its tiles was disturbed: itself, where none was. */
export interface Role {
  readonly start: number
  readonly plain: number
  /** The place of the disturbed tile; −1 for none. */
  readonly tile: number
}

export interface Disturbances {
  readonly table: EpisodeTable
  readonly roles: readonly Role[]
}

/** Runs every start and its disturbed copies. A disturbed tile is one that is seen, or nobody could know of it. */
export function disturb(task: Task, scale: Scale, plan: ViewPlan, starts: number, room: number): Disturbances {
  const { environment, parameters, schedule } = task
  const last = schedule.context - 1
  const look = viewer(task)
  const episodes: Float32Array[] = []
  const roles: Role[] = []
  const cells = cellsOf(task)
  const amount = task.field.likelihood === 'gaussian' ? 0.1 * scale.deviation[0] : 1
  for (let start = 0; start < starts; start++) {
    const stream = studyStream(task, `influence/${start}`)
    const { state } = begin(task, stream)
    const before = Array.from({ length: last + 1 }, (_, t) => {
      if (t > 0) environment.advance(state, parameters)
      return look(state)
    })
    const seen = plan.subarray((last * starts + start) * room, (last * starts + start + 1) * room).filter(t => t >= 0)
    const chosen = tries(seen, cells, stream.split('cells'))
    const plain = episodes.length
    const copies: { readonly tile: number; readonly state: unknown; readonly frame: Float32Array }[] = []
    for (const { tile, row, column } of chosen) {
      if (copies.length === DISTURBED) break
      const copy = structuredClone(state)
      environment.perturb(copy, row, column, amount)
      const frame = look(copy)
      if (frame.some((x, i) => x !== before[last][i])) copies.push({ tile, state: copy, frame })
    }
    episodes.push(joined([...before, ...runOn(task, state, look)]))
    roles.push({ start, plain, tile: -1 })
    for (const { tile, state: copy, frame } of copies) {
      episodes.push(joined([...before.slice(0, last), frame, ...runOn(task, copy, look)]))
      roles.push({ start, plain, tile })
    }
  }
  const { tiles, viewSize } = task
  const values = joined(episodes)
  standardise(scale, values)
  const frames = schedule.context + schedule.blind + 1
  return { table: { episodes: episodes.length, frames, tiles, viewSize, values }, roles }
}

interface Cell {
  readonly row: number
  readonly column: number
}

/** The cells of every place of the lattice. */
function cellsOf(task: Task): Cell[][] {
  const { lattice, tileHeight, tileWidth, placeOf, tiles } = task
  const cells: Cell[][] = []
  for (let tile = 0; tile < tiles; tile++) {
    const [top, left] = [Math.floor(tile / lattice.columns) * tileHeight, (tile % lattice.columns) * tileWidth]
    cells[placeOf[tile]] = Array.from({ length: tileHeight * tileWidth }, (_, i) => ({
      row: top + Math.floor(i / tileWidth),
      column: left + (i % tileWidth),
    }))
  }
  return cells
}

/** Cells to disturb: one of every seen tile in a random order, then another of each, and so on. */
function tries(seen: Int32Array, cells: readonly (readonly Cell[])[], random: Random) {
  const order = Int32Array.from(seen)
  shuffle(order, order.length, random)
  return Array.from({ length: TRIES }, (_, i) => {
    const tile = order[i % order.length]
    return { tile, ...cells[tile][random.integer(cells[tile].length)] }
  })
}

/** The frames from here on, this one left out. */
function runOn(task: Task, state: unknown, look: Look): Float32Array[] {
  return Array.from({ length: task.schedule.blind + 1 }, () => {
    task.environment.advance(state, task.parameters)
    return look(state)
  })
}

/** What a state shows, cut into tiles. */
type Look = (state: unknown) => Float32Array

function viewer(task: Task): Look {
  const places = cellIndices(task)
  const frame = new Float32Array(places.length)
  return state => {
    task.environment.observe(state, frame)
    const tiles = new Float32Array(places.length)
    for (let i = 0; i < places.length; i++) tiles[places[i]] = frame[i]
    return tiles
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
