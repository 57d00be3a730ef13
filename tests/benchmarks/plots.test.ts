import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { parseHTML } from 'linkedom'
import { afterAll, describe, expect, test } from 'vitest'
import { costRows } from '../../benchmarks/board/costs.ts'
import { scoredRows } from '../../benchmarks/board/leaderboard.ts'
import { writeResults } from '../../benchmarks/board/results.ts'
import { resultTables } from '../../benchmarks/board/tables.ts'
import type { CellRecord } from '../../benchmarks/cell.ts'
import { continuumPlot } from '../../benchmarks/plots/continuum.ts'
import { costsPlot } from '../../benchmarks/plots/costs.ts'
import { dialPlot, dialStandardPlot } from '../../benchmarks/plots/dial.ts'
import { followupsPlot } from '../../benchmarks/plots/followups.ts'
import { plots, withPlots } from '../../benchmarks/plots/index.ts'
import { figure, skill, spread, tick, withRange } from '../../benchmarks/plots/numbers.ts'
import { familyColour, paper } from '../../benchmarks/plots/palette.ts'
import type { PlotOfSuite } from '../../benchmarks/plots/plot.ts'
import {
  errorInterval,
  namesAmong,
  ofMainBudget,
  type Published,
  readPublished,
} from '../../benchmarks/plots/published.ts'
import { quickPlot } from '../../benchmarks/plots/quick.ts'
import { quickCostsPlot } from '../../benchmarks/plots/quick-costs.ts'
import { rolloutPlot } from '../../benchmarks/plots/rollout.ts'
import { scalePlot } from '../../benchmarks/plots/scale.ts'
import { sidesOf } from '../../benchmarks/plots/scatter-panel.ts'
import { scrambledPlot } from '../../benchmarks/plots/scrambled.ts'
import { viewsPlot, viewsStandardPlot } from '../../benchmarks/plots/views.ts'
import { type MadeUp, madeUpRecord, madeUpWorld } from './made-up.ts'

const path = (name: string) => new URL(`../../${name}`, import.meta.url).pathname

/** The rows that a run of these cells would have been published with. */
function published(records: readonly CellRecord[]): Published {
  const tables = resultTables('made-up', records)
  const rows = scoredRows(tables)
  return { board: rows.map(({ row }) => row), costs: costRows(rows), cells: tables.cells }
}

/** Persistence, climatology and models whose errors are these shares of persistence's. */
const world = (wish: Partial<MadeUp>, shares: Readonly<Record<string, number>>, seeds = 3) =>
  madeUpWorld(wish, shares, seeds)

/** A trained cell on tiles of one cell, for so many steps. */
function trained(wish: MadeUp, steps = 2300): CellRecord {
  const record = madeUpRecord(wish)
  const { budget } = record.spec
  const spec = {
    ...record.spec,
    schedule: { ...record.spec.schedule, tile: 1 },
    budget: budget?.kind === 'steps' ? { ...budget, steps } : budget,
  }
  return { ...record, cell: `${record.cell.slice(0, 56)}${String(steps).padStart(8, '0')}`, spec, steps }
}

const ring = (range: number): Partial<MadeUp> => ({
  environment: 'coupled-maps',
  parameters: { range, coupling: 'exactly', a: 1.95, dimension: 1, exponent: 2, strength: 0.4 },
  size: 17,
  places: [
    ['filter', 1],
    ['blind', 4],
  ],
})

/** The dial, as it should come out: E is .01 where a model hears far enough, .5 elsewhere, and 1 of persistence. */
function locality(): CellRecord[] {
  return [1, 2, 3].flatMap(range => {
    const cell = (
      model: string,
      heard: number,
      options: CellRecord['spec']['options'] = {},
      family = 'local' as const,
    ) => trained({ ...ring(range), model, options: { ...options }, family, error: () => (heard >= range ? 0.01 : 0.5) })
    const turned = [0, 0.1, 1].map(lambda =>
      trained({
        ...ring(range),
        model: 's2gru-continuum',
        options: { lambda },
        family: 'global',
        error: () => 0.5 - 0.4 * lambda,
      }),
    )
    const longer = [500, 1000].flatMap(steps => [
      trained({ ...ring(3), size: 19, model: 's2gru-local', family: 'local', error: () => 100 / steps }, steps),
      trained({ ...ring(3), size: 19, model: 's2gru-global', family: 'global', error: () => 200 / steps }, steps),
    ])
    return [
      ...world({ ...ring(range), family: 'reference' }, {}, 1),
      cell('s2gru-self', 0),
      ...[1, 2, 3].map(radius => cell('s2gru-local', radius, { radius })),
      ...turned,
      ...(range === 3 ? [...longer, ...world({ ...ring(3), size: 19, family: 'reference' }, {}, 1)] : []),
    ]
  })
}

const shifts = ['filter', 'more-balls/filter', 'views-6/filter', 'views-24/filter'].map(place => [place, 1] as const)
const horizons = [1, 2, 3].map(horizon => ['blind', horizon] as const)
const shares = { 'conv-gru': 0.4, fno: 0.7, s2gru: 0.9 }

const balls = () =>
  published([
    ...world({ places: [...shifts, ...horizons] }, shares),
    ...world({ scrambled: true, places: [...shifts] }, shares),
  ])
/** Each model twice as dear as the one before. */
const priced = () => {
  const rows = published(world({}, shares))
  const flops = ({ model }: { readonly model: string }) => 2 ** (30 + Object.keys(shares).indexOf(model))
  return { ...rows, costs: rows.costs.map(row => (row.family === 'reference' ? row : { ...row, flops: flops(row) })) }
}
const sizes = () =>
  published([
    ...world(
      {
        places: [
          ['filter', 1],
          ['size-48/filter', 1],
        ],
      },
      shares,
    ),
    ...world({ size: 48, places: [['filter', 1]] }, shares),
  ])
const followUps = () => published(world({}, { 's2gru-links': 0.5, 's2gru-bounds': 0.3, 's2gru-levels': 0.8 }))

const drawn: readonly (readonly [PlotOfSuite, () => Published])[] = [
  [quickPlot, balls],
  [quickCostsPlot, priced],
  [dialPlot, () => published(locality())],
  [dialStandardPlot, () => published(locality())],
  [continuumPlot, () => published(locality())],
  [costsPlot, () => published(locality())],
  [scrambledPlot, balls],
  [viewsPlot, balls],
  [viewsStandardPlot, balls],
  [scalePlot, sizes],
  [rolloutPlot, balls],
  [followupsPlot, followUps],
]

/** What keeps a text from being XML: tags that do not match, attributes without quotes or twice, stray < and &. */
function mistakesOf(xml: string): string[] {
  const mistakes: string[] = []
  const open: string[] = []
  const text = /^(?:[^<&]|&(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)*$/i
  let roots = 0
  let end = 0
  for (const match of xml.matchAll(/<(\/?)([\w:-]+)((?:\s+[\w:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/g)) {
    const between = xml.slice(end, match.index)
    if (!text.test(between)) mistakes.push(`stray: ${between.slice(0, 80)}`)
    end = match.index + match[0].length
    const [, closes, name, attributes, empty] = match
    const names = [...attributes.matchAll(/([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)]
    if (new Set(names.map(([, name]) => name)).size < names.length) mistakes.push(`twice: ${match[0]}`)
    for (const [, , a, b] of names) if (!text.test(a ?? b)) mistakes.push(`value: ${match[0]}`)
    if (closes) {
      if (open.pop() !== name) mistakes.push(`closes ${name}`)
    } else {
      if (open.length === 0) roots++
      if (!empty) open.push(name)
    }
  }
  if (xml.slice(end).trim() !== '' || open.length > 0 || roots !== 1) mistakes.push('not one root')
  return mistakes
}

interface Dot {
  readonly x: number
  readonly y: number
  readonly title: string
  readonly fill: string
}

/** The dots of each panel, with what they say of themselves. */
function dotsOf(svg: string): Dot[][] {
  const { document } = parseHTML(svg)
  return [...document.querySelectorAll('svg svg')].map(panel =>
    [...panel.querySelectorAll('circle')].map(circle => ({
      x: Number(circle.getAttribute('cx')),
      y: Number(circle.getAttribute('cy')),
      title: circle.textContent,
      fill: circle.getAttribute('fill') ?? '',
    })),
  )
}

const textsOf = (svg: string) => [...parseHTML(svg).document.querySelectorAll('text')].map(text => text.textContent)

describe('every plot', () => {
  test('is in the list', () => {
    expect(drawn.map(([plot]) => plot.name).sort()).toEqual(plots.map(({ name }) => name).sort())
  })

  test.each(drawn.map(([plot, rows]) => [plot.name, plot, rows] as const))(
    '%s is XML, the same bytes twice, and tells its numbers',
    (_, plot, rows) => {
      const { svg, caption } = plot.draw(rows())!
      expect(mistakesOf(svg)).toEqual([])
      expect(plot.draw(rows())).toEqual({ svg, caption })
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="720"/)
      expect(svg).not.toMatch(/NaN|Infinity|undefined|currentColor|var\(/)
      expect(caption).toMatch(/\d.*\.$/)
      for (const [, size] of svg.matchAll(/font-size="([\d.]+)"/g)) expect(Number(size)).toBeGreaterThanOrEqual(11)
    },
  )

  test.each(drawn.map(([plot]) => [plot.name, plot] as const))(
    '%s of rows that it does not show is none',
    (_, plot) => {
      expect(plot.draw({ board: [], costs: [], cells: [] })).toBeNull()
      expect(plot.draw(published([]))).toBeNull()
    },
  )

  test('stands on white, whatever the page is', () => {
    const { svg } = quickPlot.draw(balls())!
    expect(svg).toMatch(new RegExp(`<rect width="720" height="\\d+" rx="6" fill="${paper}"`))
    const luminance = (colour: string) =>
      [1, 3, 5]
        .map(at => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
        .map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0)
    // WCAG 2: text needs a contrast of 4.5.
    for (const family of ['global', 'local', 'learned', 'reference', 'another'])
      expect(1.05 / (luminance(familyColour(family)) + 0.05)).toBeGreaterThan(4.5)
  })

  test('shows names as they are, whatever they hold', () => {
    const name = `<script>alert("1")</script> & 'x'`
    const { svg, caption } = quickPlot.draw(published(world({ places: [...shifts] }, { [name]: 0.4 })))!
    expect(mistakesOf(svg)).toEqual([])
    expect(svg).not.toContain('<script')
    expect(textsOf(svg)).toContain(name)
    expect(withPlots('<!-- plot: quick -->\n<!-- /plot -->', [{ name: 'quick', caption }], 'p')).not.toContain(
      '<script',
    )
    const control = quickPlot.draw(published(world({ places: [...shifts] }, { 'a\u0007b': 0.4 })))!
    expect(control.svg).not.toMatch(/[^\P{Cc}\n]/u)
  })
})

describe('the check of XML itself', () => {
  test.each([
    '<a><b></a></b>',
    '<a>&b</a>',
    '<a>1 < 2</a>',
    '<a b=1/>',
    '<a/><b/>',
    '<a b="<"/>',
    '<a',
    '<a b="1" b="2"/>',
  ])('refuses %s', xml => expect(mistakesOf(xml)).not.toEqual([]))
  test('takes what is right', () => expect(mistakesOf('<a b="1"><c d="&lt;"/>x &amp; y</a>\n')).toEqual([]))
})

describe('dots', () => {
  test('are one for each row with a score that is no measure, at its skill on one scale for all panels', () => {
    const rows = balls()
    const panels = dotsOf(quickPlot.draw(rows)!.svg)
    const shown = rows.board.filter(row => /^(more-balls\/)?filter$/.test(row.condition) && row.family !== 'reference')
    expect(panels.map(dots => dots.length)).toEqual([6, 6])
    expect(shown).toHaveLength(12)
    const value = (dot: Dot) => {
      const [model] = dot.title.split(',')
      const condition = dot.title.includes('more balls') ? 'more-balls/filter' : 'filter'
      return shown.find(
        row => row.model === model && row.condition === condition && row.scrambled === (dot.fill === paper),
      )!.score!
    }
    // Two dots give the scale of a panel; all others must lie on it.
    for (const dots of panels) {
      const [a, b] = [dots[0], dots.find(dot => Math.abs(value(dot) - value(dots[0])) > 0.3)!]
      const scale = (b.x - a.x) / (value(b) - value(a))
      expect(scale).toBeGreaterThan(50)
      for (const dot of dots) expect(dot.x - a.x).toBeCloseTo(scale * (value(dot) - value(a)), 0)
    }
  })

  test('of scrambled worlds lie in the row of the plain one, as rings', () => {
    const panels = dotsOf(scrambledPlot.draw(balls())!.svg)
    expect(panels).toHaveLength(3)
    for (const dots of panels) {
      expect(dots.map(({ fill }) => fill === paper).sort()).toEqual([false, true])
      expect(dots[0].y).toBe(dots[1].y)
    }
  })

  test('have their intervals, which the caption repeats', () => {
    const { svg, caption } = followupsPlot.draw(followUps())!
    const links = followUps().costs.find(({ model, condition }) => model === 's2gru-links' && condition === 'filter')!
    // 1 − skill = E / E of persistence, at the ends of the interval as in its middle.
    const persistence = links.error! / (1 - links.score!)
    const text = withRange(
      links.error!,
      (1 - links.score_high!) * persistence,
      (1 - links.score_low!) * persistence,
      figure,
    )
    expect(text).toMatch(/^\.\d+ \[\.\d+ \.\d+\]$/)
    expect(svg).toContain(text)
    expect(caption).toBe(
      `At equal steps (2300) plain links err ${text}; clearly less: s2gru-bounds; clearly more: s2gru-levels.`,
    )
  })
})

describe('lines', () => {
  test('place views by their logarithm, and each model at its skill', () => {
    const rows = balls()
    const [byViews, byHorizon] = dotsOf(viewsPlot.draw(rows)!.svg)
    expect(byViews).toHaveLength(9)
    expect(byHorizon).toHaveLength(9)
    const xs = [...new Set(byViews.map(({ x }) => x))].sort((a, b) => a - b)
    expect(xs).toHaveLength(3)
    expect(xs[1] - xs[0]).toBeCloseTo(xs[2] - xs[1], 1)
    const at12 = byViews.filter(({ x }) => x === xs[1])
    const score = (dot: Dot) =>
      rows.board.find(row => row.condition === 'filter' && !row.scrambled && row.model === dot.title.split(',')[0])!
        .score!
    const [a, b, c] = at12
    expect((b.y - a.y) / (score(b) - score(a))).toBeCloseTo((c.y - a.y) / (score(c) - score(a)), 0)
    expect(b.y > a.y).toBe(score(b) < score(a))
  })

  test('join what was moved to a larger world to where it was trained', () => {
    const [errors, costs] = dotsOf(scalePlot.draw(sizes())!.svg)
    // Four lines, persistence among them, at two sizes, and three models that were moved.
    expect(errors).toHaveLength(11)
    expect(errors.filter(({ fill }) => fill === paper)).toHaveLength(3)
    expect(costs).toHaveLength(6)
  })

  test('of cost stand at log10 of the FLOPs and of the error, halves as far apart as halves', () => {
    const { svg, caption } = costsPlot.draw(published(locality()))!
    const [dots] = dotsOf(svg)
    expect(dots).toHaveLength(4)
    const of = (name: string) => dots.filter(({ title }) => title.startsWith(name)).sort((a, b) => a.x - b.x)
    const [local, everyone] = [of('s2gru-local'), of('s2gru-global')]
    expect(local[1].y - local[0].y).toBeCloseTo(everyone[1].y - everyone[0].y, 1)
    expect(local[0].y).toBeCloseTo(everyone[1].y, 1)
    expect(local[1].x).toBeCloseTo(everyone[1].x, 1)
    expect(caption).toBe(
      'On the front, from cheap to dear, with their errors: coupled-maps(range=3), size 19 s2gru-local at steps 500 .20, ' +
        's2gru-local at steps 1000 .10.',
    )
  })

  test('are points with their names beside them where each model has one budget, doublings as far apart as doublings', () => {
    const { svg } = quickCostsPlot.draw(priced())!
    const [dots] = dotsOf(svg)
    const [a, b, c] = dots.map(({ x }) => x).sort((left, right) => left - right)
    expect(dots).toHaveLength(3)
    expect(c - b).toBeCloseTo(b - a, 1)
    expect(textsOf(svg)).toEqual(expect.arrayContaining(Object.keys(shares)))
  })

  test('of the continuum have a point for each λ in each panel, and the caption its errors', () => {
    const { svg, caption } = continuumPlot.draw(published(locality()))!
    expect(dotsOf(svg).map(dots => dots.length)).toEqual([9, 9])
    expect(caption).toContain('λ = 0, .1, 1: range = 1 .50, .46, .10')
  })
})

describe('the dial', () => {
  const { svg, caption } = dialPlot.draw(published(locality()))!
  const panel = parseHTML(svg).document.querySelector('svg svg')!

  test('has a cell for each model and range, and the least of each range in bold', () => {
    // Nobody, three radii and persistence over three ranges; the ring of another size is no part of it.
    expect(panel.querySelectorAll('rect')).toHaveLength(15)
    const bold = [...panel.querySelectorAll('g[font-weight="bold"] text')].map(text => text.textContent)
    expect(bold.filter(text => text === '.010')).toHaveLength(6)
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining(['hears nobody', 'hears ρ = 1', 'hears ρ = 3', 'r = 1', 'r = 3']),
    )
    expect(caption).toBe(
      'coupled-maps: errors .010 to .010 where the radius is at least what acts within a frame, .50 to .50 where it is less.',
    )
  })

  test('has its line where errors fall: dark cells begin right below it', () => {
    const rectangles = [...panel.querySelectorAll('rect')].map(cell => ({
      x: Number(cell.getAttribute('x')),
      y: Number(cell.getAttribute('y')),
      height: Number(cell.getAttribute('height')),
      fill: cell.getAttribute('fill'),
    }))
    const columns = [...new Set(rectangles.map(({ x }) => x))].sort((a, b) => a - b)
    const firstDark = columns.map(x =>
      Math.min(...rectangles.filter(cell => cell.x === x && cell.fill === '#08306b').map(({ y }) => y)),
    )
    const lines = [...panel.querySelectorAll('g[stroke="#000000"] path')].map(line =>
      line
        .getAttribute('d')!
        .match(/[\d.]+/g)!
        .map(Number),
    )
    const across = lines.filter(([, y1, , y2]) => y1 === y2).sort((a, b) => a[0] - b[0])
    expect(across.map(([, y]) => y)).toEqual(firstDark.map(y => y - 1))
    expect(lines).toHaveLength(5)
  })
})

describe('rows', () => {
  const subject = { environment: 'a', size: 1 }

  test('of the budget that most have in a world are kept, and what has none', () => {
    const rows = ['steps:1', 'steps:2', 'steps:2', ''].map(budget => ({ ...subject, budget }))
    const other = { ...subject, size: 2, budget: 'steps:1' }
    expect(ofMainBudget([...rows, other])).toEqual([...rows.slice(1), other])
  })

  test('have names without options where the model’s name is enough', () => {
    const rows = [
      { model: 'a', variant: 'headSize=4' },
      { model: 'b', variant: 'radius=1' },
      { model: 'b', variant: 'radius=2' },
    ]
    expect(rows.map(namesAmong(rows))).toEqual(['a', 'b (radius=1)', 'b (radius=2)'])
  })

  test('have the interval of their error from that of their skill: E / E of persistence = 1 − skill', () => {
    const { low, high } = errorInterval({ score: 0.75, score_low: 0.5, score_high: 0.875 }, 0.1)
    expect(low).toBeCloseTo(0.05, 12)
    expect(high).toBeCloseTo(0.2, 12)
    expect(errorInterval({ score: -0.9, score_low: -1, score_high: 0 }, 1)).toEqual({ low: null, high: null })
    expect(errorInterval({ score: null, score_low: null, score_high: null }, 1)).toEqual({ low: null, high: null })
  })
})

describe('numbers', () => {
  test.each([
    [0.6633, '.66'],
    [0.0021106, '.0021'],
    [0.16, '.16'],
    [0.09998, '.10'],
    [4e-5, '4.0e-5'],
    [1.25, '1.25'],
    [41.3, '41'],
    [-0.05, '−.050'],
    [0, '0'],
  ])('%f is written %s', (value, text) => expect(figure(value)).toBe(text))

  test('of skill have two digits, those of axes as few as they need', () => {
    expect([0.3, -0.004, -0.16, 1].map(skill)).toEqual(['.30', '.00', '−.16', '1.00'])
    expect([0.5, -0.2, 0, 48, 1].map(tick)).toEqual(['.5', '−.2', '0', '48', '1'])
    expect(withRange(0.5, null, null)).toBe('.50')
  })

  test('that are spread keep their order, their distance and their bounds, and move only where they must', () => {
    const wishes = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(wishes, wished => {
        const places = spread(wished, 5, 0, 100)
        const order = wished.map((_, i) => i).sort((a, b) => wished[a] - wished[b] || a - b)
        order.forEach((at, i) => {
          expect(places[at]).toBeGreaterThanOrEqual(-1e-9)
          expect(places[at]).toBeLessThanOrEqual(100 + 1e-9)
          if (i > 0) expect(places[at] - places[order[i - 1]]).toBeGreaterThanOrEqual(5 - 1e-9)
        })
      }),
    )
    expect(spread([10, 50, 90], 5, 0, 100)).toEqual([10, 50, 90])
    expect(spread([50, 50], 10, 0, 100)).toEqual([45, 55])
  })
})

describe('names beside dots', () => {
  test('cover neither each other nor a dot, as far as there is room', () => {
    const bar = { left: 0, right: 0, top: 0, bottom: 0 }
    const dots = [100, 108, 116].map((y, i) => ({ name: `model-${i}`, x: 100 + i, y, bar }))
    const boxes = sidesOf(dots, { left: 0, right: 300, top: 0, bottom: 300 })
    for (const [i, { box, cost }] of boxes.entries()) {
      expect(cost).toBe(0)
      for (const { x, y } of dots)
        expect(x + 4 <= box.left || x - 4 >= box.right || y + 4 <= box.top || y - 4 >= box.bottom).toBe(true)
      for (const { box: other } of boxes.slice(i + 1))
        expect(
          box.right <= other.left || other.right <= box.left || box.bottom <= other.top || other.bottom <= box.top,
        ).toBe(true)
    }
  })
})

describe('the plots of this repository', () => {
  const readme = readFileSync(path('README.md'), 'utf8')
  const made = plots.flatMap(({ name, suite, draw }) => {
    const rows = readPublished(path(`results/${suite}`))
    const drawing = rows && draw(rows)
    return drawing ? [{ name, ...drawing }] : []
  })

  test('are what the published CSVs give, and no more', () => {
    expect(made.length).toBeGreaterThan(0)
    expect(readdirSync(path('results/plots')).sort()).toEqual(made.map(({ name }) => `${name}.svg`).sort())
    for (const { name, svg } of made)
      expect(svg === readFileSync(path(`results/plots/${name}.svg`), 'utf8'), name).toBe(true)
  })

  test('stand in the README as `npm run plots` makes it', () => {
    expect(withPlots(readme, made, 'results/plots') === readme).toBe(true)
    expect(() => withPlots('a', made, 'results/plots')).toThrow(/no place for a plot: <!-- plot: quick -->/)
    const page = 'a\n<!-- plot: gone -->\nold\n<!-- /plot -->\nb'
    expect(withPlots(page, [], 'results/plots')).toBe('a\n<!-- plot: gone -->\n<!-- /plot -->\nb')
  })
})

describe('npm run plots', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plots-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const run = (results: string) =>
    spawnSync(process.execPath, ['--import', 'tsx', path('scripts/plots.ts'), '--results', results], {
      encoding: 'utf8',
      cwd: path(''),
    })

  test('draws what is published, says what is not and removes it, and leaves what is of others', () => {
    writeResults(join(folder, 'scrambled'), 'scrambled', [...world({}, shares), ...world({ scrambled: true }, shares)])
    run(folder)
    for (const name of ['views', 'my-own']) writeFileSync(join(folder, 'plots', `${name}.svg`), '')
    const { status, stdout, stderr } = run(folder)
    expect(status).toBe(0)
    expect(readdirSync(join(folder, 'plots'))).toEqual(['my-own.svg', 'scrambled.svg'])
    expect(stdout).toMatch(/^\S+scrambled\.svg: \d+ bytes\n$/)
    expect(stderr.trim().split('\n')).toHaveLength(plots.length - 1)
    expect(stderr).toContain(`views: skipped, ${join(folder, 'views')} is not published`)
  })

  test('of a folder without results is one line', () => {
    const { status, stderr } = run(join(folder, 'nowhere'))
    expect(status).toBe(2)
    expect(stderr).toMatch(/^error: no published suite in '[^\n]+\n$/)
  })
})
