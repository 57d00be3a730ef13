// Protocol Buffers wire format, as far as an ONNX file needs it: fields are appended to one growing buffer.

export interface Writer {
  buffer: Uint8Array
  length: number
}

export const newWriter = (): Writer => ({ buffer: new Uint8Array(1 << 16), length: 0 })

/** What was written so far, as a copy of its own. */
export const written = (writer: Writer): Uint8Array => writer.buffer.slice(0, writer.length)

function reserve(writer: Writer, size: number): void {
  const needed = writer.length + size
  if (needed <= writer.buffer.length) return
  const larger = new Uint8Array(Math.max(needed, 2 * writer.buffer.length))
  larger.set(writer.buffer)
  writer.buffer = larger
}

/** A non-negative integer below 2^53, seven bits a byte, low bits first. */
function varint(writer: Writer, value: number): void {
  reserve(writer, 8)
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) writer.buffer[writer.length++] = (rest % 128) | 128
  writer.buffer[writer.length++] = rest
}

const wireType = { varint: 0, bytes: 2, fixed32: 5 }

const tag = (writer: Writer, field: number, type: number): void => varint(writer, field * 8 + type)

/** An int64, int32 or enum field. */
export function integer(writer: Writer, field: number, value: number): void {
  tag(writer, field, wireType.varint)
  if (value >= 0) varint(writer, value)
  else negativeVarint(writer, value)
}

/** Two's complement in 64 bits: ten bytes, of which the last holds the sign bit alone. */
function negativeVarint(writer: Writer, value: number): void {
  reserve(writer, 10)
  let rest = BigInt.asUintN(64, BigInt(value))
  for (let i = 0; i < 9; i++, rest >>= 7n) writer.buffer[writer.length++] = Number(rest & 127n) | 128
  writer.buffer[writer.length++] = 1
}

/** A float (32-bit) field. */
export function float(writer: Writer, field: number, value: number): void {
  tag(writer, field, wireType.fixed32)
  reserve(writer, 4)
  new DataView(writer.buffer.buffer).setFloat32(writer.length, value, true)
  writer.length += 4
}

/** A field of raw bytes. */
export function bytes(writer: Writer, field: number, data: Uint8Array): void {
  tag(writer, field, wireType.bytes)
  varint(writer, data.length)
  reserve(writer, data.length)
  writer.buffer.set(data, writer.length)
  writer.length += data.length
}

/** A string field. */
export const text = (writer: Writer, field: number, value: string): void => bytes(writer, field, Buffer.from(value))

const lengthSize = 5

/** A nested message: what `write` appends. Its length is put in front afterwards, as a varint of fixed width. */
export function message(writer: Writer, field: number, write: () => void): void {
  tag(writer, field, wireType.bytes)
  reserve(writer, lengthSize)
  const start = writer.length
  writer.length += lengthSize
  write()
  let rest = writer.length - start - lengthSize
  for (let i = 0; i < lengthSize; i++, rest = Math.floor(rest / 128)) {
    writer.buffer[start + i] = (rest % 128) | (i < lengthSize - 1 ? 128 : 0)
  }
}
