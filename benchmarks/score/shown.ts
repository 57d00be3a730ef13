import { sha256Hex } from '../../lib/hash.ts'
import type { CellSpec } from '../cell.ts'
import { evaluate } from '../evaluation/evaluation.ts'
import type { CellData } from '../task/cell-data.ts'
import { cellIndices } from '../task/episodes.ts'
import type { Task } from '../task/task.ts'
import type { Predictor } from '../training/predictor.ts'

// What a model is shown, as frames: rows and columns of cells, with the tiles where they are shown. That is the world's
// own order, but where the tiles are scrambled.

/** Test episodes of one circumstance as a model may see them. */
export interface Shown {
  /** '' or `<shift>/` or `views-<n>/`. */
  readonly prefix: string
  /** [episodes, context, height, width, channels], in the world's units; 0 where nothing was seen. */
  readonly context: Float32Array
  /** [episodes, context, height, width] 1 = seen */
  readonly seen: Float32Array
  /** Of every episode the first digits of the hash of what was seen of it: no two tasks share them. */
  readonly episodes: readonly string[]
}

/** For every number of a frame as it is shown, row-major and channels last, its place in [tiles, C]. */
export function shownIndices(task: Task): Int32Array {
  return cellIndices({ ...task, placeOf: Int32Array.from({ length: task.tiles }, (_, tile) => tile) })
}

/** Episodes [episodes, frames, tiles, C] as frames [episodes, frames, height, width, channels]. */
export function shownFrames(task: Task, values: Float32Array): Float32Array {
  const places = shownIndices(task)
  return values.map((_, i) => values[i - (i % places.length) + places[i % places.length]])
}

/**
 * The views of one circumstance. Found by being evaluated like a model, so that they are the same by construction.
 * @param raw episodes that were not standardised
 */
export async function shownTo(
  task: Task,
  { prefix, data, views }: CellData['circumstances'][number],
  seed: CellSpec['seed'],
): Promise<Shown> {
  const { context: steps } = task.schedule
  const places = shownIndices(task)
  const channels = task.field.channels.length
  const context = new Float32Array(data.episodes * steps * places.length)
  const seen = new Float32Array(context.length / channels)
  const onlooker: Predictor = {
    room: views,
    compileMs: 0,
    predict: async (_data, chosen, plan) => {
      const batch = chosen.length
      const visible = new Uint8Array(task.tiles)
      for (let step = 0; step < steps; step++)
        for (let b = 0; b < batch; b++) {
          // A batch that is not full ends with its last episode again, other views of it, which nobody scores.
          if (chosen.indexOf(chosen[b]) < b) continue
          visible.fill(0)
          for (const tile of plan.subarray((step * batch + b) * views, (step * batch + b + 1) * views))
            if (tile >= 0) visible[tile] = 1
          const from = (chosen[b] * data.frames + step) * places.length
          const to = (chosen[b] * steps + step) * places.length
          for (let i = 0; i < places.length; i++) {
            if (visible[Math.floor(places[i] / task.viewSize)] === 0) continue
            context[to + i] = data.values[from + places[i]]
            seen[Math.floor((to + i) / channels)] = 1
          }
        }
      return new Float32Array((steps + task.schedule.blind) * batch * places.length)
    },
    dispose: () => {},
  }
  await evaluate(task, onlooker, { prefix, data, views }, seed)
  const bytesOf = (array: Float32Array, episode: number) => {
    const length = array.length / data.episodes
    return new Uint8Array(array.slice(episode * length, (episode + 1) * length).buffer)
  }
  const episodes = Array.from({ length: data.episodes }, (_, e) =>
    sha256Hex(sha256Hex(bytesOf(context, e)) + sha256Hex(bytesOf(seen, e))).slice(0, 16),
  )
  return { prefix, context, seen, episodes }
}
