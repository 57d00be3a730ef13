import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { wrapped } from '../board/printing.ts'
import { faint, familyColour, fontFamily, fontSize, ink, inOrder, paper, quiet, textWidth } from './palette.ts'

/** Of every plot, in pixels. */
export const plotWidth = 720
const margin = 16
/** Characters of a line below the title. */
const lineLength = 124

/** A part of a plot: what Observable Plot draws, and where its upper left corner lies below the head. */
export interface Panel {
  readonly left: number
  readonly top: number
  readonly options: Plot.PlotOptions
}

export interface PlotDocument {
  readonly title: string
  /** Lines below the title: what is measured, in which unit. */
  readonly subtitle: readonly string[]
  /** The sentence that is read out, and stands below the plot in the README. */
  readonly caption: string
  /** Families whose colours are explained. */
  readonly families: readonly string[]
  /** What marks mean, beside the families: `● plain`. */
  readonly key?: string
  readonly panels: readonly Panel[]
  /** Of all panels together. */
  readonly height: number
}

/** A text as XML has it. Control characters, which no XML may hold, are replaced. */
export const escapeXml = (text: string): string =>
  text
    .replace(/\p{Cc}/gu, '�')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

/** What is not in `written` says where a text stands and how it looks. */
const textAt = (x: number, y: number, written: string, attributes = '') =>
  `<text x="${x}" y="${y}"${attributes}>${escapeXml(written)}</text>`

function legend(families: readonly string[], key: string, y: number): string {
  const parts: string[] = []
  let x = margin
  for (const family of inOrder(families)) {
    const colour = familyColour(family)
    parts.push(`<circle cx="${x + 4}" cy="${y - 4}" r="4" fill="${colour}"/>`)
    parts.push(textAt(x + 12, y, family, ` fill="${colour}" font-weight="bold"`))
    x += 30 + textWidth(family)
  }
  if (key !== '') parts.push(textAt(x, y, key, ` fill="${quiet}"`))
  return parts.join('\n')
}

/** Numbers within tags to a hundredth of a pixel: what differs beyond that is the machine's arithmetic. */
const rounded = (markup: string) =>
  markup.replace(/<[^>]*>/g, tag =>
    tag.replace(/-?\d+\.\d{3,}(e-?\d+)?/g, number => String(+Number(number).toFixed(2))),
  )

function drawPanel({ left, top, options }: Panel): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const svg = Plot.plot({ ...options, document, className: 'panel' })
  // Its rules are for web pages. What they say here is said by attributes, which every program reads.
  svg.querySelector('style')?.remove()
  const own = { x: left, y: top, overflow: 'visible', 'font-size': fontSize, 'font-family': fontFamily, fill: ink }
  for (const [name, value] of Object.entries(own)) svg.setAttribute(name, String(value))
  for (const text of svg.querySelectorAll('text, title')) {
    for (const node of text.childNodes)
      if (node.nodeType === 3) node.textContent = node.textContent.replace(/\p{Cc}/gu, '�')
  }
  return rounded(svg.outerHTML)
}

/** The whole plot as an SVG file: the same bytes for the same rows. */
export function drawDocument(document: PlotDocument): string {
  const { title, caption, families, key = '', panels, height } = document
  const subtitle = document.subtitle.flatMap(line => wrapped(line, lineLength))
  const subtitleTop = 46
  const legendTop = subtitleTop + subtitle.length * 16 + 6
  const head = families.length > 0 || key !== '' ? legendTop + 8 : legendTop - 14
  const whole = Math.ceil(head + height + margin)
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${plotWidth}" height="${whole}" viewBox="0 0 ${plotWidth} ${whole}" ` +
      `role="img" color="${ink}" fill="${ink}" font-family="${fontFamily}" font-size="${fontSize}">`,
    `<title>${escapeXml(title)}</title>`,
    `<desc>${escapeXml(caption)}</desc>`,
    `<rect width="${plotWidth}" height="${whole}" rx="6" fill="${paper}" stroke="${faint}"/>`,
    textAt(margin, 26, title, ' font-size="15" font-weight="bold"'),
    ...subtitle.map((line, i) => textAt(margin, subtitleTop + 16 * i, line, ` fill="${quiet}"`)),
    legend(families, key, legendTop),
    ...panels.map(panel => drawPanel({ ...panel, top: panel.top + head })),
    '</svg>',
  ].join('\n')}\n`
}
