import { film, type Subject, within } from './run.ts'

/** How far remembering goes, each channel by itself, then their mean. */
export interface Memory {
  /** One-frame skill over climatology of climatology + a·anomaly with the best a: the squared correlation. 1 = perfect. */
  readonly calibrated: number
  /** The same of the last frame as it was. */
  readonly plain: number
  /** Frames until the autocorrelation of anomalies falls below 1/e; Infinity where the films end before. */
  readonly correlationTime: number
}

/** Where remembering is neither useless nor enough. */
export const skillWindow = { least: 0.2, most: 0.8 } as const

/** Moments of anomalies so many frames apart, summed over cells, pairs of frames and episodes. */
interface Moments {
  product: number
  first: number
  second: number
  difference: number
}

function momentsAtLag(films: readonly Float32Array[][], mean: Float64Array, lag: number, channels: number): Moments[] {
  const moments = Array.from({ length: channels }, () => ({ product: 0, first: 0, second: 0, difference: 0 }))
  for (const frames of films)
    for (let t = lag; t < frames.length; t++)
      for (let i = 0; i < mean.length; i++) {
        const moment = moments[i % channels]
        const [before, now] = [frames[t - lag][i] - mean[i], frames[t][i] - mean[i]]
        moment.product += before * now
        moment.first += before * before
        moment.second += now * now
        moment.difference += (now - before) ** 2
      }
  return moments
}

/** Measured against the mean of every cell, on `episodes` films of `frames` frames. */
export function memory(subject: Subject, episodes = 64, length = 30): Memory {
  const { environment, parameters, size } = subject
  const channels = environment.field(parameters, size).channels.length
  const frames = within(subject, length - 1) + 1
  const films = Array.from({ length: episodes }, (_, episode) => film(subject, 'memory', episode, frames))
  const mean = new Float64Array(films[0][0].length)
  for (const frame of films.flat()) for (let i = 0; i < mean.length; i++) mean[i] += frame[i] / (episodes * frames)
  const at = (lag: number, figure: (moments: Moments) => number) =>
    momentsAtLag(films, mean, lag, channels).reduce((sum, moments) => sum + figure(moments), 0) / channels
  const correlation = ({ product, first, second }: Moments) => product / (Math.sqrt(first * second) || 1)
  return {
    calibrated: at(1, moments => correlation(moments) ** 2),
    plain: at(1, ({ difference, second }) => 1 - difference / (second || 1)),
    correlationTime: firstBelow(1 / Math.E, frames - 1, lag => (lag === 0 ? 1 : at(lag, correlation))),
  }
}

/** Where a curve first falls below a level, between two whole places by proportion. */
function firstBelow(level: number, last: number, curve: (place: number) => number): number {
  let before = curve(0)
  for (let place = 1; place <= last; place++) {
    const now = curve(place)
    if (now < level) return place - 1 + (before - level) / (before - now)
    before = now
  }
  return Infinity
}
