import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, hashJson, type Json, sha256Bytes, sha256Hex } from '../../lib/hash.ts'

describe('sha256', () => {
  // FIPS 180-4 examples, as published with the standard by NIST.
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('of the published example %#', (text, digest) => {
    expect(sha256Hex(text)).toBe(digest)
  })

  it('takes text as UTF-8, and bytes as they are', () => {
    expect(sha256Hex('ν = ½')).toBe(sha256Hex(new TextEncoder().encode('ν = ½')))
    expect(sha256Bytes('abc').slice(0, 4)).toEqual(Uint8Array.of(0xba, 0x78, 0x16, 0xbf))
  })
})

/** The same data with the keys of every object in reverse order. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, entry]) => [key, reversed(entry)]),
  )
}

const json = fc.jsonValue({ maxDepth: 3 }).map(value => value as Json)

describe('canonical JSON', () => {
  it('does not depend on the order of keys, and neither does its hash', () => {
    fc.assert(
      fc.property(json, value => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value))
        expect(hashJson(reversed(value))).toBe(hashJson(value))
      }),
    )
  })

  it('reads back as the same data, and is its own canonical form', () => {
    fc.assert(
      fc.property(json, value => {
        const text = canonicalJson(value)
        expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(JSON.parse(canonicalJson(JSON.parse(text)))))
        expect(canonicalJson(JSON.parse(text))).toBe(text)
      }),
    )
  })

  it('tells different data apart', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        // −0 is 0 in JSON, so data are compared as JSON sees them.
        const same = JSON.stringify(JSON.parse(canonicalJson(a))) === JSON.stringify(JSON.parse(canonicalJson(b)))
        expect(hashJson(a) === hashJson(b)).toBe(same)
      }),
    )
  })

  it('sorts keys, leaves lists alone, and writes no white space', () => {
    expect(canonicalJson({ b: [3, 1, 2], a: { d: null, c: 'x "y"' } })).toBe(
      '{"a":{"c":"x \\"y\\"","d":null},"b":[3,1,2]}',
    )
    expect(canonicalJson([1e21, 0.1, -0, 1e-7])).toBe('[1e+21,0.1,0,1e-7]')
  })

  it('refuses numbers that JSON does not have', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(() => canonicalJson({ value })).toThrow(RangeError)
  })
})
