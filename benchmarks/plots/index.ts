import { UserError } from '../../lib/errors.ts'
import { continuumPlot } from './continuum.ts'
import { costsPlot } from './costs.ts'
import { dialPlot, dialStandardPlot } from './dial.ts'
import { escapeXml, plotWidth } from './document.ts'
import { followupsPlot } from './followups.ts'
import type { PlotOfSuite } from './plot.ts'
import { quickPlot } from './quick.ts'
import { quickCostsPlot } from './quick-costs.ts'
import { rolloutPlot } from './rollout.ts'
import { scalePlot } from './scale.ts'
import { scrambledPlot } from './scrambled.ts'
import { viewsPlot, viewsStandardPlot } from './views.ts'

/** Every plot, in the order of the README. A new one is its file and one line here. */
export const plots: readonly PlotOfSuite[] = [
  quickPlot,
  quickCostsPlot,
  dialPlot,
  dialStandardPlot,
  continuumPlot,
  costsPlot,
  scrambledPlot,
  viewsPlot,
  viewsStandardPlot,
  scalePlot,
  rolloutPlot,
  followupsPlot,
]

/** A plot as a page shows it. */
export interface Shown {
  readonly name: string
  readonly caption: string
}

/** A plot with its caption, for Markdown. */
function figure({ name, caption }: Shown, folder: string): string {
  const text = escapeXml(caption)
  return `<p><img src="${folder}/${name}.svg" width="${plotWidth}" alt="${text}"><br>${text}</p>`
}

/**
 * A page with every plot at its own place, between `<!-- plot: <name> -->` and `<!-- /plot -->`; places of plots that
 * are not drawn are left empty. @param folder of the pictures, as seen from the page @throws UserError where one has no place
 */
export function withPlots(page: string, drawn: readonly Shown[], folder: string): string {
  const homeless = drawn.find(({ name }) => !page.includes(`<!-- plot: ${name} -->`))
  if (homeless)
    throw new UserError(`the page has no place for a plot: <!-- plot: ${homeless.name} --> … <!-- /plot -->`)
  return page.replace(/(<!-- plot: (\S+) -->\n)[\s\S]*?(<!-- \/plot -->)/g, (_whole, begin, name, end) => {
    const own = drawn.find(plot => plot.name === name)
    return `${begin}${own ? `${figure(own, folder)}\n` : ''}${end}`
  })
}
