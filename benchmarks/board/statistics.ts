import type { Random } from '../../lib/random.ts'
import { skill } from '../evaluation/metrics.ts'

/** The proper score's errors of one model in one place of the board: [seeds, episodes], row-major. */
export interface ErrorTable {
  readonly seeds: number
  readonly episodes: number
  readonly errors: Float64Array
}

export interface Interval {
  readonly score: number
  readonly low: number
  readonly high: number
}

/** From how many seeds on they are resampled; with fewer, intervals cover episodes only. */
export const fewestSeeds = 3

/** How often each seed and each episode was drawn in every resample: [resamples, seeds] and [resamples, episodes]. */
export interface ResamplingPlan {
  readonly seeds: number
  readonly episodes: number
  readonly resamples: number
  readonly seedCounts: Uint16Array
  readonly episodeCounts: Uint16Array
}

function drawnCounts(resamples: number, items: number, random: Random): Uint16Array {
  const counts = new Uint16Array(resamples * items)
  for (let resample = 0; resample < resamples; resample++)
    for (let draw = 0; draw < items; draw++) counts[resample * items + random.integer(items)]++
  return counts
}

/**
 * Draws the resamples of a paired bootstrap. Every seed has met the same episodes, so seeds and episodes are crossed:
 * both are drawn with replacement, independently, and an episode is drawn for all seeds at once (the pigeonhole
 * bootstrap, Owen 2007, doi:10.1214/07-AOAS122; it errs towards wide intervals). One plan serves all models of a
 * comparison, which keeps them paired. Under 3 seeds their spread cannot be told: each then counts once every time.
 */
export function resamplingPlan(seeds: number, episodes: number, random: Random, resamples = 2000): ResamplingPlan {
  const seedCounts =
    seeds < fewestSeeds
      ? new Uint16Array(resamples * seeds).fill(1)
      : drawnCounts(resamples, seeds, random.split('seeds'))
  const episodeCounts = drawnCounts(resamples, episodes, random.split('episodes'))
  return { seeds, episodes, resamples, seedCounts, episodeCounts }
}

/** The q-quantile of sorted values, linear between neighbours (type 7 of Hyndman & Fan 1996). */
function quantile(sorted: Float64Array, q: number): number {
  const place = q * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}

/** Σ over seeds and episodes of seedCount · episodeCount · error, for every resample. */
function resampledSums(table: ErrorTable, plan: ResamplingPlan): Float64Array {
  const { seeds, episodes, resamples, seedCounts, episodeCounts } = plan
  const sums = new Float64Array(resamples)
  for (let resample = 0; resample < resamples; resample++)
    for (let seed = 0; seed < seeds; seed++) {
      const seedCount = seedCounts[resample * seeds + seed]
      if (seedCount === 0) continue
      let sum = 0
      for (let episode = 0; episode < episodes; episode++)
        sum += episodeCounts[resample * episodes + episode] * table.errors[seed * episodes + episode]
      sums[resample] += seedCount * sum
    }
  return sums
}

const total = (table: ErrorTable): number => table.errors.reduce((sum, error) => sum + error, 0)

/**
 * Skill = 1 − ΣE / ΣE_persistence over seeds and episodes, clipped to [−1, 1], with its 95 % percentile interval: the
 * ratio is worked out anew, and clipped, in every resample. Both tables have the same seeds and episodes in the same
 * order. @throws RangeError where tables and plan differ in shape
 */
export function skillInterval(model: ErrorTable, persistence: ErrorTable, plan: ResamplingPlan): Interval {
  for (const { seeds, episodes, errors } of [model, persistence])
    if (seeds !== plan.seeds || episodes !== plan.episodes || errors.length !== seeds * episodes)
      throw new RangeError(`a table of ${seeds} × ${episodes} does not fit a plan of ${plan.seeds} × ${plan.episodes}`)
  const errors = resampledSums(model, plan)
  const references = resampledSums(persistence, plan)
  const skills = errors.map((error, i) => skill(error, references[i])).sort()
  return {
    score: skill(total(model), total(persistence)),
    low: quantile(skills, 0.025),
    high: quantile(skills, 0.975),
  }
}

/**
 * P(X > Y) as in rliable (Agarwal et al. 2021, arXiv:2108.13264), with seeds as runs and episodes as tasks:
 * for each episode the share of all pairs (a seed of X, a seed of Y) in which X errs less, a tie counting half; then
 * the mean over episodes. .5 = nothing to choose between them. A diverged run enters with infinite errors.
 * @throws RangeError where the tables differ in their number of episodes
 */
export function probabilityOfImprovement(x: ErrorTable, y: ErrorTable): number {
  if (x.episodes !== y.episodes) throw new RangeError(`${x.episodes} episodes against ${y.episodes}`)
  const { episodes } = x
  let wins = 0
  for (let seedX = 0; seedX < x.seeds; seedX++)
    for (let seedY = 0; seedY < y.seeds; seedY++)
      for (let episode = 0; episode < episodes; episode++) {
        const errorX = x.errors[seedX * episodes + episode]
        const errorY = y.errors[seedY * episodes + episode]
        if (errorX < errorY) wins += 1
        else if (errorX === errorY) wins += 0.5
      }
  return wins / (x.seeds * y.seeds * episodes)
}

/**
 * Ranks of rows that are sorted by score, best first. The best leads, and every row whose interval reaches up to its own
 * shares its rank (touching counts), also one that stands below a row of a narrower interval that does not. The best of
 * what is left leads the next group, whose rank is one more than the number of rows before it: 1, 1, 3. Overlap is
 * always with the leader, so a chain of small steps cannot tie the best with the worst.
 */
export function sharedRanks(rows: readonly Interval[]): number[] {
  const ranks = rows.map(() => 0)
  for (let ranked = 0; ranked < rows.length; ) {
    const { low } = rows[ranks.indexOf(0)]
    const group = rows.flatMap(({ high }, i) => (ranks[i] === 0 && high >= low ? [i] : []))
    for (const i of group) ranks[i] = ranked + 1
    ranked += group.length
  }
  return ranks
}
