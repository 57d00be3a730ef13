/**
 * The vorticity equation on a torus, wave by wave on lanes:
 *
 *     ∂ω/∂t = −(∂x² − ∂y²)(uv) + ∂x∂y(u² − v²) + f − λω,   û = i·ky·ω̂/k²,   v̂ = −i·kx·ω̂/k²
 *
 * which is −u·∇ω for a velocity without divergence, a constant force f (its curl), and a decay λ of each wave. Two real
 * fields go each way (Basdevant 1983, doi:10.1016/0021-9991(83)90064-5), that is one complex transform. Time: classical
 * fourth-order Runge–Kutta steps of ω̂·e^(λt), in which decay is not seen and is exact. All that a stage does to the
 * modes, from products to the next velocities, is one loop.
 */
import type { Lanes, Precision } from '../../lib/simd/lanes.ts'
import { bindLoop, compileLoop, type LoopProgram } from '../../lib/simd/loop.ts'
import { type Complex, type Numbers, planSpectral, type Spectral } from './spectral.ts'

/** Of each mode: ky/k², kx/k², and what u² − v² and uv contribute to the slope; decay, force and the step's own sums. */
const names = [
  'alongY',
  'alongX',
  'ofSquares',
  'ofProduct',
  'decay',
  'force',
  'nowRe',
  'nowIm',
  'sumRe',
  'sumIm',
] as const
type Name = (typeof names)[number]

export interface VorticitySolver {
  readonly spectral: Spectral<Name>
  /**
   * Steps of length `step`, in place. `decay` is what is left of each mode after half a step without any other cause;
   * `force` the real part of the modes of f, which is even in y and independent of x.
   */
  advance(modes: Complex, decay: Numbers, force: Numbers, step: number, steps: number): void
}

const solvers = new Map<string, VorticitySolver>()

/** One for everybody: nothing is kept in it between two calls. */
export function vorticitySolver(size: number, precision: Precision): VorticitySolver {
  const key = `${size} ${precision}`
  const known = solvers.get(key)
  if (known !== undefined) return known
  const solver = compileSolver(size, precision)
  solvers.set(key, solver)
  return solver
}

function compileSolver(size: number, precision: Precision): VorticitySolver {
  const spectral = planSpectral(size, precision, names)
  const { count, kx, ky, weight, planes, transform, memory, arrays, at } = spectral
  for (let mode = 0; mode < count; mode++) {
    if (weight[mode] === 0) continue
    const square = kx[mode] ** 2 + ky[mode] ** 2
    arrays.alongY[mode] = ky[mode] / square
    arrays.alongX[mode] = kx[mode] / square
    // Modes come from the transform times 2·size².
    arrays.ofSquares[mode] = (-kx[mode] * ky[mode]) / (2 * size * size)
    arrays.ofProduct[mode] = (kx[mode] ** 2 - ky[mode] ** 2) / (2 * size * size)
  }
  const bind = <Array extends string>(program: LoopProgram<Array, string>) =>
    bindLoop(compileLoop<Array, string>(program), memory)
  const multiply = bind(products(precision))
  const begin = bind(firstVelocities(precision))
  const stages = ([1, 2, 3, 4] as const).map(stage => bind(rungeKutta(precision, stage)))

  const velocities = [at.modeRe, at.modeIm, at.otherRe, at.otherIm, at.alongY, at.alongX] as const
  const tables = [at.ofSquares, at.ofProduct, at.decay, at.force] as const
  const sums = [at.nowRe, at.nowIm, at.sumRe, at.sumIm] as const
  return {
    spectral,
    advance(modes, decayOfStep, forceOfWaves, step, steps) {
      arrays.decay.set(decayOfStep)
      arrays.force.set(forceOfWaves)
      arrays.nowRe.set(modes.re)
      arrays.nowIm.set(modes.im)
      begin(...velocities, at.nowRe, at.nowIm, count)
      for (let n = 0; n < steps; n++)
        for (const stage of stages) {
          transform.toFields()
          multiply(at.first, at.second, size * planes.pitch)
          transform.toModes()
          stage(...velocities, ...tables, ...sums, step, count)
        }
      modes.re.set(arrays.nowRe)
      modes.im.set(arrays.nowIm)
    },
  }
}

/** From u and v to u² − v² and uv. */
const products = (precision: Precision): LoopProgram<'u' | 'v', never> => ({
  precision,
  arrays: ['u', 'v'],
  numbers: [],
  body: read => {
    const [u, v] = [read.u(), read.v()]
    return { u: [[0, u.times(u).minus(v.times(v))]], v: [[0, u.times(v)]] }
  },
})

const velocityArrays = ['uRe', 'uIm', 'vRe', 'vIm', 'alongY', 'alongX'] as const
const stageArrays = [
  ...velocityArrays,
  'ofSquares',
  'ofProduct',
  'decay',
  'force',
  'nowRe',
  'nowIm',
  'sumRe',
  'sumIm',
] as const

/** The modes of the velocity that belongs to some modes of ω, as they are written. */
const velocity = (alongY: Lanes, alongX: Lanes, re: Lanes, im: Lanes) =>
  ({
    uRe: [[0, alongY.times(im).negated()]],
    uIm: [[0, alongY.times(re)]],
    vRe: [[0, alongX.times(im)]],
    vIm: [[0, alongX.times(re).negated()]],
  }) as const

const firstVelocities = (
  precision: Precision,
): LoopProgram<(typeof velocityArrays)[number] | 'nowRe' | 'nowIm', never> => ({
  precision,
  arrays: [...velocityArrays, 'nowRe', 'nowIm'],
  numbers: [],
  body: read => velocity(read.alongY(), read.alongX(), read.nowRe(), read.nowIm()),
})

/** A stage: the modes of u² − v² and of uv stand where the velocities of the next one will. */
function rungeKutta(precision: Precision, stage: 1 | 2 | 3 | 4): LoopProgram<(typeof stageArrays)[number], 'step'> {
  return {
    precision,
    arrays: stageArrays,
    numbers: ['step'],
    body(read, { step }) {
      const d = read.decay()
      const part = (squares: Lanes, product: Lanes, now: Lanes, sum: Lanes, force?: Lanes) => {
        const advected = read.ofSquares().times(squares).plus(read.ofProduct().times(product))
        const k = step.times(force === undefined ? advected : advected.plus(force))
        if (stage === 1)
          return { next: d.times(now.plus(k.times(1 / 2))), sum: d.times(d.times(now.plus(k.times(1 / 6)))) }
        if (stage === 2) return { next: d.times(now).plus(k.times(1 / 2)), sum: sum.plus(d.times(k.times(1 / 3))) }
        if (stage === 3) return { next: d.times(d.times(now).plus(k)), sum: sum.plus(d.times(k.times(1 / 3))) }
        return { next: sum.plus(k.times(1 / 6)), sum: undefined }
      }
      const re = part(read.uRe(), read.vRe(), read.nowRe(), read.sumRe(), read.force())
      const im = part(read.uIm(), read.vIm(), read.nowIm(), read.sumIm())
      const velocities = velocity(read.alongY(), read.alongX(), re.next, im.next)
      if (stage === 4) return { ...velocities, nowRe: [[0, re.next]], nowIm: [[0, im.next]] }
      return { ...velocities, sumRe: [[0, re.sum!]], sumIm: [[0, im.sum!]] }
    },
  }
}
