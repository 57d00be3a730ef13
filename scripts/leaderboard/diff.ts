import { compareBoards, differenceText } from '../../benchmarks/board/diff.ts'
import { readLeaderboard } from '../../benchmarks/board/results.ts'
import { writeLine } from '../flags.ts'

/** Prints what changed between two boards, as they were written. Exit code 1 where anything did. */
export async function diff(before: string, after: string): Promise<void> {
  const difference = compareBoards(readLeaderboard(before), readLeaderboard(after))
  await writeLine(differenceText(difference))
  const { appeared, vanished, changed } = difference
  if (appeared.length + vanished.length + changed.length > 0) process.exitCode = 1
}
