import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import type { PoolOptions } from '../benchmarks/running/pool.ts'
import { wholeNumber } from './flags.ts'

/** What cells may take of the machine. */
export interface LimitFlags {
  readonly workers: number
  readonly memory: number
  readonly timeLimit: number
}

export function addLimitFlags(command: Command): Command {
  return command
    .option('--workers <n>', 'cells at a time, each on one thread', wholeNumber(1), availableParallelism())
    .option('--memory <MiB>', 'what one cell may hold', wholeNumber(64), 1500)
    .option('--time-limit <seconds>', 'how long one cell may take', wholeNumber(1), 3600)
}

/** A pool that runs cells within these limits. */
export const cellPool = ({ workers, memory, timeLimit }: LimitFlags): PoolOptions => ({
  worker: fileURLToPath(new URL('../benchmarks/running/cell-worker.ts', import.meta.url)),
  lanes: workers,
  memoryLimitMb: memory,
  timeLimitSeconds: timeLimit,
})
