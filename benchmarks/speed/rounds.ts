import { Bench } from 'tinybench'

/** One thing whose time is taken. `before` runs untimed, ahead of every call. */
export interface TimedTask {
  readonly name: string
  readonly run: () => void | Promise<void>
  readonly before?: () => void
}

/** What the samples of a task say, in milliseconds a call. */
export interface Spread {
  readonly median: number
  /** Quartiles: half of all samples lie between them. */
  readonly low: number
  readonly high: number
  readonly samples: number
}

/** The q-quantile of sorted values, between two of them by proportion (Hyndman & Fan 1996, type 7). */
function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1)
  const low = Math.floor(at)
  const high = Math.min(low + 1, sorted.length - 1)
  return sorted[low] + (at - low) * (sorted[high] - sorted[low])
}

/**
 * Times tasks by turns: each round gives every task its share of `time` milliseconds, and one call at least, so that a
 * slow minute of the machine meets all of them. A first call of each is not counted; samples of all rounds are pooled.
 */
export async function timeByTurns(
  tasks: readonly TimedTask[],
  time: number,
  rounds: number,
  onRound: (round: number) => void = () => {},
): Promise<Spread[]> {
  const samples: number[][] = tasks.map(() => [])
  for (let round = 0; round < rounds; round++) {
    onRound(round)
    const bench = new Bench({
      time: time / rounds,
      iterations: 1,
      warmup: round === 0,
      warmupTime: 0,
      warmupIterations: 1,
      retainSamples: true,
      throws: true,
    })
    // Said rather than found out, which would cost a call.
    for (const { name, run, before } of tasks)
      bench.add(name, run, { async: run.constructor.name === 'AsyncFunction', beforeEach: before })
    await bench.run()
    bench.tasks.forEach(({ result }, i) => {
      if (result.state === 'completed') samples[i].push(...(result.latency.samples ?? []))
    })
  }
  return samples.map(spreadOf)
}

/** Median and quartiles of samples in any order. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b)
  const [median, low, high] = [0.5, 0.25, 0.75].map(q => quantile(sorted, q))
  return { median, low, high, samples: sorted.length }
}
