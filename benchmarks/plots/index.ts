import { UserError } from '../../lib/errors.ts'
import { continuumPlot } from './continuum.ts'
import { costsPlot } from './costs.ts'
import { dialPlot } from './dial.ts'
import { escapeXml, plotWidth } from './document.ts'
import { followupsPlot } from './followups.ts'
import type { PlotOfSuite } from './plot.ts'
import { quickPlot } from './quick.ts'
import { quickCostsPlot } from './quick-costs.ts'
import { rolloutPlot } from './rollout.ts'
import { scalePlot } from './scale.ts'
import { scrambledPlot } from './scrambled.ts'
import { viewsPlot } from './views.ts'

/** Every plot, in the order of the README. A new one is its file and one line here. */
export const plots: readonly PlotOfSuite[] = [
  quickPlot,
  quickCostsPlot,
  dialPlot,
  continuumPlot,
  costsPlot,
  scrambledPlot,
  viewsPlot,
  scalePlot,
  rolloutPlot,
  followupsPlot,
]

const [BEGIN, END] = ['<!-- plots: npm run plots -->', '<!-- /plots -->']

/** Plots with their captions, for Markdown. @param folder of the pictures, as seen from the page */
export function plotBlock(
  drawn: readonly { readonly name: string; readonly caption: string }[],
  folder: string,
): string {
  const figures = drawn.map(({ name, caption }) => {
    const text = escapeXml(caption)
    return `<p><img src="${folder}/${name}.svg" width="${plotWidth}" alt="${text}"><br>${text}</p>`
  })
  return figures.join('\n')
}

/** A page with other plots between its marks. @throws UserError where it has no marks */
export function withPlots(page: string, block: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new UserError(`the page has no place for plots: ${BEGIN} … ${END}`)
  return `${page.slice(0, begin + BEGIN.length)}\n${block}\n${page.slice(end)}`
}
