import { UserError } from './errors.ts'

/** Named float32 arrays with their shapes. */
export type NamedArrays = Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>>

/**
 * The bytes of a safetensors file (huggingface/safetensors, format 0.x): the length of a JSON header as a little-endian
 * 64-bit number, the header padded with spaces to a multiple of 8, then the data of all tensors in order.
 */
export function encodeSafetensors(arrays: NamedArrays): Uint8Array {
  const header: Record<string, unknown> = {}
  let offset = 0
  for (const [name, { shape, values }] of Object.entries(arrays)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] }
    offset += values.byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const start = 8 + Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(start + offset).fill(0x20, 8, start)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true)
  bytes.set(text, 8)
  let at = start
  for (const { values } of Object.values(arrays)) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at)
    at += values.byteLength
  }
  return bytes
}

interface Entry {
  readonly dtype: string
  readonly shape: number[]
  readonly data_offsets: readonly [number, number]
}

/** The arrays of a safetensors file of float32 tensors. @throws UserError where the bytes are damaged. */
export function decodeSafetensors(file: Uint8Array): NamedArrays {
  // A Buffer's own `slice` does not copy.
  const bytes = new Uint8Array(file)
  try {
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
    const arrays: Record<string, { shape: number[]; values: Float32Array }> = {}
    for (const [name, entry] of Object.entries<Entry>(header)) {
      if (name === '__metadata__') continue
      const { dtype, shape, data_offsets: range } = entry
      if (dtype !== 'F32') throw new RangeError(`'${name}' is ${dtype}, only F32 is read`)
      const own = bytes.slice(8 + length + range[0], 8 + length + range[1])
      if (own.byteLength !== range[1] - range[0]) throw new RangeError('the file ends too soon')
      if (own.byteLength !== 4 * shape.reduce((size, side) => size * side, 1))
        throw new RangeError(`'${name}' does not hold [${shape}] numbers`)
      arrays[name] = { shape, values: new Float32Array(own.buffer) }
    }
    return arrays
  } catch (error) {
    throw new UserError(`damaged safetensors file: ${(error as Error).message}`)
  }
}
