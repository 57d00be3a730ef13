/**
 * How fast the packages of each field run the same worlds, and the settings at which ours can be held against them: in
 * float32, on one core, the state alone without drawing. The figures of others were taken on another machine of about
 * this speed and are there for the order of magnitude. What is counted is steps of each one's own scheme.
 */
export interface FieldSetting {
  readonly world: string
  readonly size: number
  readonly parameters: Readonly<Record<string, unknown>>
  /** Steps of the scheme in a frame of these parameters. */
  readonly steps: number
  /** Steps a second. */
  readonly packages: Readonly<Record<string, number>>
}

export const fieldSettings: readonly FieldSetting[] = [
  {
    world: 'life',
    size: 256,
    parameters: {},
    steps: 1,
    packages: { 'numba loop': 286_000, 'JAX jit': 149_000, numpy: 29_000, Golly: 1400, CAX: 700 },
  },
  {
    world: 'lenia',
    size: 64,
    parameters: { start: 'orbium', radius: 13, center: 0.15, width: 0.015, resolution: 10 },
    steps: 1,
    packages: { 'JAX jit': 66_000, CAX: 48_000, scipy: 29_000 },
  },
  {
    world: 'gray-scott',
    size: 256,
    parameters: { steps: 50 },
    steps: 50,
    packages: { 'numba loop': 63_000, 'JAX jit': 13_800, exponax: 1000 },
  },
  {
    world: 'fluid',
    size: 64,
    // Four evaluations a step, where exponax has two.
    parameters: {},
    steps: 4,
    packages: { exponax: 13_000, 'jax-cfd': 10_300 },
  },
  {
    world: 'cavity',
    size: 64,
    parameters: { reach: 50 },
    steps: 50,
    packages: { 'lbmpy (C)': 183_000, 'JAX jit': 51_000 },
  },
  {
    world: 'kuramoto-sivashinsky',
    // Two points a cell: 64 points.
    size: 32,
    parameters: { interval: 0.25 },
    steps: 1,
    packages: { exponax: 97_000 },
  },
  {
    world: 'waves',
    size: 256,
    parameters: { c: 0.7 },
    steps: 1,
    packages: { 'numba loop': 102_000, 'JAX jit': 45_000 },
  },
]

/** Drawing three anti-aliased discs of radius .12·48 on 48 × 48 cells, pictures a second; OpenCV's are 12 to 17 % too large. */
export const discPackages: Readonly<Record<string, number>> = { 'numba loop': 1_230_000, skia: 143_000, cairo: 114_000 }
