import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { unzipSync } from 'fflate'
import { parse } from 'npyjs'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../lib/errors.ts'
import { encodeNpz, openNpz } from '../../lib/npz.ts'

/** A file that numpy 2.4.6 wrote, by `savez` or `savez_compressed`. */
const byNumpy = (name: string) => new Uint8Array(readFileSync(new URL(`numpy/${name}.npz`, import.meta.url)))
const arange = (n: number) => Float32Array.from({ length: n }, (_, i) => i)

describe('NPZ that numpy wrote', () => {
  it('is read: bytes, booleans, doubles and texts', () => {
    const bytes = openNpz(byNumpy('bytes'))
    expect(bytes.names).toEqual(['values'])
    expect(bytes.numbers('values')).toEqual({ shape: [2, 3, 2, 2], values: arange(24) })
    const even = openNpz(byNumpy('booleans')).numbers('values')
    expect(even).toEqual({ shape: [2, 3, 2, 2], values: arange(24).map(i => 1 - (i % 2)) })
    const more = openNpz(byNumpy('doubles-and-texts'))
    expect(more.names).toEqual(['values', 'channels', 'split', 'metadata'])
    expect(more.numbers('values')).toEqual({ shape: [2, 3, 2], values: arange(12).map(i => i / 8) })
    expect(more.texts('channels')).toEqual(['height'])
    expect(more.texts('split')).toEqual(['test', 'train'])
    expect(JSON.parse(more.texts('metadata')[0])).toEqual({ boundary: 'torus', dt: 0.5 })
  })

  it.each([
    ['pickled', /^array 'values' holds pickled objects/],
    ['by-columns', /^array 'values' is stored column by column: save numpy\.ascontiguousarray\(values\)$/],
    ['big-endian', /^array 'values' is big-endian: save it as '<f4'$/],
  ])('is refused in one line where it is %s', (kind, message) => {
    expect(() => openNpz(byNumpy(kind)).numbers('values')).toThrow(message)
  })

  it('is refused where it is cut off, or something else', () => {
    const whole = byNumpy('bytes')
    for (const bytes of [whole.subarray(0, 200), new Uint8Array(0), new TextEncoder().encode('values')])
      expect(() => openNpz(bytes)).toThrow(/^it is not an NPZ file/)
  })

  it('says which arrays it has, and of what', () => {
    const file = openNpz(byNumpy('doubles-and-texts'))
    expect(() => file.numbers('data')).toThrow("it has no array 'data'; it has: values, channels, split, metadata")
    expect(() => file.numbers('split')).toThrow(new UserError("array 'split' holds text, not numbers"))
    expect(() => file.texts('values')).toThrow(new UserError("array 'values' holds no text (dtype f8)"))
  })
})

describe('NPZ that is written', () => {
  it('comes back bit by bit, and is the same whenever it is written', () => {
    const sides = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 })
    fc.assert(
      fc.property(sides, fc.integer(), (shape, seed) => {
        const length = shape.reduce((product, side) => product * side, 1)
        const values = Float32Array.from({ length }, (_, i) => Math.sin(seed + i))
        const bytes = encodeNpz({ values: { shape, values } })
        expect(openNpz(bytes).numbers('values')).toEqual({ shape, values })
        expect(encodeNpz({ values: { shape, values } })).toEqual(bytes)
      }),
    )
  })

  it('holds texts as numpy does: fixed width, little-endian UTF-32, a scalar without sides', () => {
    const files = unzipSync(
      encodeNpz({ channels: { shape: [2], values: ['a', 'été'] }, one: { shape: [], values: ['x'] } }),
    )
    expect(Object.keys(files)).toEqual(['channels.npy', 'one.npy'])
    const header = new TextDecoder('latin1').decode(files['one.npy'])
    expect(header).toMatch(/^\x93NUMPY.*'descr':'<U1'.*'fortran_order':False.*'shape':\(\)/s)
    expect(parse(files['channels.npy'].slice().buffer)).toMatchObject({ data: ['a', 'été'], dtype: 'U3', shape: [2] })
  })
})
