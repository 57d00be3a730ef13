import { z } from 'zod'
import { climate } from './climate.ts'
import { defineReference, type EpisodeTable } from './model.ts'

// Honest remembering. What was last seen of a cell, `gap` frames before the target, is worth
//   bernoulli:  P(cell | value seen, gap, climate of the place), a table counted on the training split
//   gaussian:   climate + a(gap)·(value seen − climate), a the lag correlation on the training split
// and a cell that was never seen gets its climate. The world is stationary, so that the gap says all that age and
// horizon say. Places are classed by their climate, or remembering would forget the walls that climatology knows.

/** Values of a bernoulli world fall into this many bins of equal width, exact 0 and exact 1 into bins of their own. */
const INNER_BINS = 10
const BINS = INNER_BINS + 2
/** Places fall into this many classes of equal size by their climate; a homogeneous world has one climate. */
const CLASSES = 6
/** Observations of the class's climate that every entry of the table starts with (after Laplace). */
const PRIOR = 4

interface Constants {
  readonly likelihood: 'bernoulli' | 'gaussian'
  /** [tiles · C] */
  readonly climate: Float32Array
  /** bernoulli: [tiles · C] the class of every place */
  readonly classes: Uint8Array
  /** bernoulli: [gap, class, bin] probabilities; gaussian: [gap] lag correlations; gap 0 is unused */
  readonly memory: Float64Array
}

export const persistence = defineReference({
  id: 'persistence',
  version: 1,
  family: 'reference',
  title: 'calibrated remembering of what was last seen',
  source: 'Murphy, Climatology, persistence, and their linear combination as standards of reference, 1992',
  options: z.strictObject({}),

  fit: (episodes, { likelihood, context, blind }): Constants => {
    const means = climate(episodes)
    const classes = climateClasses(means)
    const gaps = context + blind
    const memory =
      likelihood === 'bernoulli'
        ? transitionTable(episodes, gaps, means, classes)
        : lagCorrelations(episodes, gaps, means)
    return { likelihood, climate: means, classes, memory }
  },

  predict: ({ likelihood, climate: means, classes, memory }, observed, out) => {
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
          else if (likelihood === 'bernoulli')
            out[target + i] = memory[entry(gap, classes[place + i], values[source + i])]
          else out[target + i] = means[place + i] + memory[gap] * (values[source + i] - means[place + i])
        }
      }
  },
})

function bin(value: number): number {
  if (value <= 0) return 0
  return value >= 1 ? BINS - 1 : 1 + Math.min(INNER_BINS - 1, Math.floor(value * INNER_BINS))
}

/** Where [gap, class, bin] stands in the table. */
const entry = (gap: number, placeClass: number, value: number) => (gap * CLASSES + placeClass) * BINS + bin(value)

/** The class of every place: which sixth of all places its climate falls into. */
function climateClasses(means: Float32Array): Uint8Array {
  const sorted = means.slice().sort()
  const limits = Array.from({ length: CLASSES - 1 }, (_, i) => sorted[Math.floor(((i + 1) * means.length) / CLASSES)])
  return Uint8Array.from(means, mean => limits.filter(limit => mean >= limit).length)
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

/** P(cell | value, gap, class), counted over all pairs of frames. */
function transitionTable(episodes: EpisodeTable, gaps: number, means: Float32Array, classes: Uint8Array): Float64Array {
  const table = new Float64Array((gaps + 1) * CLASSES * BINS)
  const counts = new Float64Array(table.length)
  const classMean = new Float64Array(CLASSES)
  for (let c = 0; c < CLASSES; c++) {
    const members = means.filter((_, place) => classes[place] === c)
    classMean[c] = members.reduce((sum, mean) => sum + mean, 0) / Math.max(1, members.length)
  }
  for (let gap = 1; gap <= gaps; gap++)
    forEachPair(episodes, gap, (before, after, place) => {
      const at = entry(gap, classes[place], before)
      table[at] += after
      counts[at]++
    })
  return table.map((sum, at) => (sum + PRIOR * classMean[Math.floor(at / BINS) % CLASSES]) / (counts[at] + PRIOR))
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
