import type { Lattice } from '../model.ts'

/**
 * For every module the k modules that it hears, by number: [M·k], itself among them. Where one has fewer (at walls), it
 * stands in its own list again, marked absent. Hearing is mutual: m is a neighbour of l where l is one of m.
 */
export interface Neighbours {
  readonly modules: number
  /** k */
  readonly count: number
  readonly indices: Int32Array
  /** [M·k] 1 = a neighbour, 0 = absent */
  readonly present: Float32Array
}

/** Displacements (rows, columns) up to Chebyshev distance `radius`, row by row; along an axis of one there is none. */
export function displacements({ rows, columns }: Pick<Lattice, 'rows' | 'columns'>, radius: number) {
  const along = (length: number) => (length === 1 ? [0] : Array.from({ length: 2 * radius + 1 }, (_, i) => i - radius))
  return along(rows).flatMap(down => along(columns).map((across): readonly [number, number] => [down, across]))
}

/** The neighbours of every place of a lattice, one for each displacement: around a torus the same may come twice. */
export function latticeNeighbours({ rows, columns, boundary }: Lattice, radius: number): Neighbours {
  const steps = displacements({ rows, columns }, radius)
  const modules = rows * columns
  const indices = new Int32Array(modules * steps.length)
  const present = new Float32Array(indices.length)
  const wrap = (x: number, length: number) => ((x % length) + length) % length
  for (let m = 0; m < modules; m++)
    steps.forEach(([down, across], j) => {
      const [row, column] = [Math.floor(m / columns) + down, (m % columns) + across]
      const inside = row >= 0 && row < rows && column >= 0 && column < columns
      const reached = inside || boundary === 'torus'
      indices[m * steps.length + j] = reached ? wrap(row, rows) * columns + wrap(column, columns) : m
      present[m * steps.length + j] = reached ? 1 : 0
    })
  return { modules, count: steps.length, indices, present }
}

/** For every module the places [M·k] of the list where it stands: as many as it has neighbours, because all is mutual. */
export function whereHeard({ modules, count, indices }: Neighbours): Int32Array {
  const filled = new Int32Array(modules)
  const places = new Int32Array(indices.length)
  indices.forEach((m, place) => {
    places[m * count + filled[m]++] = place
  })
  return places
}
