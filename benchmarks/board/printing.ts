import Table from 'cli-table3'
import type { LeaderboardRow } from './leaderboard.ts'

/** The widest line that is printed, in columns of a terminal. */
export const lineWidth = 100

const borders = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
const rules = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle']
const noBorders = Object.fromEntries([...borders, ...rules].map(name => [name, '']))

/** Names come from files that anyone may have written: no control character reaches a terminal. */
export const printable = (text: string): string => text.replace(/\p{C}/gu, '�')

/** A skill as it is printed. */
export const score = (value: number | null): string => (value === null ? '–' : value.toFixed(3))

/** `0.398 [0.378 0.419]` */
export function withInterval(row: Pick<LeaderboardRow, 'score' | 'score_low' | 'score_high'>): string {
  return `${score(row.score)} [${score(row.score_low)} ${score(row.score_high)}]`
}

/** `s2gru-local (radius=3)`, with the budget where that is asked for. */
export function modelLabel(row: Pick<LeaderboardRow, 'model' | 'variant' | 'budget'>, showBudget: boolean): string {
  const budget = showBudget && row.budget !== '' ? [row.budget] : []
  const details = [row.variant, ...budget].filter(text => text !== '').join(' ')
  return printable(details === '' ? row.model : `${row.model} (${details})`)
}

/** What every table tells worlds apart by. */
export type World = Pick<LeaderboardRow, 'suite' | 'environment' | 'size' | 'scrambled'>

/** `coupled-maps(range=3) · size 16 · plain` */
export function worldLabel({ environment, size, scrambled }: Omit<World, 'suite'>): string {
  return [printable(environment), `size ${size}`, scrambled ? 'scrambled' : 'plain'].join(' · ')
}

/** Parameters in thousands, as long as there are that many. */
export const thousands = (n: number) => (n < 1000 ? String(n) : `${(n / 1000).toFixed(1)}k`)

/** Rows without borders, one blank between columns; `widths` count it. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  aligns: readonly ('left' | 'right')[],
  widths: readonly number[],
): string[] {
  const table = new Table({
    head: [...head],
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
    colWidths: [...widths],
    colAligns: [...aligns],
    wordWrap: true,
    wrapOnWordBoundary: true,
  })
  table.push(...rows.map(row => [...row]))
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
}

/** Breaks a text at spaces so that no line is wider than `width`; a longer word stands on a line of its own, cut. */
export function wrapped(text: string, width = lineWidth): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word.slice(0, width))
  }
  return lines
}
