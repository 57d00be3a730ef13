import { z } from 'zod'
import { climate } from './climate.ts'
import { defineReference, type EpisodeTable } from './model.ts'

// Honest remembering. What was last seen of a cell, `gap` frames before the target, is worth
//   E(cell | value seen, gap, climate of the place),
// a table of means counted on the training split, and a cell that was never seen gets its climate. In bernoulli worlds
// the means are probabilities. In gaussian ones a table is never worse than climate + a(gap)·anomaly, and where the
// world bends what it remembers (a logistic map) far better. The world is stationary, so that the gap says all that
// age and horizon say. Places are classed by their climate, or remembering would forget the walls that climate knows.

/** Values fall into bins of equal width between two limits; what lies at or beyond a limit has a bin of its own. */
interface Bins {
  readonly low: number
  readonly high: number
  readonly inner: number
}
const probabilityBins: Bins = { low: 0, high: 1, inner: 10 }
/** For standardised values. */
const valueBins: Bins = { low: -3, high: 3, inner: 40 }

/** Places fall into this many classes of equal size by their climate; a homogeneous world has one climate. */
const CLASSES = 6
/** Observations of the class's climate that every entry of the table starts with (after Laplace). */
const PRIOR = 4

interface Constants {
  readonly bins: Bins
  /** [tiles · C] */
  readonly climate: Float32Array
  /** [tiles · C] the class of every place */
  readonly classes: Uint8Array
  /** [gap, class, bin] means; gap 0 is unused */
  readonly table: Float64Array
}

export const persistence = defineReference({
  id: 'persistence',
  version: 1,
  family: 'reference',
  title: 'calibrated remembering of what was last seen',
  source: 'Murphy, Climatology, persistence, and their linear combination as standards of reference, 1992',
  options: z.strictObject({}),

  fit: (episodes, { likelihood, context, blind }): Constants => {
    const bins = likelihood === 'bernoulli' ? probabilityBins : valueBins
    const means = climate(episodes)
    const classes = climateClasses(means)
    return { bins, climate: means, classes, table: conditionalMeans(episodes, context + blind, bins, means, classes) }
  },

  predict: ({ bins, climate: means, classes, table }, observed, out) => {
    const { steps, batch, tiles, viewSize, seen, values } = observed
    const lastSeen = new Int32Array(batch * tiles).fill(-1)
    for (let step = 0; step < steps; step++)
      for (let row = 0; row < batch * tiles; row++) {
        if (seen[step * batch * tiles + row] === 1) lastSeen[row] = step
        const target = (step * batch * tiles + row) * viewSize
        const gap = step + 1 - lastSeen[row]
        const source = (lastSeen[row] * batch * tiles + row) * viewSize
        const place = (row % tiles) * viewSize
        for (let i = 0; i < viewSize; i++)
          out[target + i] =
            lastSeen[row] < 0 ? means[place + i] : table[entry(gap, classes[place + i], values[source + i], bins)]
      }
  },
})

function binOf(value: number, { low, high, inner }: Bins): number {
  if (value <= low) return 0
  return value >= high ? inner + 1 : 1 + Math.min(inner - 1, Math.floor(((value - low) / (high - low)) * inner))
}

/** Where [gap, class, bin] stands in the table. */
function entry(gap: number, placeClass: number, value: number, bins: Bins): number {
  return (gap * CLASSES + placeClass) * (bins.inner + 2) + binOf(value, bins)
}

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

/** E(cell | value, gap, class), counted over all pairs of frames. */
function conditionalMeans(
  episodes: EpisodeTable,
  gaps: number,
  bins: Bins,
  means: Float32Array,
  classes: Uint8Array,
): Float64Array {
  const perClass = bins.inner + 2
  const table = new Float64Array((gaps + 1) * CLASSES * perClass)
  const counts = new Float64Array(table.length)
  const classMean = new Float64Array(CLASSES)
  for (let c = 0; c < CLASSES; c++) {
    const members = means.filter((_, place) => classes[place] === c)
    classMean[c] = members.reduce((sum, mean) => sum + mean, 0) / Math.max(1, members.length)
  }
  for (let gap = 1; gap <= gaps; gap++)
    forEachPair(episodes, gap, (before, after, place) => {
      const at = entry(gap, classes[place], before, bins)
      table[at] += after
      counts[at]++
    })
  return table.map((sum, at) => (sum + PRIOR * classMean[Math.floor(at / perClass) % CLASSES]) / (counts[at] + PRIOR))
}
