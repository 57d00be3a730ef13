import type { Signature } from '../../engine/engine.ts'
import { loadEngine } from '../../engine/index.ts'
import { opset } from '../../engine/onnx/model.ts'
import { findEnvironment } from '../../envs/find.ts'
import { UserError } from '../../lib/errors.ts'
import type { NamedArrays } from '../../lib/safetensors.ts'
import { modelById } from '../../models/registry.ts'
import type { CellRecord } from '../cell.ts'
import { fitScale, generateEpisodes } from '../task/episodes.ts'
import { createTask, resolveCount, type Task, taskShape } from '../task/task.ts'
import { fitNetwork } from '../training/learn.ts'
import { predictionProgram, predictionSignature } from '../training/training-step.ts'

/** An input or an output of an exported file. All are float32. */
export interface Port {
  readonly name: string
  readonly shape: readonly number[]
  readonly meaning: string
}

export interface ExportedCell {
  readonly onnx: Uint8Array
  readonly opset: number
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
}

const meanings: Readonly<Record<string, string>> = {
  views: '[S, B, A, C] the tiles that are seen of each frame, zero where there is none; see cells',
  positions: '[S, B, A, P] the row of `positions` of each seen tile, zero where there is none',
  present: '[S, B, A] 1 = a view, 0 = none',
  queries: '[S, B, Q, P] the rows of `positions` of the tiles that are asked for in the next frame',
  canvas:
    '[S, B, rows, columns, C + 2] the seen tiles in their places, zero elsewhere; then 1 where seen, else 0; then ' +
    'frames since last seen / S, at most 1',
  truth: '[S, B, tiles, C] the frame that is asked about, whole: this oracle is shown it',
}

/**
 * The prediction program of a trained cell, the very one that was evaluated, with its parameters inside, as an ONNX
 * file for any runtime: operators of ONNX itself only, shapes fixed. Its metadata says what goes in and comes out.
 * @param batch episodes that the file predicts at a time (B)
 * @throws UserError where there is no network, or where the parameters do not fit it
 */
export async function exportCell(
  record: CellRecord,
  parameters: NamedArrays | null,
  batch: number,
): Promise<ExportedCell> {
  const { spec } = record
  const cell = record.cell.slice(0, 8)
  const model = await modelById(spec.model)
  if ('fit' in model)
    throw new UserError(`cell ${cell}: ${model.id} is fitted in closed form; it has no network to export`)
  if (record.status !== 'ok') throw new UserError(`cell ${cell} is no trained model: ${record.error || record.status}`)
  if (parameters === null) throw new UserError(`the trained parameters of cell ${cell} are not there; run it again`)
  const task = createTask(spec, await findEnvironment(spec.environment))
  const { network } = fitNetwork(spec, task, model)
  for (const [name, { shape }] of Object.entries(network.parameters))
    if (String(parameters[name]?.shape) !== String(shape))
      throw new UserError(`the parameters of cell ${cell} are of another ${model.id} than today's; run it again`)

  const shape = taskShape(task, batch, resolveCount(spec.schedule.views, task), task.tiles)
  const signature = predictionSignature(model, network, shape)
  const program = await (await loadEngine('onnx')).compile(model.id, signature, predictionProgram(network, shape))
  program.dispose()
  const named = (name: string, { shape }: Signature): Port => ({ name, shape, meaning: meanings[name] })
  const inputs = Object.entries(signature).flatMap(([name, of]) => (name.startsWith('p/') ? [] : [named(name, of)]))
  const outputs = [predictions(task, batch)]
  const constants = Object.fromEntries(
    Object.keys(network.parameters).map(name => [`p/${name}`, parameters[name].values]),
  )
  return {
    onnx: program.export({ constants, metadata: describe(record, task, inputs, outputs) }),
    opset,
    inputs,
    outputs,
  }
}

function predictions({ schedule, field, tiles, viewSize }: Task, batch: number): Port {
  const kind = field.likelihood === 'bernoulli' ? 'probabilities' : 'standardised values'
  return {
    name: 'predictions',
    shape: [schedule.context + schedule.blind, batch, tiles, viewSize],
    meaning: `[S, B, Q, C] after step t the ${kind} of frame t + 1, of each tile that was asked for`,
  }
}

/** What a reader must know who has nothing but the file. */
function describe(
  { cell, spec }: CellRecord,
  task: Task,
  inputs: readonly Port[],
  outputs: readonly Port[],
): Record<string, string> {
  const { field, lattice, tiles, tileHeight, tileWidth, positions, placeOf } = task
  const { mean, deviation } = fitScale(task, generateEpisodes(task, 'train', spec.episodes.train))
  const rows = Array.from({ length: tiles }, (_, tile) => {
    const size = positions.length / tiles
    return [...positions.subarray(tile * size, (tile + 1) * size)]
  })
  return {
    cell,
    spec: JSON.stringify(spec),
    opset: String(opset),
    inputs: JSON.stringify(inputs),
    outputs: JSON.stringify(outputs),
    letters:
      `S = ${spec.schedule.context} frames that may be seen + ${spec.schedule.blind} blind ones (nothing seen), ` +
      'B episodes, A views a frame, Q queries, C numbers a tile, P numbers a position',
    tiles:
      'tiles are numbered row by row; tile i of the world is shown at, and asked for by, row placeOf[i] of positions',
    cells: `C is ${tileHeight} rows × ${tileWidth} columns of cells × ${field.channels.length} channels, row-major`,
    lattice: JSON.stringify(lattice),
    placeOf: JSON.stringify([...placeOf]),
    positions: JSON.stringify(rows),
    channels: JSON.stringify(
      field.channels.map(({ name, unit }, i) => ({ name, unit, mean: mean[i], deviation: deviation[i] })),
    ),
    standardised: 'each channel goes in, and comes out of a gaussian world, as (value − mean) / deviation',
  }
}
