/**
 * Decaying two-dimensional turbulence: incompressible flow on a torus, seen as vorticity.
 *
 *     ∂ω/∂t = −(u·∂/∂x + v·∂/∂y)ω + ν∇²ω,   u = ∂ψ/∂y,   v = −∂ψ/∂x,   ∇²ψ = −ω,   ω = ∂v/∂x − ∂u/∂y
 *
 * x, y   column and row, cells; y runs down the rows
 * u, v   velocity along x and y, cells/frame; without divergence, its mean is zero
 * ω      vorticity, 1/frame; its mean is zero
 * ψ      stream function, cells²/frame
 * ν      viscosity, cells²/frame, 0 … 10
 *
 * Boundary: torus of size × size cells. Time: a frame is cut into equal sub-steps, as many as the speed asks for.
 *
 * Pseudo-spectral rather than lattice Boltzmann: exactly incompressible, no viscosity but ν, energy and enstrophy kept
 * without it, and no bond between speed, viscosity and step. With the velocity as one complex number,
 * Z = u + i·v = −i(∂x + i∂y)ψ, the equation is
 *
 *     ∂ω/∂t = −½ Im (∂x − i∂y)² Z² + ν∇²ω
 *
 * (Basdevant 1983, doi:10.1016/0021-9991(83)90064-5, in complex form): one complex transform each way is all that it
 * takes. Viscosity is exact, by an integrating factor; advection is a classical fourth-order Runge–Kutta step.
 *
 * The start is Gaussian with ω̂ ∝ k²·exp(−k²/k₀²), k₀ = 2π/eddy, so that statistics do not depend on the size. With the
 * defaults filaments get as thin as a cell holds and are cut there: halving the cell changes the flow after some frames.
 */
import { z } from 'zod'
import { UserError } from '../lib/errors.ts'
import { defineEnvironment } from './environment.ts'
import {
  analyse,
  type Complex,
  complex,
  meanSquare,
  planSpectral,
  type Spectral,
  synthesise,
  toGrid,
  toModes,
} from './parts/spectral.ts'

const schema = z.object({
  viscosity: z.number().min(0).max(10).default(0.02).describe('ν, cells²/frame'),
  speed: z
    .number()
    .min(0.01)
    .max(5)
    .default(1.5)
    .describe('root mean square of the velocity at the start, cells/frame'),
  eddy: z.number().min(6).max(256).default(12).describe('peak wavelength of the vorticity at the start, cells'),
})
type Parameters = z.output<typeof schema>

interface State {
  steps: number
  viscosity: number
  spectral: Spectral
  /** Modes of ω. */
  vorticity: Complex
  /** What viscosity leaves of each mode after half a sub-step. */
  decay: Float64Array
  /** Energy per cell that viscosity took, less what disturbances brought. */
  spent: number
  /** Work of a Runge–Kutta step, modes. */
  slope: Complex
  trial: Complex
  sum: Complex
}

/** A fluid at rest. */
function stillFluid({ viscosity, speed }: Parameters, size: number): State {
  const spectral = planSpectral(size)
  const { count, kx, ky } = spectral
  // Runge–Kutta is stable up to (|u| + |v|)·step = 1.35 cells; the fastest cell moves at 3 to 4 times the mean.
  const steps = Math.ceil(2.5 * speed)
  return {
    steps,
    viscosity,
    spectral,
    vorticity: complex(count),
    decay: kx.map((k, mode) => Math.exp((-viscosity * (k ** 2 + ky[mode] ** 2)) / (2 * steps))),
    spent: 0,
    slope: complex(count),
    trial: complex(count),
    sum: complex(count),
  }
}

/**
 * A fluid in the motion that a vorticity of size × size numbers (1/frame, row-major) causes. The mean and waves of
 * 3 cells and less are left out. `parameters.speed` only sets the number of sub-steps.
 */
export function fluidFrom(parameters: Parameters, size: number, vorticity: ArrayLike<number>): State {
  const state = stillFluid(parameters, size)
  analyse(state.spectral, vorticity, state.vorticity)
  state.vorticity.re[0] = 0
  return state
}

/** Mean over the cells of ½(u² + v²), cells²/frame². */
export const energy = ({ spectral, vorticity }: State): number => meanSquare(spectral, vorticity, -2) / 2

/** Mean over the cells of ½ω², 1/frame². */
export const enstrophy = ({ spectral, vorticity }: State): number => meanSquare(spectral, vorticity, 0) / 2

/** `slope` = −u·∇ω = −½ Im (∂x − i∂y)² Z² of the given modes of ω. */
function advection({ spectral, slope }: State, { re, im }: Complex): void {
  const { size, count, kx, ky, opposite, band, grid } = spectral
  // Z has the mode (kx + i·ky)·ω̂/k² at k, and at −k the negative of the same with the conjugate of ω̂.
  band.re.fill(0)
  band.im.fill(0)
  for (let mode = 1; mode < count; mode++) {
    const square = kx[mode] * kx[mode] + ky[mode] * ky[mode]
    const x = kx[mode] / square
    const y = ky[mode] / square
    band.re[mode] = x * re[mode] - y * im[mode]
    band.im[mode] = x * im[mode] + y * re[mode]
    band.re[opposite[mode]] = -x * re[mode] - y * im[mode]
    band.im[opposite[mode]] = x * im[mode] - y * re[mode]
  }
  toGrid(spectral)
  for (let cell = 0; cell < grid.re.length; cell++) {
    const u = grid.re[cell]
    const v = grid.im[cell]
    grid.re[cell] = u * u - v * v
    grid.im[cell] = 2 * u * v
  }
  toModes(spectral)
  // The modes of an imaginary part are (R(k) − conj R(−k))/2i, here with R = −(kx − i·ky)²·(the modes of Z²).
  const scale = 1 / (4 * size * size)
  for (let mode = 1; mode < count; mode++) {
    const other = opposite[mode]
    const real = scale * (kx[mode] * kx[mode] - ky[mode] * ky[mode])
    const imaginary = scale * 2 * kx[mode] * ky[mode]
    slope.re[mode] = real * (band.im[mode] + band.im[other]) - imaginary * (band.re[mode] + band.re[other])
    slope.im[mode] = real * (band.re[other] - band.re[mode]) + imaginary * (band.im[other] - band.im[mode])
  }
}

/** One Runge–Kutta step of ω·e^(νk²t), in which viscosity is not seen; d = `decay` turns a stage back into ω. */
function substep(state: State, step: number): void {
  const { spectral, vorticity, slope, trial, sum, decay } = state
  for (let stage = 1; stage <= 4; stage++) {
    advection(state, stage === 1 ? vorticity : trial)
    for (const part of ['re', 'im'] as const) {
      const [now, k, next, total] = [vorticity[part], slope[part], trial[part], sum[part]]
      for (let mode = 1; mode < spectral.count; mode++) {
        const d = decay[mode]
        if (stage === 1) {
          next[mode] = d * (now[mode] + (step / 2) * k[mode])
          total[mode] = d * d * (now[mode] + (step / 6) * k[mode])
        } else if (stage === 2) {
          next[mode] = d * now[mode] + (step / 2) * k[mode]
          total[mode] += d * (step / 3) * k[mode]
        } else if (stage === 3) {
          next[mode] = d * (d * now[mode] + step * k[mode])
          total[mode] += d * (step / 3) * k[mode]
        } else now[mode] = total[mode] + (step / 6) * k[mode]
      }
    }
  }
}

export const fluid = defineEnvironment({
  id: 'fluid',
  version: 1,
  title: 'Decaying two-dimensional turbulence',
  source: 'Basdevant 1983, doi:10.1016/0021-9991(83)90064-5',
  range: 'the whole world, through pressure',
  parameters: schema,

  field({ eddy }, size) {
    if (eddy > size) throw new UserError(`fluid: an eddy of ${eddy} cells does not fit into ${size}; set 'eddy' lower`)
    return {
      height: size,
      width: size,
      channels: [{ name: 'vorticity', unit: '1/frame' }],
      likelihood: 'gaussian',
      boundary: 'torus',
      dt: 1,
      burnIn: 5,
    }
  },

  initial(parameters, size, random) {
    const noise = Float64Array.from({ length: size * size }, () => random.normal())
    const state = fluidFrom(parameters, size, noise)
    const { spectral, vorticity } = state
    const peak = ((2 * Math.PI) / parameters.eddy) ** 2
    const amplitude = complex(spectral.count)
    spectral.kx.forEach((k, mode) => {
      const square = (k ** 2 + spectral.ky[mode] ** 2) / peak
      amplitude.re[mode] = square * Math.exp(-square)
    })
    // White noise has 1/size² in every mode, so this is the speed that all starts together would have.
    const unscaled = Math.sqrt(meanSquare(spectral, amplitude, -2)) / size
    amplitude.re.forEach((factor, mode) => {
      vorticity.re[mode] *= (parameters.speed * factor) / unscaled
      vorticity.im[mode] *= (parameters.speed * factor) / unscaled
    })
    return state
  },

  /** @throws UserError when the flow has become too fast for its sub-steps, as a huge disturbance makes it. */
  advance(state) {
    const { steps, viscosity } = state
    const before = energy(state)
    let dissipation = 2 * viscosity * enstrophy(state)
    for (let step = 0; step < steps; step++) {
      substep(state, 1 / steps)
      const next = 2 * viscosity * enstrophy(state)
      state.spent += (dissipation + next) / (2 * steps)
      dissipation = next
    }
    if (!(energy(state) <= 1.01 * before))
      throw new UserError(`fluid: unstable with ${steps} sub-steps a frame; set 'speed' higher or disturb it less`)
  },

  observe: ({ spectral, vorticity }, out) => synthesise(spectral, vorticity, out),

  /**
   * Adds amount·(1 − r²/2σ²)·exp(−r²/2σ²): a vortex in a ring of the opposite sense, without net circulation. By
   * itself it moves nothing beyond the ring. σ = 2 cells is about the smallest that the waves kept can hold.
   */
  perturb(state, row, column, amount) {
    const { size, count, kx, ky } = state.spectral
    const before = energy(state)
    const variance = 2 ** 2
    for (let mode = 1; mode < count; mode++) {
      const exponent = (variance * (kx[mode] ** 2 + ky[mode] ** 2)) / 2
      const height = (2 * Math.PI * variance * amount * exponent * Math.exp(-exponent)) / size ** 2
      const angle = kx[mode] * column + ky[mode] * row
      state.vorticity.re[mode] += height * Math.cos(angle)
      state.vorticity.im[mode] -= height * Math.sin(angle)
    }
    state.spent -= energy(state) - before
  },

  /** The mean vorticity, and the balance of energy: what is left and what viscosity took. */
  invariants(state) {
    const total = energy(state) + state.spent
    return {
      'mean vorticity': { value: state.vorticity.re[0], tolerance: 0 },
      'energy left and spent': { value: total, tolerance: 1e-2 * total },
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
    'smaller-eddies': {
      change: { eddy: 8 },
      why: 'vortices are smaller and spin faster: more of them to keep apart, in shapes that training did not show',
    },
  },
})
