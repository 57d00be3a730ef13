import { z } from 'zod'
import { climate } from './climate.ts'
import { defineReference, type EpisodeTable } from './model.ts'
import { persistence } from './persistence.ts'

// What moves goes on moving. A cell last seen as x₁, `gap` frames before the target, and before that as x₀, `spacing`
// frames earlier, is forecast as
//
//   m + b·(x₁ − m) + a·(x₁ − x₀)
//
// with m the climate of its place; a straight line through both views is b = 1, a = gap/spacing. Both factors are fitted
// on the training split by least squares, for every gap, spacing and number of a tile (so that channels differ), which
// makes the line as good as a line can be. A cell that was seen once, or never, gets what persistence says.

interface Constants {
  readonly remembered: ReturnType<typeof persistence.fit>
  /** [tiles · C] */
  readonly climate: Float32Array
  /** [gap, spacing, C, 2] b and a; gap and spacing 0 are unused */
  readonly factors: Float64Array
  /** Gaps and spacings that there are. */
  readonly span: number
}

export const linearExtrapolation = defineReference({
  id: 'linear-extrapolation',
  version: 1,
  family: 'reference',
  title: 'the line through the last two views, fitted',
  source:
    'Wiener, Extrapolation, Interpolation, and Smoothing of Stationary Time Series, 1949: two taps, least squares',
  options: z.strictObject({}),
  likelihood: 'gaussian',

  fit: (episodes, protocol): Constants => {
    const span = protocol.context + protocol.blind
    const means = climate(episodes)
    const factors = new Float64Array((span + 1) ** 2 * episodes.viewSize * 2)
    for (let gap = 1; gap <= span; gap++)
      for (let spacing = 1; spacing + gap <= span; spacing++)
        factors.set(leastSquares(episodes, means, gap, spacing), entry(span, gap, spacing, episodes.viewSize))
    return { remembered: persistence.fit(episodes, protocol, {}), climate: means, factors, span }
  },

  predict: ({ remembered, climate: means, factors, span }, observed, out) => {
    persistence.predict(remembered, observed, out)
    const { steps, batch, tiles, viewSize, seen, values } = observed
    const rows = batch * tiles
    const last = new Int32Array(rows).fill(-1)
    const before = new Int32Array(rows).fill(-1)
    for (let step = 0; step < steps; step++)
      for (let row = 0; row < rows; row++) {
        if (seen[step * rows + row] === 1) {
          before[row] = last[row]
          last[row] = step
        }
        if (before[row] < 0) continue
        const at = entry(span, step + 1 - last[row], last[row] - before[row], viewSize)
        const [x1, x0, target] = [last[row], before[row], step].map(t => (t * rows + row) * viewSize)
        const place = (row % tiles) * viewSize
        for (let i = 0; i < viewSize; i++) {
          const [mean, value] = [means[place + i], values[x1 + i]]
          const slope = value - values[x0 + i]
          out[target + i] = mean + factors[at + 2 * i] * (value - mean) + factors[at + 2 * i + 1] * slope
        }
      }
  },
})

/** Where [gap, spacing] begins in the factors. */
function entry(span: number, gap: number, spacing: number, viewSize: number): number {
  return (gap * (span + 1) + spacing) * viewSize * 2
}

/** [C, 2] b and a of the best line over all cells seen `spacing` frames apart and asked for `gap` frames later. */
function leastSquares(
  { episodes, frames, tiles, viewSize, values }: EpisodeTable,
  means: Float32Array,
  gap: number,
  spacing: number,
): Float64Array {
  const places = tiles * viewSize
  const sums = new Float64Array(viewSize * 5) // of uu, uv, vv, uy, vy
  for (let episode = 0; episode < episodes; episode++)
    for (let frame = spacing; frame + gap < frames; frame++) {
      const now = (episode * frames + frame) * places
      for (let place = 0; place < places; place++) {
        const u = values[now + place] - means[place]
        const v = values[now + place] - values[now - spacing * places + place]
        const y = values[now + gap * places + place] - means[place]
        const at = (place % viewSize) * 5
        sums[at] += u * u
        sums[at + 1] += u * v
        sums[at + 2] += v * v
        sums[at + 3] += u * y
        sums[at + 4] += v * y
      }
    }
  const solved = new Float64Array(viewSize * 2)
  for (let i = 0; i < viewSize; i++) {
    const [uu, uv, vv, uy, vy] = sums.subarray(i * 5, i * 5 + 5)
    // A trace of ridge leaves a cell that never moves, or never differs, with factors of zero.
    const ridge = 1e-9 * (uu + vv) + 1e-12
    const determinant = (uu + ridge) * (vv + ridge) - uv * uv
    solved[2 * i] = ((vv + ridge) * uy - uv * vy) / determinant
    solved[2 * i + 1] = ((uu + ridge) * vy - uv * uy) / determinant
  }
  return solved
}
