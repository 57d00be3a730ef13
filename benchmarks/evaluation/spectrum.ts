/** Mean power of a field in three octaves of spatial frequency, coarse to fine. */
export interface BandPower {
  /** Wavelengths over 8 cells, the mean of the field included. */
  readonly low: number
  /** Wavelengths over 4 and up to 8 cells. */
  readonly middle: number
  /** Wavelengths of 4 cells and less. */
  readonly high: number
}

/** cos and sin of 2π·k·x/n for every k < `frequencies`, x < n: [frequencies, n] each. */
function waves(n: number, frequencies: number): { cosine: Float64Array; sine: Float64Array } {
  const angles = Float64Array.from({ length: frequencies * n }, (_, i) => {
    const [k, x] = [Math.floor(i / n), i % n]
    return (2 * Math.PI * ((k * x) % n)) / n
  })
  return { cosine: angles.map(Math.cos), sine: angles.map(Math.sin) }
}

/** 0 low, 1 middle, 2 high, from a frequency in cycles a cell on each axis. */
function bandOf(rowFrequency: number, columnFrequency: number): 0 | 1 | 2 {
  const squared = rowFrequency ** 2 + columnFrequency ** 2
  if (squared < 1 / 64) return 0
  return squared < 1 / 16 ? 1 : 2
}

/**
 * Prepares the band powers of real fields [height, width]; a 1-D field has height 1. Bands are cut at 1/8 and 1/4
 * cycles a cell, so they mean the same wavelengths in cells at every size of the world. By Parseval's theorem
 * Σ_x f² / N = Σ_k |F_k|² / N², so low + middle + high is the mean square of the field. The transform is a direct
 * separable sum: fields are small and sides are seldom powers of two. A field between walls is treated as if it were
 * periodic, which leaks some power of its edges into the high band.
 */
export function bandPowers(height: number, width: number): (field: ArrayLike<number>) => BandPower {
  // A real field has F(−k) = conj F(k): half of the columns' frequencies stand for all.
  const half = Math.floor(width / 2) + 1
  const rows = waves(height, height)
  const columns = waves(width, half)
  const real = new Float64Array(height * half)
  const imaginary = new Float64Array(height * half)

  return field => {
    for (let y = 0; y < height; y++)
      for (let k = 0; k < half; k++) {
        let re = 0
        let im = 0
        for (let x = 0; x < width; x++) {
          re += field[y * width + x] * columns.cosine[k * width + x]
          im -= field[y * width + x] * columns.sine[k * width + x]
        }
        real[y * half + k] = re
        imaginary[y * half + k] = im
      }
    const power = [0, 0, 0]
    for (let l = 0; l < height; l++)
      for (let k = 0; k < half; k++) {
        let re = 0
        let im = 0
        for (let y = 0; y < height; y++) {
          const cosine = rows.cosine[l * height + y]
          const sine = rows.sine[l * height + y]
          re += real[y * half + k] * cosine + imaginary[y * half + k] * sine
          im += imaginary[y * half + k] * cosine - real[y * half + k] * sine
        }
        const twins = k === 0 || 2 * k === width ? 1 : 2
        power[bandOf(Math.min(l, height - l) / height, k / width)] += twins * (re * re + im * im)
      }
    const [low, middle, high] = power.map(sum => sum / (height * width) ** 2)
    return { low, middle, high }
  }
}
