import { z } from 'zod'
import { climate } from './climate.ts'
import { defineReference, type EpisodeTable } from './model.ts'

// Honest remembering. What was last seen of a cell, `gap` frames before the target, is worth
//   bernoulli:  P(cell | value seen, gap), a table counted on the training split
//   gaussian:   climate + a(gap)·(value seen − climate), a the lag correlation on the training split
// and a cell that was never seen gets its climate. The world is stationary, so that the gap says all that age and
// horizon say.

/** Values of a bernoulli world fall into this many bins of equal width, exact 0 and exact 1 into bins of their own. */
const INNER_BINS = 10
const BINS = INNER_BINS + 2

interface Constants {
  readonly likelihood: 'bernoulli' | 'gaussian'
  /** [tiles · C] */
  readonly climate: Float32Array
  /** bernoulli: [gap, bin] probabilities; gaussian: [gap] lag correlations; gap 0 is unused */
  readonly memory: Float64Array
}

export const persistence = defineReference({
  id: 'persistence',
  version: 1,
  family: 'reference',
  title: 'calibrated remembering of what was last seen',
  source: 'Murphy, Climatology, persistence, and their linear combination as standards of reference, 1992',
  options: z.strictObject({}),

  fit: (episodes, protocol): Constants => {
    const means = climate(episodes)
    const gaps = protocol.context + protocol.blind
    const _fit = protocol.likelihood === 'bernoulli' ? transitionTable : lagCorrelations
    return { likelihood: protocol.likelihood, climate: means, memory: it(episodes, gaps, means) }
  },

  predict: ({ likelihood, climate: means, memory }, observed, out) => {
    const { steps, batch, tiles, viewSize, seen, values } = observed
    const lastSeen = new Int32Array(batch * tiles).fill(-1)
    for (let step = 0; step < steps; step++)
      for (let row = 0; row < batch * tiles; row++) {
        if (seen[step * batch * tiles + row] === 1) lastSeen[row] = step
        const target = (step * batch * tiles + row) * viewSize
        const gap = step + 1 - lastSeen[row]
        const source = (lastSeen[row] * batch * tiles + row) * viewSize
        const place = (row % tiles) * viewSize
        for (let i = 0; i < viewSize; i++) {
          if (lastSeen[row] < 0) out[target + i] = means[place + i]
          else if (likelihood === 'bernoulli') out[target + i] = memory[gap * BINS + bin(values[source + i])]
          else out[target + i] = means[place + i] + memory[gap] * (values[source + i] - means[place + i])
        }
      }
  },
})

function bin(value: number): number {
  if (value <= 0) return 0
  return value >= 1 ? BINS - 1 : 1 + Math.min(INNER_BINS - 1, Math.floor(value * INNER_BINS))
}

/** Calls `visit` with every value and the value at the same place `gap` frames later. */
function forEachPair(
  { episodes, frames, tiles, viewSize, values }: EpisodeTable,
  gap: number,
  visit: (before: number, after: number, place: number) => void,
): void {
  const places = tiles * viewSize
  for (let episode = 0; episode < episodes; episode++)
    for (let frame = 0; frame + gap < frames; frame++) {
      const start = (episode * frames + frame) * places
      for (let place = 0; place < places; place++)
        visit(values[start + place], values[start + gap * places + place], place)
    }
}

/** P(cell | bin, gap), each count with one prior observation of the overall mean (after Laplace). */
function transitionTable(episodes: EpisodeTable, gaps: number): Float64Array {
  const table = new Float64Array((gaps + 1) * BINS)
  for (let gap = 1; gap <= gaps; gap++) {
    const sums = new Float64Array(BINS)
    const counts = new Float64Array(BINS)
    let mean = 0
    forEachPair(episodes, gap, (before, after) => {
      sums[bin(before)] += after
      counts[bin(before)]++
      mean += after
    })
    const total = counts.reduce((sum, n) => sum + n, 0)
    for (let i = 0; i < BINS; i++) table[gap * BINS + i] = (sums[i] + mean / total) / (counts[i] + 1)
  }
  return table
}

/** a(gap) = Σ x_t·x_{t+gap} / Σ x_t² of the anomalies x: the least-squares factor of what was seen. */
function lagCorrelations(episodes: EpisodeTable, gaps: number, means: Float32Array): Float64Array {
  return Float64Array.from({ length: gaps + 1 }, (_, gap) => {
    let product = 0
    let square = 0
    forEachPair(episodes, gap, (before, after, place) => {
      product += (before - means[place]) * (after - means[place])
      square += (before - means[place]) ** 2
    })
    return square > 0 ? product / square : 0
  })
}
