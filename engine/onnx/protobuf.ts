/** Protocol Buffers wire format, as far as an ONNX file needs it: a message is a list of encoded fields. */
export type Field = readonly Uint8Array[]

function varint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return bytes
}

function smallVarint(value: number): number[] {
  if (value < 0 || value >= 2 ** 31) return varint(value)
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128)
  bytes.push(rest)
  return bytes
}

const encoder = new TextEncoder()

/** An integer (or enum) field. */
export const integer = (field: number, value: number): Field => [
  Uint8Array.from([...smallVarint(field << 3), ...smallVarint(value)]),
]

/** A 32-bit float field. */
export function float(field: number, value: number): Field {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return [Uint8Array.from([...smallVarint((field << 3) | 5)]), bytes]
}

/** A field of raw bytes, given in pieces that are not copied yet. */
export function message(field: number, ...content: readonly Field[]): Field {
  const pieces = content.flat()
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  return [Uint8Array.from([...smallVarint((field << 3) | 2), ...smallVarint(length)]), ...pieces]
}

export const bytes = (field: number, data: Uint8Array): Field => message(field, [data])
export const text = (field: number, value: string): Field => bytes(field, encoder.encode(value))

/** Joins the fields of the outermost message. */
export const encode = (...content: readonly Field[]): Uint8Array => new Uint8Array(Buffer.concat(content.flat()))
