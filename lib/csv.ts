import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { UserError } from './errors.ts'

/** What a column holds. `optional number` is empty where it does not apply. */
export type ColumnKind = 'text' | 'boolean' | 'number' | 'optional number'

/** The columns of one file in their order: the only place where its format is written down. */
export type Columns = Readonly<Record<string, ColumnKind>>

interface KindTypes {
  text: string
  boolean: boolean
  number: number
  'optional number': number | null
}

/** One row of a file with these columns. */
export type Row<C extends Columns> = { readonly [Name in keyof C]: KindTypes[C[Name]] }

type Value = string | number | boolean | null

/** Text that a spreadsheet would run as a formula, whatever quotes of ours already stand before it. */
const formula = /^'*[=+\-@\t\r\n]/
const escapedFormula = /^'+[=+\-@\t\r\n]/
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const specialNumbers: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity }

/** The shortest decimal that reads back to the same float64 (ECMAScript's own rule); `nan`, `inf`, `-inf`, `-0`. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return Object.is(value, -0) ? '-0' : String(value)
}

function formatValue(value: Value): string {
  if (value === null) return ''
  if (typeof value === 'number') return formatNumber(value)
  if (typeof value === 'boolean') return String(value)
  return formula.test(value) ? `'${value}` : value
}

/**
 * Rows as CSV (RFC 4180 quoting, UTF-8, lines end in \n, a header). Texts that a spreadsheet could take for a formula
 * get one quote before them, which `parseCsv` takes away. An empty text and a number that is null are written alike.
 */
export function formatCsv<C extends Columns>(columns: C, rows: readonly Row<C>[]): string {
  const names = Object.keys(columns)
  const lines = rows.map(row => names.map(name => formatValue(row[name])))
  // A carriage return ends a line for other readers, and a lone empty value would be a blank line.
  return stringify([names, ...lines], { quoted_match: /\r/, quoted_empty: names.length === 1 })
}

function parseNumber(text: string): number | undefined {
  return decimal.test(text) ? Number(text) : specialNumbers[text.toLowerCase()]
}

const readers: Readonly<Record<ColumnKind, { readonly wanted: string; read(text: string): Value | undefined }>> = {
  text: { wanted: 'a text', read: text => (escapedFormula.test(text) ? text.slice(1) : text) },
  boolean: { wanted: 'true or false', read: text => ({ true: true, false: false })[text.toLowerCase()] },
  number: { wanted: 'a number', read: parseNumber },
  'optional number': { wanted: 'a number or empty', read: text => (text === '' ? null : parseNumber(text)) },
}

const shown = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)

/**
 * Reads what `formatCsv` wrote, exactly. Lines may end in \r\n and a byte order mark may stand first, as spreadsheets
 * save them. `source` names the file in errors.
 * @throws UserError, one line: the file, the line, what is wrong there and what would be right.
 */
export function parseCsv<C extends Columns>(source: string, text: string, columns: C): Row<C>[] {
  const names = Object.keys(columns)
  if (text === '') throw new UserError(`${source} is empty; it should start with the columns ${names.join(',')}`)
  if (!text.endsWith('\n')) throw new UserError(`${source} is cut off: its last line has no end`)
  const rows: Row<C>[] = []
  let header = true
  const readRecord = (record: string[], lines: number): void => {
    if (header) {
      header = false
      const wrong = names.findIndex((name, i) => record[i] !== name)
      if (wrong >= 0 || record.length !== names.length)
        throw new UserError(`${source}: the columns should be ${names.join(',')}, not ${shown(record.join(','))}`)
      return
    }
    const values = names.map((name, i): [string, Value] => {
      const { wanted, read } = readers[columns[name]]
      const value = read(record[i])
      if (value !== undefined) return [name, value]
      throw new UserError(`${source} line ${lines}: ${name} should be ${wanted}, not ${shown(record[i])}`)
    })
    rows.push(Object.fromEntries(values) as Row<C>)
  }
  try {
    parse(text, {
      bom: true,
      record_delimiter: ['\n', '\r\n'],
      onRecord: (record, { lines }) => {
        readRecord(record, lines)
        return null // the rows are kept here; the parser need not keep them again
      },
    })
    return rows
  } catch (error) {
    if (error instanceof UserError) throw error
    const [problem] = String((error as Error).message).split('\n')
    throw new UserError(`${source} is damaged: ${problem}`)
  }
}
