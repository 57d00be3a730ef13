import Matter from 'matter-js'
import { advanceBox, boxOfDiscs, type Disc } from '../../envs/parts/disc-box.ts'
import { drawDisc } from '../../envs/parts/discs.ts'
import { randomStream } from '../../lib/random.ts'
import { discPackages } from './field.ts'
import { type Spread, timeByTurns } from './rounds.ts'

const ROUNDS = 5

export interface DrawingSpeed {
  /** Milliseconds a picture of three discs of radius 5.76 on 48 × 48 cells, the clearing of it included. */
  readonly picture: Spread
  /** Largest error of a drawn disc's area, as a share of πr². */
  readonly areaError: number
  readonly packages: typeof discPackages
}

const PICTURES = 200
const side = 48
const radius = 0.12 * side

/** How fast discs are drawn, and how true. */
export async function measureDrawing(time: number): Promise<DrawingSpeed> {
  const random = randomStream('speed/drawing')
  const within = () => radius + (side - 2 * radius) * random.uniform()
  const centres = Float64Array.from({ length: 6 * PICTURES }, within)
  const out = new Float32Array(side * side)
  const run = () => {
    for (let at = 0; at < centres.length; ) {
      out.fill(0)
      for (let disc = 0; disc < 3; disc++) drawDisc(out, side, side, centres[at++], centres[at++], radius)
    }
  }
  const [spread] = await timeByTurns([{ name: 'drawing', run }], time, ROUNDS)
  let areaError = 0
  for (let at = 0; at < centres.length; at += 2) {
    out.fill(0)
    drawDisc(out, side, side, centres[at], centres[at + 1], radius)
    const area = out.reduce((sum, value) => sum + value, 0)
    areaError = Math.max(areaError, Math.abs(area / (Math.PI * radius ** 2) - 1))
  }
  return { picture: scaled(spread, PICTURES), areaError, packages: discPackages }
}

export interface SolverSpeed {
  /** Milliseconds a sub-step of three discs: of the world, and of matter-js's own engine on its own circles. */
  readonly ours: Spread
  readonly matter: Spread
}

const SUB_STEPS = 2000

/** The world's solver beside the engine that it takes its steps from, by turns, on the same discs. */
export async function measureSolver(time: number): Promise<SolverSpeed> {
  const discs: Disc[] = [0, 1, 2].map(i => ({
    x: 6 + 6 * i,
    y: 8 + 4 * (i % 2),
    vx: 1.2 * Math.cos(1 + 2 * i),
    vy: 1.2 * Math.sin(1 + 2 * i),
    radius: 2.88,
    mass: 1,
  }))
  const perFrame = 12
  const box = boxOfDiscs(discs, 24, perFrame)
  const engine = matterEngine(discs, 24, perFrame)
  const tasks = [
    { name: 'ours', run: () => void repeat(SUB_STEPS / perFrame, () => advanceBox(box)) },
    { name: 'matter-js', run: () => void repeat(SUB_STEPS / perFrame, () => updateTimes(engine, perFrame)) },
  ]
  const [ours, matter] = await timeByTurns(tasks, time, ROUNDS)
  const frames = Math.ceil(SUB_STEPS / perFrame)
  return { ours: scaled(ours, frames * perFrame), matter: scaled(matter, frames * perFrame) }
}

function repeat(times: number, what: () => void): void {
  for (let i = 0; i < times; i++) what()
}

function updateTimes(engine: Matter.Engine, times: number): void {
  for (let i = 0; i < times; i++) Matter.Engine.update(engine, 1000 / 60)
}

/** The same discs as matter-js's users build them: its circles, thick walls, elastic, without friction. */
function matterEngine(discs: readonly Disc[], size: number, subSteps: number): Matter.Engine {
  const scale = 1e6
  const options = { restitution: 1, friction: 0, frictionAir: 0, frictionStatic: 0, inertia: Infinity, slop: 0.05 }
  const [middle, length, thick] = [size / 2, size + 16, 8]
  const places = [
    [middle, -thick / 2, length, thick],
    [middle, size + thick / 2, length, thick],
    [-thick / 2, middle, thick, length],
    [size + thick / 2, middle, thick, length],
  ]
  const walls = places.map(([x, y, width, height]) =>
    Matter.Bodies.rectangle(x * scale, y * scale, width * scale, height * scale, { ...options, isStatic: true }),
  )
  const bodies = discs.map(({ x, y, vx, vy, radius: r }) => {
    const body = Matter.Bodies.circle(x * scale, y * scale, r * scale, options)
    Matter.Body.setVelocity(body, { x: (vx * scale) / subSteps, y: (vy * scale) / subSteps })
    return body
  })
  const engine = Matter.Engine.create({ gravity: { x: 0, y: 0, scale: 0 } })
  Matter.Composite.add(engine.world, [...walls, ...bodies])
  return engine
}

const scaled = ({ median, low, high, samples }: Spread, calls: number): Spread => ({
  median: median / calls,
  low: low / calls,
  high: high / calls,
  samples,
})
