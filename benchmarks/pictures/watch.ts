import { findEnvironment } from '../../envs/find.ts'
import { randomStream } from '../../lib/random.ts'
import type { NamedArrays } from '../../lib/safetensors.ts'
import { modelById } from '../../models/registry.ts'
import { environmentLabel } from '../board/tables.ts'
import type { CellSpec } from '../cell.ts'
import { cellIndices, fitScale, generateEpisodes, standardise } from '../task/episodes.ts'
import { createTask, resolveCount, type Task } from '../task/task.ts'
import { restore } from '../training/learn.ts'
import { EVALUATION_BATCH, evaluationPlan } from '../training/predictor.ts'
import { errorColour, HIDDEN, valueColour } from './palette.ts'
import { encodeGif, layOut } from './picture.ts'
import type { Picture } from './pixel-font.ts'

/** What the panels of the picture show, from left to right. */
export const panelTitles = ['truth', 'seen', 'prediction', 'error'] as const

/** About how many pixels wide a panel is drawn. */
const PANEL_WIDTH = 192

/** Frames of [panel][cell] colours: how one step of one episode is drawn. */
type Panels = readonly Uint8Array[]

/**
 * A moving picture of one test episode: at every step the true next frame, what was seen before it, the prediction and
 * its error, through context and blind frames (framed red). A 1-D world is drawn as space × time, a row a frame.
 */
export async function watchCell(spec: CellSpec, parameters: NamedArrays | null, episode: number): Promise<Uint8Array> {
  const task = createTask(spec, await findEnvironment(spec.environment))
  const model = await modelById(spec.model)
  const trainingSet = generateEpisodes(task, 'train', spec.episodes.train)
  const scale = fitScale(task, trainingSet)
  const tests = generateEpisodes(task, spec.evaluation.split, episode + 1)
  for (const set of [trainingSet, tests]) standardise(scale, set.values)
  const views = resolveCount(task.schedule.views, task)
  const predictor = await restore(spec, task, model, trainingSet, parameters, views)
  const chosen = new Int32Array(EVALUATION_BATCH).fill(episode)
  const plan = evaluationPlan(task, predictor, views, randomStream(`watch/${spec.seed}/${episode}`))
  const predicted = await predictor.predict(tests, chosen, plan)
  const steps = task.schedule.context + task.schedule.blind
  const frameSize = task.tiles * task.viewSize
  const panels = Array.from({ length: steps }, (_, step) => {
    const start = (episode * tests.frames + step) * frameSize
    const before = tests.values.subarray(start, start + frameSize)
    const truth = tests.values.subarray(start + frameSize, start + 2 * frameSize)
    const at = step * EVALUATION_BATCH * frameSize
    const seen = new Set(plan.subarray(step * EVALUATION_BATCH * predictor.room).subarray(0, predictor.room))
    return drawStep(task, before, truth, predicted.subarray(at, at + frameSize), seen)
  })
  predictor.dispose()
  return encodeGif(
    panels.map((_, step) => compose(spec, task, panels, step)),
    350,
  )
}

function drawStep(
  task: Task,
  before: Float32Array,
  truth: Float32Array,
  guess: Float32Array,
  seen: ReadonlySet<number>,
): Panels {
  const { likelihood, channels } = task.field
  const places = cellIndices(task)
  const draw = (colour: (place: number) => number) =>
    Uint8Array.from({ length: task.field.height * task.field.width }, (_, cell) =>
      colour(places[cell * channels.length]),
    )
  return [
    draw(place => valueColour(truth[place], likelihood)),
    draw(place => (seen.has(Math.floor(place / task.viewSize)) ? valueColour(before[place], likelihood) : HIDDEN)),
    draw(place => valueColour(guess[place], likelihood)),
    draw(place => errorColour(Math.abs(guess[place] - truth[place]), likelihood)),
  ]
}

/** One frame of the film: the panels at a step, or for a 1-D world all rows up to it. */
function compose(spec: CellSpec, { field, schedule }: Task, steps: readonly Panels[], step: number): Picture {
  const { height, width } = field
  const panels = panelTitles.map((title, panel): { title: string; picture: Picture } => {
    if (height > 1) return { title, picture: { width, height, pixels: steps[step][panel] } }
    const pixels = new Uint8Array(width * steps.length).fill(HIDDEN)
    for (let row = 0; row <= step; row++) pixels.set(steps[row][panel], row * width)
    return { title, picture: { width, height: steps.length, pixels } }
  })
  const blindFrames = step + 1 - schedule.context
  return layOut(panels, Math.max(1, Math.floor(PANEL_WIDTH / width)), {
    about: `${environmentLabel(spec)}${schedule.scrambled ? ' scrambled' : ''} / ${spec.model}`,
    time: `frame ${step + 1}/${steps.length}`,
    blind: blindFrames > 0 ? `blind ${blindFrames}/${schedule.blind}` : '',
  })
}
