/**
 * Traffic: cars on a grid of one-way streets with signals, where a red light acts back along its queue.
 *
 * Streets lie every `block` cells, rows running east, columns running south. In a frame all cars move at once:
 *
 *   v ← min(v + 1, v_max)   accelerate
 *   v ← min(v, gap)         brake: gap = free cells ahead, ending at a crossing that may not be entered
 *   v ← max(v − 1, 0)       slow down for no reason, with probability p
 *   x ← x + v               move
 *
 * v speed in cells a frame, 0 … v_max; x place along the street. A crossing is one cell that two streets share. It may
 * be entered while its signal is green for the street, it is empty, and so is the cell beyond it: nobody enters what
 * they could not leave. Who enters turns into the other street with probability q, drawn for each crossing and frame.
 * Signals give each direction `green` frames in turn; their phases are drawn at the start, and braking needs no amber.
 *
 * Boundary: torus. Time: one frame = one update of all cars. Shown: cars that head east, cars that head south, and at
 * crossings whether east has green in the move to come. Speeds and the signals' clocks are hidden: the past tells them.
 * Slowing down and turning are noise: a word is drawn each frame and scrambled with the number of a cell, so that a
 * disturbance leaves everybody else's luck as it was.
 *
 * This is the city of Chowdhury & Schadschneider with crossings kept clear, which ends their gridlock, and with turns,
 * by which a full street holds up those that cross it. An empty cell in any block lets a car in sooner or later
 * (p < 1, 0 < q < 1): only a city without one stands still. Without crossings every street is a Nagel–Schreckenberg ring.
 *
 * Source: Chowdhury & Schadschneider (1999), doi:10.1103/PhysRevE.59.R1311, who join Biham, Middleton & Levine (1992),
 * doi:10.1103/PhysRevA.46.R6124, and Nagel & Schreckenberg (1992), doi:10.1051/jp1:1992277.
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import { type Noise, nextWord, noiseFrom } from '../lib/noise.ts'
import { permutation } from '../lib/random.ts'
import { defineEnvironment } from './environment.ts'

const schema = z.object({
  density: z.number().min(0).max(1).default(0.35).describe('share of the cells between crossings that hold a car'),
  maxSpeed: z.int().min(1).max(100).default(3).describe('v_max, in cells a frame'),
  slowdown: z.number().min(0).max(1).default(0.25).describe('p, chance that a driver slows down for no reason'),
  turn: z.number().min(0).max(1).default(0.2).describe('q, chance that a car turns at a crossing'),
  block: z.int().min(2).default(8).describe('cells from one street to the next, a divisor of the size'),
  green: z.int().min(1).max(100_000).default(12).describe('frames of green for each direction in turn'),
  crossings: z
    .enum(['signals', 'together', 'bridges'])
    .default('signals')
    .describe('signals of random phase, signals that all switch together, or bridges: streets that never meet'),
})
type Parameters = z.output<typeof schema>

/** What is in a place where no car is; elsewhere the car's speed. */
const EMPTY = -1

/**
 * Places are numbered by street, then along it: first the size / block streets that run east, then those that run
 * south. A crossing is a place of both its streets; a car there is in the one that it heads along.
 */
interface State {
  readonly size: number
  readonly speed: Int8Array
  readonly next: Int8Array
  /** The place ahead in the same street. */
  readonly ahead: Int32Array
  /** At a crossing, its place in the other street; −1 elsewhere. */
  readonly twin: Int32Array
  /** The cell of the field, row-major. */
  readonly cell: Int32Array
  /** Whether the signal lets cars of this street enter; 0 where there is none. */
  readonly isGreen: Uint8Array
  /** The crossings, by their places in streets that run east. */
  readonly crossings: Int32Array
  /** Frames since each crossing's signal turned green for east. */
  readonly clock: Int32Array
  readonly noise: Noise
}

/** The streets of an empty city, its signals not yet set. */
function layOut({ block, crossings }: Parameters, size: number): Omit<State, 'noise'> {
  const half = (size * size) / block
  const indices = Int32Array.from({ length: 2 * half }, (_, place) => place)
  const street = (place: number) => Math.floor((place % half) / size) * block
  const along = (place: number) => place % size
  const isCrossing = (place: number) => crossings !== 'bridges' && along(place) % block === 0
  const there = (place: number) => (along(place) / block) * size + street(place)
  const atCrossings = indices.filter(place => place < half && isCrossing(place))
  return {
    size,
    speed: new Int8Array(2 * half).fill(EMPTY),
    next: new Int8Array(2 * half),
    ahead: indices.map(place => place - along(place) + ((along(place) + 1) % size)),
    twin: indices.map(place => (isCrossing(place) ? there(place) + (place < half ? half : 0) : -1)),
    cell: indices.map(place =>
      place < half ? street(place) * size + along(place) : along(place) * size + street(place),
    ),
    isGreen: new Uint8Array(2 * half),
    crossings: atCrossings,
    clock: new Int32Array(atCrossings.length),
  }
}

function setSignals({ isGreen, crossings, twin, clock }: State, green: number): void {
  for (let i = 0; i < crossings.length; i++) {
    isGreen[crossings[i]] = clock[i] < green ? 1 : 0
    isGreen[twin[crossings[i]]] = clock[i] < green ? 0 : 1
  }
}

/** Uniform in [0, 1): number i of the sequence that a word begins (SplitMix, Steele, Lea & Flood 2014). */
function uniformAt(word: number, i: number): number {
  let bits = (word + Math.imul(i, 0x9e3779b9)) | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return ((bits ^ (bits >>> 16)) >>> 0) / 0x100000000
}

/** Moves the car at a place into the next frame. */
function drive(state: State, from: number, luck: number, { maxSpeed, slowdown, turn }: Parameters): void {
  const { speed, next, ahead, twin, isGreen } = state
  const wanted = Math.min(speed[from] + 1, maxSpeed)
  let place = from
  let before = from
  let v = 0
  while (v < wanted) {
    let to = ahead[place]
    if (speed[to] !== EMPTY) break
    if (twin[to] >= 0) {
      if (isGreen[to] === 0 || speed[twin[to]] !== EMPTY) break
      if (uniformAt(luck, to) < turn) to = twin[to]
      if (speed[ahead[to]] !== EMPTY) break
    }
    before = place
    place = to
    v++
  }
  if (v > 0 && uniformAt(luck, from) < slowdown) next[before] = v - 1
  else next[place] = v
}

export const traffic = defineEnvironment<typeof schema, State>({
  id: 'traffic',
  version: 1,
  title: 'City traffic',
  source: 'Chowdhury & Schadschneider 1999, doi:10.1103/PhysRevE.59.R1311',
  range: 'v_max cells a frame',
  parameters: schema,

  field({ block }, size) {
    if (size % block !== 0)
      throw new UserError(
        `traffic: streets every ${block} cells do not close on a torus of side ${size}; it must be a multiple of ${block}`,
      )
    return {
      height: size,
      width: size,
      channels: [
        { name: 'east', unit: '0 or 1' },
        { name: 'south', unit: '0 or 1' },
        { name: 'green', unit: '0 or 1' },
      ],
      likelihood: 'bernoulli',
      boundary: 'torus',
      dt: 1,
      burnIn: 100,
    }
  },

  initial(parameters, size, random) {
    const { density, block, green, crossings } = parameters
    const city = layOut(parameters, size)
    const places = Array.from(city.speed.keys()).filter(place => place % block !== 0)
    const order = permutation(places.length, random)
    for (let car = 0; car < Math.round(density * places.length); car++) city.speed[places[order[car]]] = 0
    const first = random.integer(2 * green)
    city.clock.forEach((_, i) => {
      city.clock[i] = crossings === 'together' ? first : random.integer(2 * green)
    })
    const state = { ...city, noise: noiseFrom(random.split('noise')) }
    setSignals(state, green)
    return state
  },

  advance(state, parameters) {
    const { speed, next, clock, noise } = state
    const luck = nextWord(noise)
    next.fill(EMPTY)
    for (let place = 0; place < speed.length; place++) if (speed[place] !== EMPTY) drive(state, place, luck, parameters)
    speed.set(next)
    for (let i = 0; i < clock.length; i++) clock[i] = (clock[i] + 1) % (2 * parameters.green)
    setSignals(state, parameters.green)
  },

  observe({ speed, cell, isGreen, crossings }, out) {
    const half = speed.length / 2
    out.fill(0)
    for (let place = 0; place < speed.length; place++)
      if (speed[place] !== EMPTY) out[3 * cell[place] + (place < half ? 0 : 1)] = 1
    for (let i = 0; i < crossings.length; i++) out[3 * cell[crossings[i]] + 2] = isGreen[crossings[i]]
  },

  /** Takes a car away, or puts a standing one there, whatever the amount. Off the streets there is nothing to disturb. */
  perturb({ size, speed, cell }, row, column) {
    const here = row * size + column
    const [east, south] = [cell.indexOf(here), cell.lastIndexOf(here)]
    if (east < 0) return
    const place = speed[east] === EMPTY && speed[south] !== EMPTY ? south : east
    speed[place] = speed[place] === EMPTY ? 0 : EMPTY
  },

  /** No car appears or vanishes, and no two meet in a crossing. */
  invariants({ speed, twin, crossings }) {
    let [cars, collisions] = [0, 0]
    for (const v of speed) if (v !== EMPTY) cars++
    for (const place of crossings) if (speed[place] !== EMPTY && speed[twin[place]] !== EMPTY) collisions++
    return { cars: { value: cars, tolerance: 0 }, collisions: { value: collisions, tolerance: 0 } }
  },

  /**
   * Forwards v_max, the farthest a car gets. Backwards 3, and 2 if v_max = 1: who brakes for a car ends in the place
   * behind it, or one before that if the place is a crossing, and another one before if he slows down as well.
   */
  reach: ({ maxSpeed }) => Math.max(maxSpeed, Math.min(maxSpeed, 2) + 1),

  shifts: {
    'rush-hour': {
      change: { density: 0.6 },
      why: 'most blocks are full: whether a car can move is settled several crossings ahead of it',
    },
    'slow-signals': {
      change: { green: 30 },
      why: 'queues grow longer than any seen, and lights change later than their clocks did in training',
    },
    'steady-drivers': {
      change: { slowdown: 0 },
      why: 'cars keep time like clockwork: a forecast that allows for dawdlers is late, and needlessly unsure',
    },
    'in-step': {
      change: { crossings: 'together' },
      why: 'all lights change at once: cars run in platoons, and every crossing repeats what the others do',
    },
    bridges: {
      change: { crossings: 'bridges' },
      why: 'no lights and no cross traffic: only jams out of nowhere remain, and what was learned of crossings misleads',
    },
  },
})
