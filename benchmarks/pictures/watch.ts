import type { NamedArrays } from '../../lib/safetensors.ts'
import { environmentLabel } from '../board/tables.ts'
import type { CellSpec } from '../cell.ts'
import { cellIndices } from '../task/episodes.ts'
import type { Task } from '../task/task.ts'
import { errorColour, HIDDEN, valueColour } from './palette.ts'
import { encodeGif, layOut } from './picture.ts'
import type { Picture } from './pixel-font.ts'
import { type ScoredEpisode, scoredEpisode } from './scored-episode.ts'

/** What the panels of the picture show, from left to right. */
const panelTitles = ['truth', 'seen', 'prediction', 'error'] as const

/** About how many pixels wide a panel is drawn. */
const PANEL_WIDTH = 192

/** Frames of [panel][cell] colours: how one step of one episode is drawn. */
type Panels = readonly Uint8Array[]

export interface Watched {
  readonly gif: Uint8Array
  /** What the panels and their colours say, in lines that a terminal of 80 columns has room for. */
  readonly legend: string
}

/**
 * A moving picture of one test episode: at every step the true next frame, what was seen before it, the prediction and
 * its error, through context and blind frames (framed red), all as they were scored. A 1-D world is drawn as
 * space × time, a row a frame; of several channels the first one, and the error of all.
 */
export async function watchCell(spec: CellSpec, parameters: NamedArrays | null, episode: number): Promise<Watched> {
  const scored = await scoredEpisode(spec, parameters, episode)
  const panels = scored.seen.map((_, step) => drawStep(scored, step))
  const pages = panels.map((_, step) => compose(spec, scored.task, panels, step))
  return { gif: encodeGif(pages, 350), legend: legendOf(scored.task.field) }
}

/** What the panels of a world say. */
export function legendOf({ height, channels, likelihood }: Task['field']): string {
  return [
    'panels from left to right:',
    '  truth       the frame that was to be predicted',
    '  seen        what the model was shown of the frame before; the rest was hidden',
    '  prediction  what the model expected, from that and from what it remembers',
    '  error       their distance, black where there is none',
    ...(channels.length > 1
      ? [`channel: ${channels[0].name}, the first of ${channels.length}; the error is the mean of all`]
      : []),
    'a red frame: blind, the model is shown nothing any more',
    likelihood === 'bernoulli'
      ? 'values from black (0) to white (1)'
      : 'values from blue (low) over white (mean) to red (high)',
    ...(height === 1 ? ['space × time, a row a frame'] : []),
  ].join('\n')
}

/** One step of an episode, a colour for each cell of each panel. */
export function drawStep({ task, frames, predictions, seen }: ScoredEpisode, step: number): Panels {
  const { likelihood, channels, height, width } = task.field
  const places = cellIndices(task)
  const frameSize = places.length
  const at = (values: Float32Array, frame: number) => values.subarray(frame * frameSize, (frame + 1) * frameSize)
  const [before, truth, guess] = [at(frames, step), at(frames, step + 1), at(predictions, step)]
  const draw = (colour: (place: number) => number) =>
    Uint8Array.from({ length: height * width }, (_, cell) => colour(places[cell * channels.length]))
  // The channels of a cell lie beside each other.
  const error = (place: number) =>
    channels.reduce((sum, _, c) => sum + Math.abs(guess[place + c] - truth[place + c]), 0) / channels.length
  return [
    draw(place => valueColour(truth[place], likelihood)),
    draw(place =>
      seen[step].has(Math.floor(place / task.viewSize)) ? valueColour(before[place], likelihood) : HIDDEN,
    ),
    draw(place => valueColour(guess[place], likelihood)),
    draw(place => errorColour(error(place), likelihood)),
  ]
}

/** One frame of the film: the panels at a step, or for a 1-D world all rows up to it. */
function compose(spec: CellSpec, { field, schedule }: Task, steps: readonly Panels[], step: number): Picture {
  const { height, width, channels } = field
  const panels = panelTitles.map((title, panel): { title: string; picture: Picture } => {
    if (height > 1) return { title, picture: { width, height, pixels: steps[step][panel] } }
    const pixels = new Uint8Array(width * steps.length).fill(HIDDEN)
    for (let row = 0; row <= step; row++) pixels.set(steps[row][panel], row * width)
    return { title, picture: { width, height: steps.length, pixels } }
  })
  const blindFrames = step + 1 - schedule.context
  const channel = channels.length > 1 ? ` / ${channels[0].name}` : ''
  return layOut(panels, Math.max(1, Math.floor(PANEL_WIDTH / width)), {
    about: `${environmentLabel(spec)}${schedule.scrambled ? ' scrambled' : ''}${channel} / ${spec.model}`,
    time: `frame ${step + 1}/${steps.length}`,
    blind: blindFrames > 0 ? `blind ${blindFrames}/${schedule.blind}` : '',
  })
}
