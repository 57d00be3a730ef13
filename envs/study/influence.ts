/**
 * The influence oracle: how far, how fast and how strongly a world really acts. One cell is disturbed, the world and
 * its disturbed copy run on, and what differs between them is averaged by where it lies from the disturbed cell:
 *
 *     I_n(d) = ⟨ |Δx(c + d, t + n)| ⟩   over starts t and disturbed cells c
 *
 * Δx counts in standard deviations of each channel where a world is gaussian, and channels are averaged. A flip, or a
 * tenth of a standard deviation, is what is done to the cell (for bodies: what `perturb` makes of 1 cell).
 */
import type { Field } from '../environment.ts'
import { requireNumbers } from '../episodes.ts'
import { begin, look, type Running, type Subject, scalesOf, studyStream } from './run.ts'

/** Influence by displacement, after so many frames. */
export interface InfluenceMap {
  readonly frames: number
  /** rows × columns of `Influence`, row-major. */
  readonly values: Float64Array
}

export interface Influence {
  readonly field: Field
  /** Displacements that a map holds, and its place of no displacement. All that there are: once round a torus. */
  readonly rows: number
  readonly columns: number
  readonly origin: { readonly row: number; readonly column: number }
  /** What the disturbance itself is, before any frame. */
  readonly disturbance: InfluenceMap
  readonly maps: readonly InfluenceMap[]
  /** How many cells were disturbed. */
  readonly count: number
}

/** What a map says in a few numbers. Distances in cells: rows or columns, whichever are more. */
export interface Extent {
  readonly frames: number
  /** Within which 50, 90 and 99 % of the influence lie. */
  readonly half: number
  readonly most: number
  readonly nearlyAll: number
  /** Beyond which there is none. */
  readonly reach: number
  /** By which the distance of 90 % grew since the row before, cells a frame; null in the first row. */
  readonly speed: number | null
  /** All influence together, in multiples of the disturbance. */
  readonly strength: number
}

/** Cells disturbed at each start. */
const CELLS = 8
/** Where a disturbance finds nothing to disturb, others are tried. */
const TRIES = 100
/** Smaller shares of the largest difference are the rounding of transforms, not action. */
const ROUNDING = 1e-6

/** @param horizons frames after the disturbance, rising */
export function influence(subject: Subject, starts = 24, horizons: readonly number[] = [1, 4, 16]): Influence {
  const { environment, parameters, size } = subject
  const field = environment.field(parameters, size)
  const { channels, likelihood } = field
  const gaussian = likelihood === 'gaussian'
  const scale = gaussian ? scalesOf(subject, 'influence') : channels.map(() => 1)
  const sums = createSums(field, [0, ...horizons])
  for (let start = 0; start < starts; start++) {
    const stream = studyStream(subject, `influence/${start}`)
    const world = begin(subject, stream)
    const cells = stream.split('cells')
    const disturbed: Disturbed[] = []
    const before = look(subject, world)
    for (let tries = 0; tries < TRIES && disturbed.length < CELLS; tries++) {
      const other = { ...world, state: structuredClone(world.state) }
      const [row, column] = [cells.integer(field.height), cells.integer(field.width)]
      environment.perturb(other.state, row, column, gaussian ? 0.1 * scale[0] : 1)
      const frame = look(subject, other)
      if (frame.some((x, i) => x !== before[i])) disturbed.push({ world: other, row, column })
    }
    let at = 0
    for (const sum of sums) {
      for (; at < sum.frames; at++)
        for (const { state } of [world, ...disturbed.map(of => of.world)]) environment.advance(state, parameters)
      const plain = look(subject, world)
      requireNumbers(environment, plain, at)
      for (const of of disturbed) addDifference(sum, field, scale, of, plain, look(subject, of.world))
    }
  }
  const [disturbance, ...maps] = sums.map(({ frames, totals, counts }) => ({
    frames,
    values: totals.map((total, i) => (counts[i] === 0 ? 0 : total / counts[i])),
  }))
  const { rows, columns, origin } = shapeOf(field)
  const count = sums[0].counts[origin.row * columns + origin.column]
  return { field, rows, columns, origin, disturbance, maps, count }
}

interface Disturbed {
  readonly world: Running
  readonly row: number
  readonly column: number
}

interface Sums {
  readonly frames: number
  readonly totals: Float64Array
  /** How often each displacement lay in the world. */
  readonly counts: Float64Array
}

/** Displacements along one axis: once round a torus; between walls, from one end to the other both ways. */
const spanOf = (length: number, { boundary }: Field) => (boundary === 'torus' ? length : 2 * length - 1)

function shapeOf(field: Field) {
  const [rows, columns] = [spanOf(field.height, field), spanOf(field.width, field)]
  return { rows, columns, origin: { row: (rows - 1) >> 1, column: (columns - 1) >> 1 } }
}

function createSums(field: Field, horizons: readonly number[]): Sums[] {
  const { rows, columns } = shapeOf(field)
  return horizons.map(frames => ({
    frames,
    totals: new Float64Array(rows * columns),
    counts: new Float64Array(rows * columns),
  }))
}

/** Adds what differs between a world and its disturbed copy, by where it lies from the disturbed cell. */
function addDifference(
  { totals, counts }: Sums,
  field: Field,
  scale: ArrayLike<number>,
  { row, column }: Disturbed,
  plain: Float32Array,
  other: Float32Array,
): void {
  const { height, width, channels } = field
  const { rows, columns, origin } = shapeOf(field)
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      // Once round: a displacement beyond the map's edge is the one from the other side.
      const down = (y - row + origin.row + 2 * rows) % rows
      const right = (x - column + origin.column + 2 * columns) % columns
      let difference = 0
      for (let channel = 0; channel < channels.length; channel++, i++)
        difference += Math.abs(other[i] - plain[i]) / scale[channel]
      totals[down * columns + right] += difference / channels.length
      counts[down * columns + right]++
    }
}

const sumOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0)

/** The few numbers of the disturbance itself and of every map. */
export function extents(influence: Influence): Extent[] {
  const { disturbance, maps } = influence
  const initial = sumOf(disturbance.values)
  const rows: Extent[] = []
  for (const map of [disturbance, ...maps]) {
    const shares = sharesByDistance(influence, map)
    const total = sumOf(shares)
    const before = rows.at(-1)
    const most = holding(shares, 0.9 * total)
    rows.push({
      frames: map.frames,
      half: holding(shares, 0.5 * total),
      most,
      nearlyAll: holding(shares, 0.99 * total),
      reach: farthest(influence, map),
      speed: before === undefined ? null : (most - before.most) / (map.frames - before.frames),
      strength: total / initial,
    })
  }
  return rows
}

/** Of a place in a map, in rows or columns, whichever are more. */
function distanceAt({ columns, origin }: Influence, place: number): number {
  return Math.max(Math.abs(Math.floor(place / columns) - origin.row), Math.abs((place % columns) - origin.column))
}

function sharesByDistance(influence: Influence, { values }: InfluenceMap): Float64Array {
  const shares = new Float64Array(Math.max(influence.rows, influence.columns))
  values.forEach((value, place) => {
    shares[distanceAt(influence, place)] += value
  })
  return shares
}

/** The distance within which that much lies, give or take the rounding of sums. */
function holding(shares: Float64Array, amount: number): number {
  let sum = 0
  for (const [distance, share] of shares.entries()) {
    sum += share
    if (sum >= amount * (1 - 1e-9)) return distance
  }
  return shares.length
}

function farthest(influence: Influence, { values }: InfluenceMap): number {
  const least = ROUNDING * values.reduce((largest, value) => Math.max(largest, value), 0)
  return values.reduce((far, value, place) => (value > least ? Math.max(far, distanceAt(influence, place)) : far), 0)
}
