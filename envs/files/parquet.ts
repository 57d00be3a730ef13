import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer'
import { encodeMetadata, type Recording } from './recording.ts'

/**
 * The bytes of a Parquet file, tidy: one row a cell and frame, with the columns `episode`, `frame`, `row`, `column` and
 * one for each channel, so that a data frame can group, filter and plot at once. What is known of the recording is the
 * JSON under the key `scalespace` of the file's metadata.
 */
export function encodeParquet(recording: Recording): Uint8Array {
  const { episodes, frames, height, width, channels, values } = recording
  const rows = episodes * frames * height * width
  const count = (of: (row: number) => number): Int32Array => Int32Array.from({ length: rows }, (_, row) => of(row))
  const place = (name: string, of: (row: number) => number): ColumnSource => {
    return { name, data: count(of), type: 'INT32', nullable: false }
  }
  const columns: ColumnSource[] = [
    place('episode', row => Math.floor(row / (frames * height * width))),
    place('frame', row => Math.floor(row / (height * width)) % frames),
    place('row', row => Math.floor(row / width) % height),
    place('column', row => row % width),
    ...channels.map(({ name }, channel): ColumnSource => {
      const data = Float32Array.from({ length: rows }, (_, row) => values[row * channels.length + channel])
      return { name, data, type: 'FLOAT', nullable: false }
    }),
  ]
  const kvMetadata = [{ key: 'scalespace', value: encodeMetadata(recording) }]
  return new Uint8Array(parquetWriteBuffer({ columnData: columns, kvMetadata, rowGroupSize: 100_000 }))
}
