/** A pattern of live cells in a box. */
export interface Pattern {
  readonly width: number
  readonly height: number
  /** Row and column of every live cell, from the upper left corner of the box. */
  readonly cells: readonly (readonly [row: number, column: number])[]
  /** The rule that the header names, as written there. */
  readonly rule?: string
}

const header = /^x\s*=\s*(\d+)\s*,\s*y\s*=\s*(\d+)\s*(?:,\s*rule\s*=\s*([^\s,]+)\s*)?$/i

/**
 * Reads a pattern in the run-length format of the Life community: comment lines that begin with `#`, an optional header
 * `x = 3, y = 3, rule = B3/S23`, then runs of `b` (dead) and `o` (alive), `$` at the end of a row and `!` at the end.
 * Source: https://conwaylife.com/wiki/Run_Length_Encoded
 * @throws SyntaxError that says in one line what is wrong.
 */
export function parseRle(text: string): Pattern {
  const lines = text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
  const head = /^x/i.test(lines[0] ?? '') ? lines[0] : undefined
  const named = head === undefined ? null : header.exec(head)
  if (head !== undefined && named === null) throw new SyntaxError(`malformed RLE header '${head}'`)
  const body = lines.slice(head === undefined ? 0 : 1).join('')
  const end = body.indexOf('!')
  if (end < 0) throw new SyntaxError("an RLE pattern ends with '!'")
  const { cells, width, height } = readRuns(body.slice(0, end))
  if (cells.length === 0) throw new SyntaxError('the RLE pattern has no live cell')
  if (named === null) return { width, height, cells }
  const [x, y] = [Number(named[1]), Number(named[2])]
  if (width > x || height > y)
    throw new SyntaxError(`the RLE pattern is ${width} × ${height}, its header says ${x} × ${y}`)
  return { width: x, height: y, cells, rule: named[3] }
}

/** The largest side that is read: a longer run is a mistake rather than a pattern. */
const longest = 10_000

function readRuns(body: string): Pattern {
  const wrong = body.replace(/\d*[bo$]|\s/g, '')
  if (wrong !== '') throw new SyntaxError(`unexpected '${wrong[0]}' in an RLE pattern; runs are of b, o and $`)
  const cells: [number, number][] = []
  let [row, column, width] = [0, 0, 0]
  for (const [, digits, what] of body.matchAll(/(\d*)([bo$])/g)) {
    const run = digits === '' ? 1 : Number(digits)
    if (run > longest) throw new SyntaxError(`a run of ${digits} in an RLE pattern; at most ${longest}`)
    if (what === '$') {
      row += run
      column = 0
      continue
    }
    if (what === 'o') for (let i = 0; i < run; i++) cells.push([row, column + i])
    column += run
    if (what === 'o') width = Math.max(width, column)
  }
  return { width, height: cells.length === 0 ? 0 : cells[cells.length - 1][0] + 1, cells }
}
