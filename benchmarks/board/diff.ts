import type { LeaderboardRow } from './leaderboard.ts'
import { lineOf, worldOf } from './leaderboard-table.ts'
import { modelLabel, withInterval, worldLabel } from './printing.ts'

/** A row of two boards that is not the same on both. */
export interface Change {
  readonly before: LeaderboardRow
  readonly after: LeaderboardRow
  /** The intervals do not overlap, or one of the scores is not there. */
  readonly matters: boolean
  readonly moved: boolean
}

export interface BoardDifference {
  readonly same: number
  readonly appeared: readonly LeaderboardRow[]
  readonly vanished: readonly LeaderboardRow[]
  readonly changed: readonly Change[]
}

const keyOf = (row: LeaderboardRow) =>
  JSON.stringify([
    ...[row.environment, row.size, row.scrambled, row.condition, row.horizon],
    ...[row.model, row.variant, row.budget],
  ])

function overlap(a: LeaderboardRow, b: LeaderboardRow): boolean {
  if (a.score === null || b.score === null) return a.score === b.score
  return a.score_low! <= b.score_high! && b.score_low! <= a.score_high!
}

/** Two boards, row by row; the names of their suites do not count. */
export function compareBoards(before: readonly LeaderboardRow[], after: readonly LeaderboardRow[]): BoardDifference {
  const later = new Map(after.map(row => [keyOf(row), row]))
  const earlier = new Set(before.map(keyOf))
  const both = before.flatMap(row => {
    const other = later.get(keyOf(row))
    return other ? [{ before: row, after: other }] : []
  })
  const content = (row: LeaderboardRow) => JSON.stringify({ ...row, suite: '' })
  const differing = both.filter(({ before, after }) => content(before) !== content(after))
  return {
    same: both.length - differing.length,
    appeared: after.filter(row => !earlier.has(keyOf(row))),
    vanished: before.filter(row => !later.has(keyOf(row))),
    changed: differing.map(pair => ({
      ...pair,
      matters: !overlap(pair.before, pair.after),
      moved: pair.before.rank !== pair.after.rank,
    })),
  }
}

const rank = ({ rank }: LeaderboardRow) => rank ?? '–'

function changeLine({ before, after, moved }: Change): string {
  const place = [before.condition, before.horizon ?? ''].join(' ').trim()
  const ranks = moved ? `, rank ${rank(before)} → ${rank(after)}` : ''
  const skills = `${withInterval(before)} → ${withInterval(after)}`
  return `  ${worldLabel(before)}, ${modelLabel(before, true)}, ${place}: ${skills}${ranks}`
}

/** One line for each model of a world, however many places it was measured in. */
function rowLines(rows: readonly LeaderboardRow[]): string[] {
  const counts = new Map<string, { row: LeaderboardRow; places: number }>()
  for (const row of rows) {
    const key = worldOf(row) + lineOf(row)
    counts.set(key, { row, places: (counts.get(key)?.places ?? 0) + 1 })
  }
  const lines = [...counts.values()].map(({ row, places }) => {
    return `  ${worldLabel(row)}, ${modelLabel(row, true)}: ${places} ${places === 1 ? 'place' : 'places'}`
  })
  return lines
}

/** The difference for people: what matters first. */
export function differenceText({ same, appeared, vanished, changed }: BoardDifference): string {
  const beyond = changed.filter(({ matters }) => matters)
  const within = changed.filter(({ matters }) => !matters)
  const moved = within.filter(({ moved }) => moved)
  const section = (title: string, lines: readonly string[]) => (lines.length > 0 ? ['', title, ...lines] : [])
  return [
    `${same} rows the same, ${within.length} changed within their intervals, ${beyond.length} beyond them, ` +
      `${vanished.length} vanished, ${appeared.length} appeared`,
    ...section('changed beyond their intervals, which matters:', beyond.map(changeLine)),
    ...section('other ranks, though the intervals overlap:', moved.map(changeLine)),
    ...section('vanished:', rowLines(vanished)),
    ...section('appeared:', rowLines(appeared)),
  ].join('\n')
}
