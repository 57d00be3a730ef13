/** Ranks from 1 on; equal values share the mean of theirs. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a] - values[b])
  const out = new Float64Array(values.length)
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && values[order[end]] === values[order[start]]) end++
    for (let i = start; i < end; i++) out[order[i]] = (start + 1 + end) / 2
    start = end
  }
  return out
}

/** Spearman's ρ: the correlation of the ranks. 0 where either side is all alike, as that ranks nothing; NaN for NaN. */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (hasNaN(a) || hasNaN(b)) return Number.NaN
  const [left, right] = [ranks(a), ranks(b)]
  const middle = (left.length + 1) / 2
  const sums = { left: 0, right: 0, both: 0 }
  for (let i = 0; i < left.length; i++) {
    sums.left += (left[i] - middle) ** 2
    sums.right += (right[i] - middle) ** 2
    sums.both += (left[i] - middle) * (right[i] - middle)
  }
  return sums.left === 0 || sums.right === 0 ? 0 : sums.both / Math.sqrt(sums.left * sums.right)
}

/**
 * Area under the ROC curve: how often a positive has a higher score than a negative, ties counting half (Mann & Whitney
 * 1947, by their rank sum). Null where there is one class only; NaN for NaN.
 */
export function areaUnderCurve(scores: ArrayLike<number>, positive: readonly boolean[]): number | null {
  const positives = positive.filter(yes => yes).length
  const negatives = positive.length - positives
  if (positives === 0 || negatives === 0) return null
  if (hasNaN(scores)) return Number.NaN
  const own = ranks(scores)
  let sum = 0
  positive.forEach((yes, i) => {
    if (yes) sum += own[i]
  })
  return (sum - (positives * (positives + 1)) / 2) / (positives * negatives)
}

/**
 * The fewest values, the largest first, that together hold this share of all; what equals the last of them belongs to
 * them. None where all are 0. @param values not negative
 */
export function holding(values: ArrayLike<number>, share: number): boolean[] {
  const sorted = Float64Array.from(values).sort().reverse()
  const total = sorted.reduce((sum, value) => sum + value, 0)
  let [sum, least] = [0, Infinity]
  for (const value of sorted) {
    // Give or take the rounding of the sum.
    if (sum >= share * total * (1 - 1e-12)) break
    sum += value
    least = value
  }
  return Array.from(values, value => value >= least)
}

function hasNaN(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true
  return false
}
