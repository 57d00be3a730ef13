/**
 * Two-dimensional turbulence: incompressible flow on a torus, decaying or forced, seen as vorticity.
 *
 *     ∂ω/∂t = −(u·∂/∂x + v·∂/∂y)ω + ν∇²ω − αω − κF·cos(κy),   u = ∂ψ/∂y,   v = −∂ψ/∂x,   ∇²ψ = −ω,   ω = ∂v/∂x − ∂u/∂y
 *
 * x, y   column and row, cells; y runs down the rows
 * u, v   velocity along x and y, cells/frame; without divergence, its mean is zero
 * ω      vorticity, 1/frame; its mean is zero
 * ψ      stream function, cells²/frame
 * ν      viscosity, cells²/frame, .002 … 10
 * α      drag of the ground, 1/frame, 0 … 1
 * F      force F·sin(κy) along x (Kolmogorov's), cells/frame², 0 … 1; 2π/κ is the length nearest to an eddy that fits
 *
 * Boundary: torus of size × size cells; a box with walls and a moving lid is a world of its own, `cavity`. Time: a frame
 * is cut into equal steps, as many as the speed at the start asks for, or the speed that a force has brought it to.
 *
 * Pseudo-spectral rather than lattice Boltzmann: exactly incompressible, no viscosity but ν, energy and enstrophy kept
 * without it, and no bond between speed, viscosity and step. Viscosity and drag are exact, advection is a fourth-order
 * Runge–Kutta step (`parts/vorticity.ts`). Numbers are float32: their rounding is a thousandth of what a step of
 * this length leaves out. Steps take some energy too, most where there is next to no viscosity: within 10,000 frames
 * half a hundredth of what there was.
 *
 * The start is Gaussian with ω̂ ∝ k²·exp(−k²/k₀²), k₀ = 2π/eddy, so that statistics do not depend on the size. With the
 * defaults filaments get as thin as a cell holds and are cut there: halving the cell changes the flow after some frames.
 *
 * Source: Basdevant 1983, doi:10.1016/0021-9991(83)90064-5 (advection by two products); Orszag 1971,
 * doi:10.1175/1520-0469(1971)028<1074:OTEOAI>2.0.CO;2 (products without aliases).
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import type { Precision } from '../lib/simd/lanes.ts'
import { defineEnvironment } from './environment.ts'
import { analyse, type Complex, type Numbers, synthesise, zeros } from './parts/spectral.ts'
import { vorticitySolver } from './parts/vorticity.ts'

const schema = z.object({
  viscosity: z.number().min(0.002).max(10).default(0.02).describe('ν, cells²/frame'),
  speed: z
    .number()
    .min(0.01)
    .max(5)
    .default(1.5)
    .describe('root mean square of the velocity at the start, cells/frame'),
  eddy: z.number().min(6).max(256).default(12).describe('peak wavelength of the vorticity at the start, cells'),
  force: z.number().min(0).max(1).default(0).describe('F, cells/frame²; 0: the flow decays'),
  drag: z.number().min(0).max(1).default(0).describe('α, 1/frame'),
})
type Parameters = z.output<typeof schema>

interface State {
  readonly size: number
  readonly precision: Precision
  steps: number
  readonly viscosity: number
  readonly drag: number
  /** Modes of ω. */
  readonly vorticity: Complex
  /** What viscosity and drag leave of each mode after half a step. */
  readonly decay: Numbers
  /** Modes of the force's curl: real, since it is a cosine. */
  readonly force: Numbers
  /** Energy per cell that there was at the start or was brought since, and that was taken, cells²/frame². */
  gained: number
  lost: number
}

const spectralOf = ({ size, precision }: State) => vorticitySolver(size, precision).spectral

/** Cells a frame: the fastest flow, root mean square, that a force may bring about. */
const fastest = 25

/**
 * Steps in a frame of that speed, cells/frame. Runge–Kutta is stable up to (|u| + |v|)·step = 1.35 cells; the fastest
 * cell moves at 3 to 4 times the mean. Near that it takes energy from the finest waves: where viscosity does not do so
 * before it, steps must be shorter.
 */
const stepsFor = (viscosity: number, speed: number) => Math.ceil((viscosity < 0.0033 * speed ? 7 : 2.5) * speed)

/**
 * No flow that lasts is faster, root mean square: what a force brings to its own wave κ is lost by that wave at a rate of
 * νκ² + α or by others, at rates no lower than that of the longest wave.
 */
function fastestDriven({ viscosity, eddy, force, drag }: Parameters, size: number): number {
  const loss = (waves: number) => viscosity * ((2 * Math.PI * waves) / size) ** 2 + drag
  return force / Math.sqrt(2 * loss(Math.round(size / eddy)) * loss(1))
}

/** Cuts a frame into so many steps. */
function setSteps(state: State, steps: number): void {
  if (steps === state.steps) return
  const { viscosity, drag, decay } = state
  const { kx, ky } = spectralOf(state)
  state.steps = steps
  for (let mode = 0; mode < kx.length; mode++)
    decay[mode] = Math.exp(-(viscosity * (kx[mode] ** 2 + ky[mode] ** 2) + drag) / (2 * steps))
}

/**
 * A fluid in the motion that a vorticity of size × size numbers (1/frame, row-major) causes. The mean and waves of
 * 3 cells and less are left out. `parameters.speed` only sets the number of steps.
 */
export function fluidFrom(
  { viscosity, speed, eddy, force, drag }: Parameters,
  size: number,
  vorticity: ArrayLike<number>,
  precision: Precision = 'f32',
): State {
  const { spectral } = vorticitySolver(size, precision)
  const { count, ky } = spectral
  const state: State = {
    size,
    precision,
    steps: 0,
    viscosity,
    drag,
    vorticity: { re: zeros(count, precision), im: zeros(count, precision) },
    decay: zeros(count, precision),
    force: zeros(count, precision),
    gained: 0,
    lost: 0,
  }
  analyse(spectral, vorticity, state.vorticity)
  setSteps(state, stepsFor(viscosity, speed))
  const wave = Math.round(size / eddy)
  state.force[wave] = (-ky[wave] * force) / 2
  state.gained = energyOf(state)
  return state
}

/** Means over the cells (Parseval): of ½(u² + v²), cells²/frame², and of ½ω², 1/frame². */
export function energyAndEnstrophy(state: State): { energy: number; enstrophy: number } {
  const { count, kx, ky, weight } = spectralOf(state)
  const { re, im } = state.vorticity
  let [energy, enstrophy] = [0, 0]
  for (let mode = 1; mode < count; mode++) {
    if (weight[mode] === 0) continue
    const square = (weight[mode] * (re[mode] * re[mode] + im[mode] * im[mode])) / 2
    enstrophy += square
    energy += square / (kx[mode] * kx[mode] + ky[mode] * ky[mode])
  }
  return { energy, enstrophy }
}

export const energyOf = (state: State): number => energyAndEnstrophy(state).energy

/** Energy per cell, and per frame what the force brings and what viscosity and drag take. */
function budget(state: State) {
  const { viscosity, drag, force, vorticity } = state
  const { ky } = spectralOf(state)
  const { energy, enstrophy } = energyAndEnstrophy(state)
  const wave = force.findIndex(f => f !== 0)
  const work = wave < 0 ? 0 : (2 * force[wave] * vorticity.re[wave]) / ky[wave] ** 2
  return { energy, work, loss: 2 * (viscosity * enstrophy + drag * energy) }
}

export const fluid = defineEnvironment({
  id: 'fluid',
  version: 2,
  title: 'Two-dimensional turbulence',
  source: 'Basdevant 1983, doi:10.1016/0021-9991(83)90064-5',
  range: 'the whole world, through pressure',
  parameters: schema,

  field(parameters, size) {
    const { eddy, force } = parameters
    if (eddy > size) throw new UserError(`fluid: an eddy of ${eddy} cells needs as many each way, not ${size}`)
    const driven = fastestDriven(parameters, size)
    if (driven > fastest)
      throw new UserError(
        `fluid: a force of ${force} may drive the flow to ${Math.round(driven)} cells a frame, faster than ${fastest}; ` +
          `set 'drag' or 'viscosity' higher, or 'force' to ${Math.floor((1000 * force * fastest) / driven) / 1000} or lower`,
      )
    return {
      height: size,
      width: size,
      channels: [{ name: 'vorticity', unit: '1/frame' }],
      likelihood: 'gaussian',
      boundary: 'torus',
      dt: 1,
      // Drag takes its time to bring a force and the flow into balance.
      burnIn: force === 0 ? 5 : 200,
    }
  },

  initial(parameters, size, random) {
    const noise = Float64Array.from({ length: size * size }, () => random.normal())
    const state = fluidFrom(parameters, size, noise)
    const { kx, ky, weight } = spectralOf(state)
    const peak = ((2 * Math.PI) / parameters.eddy) ** 2
    const amplitude = kx.map((k, mode) => {
      const square = (k ** 2 + ky[mode] ** 2) / peak
      return square * Math.exp(-square)
    })
    // White noise has 1/size² in every mode, so this is the speed that all starts together would have.
    const meanSquare = amplitude.reduce(
      (sum, factor, mode) =>
        weight[mode] === 0 ? sum : sum + (weight[mode] * factor ** 2) / (kx[mode] ** 2 + ky[mode] ** 2),
      0,
    )
    const unscaled = Math.sqrt(meanSquare) / size
    amplitude.forEach((factor, mode) => {
      state.vorticity.re[mode] *= (parameters.speed * factor) / unscaled
      state.vorticity.im[mode] *= (parameters.speed * factor) / unscaled
    })
    state.gained = energyOf(state)
    return state
  },

  /** @throws UserError when the flow has become too fast for its steps, as a huge disturbance makes it. */
  advance(state, { viscosity, speed, force }) {
    const { size, precision, vorticity, decay } = state
    const before = budget(state)
    // What a force may add within the frame counts in full.
    if (force > 0) setSteps(state, stepsFor(viscosity, Math.max(speed, Math.sqrt(2 * before.energy) + force / 2)))
    const { steps } = state
    vorticitySolver(size, precision).advance(vorticity, decay, state.force, 1 / steps, steps)
    const after = budget(state)
    state.gained += (before.work + after.work) / 2
    state.lost += (before.loss + after.loss) / 2
    // No force can bring more than this.
    if (!(Math.sqrt(after.energy) <= 1.005 * Math.sqrt(before.energy) + force / 2))
      throw new UserError(`fluid: unstable with ${steps} steps a frame; set 'speed' higher or disturb it less`)
  },

  observe: (state, out) => synthesise(spectralOf(state), state.vorticity, out),

  /**
   * Adds amount·(1 − r²/2σ²)·exp(−r²/2σ²): a vortex in a ring of the opposite sense, without net circulation. By
   * itself it moves nothing beyond the ring. σ = 2 cells is about the smallest that the waves kept can hold.
   */
  perturb(state, row, column, amount) {
    const { count, kx, ky, weight } = spectralOf(state)
    const before = energyOf(state)
    const variance = 2 ** 2
    for (let mode = 1; mode < count; mode++) {
      if (weight[mode] === 0) continue
      const exponent = (variance * (kx[mode] ** 2 + ky[mode] ** 2)) / 2
      const height = (2 * Math.PI * variance * amount * exponent * Math.exp(-exponent)) / state.size ** 2
      const angle = kx[mode] * column + ky[mode] * row
      state.vorticity.re[mode] += height * Math.cos(angle)
      state.vorticity.im[mode] -= height * Math.sin(angle)
    }
    const brought = energyOf(state) - before
    if (brought > 0) state.gained += brought
    else state.lost -= brought
  },

  /** The mean vorticity, and the balance of energy: what is left and what was taken, of what was brought. */
  invariants(state) {
    return {
      'mean vorticity': { value: state.vorticity.re[0], tolerance: 0 },
      'energy accounted for': { value: (energyOf(state) + state.lost) / state.gained, tolerance: 1e-2 },
    }
  },

  shifts: {
    'less-viscous': {
      change: { viscosity: 0.005 },
      why: 'filaments that viscosity used to wipe out live on, finer than any in training',
    },
    faster: {
      change: { speed: 2 },
      why: 'all things move and turn a third further between two frames, and vorticity is that much stronger',
    },
    driven: {
      change: { force: 0.15, drag: 0.01 },
      why: 'a force that training did not know feeds the flow for ever: strips of it stay, and what they shed never dies away',
    },
    'smaller-eddies': {
      change: { eddy: 8 },
      why: 'vortices are smaller and spin faster: more of them to keep apart, in shapes that training did not show',
    },
  },
})
