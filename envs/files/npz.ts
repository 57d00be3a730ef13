import { UserError } from '../../lib/errors.ts'
import { encodeNpz, type NamedArray, openNpz } from '../../lib/npz.ts'
import { completeRecording, decodeMetadata, encodeMetadata, type Numbers, type Recording } from './recording.ts'

// A recording as NPZ. Arrays: `values` [episodes, frames, height, width, channels]; `channels`, their names; `metadata`,
// a text of JSON; and `split`, the name of each episode's split. Only `values` is asked of a file that others wrote.

const text = (value: string): NamedArray => ({ shape: [], values: [value] })

/** The bytes of an NPZ file that holds a recording. */
export function encodeNpzRecording(recording: Recording): Uint8Array {
  const { episodes, frames, height, width, channels, values, splits } = recording
  return encodeNpz({
    values: { shape: [episodes, frames, height, width, channels.length], values },
    channels: { shape: [channels.length], values: channels.map(({ name }) => name) },
    ...(splits && { split: { shape: [episodes], values: splits } }),
    metadata: text(encodeMetadata(recording)),
  })
}

/** @throws UserError where the file is damaged, or is no recording */
export function decodeNpzRecording(bytes: Uint8Array): Recording {
  const file = openNpz(bytes)
  const texts = (name: string) => (file.names.includes(name) ? file.texts(name) : undefined)
  const { shape, values } = file.numbers('values')
  const [episodes, frames, height, width, channels] = fiveSides(shape)
  const names = texts('channels') ?? Array.from({ length: channels }, (_, channel) => `channel-${channel}`)
  if (names.length !== channels) throw new UserError(`it names ${names.length} channels, and values has ${channels}`)
  const numbers: Numbers = { episodes, frames, height, width, values, names }
  return completeRecording(numbers, decodeMetadata(texts('metadata')?.[0]), texts('split'))
}

/** Shapes without channels, or without channels and height, are one channel, or one row. */
function fiveSides(shape: readonly number[]): readonly number[] {
  if (shape.length === 5) return shape
  if (shape.length === 4) return [...shape, 1]
  if (shape.length === 3) return [shape[0], shape[1], 1, shape[2], 1]
  throw new UserError(
    `values has the shape (${shape.join(', ')}); right would be (episodes, frames, height, width, channels), ` +
      'without the channels, or (episodes, frames, width)',
  )
}
