import { bestOf, bestRadius, type Dial, dialsOf, type Finding, findingOf, type Setting, type Turn } from './dial.ts'
import type { ScoredRow } from './leaderboard.ts'
import { plainTable, printable, wrapped } from './printing.ts'

const heads = ['r', 'best ρ', 'error', 'best λ', 'error\nof ρ’s', 'links', 'error\nof ρ’s']
const aligns = ['right', 'left', 'right', 'left', 'right', 'left', 'right'] as const

const positions = (settings: readonly Setting[]) =>
  settings.map(({ at }) => (at === Infinity ? 'all' : String(at))).join(' ')
const ranges = (turns: readonly Turn[]) => `r = ${turns.map(({ range }) => range).join(', ')}`
const times = (ratio: number) => (ratio < 100 ? ratio.toPrecision(2) : String(Math.round(ratio)))

/** How many times the error of the best radius. */
function ratioOf(setting: Setting | null | undefined, turn: Turn): number | null {
  const reference = bestOf(turn.radii)?.best.error
  return setting?.error == null || !reference ? null : setting.error / reference
}
const ratioText = (ratio: number | null) => (ratio === null ? '–' : `${times(ratio)}×`)

function spread(turns: readonly Turn[], settingOf: (turn: Turn) => Setting | null | undefined): string {
  const ratios = turns.flatMap(turn => ratioOf(settingOf(turn), turn) ?? []).map(times)
  if (ratios.length === 0) return ''
  const sorted = [...ratios].sort((a, b) => Number(a) - Number(b))
  return [...new Set([sorted[0], sorted.at(-1)])].join(' to ')
}

function tableLine(turn: Turn): string[] {
  const radius = bestOf(turn.radii)
  const strength = turn.strengths.length > 1 ? bestOf(turn.strengths) : null
  return [
    String(turn.range),
    radius ? positions(radius.tied) : '–',
    radius?.best.error?.toPrecision(3) ?? '–',
    strength ? positions(strength.tied) : '–',
    ratioText(ratioOf(strength?.best, turn)),
    findingOf(turn) ?? '–',
    ratioText(ratioOf(turn.links, turn)),
  ]
}

/** Does the shortest radius that no other beats stand where the world's range is? */
function radiusSentence(turns: readonly Turn[]): string {
  const found = turns.flatMap(turn => {
    const best = bestRadius(turn)
    const due = turn.radii.find(({ at }) => at >= turn.range)
    return best && due ? [{ turn, at: best.tied[0], due }] : []
  })
  const untold = turns.filter(turn => !found.some(own => own.turn === turn))
  const remainder = untold.length > 0 ? ` (undecided at ${ranges(untold)})` : ''
  if (new Set(found.map(({ due }) => due.at)).size < 2)
    return `whether the best radius follows the range is undecided${remainder}`
  const wrong = found.filter(({ at, due }) => at.at !== due.at)
  if (wrong.length === 0)
    return (
      'the best radius follows the range: the shortest ρ that no other beats is the shortest that reaches, at ' +
      `${ranges(found.map(({ turn }) => turn))}${remainder}`
    )
  const cases = wrong.map(
    ({ turn, at, due }) => `${positions([at])} at r = ${turn.range} (${positions([due])} reaches)`,
  )
  return `the best radius does not follow the range: the shortest ρ that no other beats is ${cases.join(', ')}${remainder}`
}

/** Does the best strength of all others move with the world's range? */
function strengthSentence(turns: readonly Turn[]): string[] {
  const tried = turns.filter(({ strengths }) => strengths.length > 1)
  if (tried.length === 0) return []
  const found = tried.flatMap(turn => {
    const best = bestOf(turn.strengths)
    return best?.decided ? [{ turn, tied: best.tied.map(({ at }) => at), best: best.best }] : []
  })
  if (found.length < 2) return ['whether the best λ follows the range is undecided']
  const own = found.map(({ turn }) => turn)
  const spreadOf = spread(own, turn => bestOf(turn.strengths)?.best)
  const price = spreadOf === '' ? '' : `, and errs ${spreadOf} times what the best ρ does`
  const common = found[0].tied.filter(at => found.every(({ tied }) => tied.includes(at)))
  if (common.length > 0)
    return [
      `the best λ does not follow the range: λ = ${common.join(', ')} is among the best at every one of ` +
        `${ranges(own)}${price}`,
    ]
  // Sets of λ may overlap from range to range, as long as none of their ends goes back.
  const moveUp = (sets: readonly (readonly number[])[]) =>
    sets.every((set, i) => {
      const before = sets[i - 1] ?? set
      return Math.min(...before) <= Math.min(...set) && Math.max(...before) <= Math.max(...set)
    })
  const sets = found.map(({ tied }) => tied)
  const moves = found.map(({ turn, tied }) => `${tied.join(' ')} at r = ${turn.range}`).join(', ')
  if (moveUp(sets)) return [`the best λ rises with the range: ${moves}${price}`]
  if (moveUp(sets.toReversed())) return [`the best λ falls with the range: ${moves}${price}`]
  return [`the best λ changes with the range, but not in one direction: ${moves}${price}`]
}

/** Do learned links find the partners alone? */
function linksSentence(turns: readonly Turn[]): string[] {
  const withFinding = (finding: Finding) => turns.filter(turn => findingOf(turn) === finding)
  const known = turns.filter(turn => findingOf(turn) !== null)
  if (known.length === 0) return []
  const errs = (own: readonly Turn[]) => `err ${spread(own, ({ links }) => links)} times what it does`
  const phrases: Readonly<Record<Finding, (own: readonly Turn[]) => string>> = {
    'as good': own => `are as good as the best ρ at ${ranges(own)}`,
    found: own => `find the partners at ${ranges(own)}, better than every ρ that stops short of them, but ${errs(own)}`,
    'not found': own => `do not find the partners at ${ranges(own)}, where they ${errs(own)}`,
    behind: own => `fall behind the best ρ at ${ranges(own)}, where they ${errs(own)}`,
    undecided: own => `cannot be judged at ${ranges(own)}`,
  }
  const kinds = Object.keys(phrases) as Finding[]
  const parts = kinds.flatMap(kind => {
    const own = withFinding(kind)
    return own.length > 0 ? [phrases[kind](own)] : []
  })
  return [`learned links ${parts.join('; they ')}`]
}

/** What a dial says, in one sentence that follows from its intervals. */
export function dialSentence({ turns }: Dial): string {
  const sentence = [radiusSentence(turns), ...strengthSentence(turns), ...linksSentence(turns)].join('; ')
  return `${sentence[0].toUpperCase()}${sentence.slice(1)}.`
}

function section(dial: Dial): string[] {
  const [{ radii }] = dial.turns
  const [{ row }] = radii
  const title = [
    'The dial',
    'coupled-maps',
    `size ${row.size}`,
    `${row.condition} ${row.horizon ?? ''}`.trim(),
    row.budget,
  ]
  const lines = dial.turns.map(tableLine)
  const widest = (text: string) => Math.max(...text.split('\n').map(line => line.length))
  const widths = heads.map((head, i) => 2 + Math.max(...[head, ...lines.map(line => line[i])].map(widest)))
  return [
    ...wrapped(
      title
        .filter(text => text !== '')
        .map(printable)
        .join(' · '),
    ),
    ...plainTable(heads, lines, aligns, widths),
    ...wrapped(printable(dialSentence(dial))),
    '',
  ]
}

const legend =
  'The dial: worlds whose sites hear partners exactly r away, models that hear ρ away, all others with strength λ, or ' +
  'whom they choose (links). Best: whose intervals reach up to the best one’s. Links: as good as the best ρ by ' +
  'intervals; found: above every ρ < r; not found: neither; ' +
  'behind: neither, where every ρ reaches. 2.7×: times the error of the best ρ.'

/** The dials of a board for people, a table and a sentence each; nothing where the board has none. */
export function dialText(board: readonly ScoredRow[]): string[] {
  const dials = dialsOf(board)
  return dials.length === 0 ? [] : [...dials.flatMap(section), ...wrapped(legend), '']
}
