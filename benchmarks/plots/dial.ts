import * as Plot from '@observablehq/plot'
import { environments } from '../../envs/registry.ts'
import type { CostRow } from '../board/costs.ts'
import { isOracle } from '../board/leaderboard-table.ts'
import { printable } from '../board/printing.ts'
import { builtInReach } from '../board/reach.ts'
import { compareParts } from '../board/tables.ts'
import type { CellSpec } from '../cell.ts'
import { drawDocument, type Panel } from './document.ts'
import { figure } from './numbers.ts'
import { familyColour, fontSize, ink, paper, quiet } from './palette.ts'
import type { Drawing, PlotOfSuite } from './plot.ts'
import { namesAmong, ofMainBudget, oracleNote, type Published, specsOf, turnedParameter } from './published.ts'

// Errors over how far a world acts and how far a model hears. What a built-in interaction reaches is known, so that the
// line between what reaches and what does not can be drawn before anybody looks at an error.

/** A row with an error, its specification, and how many cells away its model hears where that is built in. */
interface Point extends CostRow {
  readonly error: number
  readonly spec: CellSpec
  readonly hears: number | undefined
}

/** Worlds that differ in one parameter, and what was measured on them. */
interface Dial {
  readonly id: string
  readonly parameter: string
  /** One for each world, by that parameter. */
  readonly specs: readonly CellSpec[]
  readonly rows: readonly (Point & { readonly column: number })[]
}

const lineHeight = 26
const marginBottom = 12

/** Models whose range is built in, those that are of another kind, those that learn theirs, references. */
const orderOf = ({ family, hears }: Point) =>
  family === 'reference' ? 3 : family === 'learned' ? 2 : hears === undefined ? 1 : 0

/** How many cells away a model hears: exactly, or by the radius of its weights. */
function radiusOf(spec: CellSpec, family: string): number | undefined {
  const { options, schedule } = spec
  const nominal = family === 'local' && typeof options.radius === 'number' ? options.radius * schedule.tile : undefined
  return builtInReach(spec) ?? nominal
}

/** What a model of the matched ablation is on the dial; others have their own names. */
function nameIn({ model, hears, spec }: Point, otherwise: string): string {
  const { tile } = spec.schedule
  if (model === 's2gru-links') return 'learned partners'
  if (model === 's2gru-self' || model === 's2gru-global') return model === 's2gru-self' ? 'hears nobody' : 'hears all'
  if (hears === undefined) return otherwise
  return `${model === 's2gru-local' ? 'hears' : printable(model)} ρ = ${hears / tile}${tile > 1 ? ` (${hears} cells)` : ''}`
}

/** Cells a frame within which a world acts, where its rule makes that certain. */
function reachOf({ environment, parameters, size }: CellSpec): number | undefined {
  const world = environments.find(({ id }) => id === environment)
  const reach = world?.reach?.(parameters, size)
  // On a torus the other way round may be shorter.
  return reach === undefined ? undefined : Math.min(reach % size, size - (reach % size))
}

/** Worlds that are the same but for one number, at least two of each kind. */
function dialsOf(published: Published): Dial[] {
  const specOf = specsOf(published)
  const points = ofMainBudget(published.costs).flatMap((row): Point[] => {
    const spec = specOf(row)
    const shown =
      row.condition === 'filter' && !row.scrambled && !['s2gru-continuum', 'climatology'].includes(row.model)
    return shown && spec && row.error !== null && row.error > 0
      ? [{ ...row, error: row.error, spec, hears: radiusOf(spec, row.family) }]
      : []
  })
  const kindOf = ({ spec }: Point) => JSON.stringify([spec.environment, spec.size])
  const kinds = [...new Set(points.map(kindOf))]
  return kinds.flatMap(kind => {
    const own = points.filter(point => kindOf(point) === kind)
    const id = own[0].spec.environment
    const worlds = new Map(own.map(({ environment, spec }) => [environment, spec]))
    const parameter = turnedParameter([...worlds.values()])
    if (parameter === null) return []
    const value = (environment: string) => Number(worlds.get(environment)!.parameters[parameter])
    const labels = [...worlds.keys()].sort((a, b) => value(a) - value(b))
    if (!labels.every(label => Number.isFinite(value(label)))) return []
    const rows = own.map(row => ({ ...row, column: labels.indexOf(row.environment) }))
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
    'Error one frame ahead, of the world’s variance or in nats a cell. Dark: small (logarithmic); bold: least.',
    'Black line: above it a model’s radius ρ is less than how far the world acts a frame.' +
      oracleNote(dials.flatMap(({ rows }) => rows)),
  ]
  const caption = sentences.join(' ')
  return { caption, svg: drawDocument({ title, subtitle, caption, families: [], panels, height: bottom }) }
}

function dialPanel(dial: Dial, cell: number, labels: number) {
  const { id, parameter, specs, rows } = dial
  const nameOf = namesAmong(rows)
  const key = (row: Point) => JSON.stringify([row.model, row.variant])
  const lines = [...new Map(rows.map(row => [key(row), row])).values()].sort(
    (a, b) =>
      orderOf(a) - orderOf(b) || compareParts([a.hears ?? 0], [b.hears ?? 0]) || (nameOf(a) < nameOf(b) ? -1 : 1),
  )
  const place = new Map(lines.map((row, i) => [key(row), i]))
  const reaches = specs.map(reachOf)
  const known = lines.filter(({ hears }) => hears !== undefined)
  /** The first line that hears all that acts in a world; the one after all of them where none does. */
  const steps = reaches.map(reach => {
    const first = reach === undefined ? undefined : known.findIndex(({ hears }) => hears! >= reach)
    return first === -1 ? known.length : first
  })
  const edges = steps.flatMap((step, i) => {
    if (step === undefined) return []
    const before = steps[i - 1] ?? step
    const across = { x1: i - 0.5, x2: i + 0.5, y1: step - 0.5, y2: step - 0.5 }
    return before === step ? [across] : [across, { x1: i - 0.5, x2: i - 0.5, y1: before - 0.5, y2: step - 0.5 }]
  })
  // The oracle, far below all that forecasts, would leave no shades to the others.
  const logs = rows.filter(row => !isOracle(row)).map(({ error }) => Math.log(error))
  const [least, most] = [Math.min(...logs), Math.max(...logs)]
  const darkness = ({ error }: { error: number }) =>
    most > least ? Math.min(1, (most - Math.log(error)) / (most - least)) : 0
  const best = specs.map((_, column) =>
    Math.min(...rows.filter(row => row.column === column && row.family !== 'reference').map(({ error }) => error)),
  )
  const isBest = (row: Dial['rows'][number]) => row.error === best[row.column] && row.family !== 'reference'
  const width = labels + specs.length * cell
  /** Said where the parameter is not the reach itself. */
  const saysReach = reaches.some((reach, i) => reach !== undefined && reach !== specs[i].parameters[parameter])
  const marginTop = saysReach ? 60 : 44
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
      Plot.text([headline], {
        frameAnchor: 'top-left',
        dx: -labels,
        dy: 6 - marginTop,
        fontSize: 12,
        fontWeight: 'bold',
      }),
      specs.map((spec, i) =>
        Plot.text([`${symbol} = ${spec.parameters[parameter]}`], {
          frameAnchor: 'top',
          x: [i],
          dy: 26 - marginTop,
          fontSize: 12,
        }),
      ),
      reaches.map((reach, i) =>
        Plot.text([reach === undefined || !saysReach ? '' : `acts ${reach}`], {
          frameAnchor: 'top',
          x: [i],
          dy: -17,
          fontSize,
          fill: quiet,
        }),
      ),
      lines.map((row, i) =>
        Plot.text([nameIn(row, nameOf(row))], {
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
  return { options, sentence: sentenceOf(dial, reaches) }
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

function sentenceOf({ id, rows }: Dial, reaches: readonly (number | undefined)[]): string {
  const known = rows.flatMap(({ error, hears, column }) => {
    const reach = reaches[column]
    return hears === undefined || reach === undefined || reach === 0 ? [] : [{ error, enough: hears >= reach }]
  })
  const range = (enough: boolean) => {
    const errors = known.filter(item => item.enough === enough).map(({ error }) => error)
    return errors.length > 0 ? `${figure(Math.min(...errors))} to ${figure(Math.max(...errors))}` : null
  }
  const [hearing, deaf] = [range(true), range(false)]
  if (hearing === null || deaf === null) return ''
  return `${id}: errors ${hearing} where the radius is at least what acts within a frame, ${deaf} where it is less.`
}

export const dialPlot: PlotOfSuite = { name: 'dial', suite: 'locality', draw }
export const dialStandardPlot: PlotOfSuite = { name: 'dial-standard', suite: 'locality-standard', draw }
