import { describe, expect, test } from 'vitest'
import { dialsOf, findingOf } from '../../benchmarks/board/dial.ts'
import { dialSentence, dialText } from '../../benchmarks/board/dial-text.ts'
import { scoredRows } from '../../benchmarks/board/leaderboard.ts'
import { resultTables } from '../../benchmarks/board/tables.ts'
import { type CellRecord, cellId } from '../../benchmarks/cell.ts'
import { type MadeUp, madeUpRecord } from './made-up.ts'

/** Errors as shares of persistence's on a ring with partners r away: by ρ (`all` too), by λ, and of learned links. */
interface Ring {
  readonly range: number
  readonly radii: Readonly<Record<string, number>>
  readonly strengths?: Readonly<Record<string, number>>
  readonly links?: number
}

/** A record on a ring of tiles of one cell, whose errors scatter by a tenth from episode to episode. */
function onRing(range: number, wish: MadeUp, share: number): CellRecord {
  const scatter = (episode: number) => 1 + 0.1 * Math.sin(5 * episode + 7 * share)
  const made = madeUpRecord({
    ...{ environment: 'coupled-maps', parameters: { range }, size: 17, episodes: 20 },
    error: episode => (wish.family === 'reference' ? 1 : share * scatter(episode)),
    ...wish,
  })
  const spec = { ...made.spec, schedule: { ...made.spec.schedule, tile: 1 } }
  return { ...made, spec, cell: cellId(spec) }
}

function radiusModel(radius: string): MadeUp {
  if (radius === 'all') return { model: 's2gru-global' }
  return radius === '0' ? { model: 's2gru-self' } : { model: 's2gru-local', options: { radius: Number(radius) } }
}

const boardOf = (rings: readonly Ring[], world: Partial<MadeUp> = {}) =>
  scoredRows(
    resultTables(
      'locality',
      rings.flatMap(({ range, radii, strengths = {}, links }) => [
        onRing(range, { ...world, model: 'persistence', family: 'reference' }, 1),
        ...Object.entries(radii).map(([at, share]) => onRing(range, { ...world, ...radiusModel(at) }, share)),
        ...Object.entries(strengths).map(([at, share]) =>
          onRing(range, { ...world, model: 's2gru-continuum', options: { lambda: Number(at) } }, share),
        ),
        ...(links === undefined ? [] : [onRing(range, { ...world, model: 's2gru-links', family: 'learned' }, links)]),
      ]),
    ),
  )
const sentenceOf = (...rings: Ring[]) => {
  const dials = dialsOf(boardOf(rings))
  expect(dials).toHaveLength(1)
  return dialSentence(dials[0])
}
/** What a world at distance r does to models that hear ρ away, if all is well. */
const radii = (range: number, tried: readonly number[] = [0, 1, 2, 3]) =>
  Object.fromEntries([...tried.map(at => [at, at < range ? 0.6 : 0.1 + 0.02 * (at - range)]), ['all', 0.3]])
const ring = (range: number, more: Partial<Ring> = {}): Ring => ({ range, radii: radii(range), ...more })

describe('the best radius', () => {
  test('follows the range where the shortest that no other beats is the shortest that reaches', () => {
    expect(sentenceOf(ring(0), ring(1), ring(3))).toBe(
      'The best radius follows the range: the shortest ρ that no other beats is the shortest that reaches, at r = 0, 1, 3.',
    )
  })

  test('follows it too where the range itself was not tried, and where longer ones are as good', () => {
    const far = { range: 5, radii: { 1: 0.6, 3: 0.6, 7: 0.1, all: 0.1 } }
    expect(sentenceOf(ring(1), far)).toMatch(/^The best radius follows the range: .* at r = 1, 5\.$/)
    const [dial] = dialsOf(boardOf([ring(1), far]))
    expect(dial.turns.map(({ range, radii }) => [range, radii.map(({ at }) => at)])).toEqual([
      [1, [0, 1, 2, 3, Infinity]],
      [5, [1, 3, 7, Infinity]],
    ])
  })

  test('does not follow it where another is better, or what does not reach is as good', () => {
    const long = { range: 1, radii: { 0: 0.6, 1: 0.3, 2: 0.3, 3: 0.1 } }
    const short = { range: 3, radii: { 0: 0.6, 1: 0.1, 2: 0.1, 3: 0.1 } }
    expect(sentenceOf(ring(2), long, short)).toBe(
      'The best radius does not follow the range: the shortest ρ that no other beats is 3 at r = 1 (1 reaches), ' +
        '1 at r = 3 (3 reaches).',
    )
  })

  test('is undecided where none beats another, where none beats persistence, and with one range', () => {
    const flat = { range: 3, radii: { 0: 0.5, 1: 0.5, 3: 0.5 } }
    const poor = { range: 2, radii: { 0: 1.9, 1: 1.9, 2: 1.2 } }
    expect(sentenceOf(ring(1), flat, poor)).toBe(
      'Whether the best radius follows the range is undecided (undecided at r = 2, 3).',
    )
    expect(sentenceOf(ring(1), ring(2), flat)).toMatch(/reaches, at r = 1, 2 \(undecided at r = 3\)\.$/)
  })

  test('that all radii are as good is no lack of decision where partners are the site itself', () => {
    expect(sentenceOf({ range: 0, radii: { 0: 0.5, 1: 0.5, 3: 0.5 } }, ring(1))).toMatch(/reaches, at r = 0, 1\.$/)
  })
})

describe('the best strength', () => {
  const at = (range: number, strengths: Ring['strengths']) =>
    sentenceOf(ring(1, { strengths: first }), ring(range, { strengths }))
  const first = { 0: 0.6, 0.1: 0.2, 1: 0.4 }

  test('rises, falls, or stays, by the intervals', () => {
    expect(at(3, { 0: 0.6, 0.1: 0.5, 1: 0.3 })).toMatch(
      /; the best λ rises with the range: 0\.1 at r = 1, 1 at r = 3, and errs 2\.0 to 3\.0 times what the best ρ does\.$/,
    )
    expect(at(3, { 0: 0.2, 0.1: 0.5, 1: 0.3 })).toContain('the best λ falls with the range: 0.1 at r = 1, 0 at r = 3')
    expect(at(3, { 0: 0.6, 0.1: 0.3, 1: 0.3 })).toContain(
      'the best λ does not follow the range: λ = 0.1 is among the best at every one of r = 1, 3, and errs',
    )
  })

  test('may rise in steps that overlap', () => {
    const sets = [
      ring(1, { strengths: { 0: 0.2, 0.1: 0.2, 0.5: 0.6, 1: 0.6 } }),
      ring(2, { strengths: { 0: 0.6, 0.1: 0.2, 0.5: 0.2, 1: 0.6 } }),
      ring(3, { strengths: { 0: 0.6, 0.1: 0.6, 0.5: 0.2, 1: 0.2 } }),
    ]
    expect(sentenceOf(...sets)).toContain('rises with the range: 0 0.1 at r = 1, 0.1 0.5 at r = 2, 0.5 1 at r = 3, and')
    const back = ring(3, { strengths: { 0: 0.6, 0.1: 0.6, 0.5: 0.2, 1: 0.6 } })
    const wide = ring(2, { strengths: { 0: 0.6, 0.1: 0.2, 0.5: 0.2, 1: 0.2 } })
    expect(sentenceOf(sets[0], wide, back)).toContain('changes with the range, but not in one direction')
  })

  test('may go up and down, and may be undecided', () => {
    const up = ring(2, { strengths: { 0: 0.6, 0.1: 0.5, 1: 0.3 } })
    const down = ring(3, { strengths: { 0: 0.2, 0.1: 0.5, 1: 0.4 } })
    expect(sentenceOf(ring(1, { strengths: first }), up, down)).toContain(
      'the best λ changes with the range, but not in one direction: 0.1 at r = 1, 1 at r = 2, 0 at r = 3',
    )
    expect(at(3, { 0: 0.3, 0.1: 0.3, 1: 0.3 })).toMatch(/; whether the best λ follows the range is undecided\.$/)
  })
})

describe('learned links', () => {
  test('are as good as the best radius, or find the partners at a price, or do not', () => {
    const sentence = sentenceOf(
      ring(0, { links: 0.2 }),
      ring(1, { links: 0.1 }),
      ring(2, { links: 0.3 }),
      ring(3, { links: 0.6 }),
    )
    expect(sentence).toMatch(
      /; learned links are as good as the best ρ at r = 1; they find the partners at r = 2, better than every ρ that stops short of them, but err 3\.0 times what it does; they do not find the partners at r = 3, where they err 6\.0 times what it does; they fall behind the best ρ at r = 0, where they err 2\.0 times what it does\.$/,
    )
  })

  test('touching the best radius from below is as good, touching what stops short from above is not found', () => {
    const [{ turns }] = dialsOf(boardOf([ring(1, { links: 0.3 }), ring(3, { links: 0.3 })]))
    const turn = turns[1]
    const best = turn.radii.find(({ at }) => at === 3)!.row
    const short = Math.max(...turn.radii.filter(({ at }) => at < 3).map(({ row }) => row.score_high!))
    const finding = (low: number, high: number) =>
      findingOf({ ...turn, links: { ...turn.links!, row: { ...turn.links!.row, score_low: low, score_high: high } } })
    expect(finding(short + 0.01, best.score_low!)).toBe('as good')
    expect(finding(short + 0.01, best.score_low! - 1e-9)).toBe('found')
    expect(finding(short, best.score_low! - 1e-9)).toBe('not found')
  })

  test('cannot be judged where the radii do not decide', () => {
    const flat = { range: 3, radii: { 0: 0.5, 1: 0.5, 3: 0.5 }, links: 0.1 }
    expect(sentenceOf(ring(1, { links: 0.1 }), flat)).toMatch(/they cannot be judged at r = 3\.$/)
    const [{ turns }] = dialsOf(boardOf([ring(1), flat]))
    expect(turns.map(findingOf)).toEqual([null, 'undecided'])
  })
})

describe('the printed dial', () => {
  test('is a table of the best on every ring, at 80 columns, with its sentence', () => {
    const rings = [1, 3].map(range => ring(range, { strengths: { 0.1: 0.2, 1: 0.4 }, links: 0.3 }))
    const lines = dialText(boardOf(rings))
    expect(lines[0]).toBe('The dial · coupled-maps · size 17 · filter 1 · steps:2300')
    expect(lines.slice(3, 5)).toEqual([
      expect.stringMatching(/^ 1 1 +0\.\d+ 0\.1 +2\.0× found +3\.0×$/),
      expect.stringMatching(/^ 3 3 +0\.\d+ 0\.1 +2\.0× found +3\.0×$/),
    ])
    expect(lines[5]).toMatch(/^The best radius follows the range/)
    for (const line of lines.slice(0, 5)) expect(line.length).toBeLessThanOrEqual(80)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100)
  })

  test('has the last blind horizon beside the first condition, and worlds that differ in more than r apart', () => {
    const places = [['filter', 1] as const, ...[1, 2, 5].map(horizon => ['blind', horizon] as const)]
    const titles = dialText(boardOf([ring(1), ring(3)], { places })).filter(line => line.startsWith('The dial ·'))
    expect(titles.map(title => title.split(' · ')[3])).toEqual(['filter 1', 'blind 5'])
    const other = boardOf([ring(1)])
    const coupled = boardOf([ring(3)], { parameters: { range: 3, coupling: 0.5 } })
    expect(dialText([...other, ...coupled])).toEqual([])
  })

  test('is not there for one ring, for other worlds and for scrambled ones', () => {
    expect(dialText(boardOf([ring(1)]))).toEqual([])
    expect(dialText(boardOf([ring(1), ring(3)], { environment: 'life' }))).toEqual([])
    expect(dialText(boardOf([ring(1), ring(3)], { scrambled: true }))).toEqual([])
    expect(dialText([])).toEqual([])
  })
})
