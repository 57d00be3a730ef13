import * as tf from '../../engine/tf.ts'
import type { Lattice, ParameterSpecs, Parameters } from '../model.ts'
import { type AxisWaves, axisWaves, convolveByAxes } from './axis-waves.ts'

// A convolution with a kernel as wide as the world, by its Fourier transform (Li et al. 2021, §4). On a lattice of a few
// tiles the transform is a product with a small matrix of cosines and sines, in real arithmetic, which needs no FFT, has
// a gradient on every engine, and keeps no more modes than are wanted. Walls: the world is continued by zeros to half
// again its length, as users of the operator pad it; because zeros add nothing and what comes out there is not read, the
// continuation costs only the longer period of the waves.

/** Which waves are kept, and how to get to them and back. */
export interface Waves {
  /** Of them, one of each conjugate pair (K). */
  readonly count: number
  readonly transform: Transform | AxisWaves
}

/** One real matrix for all waves, and two that lead back. */
interface Transform {
  /** [2K, tiles] cosine and −sine of every wave */
  readonly analysis: Float32Array
  /** [tiles, 2K] of the cosine and −sine part, where a weight is real */
  readonly real: Float32Array
  /** [tiles, 2K] of the same parts, where a weight is imaginary: the wave a quarter turn on */
  readonly imaginary: Float32Array
}

/** Tiles from which on a transform axis by axis is the faster one (measured, forward and backward). */
const LARGE = 144

/** Height and width after which the waves of a lattice repeat. */
export function period({ rows, columns, boundary }: Lattice): [number, number] {
  const length = (n: number) => (boundary === 'torus' || n === 1 ? n : Math.ceil(1.5 * n))
  return [length(rows), length(columns)]
}

/** Wave numbers up to `modes` along each axis, or up to the shortest that the lattice can hold. */
export function keptWaves(lattice: Lattice, modes: number) {
  const [height, width] = period(lattice)
  return halfPlane(highest(height, modes), highest(width, modes), height, width)
}

/** The waves of a lattice up to number `modes`. */
export function latticeWaves(lattice: Lattice, modes: number): Waves {
  const { rows, columns } = lattice
  const [height, width] = period(lattice)
  const waves = keptWaves(lattice, modes)
  const tiles = rows * columns
  // Axis by axis no wave may be its own conjugate but the mean.
  const regular = 2 * modes < Math.min(height, width)
  if (regular && tiles >= LARGE)
    return { count: waves.length, transform: axisWaves(rows, columns, [height, width], modes) }
  const analysis = new Float32Array(2 * waves.length * tiles)
  const real = new Float32Array(analysis.length)
  const imaginary = new Float32Array(analysis.length)
  const norm = 1 / Math.sqrt(height * width)
  for (const [k, { down, across, own }] of waves.entries())
    for (let tile = 0; tile < tiles; tile++) {
      const [row, column] = [Math.floor(tile / columns), tile % columns]
      const angle = 2 * Math.PI * ((down * row) / height + (across * column) / width)
      const [cosine, sine] = [norm * Math.cos(angle), norm * Math.sin(angle)]
      const weight = own ? 1 : 2 // a conjugate pair is one wave
      analysis.set([cosine], 2 * k * tiles + tile)
      analysis.set([-sine], (2 * k + 1) * tiles + tile)
      real.set([weight * cosine, -weight * sine], 2 * (tile * waves.length + k))
      imaginary.set([-weight * sine, -weight * cosine], 2 * (tile * waves.length + k))
    }
  return { count: waves.length, transform: { analysis, real, imaginary } }
}

const highest = (period: number, modes: number) => Math.min(modes, Math.floor(period / 2))

/** One of every pair of conjugate waves; `own` marks those that are their own conjugates. */
function halfPlane(highestDown: number, highestAcross: number, height: number, width: number) {
  const modulo = (k: number, n: number) => ((k % n) + n) % n
  const waves: { down: number; across: number; own: boolean }[] = []
  const taken = new Set<string>()
  for (let across = 0; across <= highestAcross; across++)
    for (let down = -highestDown; down <= highestDown; down++) {
      const name = `${modulo(down, height)},${modulo(across, width)}`
      const conjugate = `${modulo(-down, height)},${modulo(-across, width)}`
      if (taken.has(name) || taken.has(conjugate)) continue
      taken.add(name)
      waves.push({ down, across, own: name === conjugate })
    }
  return waves
}

/** A complex matrix [inputs, outputs] for every wave, A + iB. */
export function spectralSpecs(name: string, waves: Waves, inputs: number, outputs: number): ParameterSpecs {
  // The sum of squares that a unit sends on is spread over both parts of its inputs.
  const weight = {
    shape: [waves.count, inputs, outputs],
    initialiser: { kind: 'normal', deviation: 1 / Math.sqrt(2 * inputs) },
  } as const
  return { [`${name}.real`]: weight, [`${name}.imaginary`]: weight }
}

/**
 * x [tiles, N, inputs] → [tiles, N, outputs]: F⁻¹((A + iB)·F x). With x̂ = a + ib the result is
 * Σ_k cos·(aA) − sin·(bA) − sin·(aB) − cos·(bB): two products for all waves and parts, and two ways back.
 */
export function spectralConv(p: Parameters, name: string, waves: Waves, x: tf.Tensor): tf.Tensor {
  const { transform } = waves
  if ('alongRows' in transform) return convolveByAxes(p, name, transform, x)
  const [tiles, n, inputs] = x.shape as [number, number, number]
  const outputs = p[`${name}.real`].shape[2] as number
  const analysis = tf.tensor2d(transform.analysis, [2 * waves.count, tiles])
  const parts = tf.reshape(tf.matMul(analysis, tf.reshape(x, [tiles, n * inputs])), [waves.count, 2 * n, inputs])
  const back = (weight: string, synthesis: Float32Array) => {
    const weighed = tf.reshape(tf.matMul(parts, p[weight]), [2 * waves.count, n * outputs])
    return tf.matMul(tf.tensor2d(synthesis, [tiles, 2 * waves.count]), weighed)
  }
  const sum = tf.add(back(`${name}.real`, transform.real), back(`${name}.imaginary`, transform.imaginary))
  return tf.reshape(sum, [tiles, n, outputs])
}
