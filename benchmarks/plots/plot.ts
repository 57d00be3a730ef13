import type { Published } from './published.ts'

/** What a plot is: an SVG file and the sentence below it. */
export interface Drawing {
  readonly svg: string
  readonly caption: string
}

/** A plot of the rows of one suite. */
export interface PlotOfSuite {
  /** Of its file, without `.svg`. */
  readonly name: string
  readonly suite: string
  /** A pure function of the rows; null where they have nothing that it shows. */
  readonly draw: (published: Published) => Drawing | null
}
