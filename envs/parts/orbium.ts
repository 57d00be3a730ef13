/**
 * Lenia's own run-length format: a state is a letter pair, `.` for 0, `A` … `X` for 1 … 24, `pA` … `yO` for 25 … 255,
 * a number before it repeats it, `$` ends a row and `!` the pattern. States are 255ths.
 */
export function parseStates(text: string): number[][] {
  const rows: number[][] = [[]]
  for (const [token, count, prefix, letter] of text.matchAll(/(\d*)(?:([p-y]?)([A-X])|[.$!])/g)) {
    const state =
      letter === undefined ? 0 : letter.charCodeAt(0) - 64 + (prefix === '' ? 0 : 24 * (prefix.charCodeAt(0) - 111))
    const run = Number(count || 1)
    if (token.endsWith('!')) break
    if (token.endsWith('$')) for (let i = 0; i < run; i++) rows.push([])
    else for (let i = 0; i < run; i++) rows[rows.length - 1].push(state / 255)
  }
  const width = Math.max(...rows.map(row => row.length))
  return rows.map(row => [...row, ...new Array<number>(width - row.length).fill(0)])
}

/**
 * Orbium unicaudatus, 20 × 20 cells at a kernel radius of 13, swimming to the lower right: entry `O2u` of
 * https://github.com/Chakazul/Lenia, Python/animals.json.
 */
export const orbium = parseStates(
  [
    '7.MD6.qL$6.pKqEqFURpApBRAqQ$5.VqTrSsBrOpXpWpTpWpUpCrQ$4.CQrQsTsWsApITNPpGqGvL$3.IpIpWrOsGsBqXpJ4.LsFrL$',
    'A.DpKpSpJpDqOqUqSqE5.ExD$qL.pBpTT2.qCrGrVrWqM5.sTpP$.pGpWpD3.qUsMtItQtJ6.tL$.uFqGH3.pXtOuR2vFsK5.sM$',
    '.tUqL4.GuNwAwVxBwNpC4.qXpA$2.uH5.vBxGyEyMyHtW4.qIpL$2.wV5.tIyG3yOxQqW2.FqHpJ$2.tUS4.rM2yOyJyOyHtVpPMpFqNV$',
    '2.HsR4.pUxAyOxLxDxEuVrMqBqGqKJ$3.sLpE3.pEuNxHwRwGvUuLsHrCqTpR$3.TrMS2.pFsLvDvPvEuPtNsGrGqIP$',
    '4.pRqRpNpFpTrNtGtVtStGsMrNqNpF$5.pMqKqLqRrIsCsLsIrTrFqJpHE$6.RpSqJqPqVqWqRqKpRXE$8.OpBpIpJpFTK!',
  ].join(''),
)
