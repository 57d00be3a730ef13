import * as Plot from '@observablehq/plot'
import { environments } from '../../envs/registry.ts'
import type { CostRow } from '../board/costs.ts'
import type { CellSpec } from '../cell.ts'
import { drawDocument, type Panel } from './document.ts'
import { figure } from './numbers.ts'
import { familyColour, fontSize, ink, paper, quiet } from './palette.ts'
import type { Drawing, PlotOfSuite } from './plot.ts'
import { namesAmong, ofMainBudget, type Published, specsOf } from './published.ts'

// Errors over how far a world acts and how far a model hears. What a built-in interaction reaches is known, so that the
// line between what reaches and what does not can be drawn before anybody looks at an error.

/** Worlds of one kind that differ in one parameter, and what was measured on them. */
interface Dial {
  readonly id: string
  readonly parameter: string
  readonly specs: readonly CellSpec[]
  readonly rows: readonly (CostRow & { readonly error: number; readonly column: number })[]
}

const lineHeight = 26
const [marginTop, marginBottom] = [44, 12]

/** Tiles that a built-in interaction reaches; undefined where partners are learned, or the model is another one. */
function tilesHeard({ model, variant }: CostRow): number | undefined {
  if (model === 's2gru-self') return 0
  if (model === 's2gru-global') return Infinity
  if (model === 's2gru-local') return Number(/\bradius=(\d+)/.exec(variant)?.[1] ?? 1)
}

const orderOf = (row: CostRow) =>
  row.family === 'reference' ? 3 : row.family === 'learned' ? 2 : tilesHeard(row) === undefined ? 1 : 0

function nameIn(tile: number, row: CostRow, fallback: string): string {
  const tiles = tilesHeard(row)
  if (tiles === undefined) return row.model === 's2gru-links' ? 'learned partners' : fallback
  if (tiles === 0 || tiles === Infinity) return tiles === 0 ? 'hears nobody' : 'hears all'
  return tile === 1 ? `hears ρ = ${tiles}` : `hears ρ = ${tiles} (${tiles * tile} cells)`
}

/** Cells a frame within which a world of a size acts, where its rule makes that certain. */
function reachOf({ environment, parameters, size }: CellSpec): number | undefined {
  const world = environments.find(({ id }) => id === environment)
  const reach = world?.reach?.(parameters, size)
  // On a ring the other way round may be shorter.
  return reach === undefined ? undefined : Math.min(reach % size, size - (reach % size))
}

/** Worlds that are the same but for one number, at least two of each kind; by that number. */
function dialsOf(published: Published): Dial[] {
  const specs = specsOf(published)
  const own = ofMainBudget(published.costs).filter(
    ({ condition, scrambled, model }) =>
      condition === 'filter' && !scrambled && model !== 's2gru-continuum' && model !== 'climatology',
  )
  const kinds = new Map<string, Map<string, CellSpec>>()
  for (const { environment } of own) {
    const spec = specs.get(environment)
    if (!spec) continue
    kinds.set(spec.environment, (kinds.get(spec.environment) ?? new Map()).set(environment, spec))
  }
  return [...kinds].flatMap(([id, worlds]) => {
    const all = [...worlds.values()]
    const turned = Object.keys(all[0].parameters).filter(
      name => new Set(all.map(spec => spec.parameters[name])).size > 1,
    )
    if (turned.length !== 1 || typeof all[0].parameters[turned[0]] !== 'number') return []
    const [parameter] = turned
    const value = (environment: string) => Number(worlds.get(environment)!.parameters[parameter])
    const labels = [...worlds.keys()].sort((a, b) => value(a) - value(b))
    const rows = own.flatMap(row => {
      const { environment, error } = row
      return worlds.has(environment) && error !== null ? [{ ...row, error, column: labels.indexOf(environment) }] : []
    })
    return [{ id, parameter, specs: labels.map(label => worlds.get(label)!), rows }]
  })
}

const symbols: Readonly<Record<string, string>> = { range: 'r', radius: 'R' }

function draw(published: Published): Drawing | null {
  const dials = dialsOf(published)
  if (dials.length === 0) return null
  const most = Math.max(...dials.map(({ specs }) => specs.length))
  const labels = 150
  const cell = Math.min(dials.length > 1 ? 62 : 88, (688 - labels) / most)
  const panels: Panel[] = []
  let [left, top, bottom] = [16, 0, 0]
  const sentences: string[] = []
  for (const dial of dials) {
    const drawn = dialPanel(dial, cell, labels)
    const { width = 0, height = 0 } = drawn.options
    if (left > 16 && left + width > 704) [left, top] = [16, bottom]
    panels.push({ left, top, options: drawn.options })
    left += width + 16
    bottom = Math.max(bottom, top + height)
    if (drawn.sentence !== '') sentences.push(drawn.sentence)
  }
  const title = 'The dial: how far the world acts, and how far the model hears'
  const subtitle = [
    'Error one frame ahead, of the world’s variance (or nats a cell); dark = small, on a logarithmic scale; bold = least.',
    'Black line: above it a model does not hear all that acts within a frame, below it does.',
  ]
  const caption = sentences.join(' ')
  return { caption, svg: drawDocument({ title, subtitle, caption, families: [], panels, height: bottom }) }
}

function dialPanel(dial: Dial, cell: number, labels: number) {
  const { id, parameter, specs, rows } = dial
  const { tile } = specs[0].schedule
  const nameOf = namesAmong(rows)
  const key = (row: CostRow) => JSON.stringify([row.model, row.variant])
  const lines = [...new Map(rows.map(row => [key(row), row])).values()].sort(
    (a, b) =>
      orderOf(a) - orderOf(b) || (tilesHeard(a) ?? 0) - (tilesHeard(b) ?? 0) || (nameOf(a) < nameOf(b) ? -1 : 1),
  )
  const place = new Map(lines.map((row, i) => [key(row), i]))
  const reaches = specs.map(reachOf)
  const known = lines.filter(row => tilesHeard(row) !== undefined)
  /** The first line that hears all that acts in a world. */
  const steps = reaches.map(reach =>
    reach === undefined ? undefined : known.findIndex(row => tilesHeard(row)! * tile >= reach),
  )
  const edges = steps.flatMap((step, i) => {
    if (step === undefined || step < 0) return []
    const before = steps[i - 1]
    const across = { x1: i - 0.5, x2: i + 0.5, y1: step - 0.5, y2: step - 0.5 }
    return [
      across,
      ...(before === undefined || before < 0 ? [] : [{ x1: i - 0.5, x2: i - 0.5, y1: before - 0.5, y2: step - 0.5 }]),
    ]
  })
  const logs = rows.map(({ error }) => Math.log(error))
  const [least, most] = [Math.min(...logs), Math.max(...logs)]
  const darkness = ({ error }: { error: number }) => (most > least ? (most - Math.log(error)) / (most - least) : 0)
  const best = specs.map((_, column) =>
    Math.min(...rows.filter(row => row.column === column && row.family !== 'reference').map(({ error }) => error)),
  )
  const isBest = (row: Dial['rows'][number]) => row.error === best[row.column] && row.family !== 'reference'
  const width = labels + specs.length * cell
  const height = marginTop + lines.length * lineHeight + marginBottom
  const y = (row: Dial['rows'][number]) => place.get(key(row))!
  const text = (bold: boolean) =>
    Plot.text(
      rows.filter(row => isBest(row) === bold),
      {
        x: 'column',
        y,
        text: ({ error }) => figure(error),
        fill: row => (darkness(row) > 0.5 ? paper : ink),
        fontSize: 12,
        fontWeight: bold ? 'bold' : 'normal',
      },
    )
  const symbol = symbols[parameter] ?? parameter
  const range = environments.find(world => world.id === id)?.range
  const headline = range === undefined ? id : `${id}: ${range}`
  const options: Plot.PlotOptions = {
    ...{ width, height, marginTop, marginBottom, marginLeft: labels, marginRight: 0 },
    x: { domain: [-0.5, specs.length - 0.5], axis: null },
    y: { domain: [-0.5, lines.length - 0.5], axis: null, reverse: true },
    marks: [
      Plot.rect(rows, {
        x1: ({ column }) => column - 0.5,
        x2: ({ column }) => column + 0.5,
        y1: row => y(row) - 0.5,
        y2: row => y(row) + 0.5,
        inset: 1,
        fill: row => shade(darkness(row)),
        title: row =>
          `${nameOf(row)}, ${symbol} = ${specs[row.column].parameters[parameter]}: ${row.error.toPrecision(3)}`,
      }),
      text(false),
      text(true),
      Plot.link(edges, {
        x1: 'x1',
        x2: 'x2',
        y1: 'y1',
        y2: 'y2',
        stroke: '#000000',
        strokeWidth: 3,
        strokeLinecap: 'square',
      }),
      Plot.text([headline], { frameAnchor: 'top-left', dx: -labels, dy: -38, fontSize: 12, fontWeight: 'bold' }),
      specs.map((spec, i) =>
        Plot.text([`${symbol} = ${spec.parameters[parameter]}`], { frameAnchor: 'top', x: [i], dy: -18, fontSize: 12 }),
      ),
      lines.map((row, i) =>
        Plot.text([nameIn(tile, row, nameOf(row))], {
          frameAnchor: 'left',
          textAnchor: 'end',
          y: [i],
          dx: -8,
          fontSize,
          fill: row.family === 'reference' ? quiet : familyColour(row.family),
        }),
      ),
    ],
  }
  return { options, sentence: sentenceOf(dial, tile, reaches) }
}

/** White for the largest error, deep blue for the smallest. */
function shade(darkness: number): string {
  const [from, to] = [
    [244, 247, 251],
    [8, 48, 107],
  ]
  const parts = from.map((start, i) => Math.round(start + (to[i] - start) * darkness))
  return `#${parts.map(part => part.toString(16).padStart(2, '0')).join('')}`
}

function sentenceOf({ id, rows }: Dial, tile: number, reaches: readonly (number | undefined)[]): string {
  const known = rows.flatMap(row => {
    const [tiles, reach] = [tilesHeard(row), reaches[row.column]]
    return tiles === undefined || reach === undefined || reach === 0 ? [] : [{ row, hears: tiles * tile >= reach }]
  })
  const range = (hears: boolean) => {
    const errors = known.filter(item => item.hears === hears).map(({ row }) => row.error)
    return errors.length > 0 ? `${figure(Math.min(...errors))} to ${figure(Math.max(...errors))}` : null
  }
  const [hearing, deaf] = [range(true), range(false)]
  if (hearing === null || deaf === null) return ''
  return `${id}: where all partners are heard, errors are ${hearing}, where some are not, ${deaf}.`
}

export const dialPlot: PlotOfSuite = { name: 'dial', suite: 'locality', draw }
