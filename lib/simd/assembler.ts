/** WebAssembly's binary format, as far as one function over one imported memory needs it (W3C, core specification 2.0). */
import type { Operation, Precision } from './lanes.ts'

/** Little-endian base 128, unsigned. */
export function unsigned(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; ) {
    const low = rest & 0x7f
    rest >>>= 7
    bytes.push(rest === 0 ? low : low | 0x80)
    if (rest === 0) return bytes
  }
}

/** Little-endian base 128, two's complement. */
function signed(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; ) {
    const low = rest & 0x7f
    rest >>= 7
    const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)
    bytes.push(last ? low : low | 0x80)
    if (last) return bytes
  }
}

const vector = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()]
const section = (id: number, content: readonly number[]) => [id, ...unsigned(content.length), ...content]
const name = (text: string) => vector([...text].map(letter => [letter.charCodeAt(0)]))

export const types = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const

export const get = (local: number) => [0x20, ...unsigned(local)]
export const set = (local: number) => [0x21, ...unsigned(local)]
export const tee = (local: number) => [0x22, ...unsigned(local)]
export const integer = (value: number) => [0x41, ...signed(value)]
export const add = [0x6a]
export const multiply = [0x6c]
const vectorCode = (code: number) => [0xfd, ...unsigned(code)]
/** 16 bytes at the address on the stack + `offset`; the address need not be aligned. */
export const load = (offset: number) => [...vectorCode(0x00), 0, ...unsigned(offset)]
export const store = (offset: number) => [...vectorCode(0x0b), 0, ...unsigned(offset)]
/** From the float64 on the stack. */
export const fromDouble = { f32: [0xb6], f64: [] } as const
/** The number on the stack in every lane. */
export const splat = { f32: vectorCode(0x13), f64: vectorCode(0x14) } as const

export function literal(precision: Precision, value: number): number[] {
  const bytes = new Uint8Array(precision === 'f32' ? 4 : 8)
  const view = new DataView(bytes.buffer)
  if (precision === 'f32') view.setFloat32(0, value, true)
  else view.setFloat64(0, value, true)
  return [precision === 'f32' ? 0x43 : 0x44, ...bytes]
}

/** Of float32; the same on float64 stand 12 higher. */
const operations: Readonly<Record<Operation, number>> = {
  negated: 0xe1,
  root: 0xe3,
  plus: 0xe4,
  minus: 0xe5,
  times: 0xe6,
  over: 0xe7,
  min: 0xe8,
  max: 0xe9,
}
export const arithmetic = (precision: Precision, operation: Operation) =>
  vectorCode(operations[operation] + (precision === 'f64' ? 12 : 0))

/** Lanes that make up the zip of two registers' halves, counted through both registers. */
const zipped = {
  low: { f32: [0, 4, 1, 5], f64: [0, 2] },
  high: { f32: [2, 6, 3, 7], f64: [1, 3] },
} as const
export function zip(precision: Precision, half: 'low' | 'high'): number[] {
  const bytes = precision === 'f32' ? 4 : 8
  const sources = zipped[half][precision].flatMap(lane => Array.from({ length: bytes }, (_, i) => lane * bytes + i))
  return [...vectorCode(0x0d), ...sources]
}

/** Do `body` while the first number that it leaves on the stack is below the second, unsigned; at least once. */
export const loop = (body: readonly number[]) => [0x03, 0x40, ...body, 0x49, 0x0d, 0, 0x0b]

/** A module that exports one function `run` without a result and imports its memory as `env.memory`. */
export function moduleOf(parameters: readonly number[], locals: readonly number[], body: readonly number[]) {
  const code = [...vector(locals.map(type => [1, type])), ...body, 0x0b]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([[0x60, ...vector(parameters.map(type => [type])), 0]])),
    ...section(2, vector([[...name('env'), ...name('memory'), 0x02, 0x00, 0x00]])),
    ...section(3, vector([[0]])),
    ...section(7, vector([[...name('run'), 0x00, 0x00]])),
    ...section(10, vector([[...unsigned(code.length), ...code]])),
  ])
}
