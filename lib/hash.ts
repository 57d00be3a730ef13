import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** Data that JSON can hold and that compares by content. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** JSON in canonical form (RFC 8785 for our data: keys sorted, no white space, shortest numbers). */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value as { [key: string]: Json }).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`JSON has no ${value}`)
  return JSON.stringify(value)
}

/** The 32 bytes of the sha256 (FIPS 180-4) of a text or of bytes. */
export function sha256Bytes(content: string | Uint8Array): Uint8Array {
  return sha256(typeof content === 'string' ? utf8ToBytes(content) : content)
}

/** The sha256 of a text or of bytes as 64 hex digits. */
export function sha256Hex(content: string | Uint8Array): string {
  return bytesToHex(sha256Bytes(content))
}

/** The identity of plain data: equal content, equal hash, whatever the order of keys. */
export function hashJson(value: Json): string {
  return sha256Hex(canonicalJson(value))
}
