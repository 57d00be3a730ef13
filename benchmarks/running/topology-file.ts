import type { NamedArrays } from '../../lib/safetensors.ts'
import { type CellSpec, cellId } from '../cell.ts'

/** Nested rows of a tensor; nine digits hold a float32 exactly. */
function rows(shape: readonly number[], values: Float32Array): unknown {
  if (shape.length === 0) return Number(values[0].toPrecision(9))
  const [length, ...rest] = shape
  const size = values.length / length
  return Array.from({ length }, (_, i) => rows(rest, values.subarray(i * size, (i + 1) * size)))
}

/**
 * What a cell learned of places as JSON: `{ cell, environment, model, tensors: { name: rows } }`. Points are rows of
 * `….modules` and `….places`; a row of `….strengths` belongs to the one that hears, or to the tile that is answered.
 */
export function encodeTopology(spec: CellSpec, places: NamedArrays): string {
  const { environment, model } = spec
  const tensors = Object.entries(places).map(([name, { shape, values }]) => [name, rows(shape, values)])
  return `${JSON.stringify({ cell: cellId(spec), environment, model, tensors: Object.fromEntries(tensors) })}\n`
}
