/** What a channel holds, over cells and frames. */
export interface ChannelStatistics {
  readonly mean: number
  readonly min: number
  readonly max: number
  readonly sum: number
  /** Standard deviation. */
  readonly deviation: number
}

/** Of every channel, in frames whose numbers are cells × channels. */
export function channelStatistics(frames: readonly Float32Array[], channels: number): ChannelStatistics[] {
  return Array.from({ length: channels }, (_, channel) => {
    let [min, max, sum, squares, count] = [Infinity, -Infinity, 0, 0, 0]
    for (const frame of frames)
      for (let i = channel; i < frame.length; i += channels) {
        const value = frame[i]
        if (value < min) min = value
        if (value > max) max = value
        sum += value
        squares += value * value
        count++
      }
    const mean = sum / count
    return { mean, min, max, sum, deviation: Math.sqrt(Math.max(0, squares / count - mean ** 2)) }
  })
}
