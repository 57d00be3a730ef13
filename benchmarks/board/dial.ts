import type { CellSpec } from '../cell.ts'
import { raceOf } from './answer.ts'
import { parseSpec } from './contradictions.ts'
import { meanError } from './costs.ts'
import type { LeaderboardRow, ScoredRow } from './leaderboard.ts'
import { placesOf } from './leaderboard-table.ts'
import { builtInReach, partnerDistance } from './reach.ts'

/** One model of the dial: where it stands, and what came of it. */
export interface Setting {
  /** ρ in cells, ∞ for all; λ; of learned links nothing. */
  readonly at: number
  readonly row: LeaderboardRow
  readonly error: number | null
}

/** All that was tried on one ring. */
export interface Turn {
  /** r: how far apart partners are, in cells. */
  readonly range: number
  /** Models whose reach ρ is built in, by ρ. */
  readonly radii: readonly Setting[]
  /** Models in which all others act with strength λ, by λ. */
  readonly strengths: readonly Setting[]
  /** The model that learns whom to hear. */
  readonly links: Setting | null
}

/** Rings that differ in r alone, at one condition and horizon, by r. */
export interface Dial {
  readonly turns: readonly [Turn, ...Turn[]]
}

/** Those whose interval reaches up to the best one's, in their order on the dial, and the best itself. */
export interface Best {
  readonly tied: readonly Setting[]
  readonly best: Setting
  /** The best beats persistence, and some other setting. */
  readonly decided: boolean
}

/** Null where nothing was tried. */
export function bestOf(settings: readonly Setting[]): Best | null {
  const { tied, beaten } = raceOf(settings.map(({ row }) => row))
  if (tied.length === 0) return null
  return {
    tied: settings.filter(({ row }) => tied.includes(row)),
    best: settings.find(({ row }) => row === tied[0])!,
    decided: tied[0].score_low! > 0 && beaten.length > 0,
  }
}

/** The best radius, where the board decides. Where partners are the site itself all reach, and none need be beaten. */
export function bestRadius({ range, radii }: Turn): Best | null {
  const found = bestOf(radii)
  const decided = found?.decided || (range === 0 && found && found.best.row.score_low! > 0)
  return decided ? found : null
}

/** What learned links came to. */
export type Finding = 'as good' | 'found' | 'not found' | 'behind' | 'undecided'

/**
 * Learned links are as good as the best radius where their interval reaches up to its; they have found the partners
 * where it lies above that of every radius that stops short of them. Where none stops short they can but fall behind.
 */
export function findingOf(turn: Turn): Finding | null {
  const { range, radii, links } = turn
  if (links === null) return null
  const radius = bestRadius(turn)
  if (radius === null) return 'undecided'
  if (links.row.score_high! >= radius.best.row.score_low!) return 'as good'
  const short = radii.filter(({ at }) => at < range)
  if (short.length === 0) return 'behind'
  return short.every(({ row }) => links.row.score_low! > row.score_high!) ? 'found' : 'not found'
}

interface Part extends Setting {
  readonly kind: 'radii' | 'strengths' | 'links'
  readonly range: number
  /** What must be the same on a dial. */
  readonly dial: string
}

/** What a row is on the dial; none where it is not on it. */
function partOf(scored: ScoredRow): Part[] {
  const { row, cells } = scored
  const spec: CellSpec | undefined = cells.length > 0 ? parseSpec(cells[0].row) : undefined
  const range = spec && partnerDistance(spec)
  if (spec === undefined || range === undefined || spec.schedule.scrambled) return []
  const { radius, lambda, ...options } = spec.options
  const { range: _, ...world } = spec.parameters
  const { suite, size, budget, condition, horizon } = row
  const dial = JSON.stringify([suite, size, budget, condition, horizon, Object.entries(world).sort(), options])
  const part = (kind: Part['kind'], at: number) => [{ kind, at, range, dial, row, error: meanError(scored) }]
  const reach = builtInReach(spec)
  if (reach !== undefined) return part('radii', reach)
  if (spec.model === 's2gru-continuum') return part('strengths', Number(lambda ?? 0.1))
  return spec.model === 's2gru-links' ? part('links', Number.NaN) : []
}

const byPosition = (a: Setting, b: Setting) => a.at - b.at

function turnOf(range: number, parts: readonly Part[]): Turn {
  const kindOf = (kind: Part['kind']) =>
    parts.filter(part => part.range === range && part.kind === kind && part.row.score !== null).sort(byPosition)
  return { range, radii: kindOf('radii'), strengths: kindOf('strengths'), links: kindOf('links')[0] ?? null }
}

/**
 * The dials of a board: coupled maps at two ranges or more, with two models or more whose reach is built in on each; at
 * the first condition of the board and at the last blind horizon.
 */
export function dialsOf(board: readonly ScoredRow[]): Dial[] {
  const parts = board.flatMap(partOf)
  const places = placesOf(parts.map(({ row }) => row))
  const shown = new Set([places[0], places.filter(({ condition }) => condition === 'blind').at(-1)])
  const isShown = ({ row }: Part) =>
    [...shown].some(place => place?.condition === row.condition && place.horizon === row.horizon)
  const wanted = parts.filter(isShown)
  return [...new Set(wanted.map(({ dial }) => dial))].flatMap(dial => {
    const own = wanted.filter(part => part.dial === dial)
    const ranges = [...new Set(own.map(({ range }) => range))].sort((a, b) => a - b)
    const [first, ...others] = ranges.map(range => turnOf(range, own)).filter(({ radii }) => radii.length > 1)
    return others.length > 0 ? [{ turns: [first, ...others] as const }] : []
  })
}
