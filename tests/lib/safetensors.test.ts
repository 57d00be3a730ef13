import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../lib/errors.ts'
import { decodeSafetensors, encodeSafetensors } from '../../lib/safetensors.ts'

/** A file put together by hand from a header and its data, as the format's description says. */
function file(header: string, data: readonly number[] = []): Uint8Array {
  const text = new TextEncoder().encode(header)
  const length = new Uint8Array(8)
  length[0] = text.length
  return new Uint8Array([...length, ...text, ...new Uint8Array(Float32Array.from(data).buffer)])
}

describe('safetensors', () => {
  it('of one tensor is the bytes that the format prescribes', () => {
    const bytes = encodeSafetensors({ w: { shape: [2], values: Float32Array.of(1, -2) } })
    const header = '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8)
    expect(Array.from(bytes.subarray(0, 8))).toEqual([padded.length, 0, 0, 0, 0, 0, 0, 0])
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + padded.length))).toBe(padded)
    // 1 and −2 in IEEE 754, little-endian.
    expect(Array.from(bytes.subarray(8 + padded.length))).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])
  })

  it('reads what another program wrote, metadata and all', () => {
    const header = '{"__metadata__":{"by":"hand"},"b":{"dtype":"F32","shape":[1,3],"data_offsets":[0,12]}}'
    expect(decodeSafetensors(file(header, [4, 5, 6]))).toEqual({
      b: { shape: [1, 3], values: Float32Array.of(4, 5, 6) },
    })
  })

  it('gives back any names, shapes and bits, from plain bytes and from a Buffer', () => {
    const array = fc
      .array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
      .chain(shape =>
        fc
          .float32Array({ minLength: shape.reduce((n, s) => n * s, 1), maxLength: shape.reduce((n, s) => n * s, 1) })
          .map(values => ({ shape, values })),
      )
    const name = fc.string({ minLength: 1 }).filter(text => !['__proto__', '__metadata__'].includes(text))
    fc.assert(
      fc.property(fc.dictionary(name, array, { maxKeys: 5, noNullPrototype: true }), arrays => {
        const bytes = encodeSafetensors(arrays)
        expect(decodeSafetensors(bytes)).toEqual(arrays)
        // As a small file is read: somewhere inside a pool of other bytes.
        const pool = Buffer.alloc(bytes.length + 24, 0xff)
        pool.set(bytes, 16)
        expect(decodeSafetensors(pool.subarray(16, 16 + bytes.length))).toEqual(arrays)
      }),
    )
  })

  it.each([
    ['nothing', new Uint8Array()],
    [
      'a header that is cut off',
      file('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', [1, 2]).subarray(0, 30),
    ],
    ['data that is cut off', file('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', [1])],
    ['another type', file('{"w":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}', [1, 2])],
    ['a shape that does not fit', file('{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}', [1, 2])],
    ['an entry without a shape', file('{"w":{"dtype":"F32","data_offsets":[0,8]}}', [1, 2])],
  ])('refuses %s in one line', (_, bytes) => {
    expect(() => decodeSafetensors(bytes)).toThrow(UserError)
    expect(() => decodeSafetensors(bytes)).toThrow(/^damaged safetensors file: .+$/)
  })
})
