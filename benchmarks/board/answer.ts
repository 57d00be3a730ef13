import { parseSpec } from './contradictions.ts'
import type { LeaderboardRow } from './leaderboard.ts'
import { placesOf, worldOf } from './leaderboard-table.ts'
import { modelLabel, printable, score, withInterval, worldLabel } from './printing.ts'
import { builtInReach, partnerDistance } from './reach.ts'
import { fewestSeeds } from './statistics.ts'
import type { BoardTables, RunRow, TimingRow } from './tables.ts'

/** What the board says of the one question, for one world and budget. */
export interface Answer {
  readonly world: LeaderboardRow
  /** The cheapest of those that no one beats; null where the board does not decide. */
  readonly chosen: LeaderboardRow | null
  /** The answer, or why there is none, in one sentence. */
  readonly sentence: string
}

/** What must come out on a world whose range is known, or nothing else on the board can be trusted. */
export interface Controls {
  /** Worlds in which something that reaches was held against something that does not. */
  readonly held: readonly string[]
  /** What went wrong, a line each. */
  readonly failures: readonly string[]
}

/** The best, whoever it may share its place with, and those that it beats; best first. */
export interface Race {
  readonly tied: readonly LeaderboardRow[]
  readonly beaten: readonly LeaderboardRow[]
}

/** The specification and the times behind the rows of a board. */
function sourcesOf({ runs, cells }: BoardTables, timings: readonly TimingRow[]) {
  const key = (row: LeaderboardRow | RunRow) =>
    JSON.stringify([row.suite, row.environment, row.size, row.scrambled, row.model, row.variant, row.budget])
  const specs = new Map(cells.map(row => [row.cell, parseSpec(row)]))
  const steps = new Map(cells.map(row => [row.cell, row.steps]))
  const trained = new Map(timings.map(row => [row.cell, row.train_ms]))
  const idsOf = new Map<string, Set<string>>()
  for (const run of runs) idsOf.set(key(run), (idsOf.get(key(run)) ?? new Set()).add(run.cell))
  const own = (row: LeaderboardRow) => [...(idsOf.get(key(row)) ?? [])]
  return {
    spec: (row: LeaderboardRow) => specs.get(own(row)[0]),
    /** Milliseconds of a training step, the mean over seeds; undefined where nothing was timed. */
    stepMs(row: LeaderboardRow): number | undefined {
      const times = own(row).flatMap(id => (steps.get(id) && trained.has(id) ? trained.get(id)! / steps.get(id)! : []))
      return times.length > 0 ? times.reduce((sum, time) => sum + time, 0) / times.length : undefined
    },
  }
}

type Sources = ReturnType<typeof sourcesOf>

/**
 * What races in every world and budget, at the first condition of the board, best first. References do not, which are the
 * measure, and what has no budget does not: models that were made elsewhere, whose cost nobody knows.
 */
function races(rows: readonly LeaderboardRow[]): LeaderboardRow[][] {
  return [...new Set(rows.map(worldOf))].flatMap(key => {
    const [lead] = placesOf(rows.filter(row => worldOf(row) === key))
    const own = [...lead.rows.values()].filter(({ family }) => family !== 'reference')
    const budgets = [...new Set(own.map(({ budget }) => budget).filter(budget => budget !== ''))]
    const ofBudget = (budget: string) => own.filter(row => row.budget === budget)
    return budgets.map(ofBudget)
  })
}

const hasScore = (row: LeaderboardRow) => row.score !== null

/** A row is as good as the best where its interval reaches up to the best one's; touching counts. */
export function raceOf(rows: readonly LeaderboardRow[]): Race {
  const sorted = rows.filter(hasScore).sort((a, b) => b.score! - a.score!)
  const tied = sorted.filter(row => row.score_high! >= sorted[0].score_low!)
  return { tied, beaten: sorted.filter(row => !tied.includes(row)) }
}

/**
 * Coupled maps with partners at exactly distance r: every model whose built-in interaction does not reach them must lie
 * below every model whose does, interval by interval. Learned partners are no control: to find them is what is asked.
 */
function controlsOf(rows: readonly LeaderboardRow[], { spec }: Sources): Controls {
  const held: string[] = []
  const failures: string[] = []
  for (const own of races(rows)) {
    const known = own.filter(hasScore).flatMap(row => {
      const cell = spec(row)
      if (cell === undefined || cell.schedule.scrambled) return []
      const [reach, distance] = [builtInReach(cell), partnerDistance(cell)]
      return reach === undefined || distance === undefined ? [] : [{ row, reaches: reach >= distance }]
    })
    const reaching = known.filter(({ reaches }) => reaches).map(({ row }) => row)
    const short = known.filter(({ reaches }) => !reaches).map(({ row }) => row)
    if (reaching.length === 0 || short.length === 0) continue
    const worst = reaching.reduce((a, b) => (b.score_low! < a.score_low! ? b : a))
    const best = short.reduce((a, b) => (b.score_high! > a.score_high! ? b : a))
    const world = worldLabel(worst)
    if (best.score_high! < worst.score_low!) held.push(world)
    else
      failures.push(
        `${world}: ${modelLabel(best, false)}, which does not reach the partners, has ${withInterval(best)}, and ` +
          `${modelLabel(worst, false)}, which does, ${withInterval(worst)}`,
      )
  }
  return { held, failures }
}

const breadth: readonly string[] = ['local', 'learned', 'global']

/** The cheapest: by FLOPs a step; among equals the more local one, the one of shorter reach, the better one. */
function cheapest(rows: readonly LeaderboardRow[], { spec }: Sources): LeaderboardRow {
  const parts = (row: LeaderboardRow) => {
    const cell = spec(row)
    const reach = (cell && builtInReach(cell)) ?? Infinity
    return [row.flops_per_step, breadth.indexOf(row.family), reach, -row.score!]
  }
  const before = (a: LeaderboardRow, b: LeaderboardRow) => {
    const [own, other] = [parts(a), parts(b)]
    const at = own.findIndex((part, i) => part !== other[i])
    return at >= 0 && own[at] < other[at]
  }
  return rows.reduce((best, row) => (before(row, best) ? row : best))
}

function cost(row: LeaderboardRow, { stepMs }: Sources): string {
  const time = stepMs(row)
  return `${(row.flops_per_step / 1e6).toFixed(1)} MFLOP${time === undefined ? '' : `, ${time.toPrecision(3)} ms`} a step`
}

/** Why the board does not decide; undefined where it does. */
function undecided(own: readonly LeaderboardRow[], controls: Controls): string | undefined {
  const { tied, beaten } = raceOf(own)
  if (controls.failures.length > 0) return 'the controls fail'
  if (tied.length === 0) return 'no model has a score'
  if (tied.length + beaten.length === 1) return `${modelLabel(tied[0], false)} has nobody to be compared with`
  if (tied[0].score_low! <= 0)
    return `no model is better than persistence: ${modelLabel(tied[0], false)} leads with ${withInterval(tied[0])}`
  if (beaten.length === 0)
    return `the intervals of all ${tied.length} models reach up to the best, ${modelLabel(tied[0], false)} with ${withInterval(tied[0])}`
}

function answerOf(own: readonly LeaderboardRow[], controls: Controls, sources: Sources, several: boolean): Answer {
  const [world] = own
  const name = [worldLabel(world), ...(several ? [printable(world.budget)] : [])].join(' · ')
  const reason = undecided(own, controls)
  if (reason !== undefined) return { world, chosen: null, sentence: `${name}: undecided: ${reason}.` }
  const { tied, beaten } = raceOf(own)
  const chosen = cheapest(tied, sources)
  const [best] = tied
  const [next] = beaten
  const margin = (a: LeaderboardRow, b: LeaderboardRow) => score(a.score! - b.score!)
  const parts = [
    `${modelLabel(chosen, false)} (${printable(chosen.family)}), skill ${withInterval(chosen)} for ${cost(chosen, sources)}`,
    ...(chosen === best
      ? [
          tied.length === 1
            ? 'alone at the top'
            : `best, and cheapest of the ${tied.length} whose intervals reach the best`,
        ]
      : [
          `cheapest of the ${tied.length} whose intervals reach the best, ${modelLabel(best, false)}, ` +
            `${margin(best, chosen)} above it for ${cost(best, sources)}`,
        ]),
    `the first that is beaten, ${modelLabel(next, false)}, is ${margin(best, next)} below the best`,
  ]
  return { world, chosen, sentence: `${name}: ${parts.join('; ')}.` }
}

/**
 * The question itself: which is the cheapest locality that no other beats, world by world and budget by budget, at the
 * first condition of the board? A row is as good as the best where its interval reaches up to the best one's. The board
 * does not decide where the controls fail, where nothing is better than persistence, where a model is alone, and where
 * nobody is beaten.
 * @param rows the board of `tables`, in its order
 */
export function answerQuestion(
  rows: readonly LeaderboardRow[],
  tables: BoardTables,
  timings: readonly TimingRow[],
): { readonly answers: readonly Answer[]; readonly controls: Controls } {
  const sources = sourcesOf(tables, timings)
  const controls = controlsOf(rows, sources)
  const all = races(rows).filter(own => own.length > 0)
  const count = (key: string) => all.filter(([row]) => worldOf(row) === key).length
  const answers = all.map(own => answerOf(own, controls, sources, count(worldOf(own[0])) > 1))
  return { answers, controls }
}

/** How the answers come about, and what may be held against them. */
export function answerLegend({ answers, controls }: ReturnType<typeof answerQuestion>): string[] {
  const { held, failures } = controls
  const fewSeeds = answers.some(({ world }) => world.seeds < fewestSeeds)
  return [
    'The cheapest model whose interval reaches up to the best one’s, by FLOPs of a training step; among equals the more ' +
      'local. Skill one frame ahead (the first condition), 0 = persistence, [low high]: 95 %. Undecided: nobody is ' +
      'beaten, nothing beats persistence, or the controls fail.',
    ...(fewSeeds ? [`Fewer than ${fewestSeeds} seeds: intervals cover episodes only.`] : []),
    ...(held.length + failures.length === 0
      ? ['Controls: none on this board (coupled maps, with models that reach their partners and models that do not).']
      : []),
    ...(held.length > 0 ? [`Controls that hold, what cannot reach lies below what can: ${held.join(', ')}.`] : []),
    ...failures.map(failure => `Control that fails: ${failure}.`),
  ]
}
