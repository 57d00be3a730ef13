import type { EpisodeTable } from './model.ts'

/**
 * The mean of every place [tiles · C] over all frames of all episodes, shrunk towards the mean of all places by the
 * share of their spread that sampling explains (James & Stein 1961, positive part): a homogeneous world gets one mean,
 * a box gets its walls.
 */
export function climate({ episodes, frames, tiles, viewSize, values }: EpisodeTable): Float32Array {
  const places = tiles * viewSize
  const mean = new Float64Array(places)
  const meanSquare = new Float64Array(places) // of the means of single episodes, which are independent draws
  for (let episode = 0; episode < episodes; episode++)
    for (let place = 0; place < places; place++) {
      let sum = 0
      for (let frame = 0; frame < frames; frame++) sum += values[(episode * frames + frame) * places + place]
      mean[place] += sum / frames / episodes
      meanSquare[place] += (sum / frames) ** 2 / episodes
    }
  const overall = mean.reduce((sum, value) => sum + value, 0) / places
  let spread = 0
  let noise = 0
  for (let place = 0; place < places; place++) {
    spread += (mean[place] - overall) ** 2 / places
    noise += (meanSquare[place] - mean[place] ** 2) / Math.max(1, episodes - 1) / places
  }
  const kept = spread > noise ? 1 - noise / spread : 0
  return Float32Array.from(mean, value => overall + kept * (value - overall))
}
