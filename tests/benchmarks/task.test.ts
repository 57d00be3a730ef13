import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellIndices } from '../../benchmarks/task/episodes.ts'
import { createTask, resolveCount, type Task, taskShape } from '../../benchmarks/task/task.ts'
import { UserError } from '../../lib/errors.ts'
import { shortSchedule, smallTask, worldParameters } from './small.ts'

/** Rows and columns of the cells that a tile holds, for every place of the lattice. */
function cellsOfPlaces(task: Task): [number, number][][] {
  const cells: [number, number][][] = Array.from({ length: task.tiles }, () => [])
  cellIndices(task).forEach((at, cell) => {
    cells[Math.floor(at / task.viewSize)].push([Math.floor(cell / task.field.width), cell % task.field.width])
  })
  return cells
}

const torus = (size: number, schedule: object) => smallTask('coupled-maps', size, schedule, { dimension: 2, range: 0 })
const ring = (size: number, schedule: object) => smallTask('coupled-maps', size, schedule, { range: 0 })

describe('the lattice of tiles', () => {
  it('cuts the world into squares of k × k cells that cover it once', () => {
    const sizes = fc.record({ tile: fc.integer({ min: 1, max: 5 }), side: fc.integer({ min: 2, max: 6 }) })
    fc.assert(
      fc.property(sizes, fc.boolean(), ({ tile, side }, scrambled) => {
        const task = torus(tile * side, { tile, scrambled })
        expect(task.tiles).toBe(side * side)
        expect(new Set(cellIndices(task)).size).toBe((tile * side) ** 2)
        for (const cells of cellsOfPlaces(task)) {
          const [top, left] = cells[0]
          expect([top % tile, left % tile]).toEqual([0, 0])
          const square = Array.from({ length: tile * tile }, (_, i) => [top + Math.floor(i / tile), left + (i % tile)])
          expect(cells).toEqual(square)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('of a ring is one row of tiles of height 1', () => {
    const task = ring(12, { tile: 3 })
    expect(task.lattice).toEqual({ rows: 1, columns: 4, boundary: 'torus' })
    expect([task.tileHeight, task.tileWidth, task.viewSize]).toEqual([1, 3, 3])
    expect(cellsOfPlaces(task)[1]).toEqual([
      [0, 3],
      [0, 4],
      [0, 5],
    ])
  })

  it('gives a model its shapes: S = T + K steps, all places to ask for', () => {
    const task = smallTask('bouncing-balls', 24, { tile: 4, views: 12, queries: 'all', context: 10, blind: 7 })
    const views = resolveCount(task.schedule.views, task)
    expect(taskShape(task, 8, views, resolveCount(task.schedule.queries, task))).toMatchObject({
      steps: 17,
      batch: 8,
      views: 12,
      queries: 36,
      viewSize: 16,
      likelihood: 'bernoulli',
      lattice: { rows: 6, columns: 6, boundary: 'walls' },
    })
  })
})

describe('a schedule that does not fit the world', () => {
  it.each([
    ['a size that tiles do not divide', () => torus(22, { tile: 4 }), 'size 22 is not a multiple'],
    ['a world smaller than a tile', () => torus(2, { tile: 4 }), 'size 2 is not a multiple'],
    ['a ring shorter than a tile', () => ring(2, { tile: 4 }), 'size 2 is not a multiple'],
    ['a world of one tile', () => torus(4, { tile: 4 }), 'size 4 is a single tile'],
    ['more views than tiles', () => torus(24, { tile: 4, views: 37 }), '36 tiles, fewer than 37 views'],
    ['more queries than tiles', () => ring(16, { tile: 2, queries: 9 }), '8 tiles, fewer than 9 queries'],
    [
      'an unknown world',
      () => createTask({ environment: 'lief', parameters: {}, size: 8, schedule: shortSchedule }),
      'known: life',
    ],
  ])('is refused in one line: %s', (_, make, line) => {
    expect(make).toThrow(UserError)
    expect(make).toThrow(line)
    expect(make).not.toThrow('\n')
  })

  it('is told sizes that would be right, and they are', () => {
    const wishes = fc.record({
      tile: fc.integer({ min: 2, max: 5 }),
      views: fc.integer({ min: 1, max: 30 }),
      queries: fc.integer({ min: 1, max: 30 }),
      size: fc.integer({ min: 2, max: 40 }),
    })
    fc.assert(
      fc.property(wishes, fc.boolean(), ({ size, ...schedule }, line) => {
        const make = line ? ring : torus
        try {
          make(size, schedule)
        } catch (error) {
          const right = /\((\d+), (\d+), …\)$/.exec((error as Error).message)!
          for (const better of right.slice(1)) expect(() => make(Number(better), schedule)).not.toThrow()
          expect(() => make(Number(right[1]) - schedule.tile, schedule)).toThrow()
        }
      }),
    )
  })
})

describe('scrambled', () => {
  const scrambled = (size: number, tile: number, parameters = {}) =>
    smallTask('coupled-maps', size, { tile, scrambled: true }, { dimension: 2, ...parameters })

  it('is a permutation of the tiles that moves nearly all of them', () => {
    const { placeOf, tiles } = scrambled(24, 4)
    expect(Array.from(placeOf).sort((a, b) => a - b)).toEqual(Array.from({ length: tiles }, (_, i) => i))
    // A random permutation keeps one tile in place on average, five or more of them once in 270 times.
    expect(placeOf.filter((place, tile) => place === tile).length).toBeLessThan(5)
  })

  it('is one and the same whatever the parameters, the views and the number of frames', () => {
    const same = { ...shortSchedule, tile: 4, views: 5, context: 8, scrambled: true }
    const other = createTask({
      environment: 'coupled-maps',
      parameters: worldParameters('coupled-maps', { dimension: 2, strength: 0.1 }),
      size: 24,
      schedule: same,
    })
    expect(other.placeOf).toEqual(scrambled(24, 4).placeOf)
  })

  it('hides neighbours: few pairs that touched still touch', () => {
    const { placeOf, lattice } = scrambled(48, 4)
    const apart = (a: number, b: number) => Math.min(Math.abs(a - b), lattice.columns - Math.abs(a - b))
    const touching = Array.from(placeOf, (place, tile) => {
      const right = placeOf[Math.floor(tile / 12) * 12 + ((tile + 1) % 12)]
      return apart(Math.floor(place / 12), Math.floor(right / 12)) + apart(place % 12, right % 12) === 1
    }).filter(Boolean)
    // By chance 4 of the 143 other places touch: 4 of 144 pairs.
    expect(touching.length).toBeLessThan(15)
  })

  it('leaves positions and lattice as they are: labels move, places do not', () => {
    const plain = smallTask('coupled-maps', 24, { tile: 4 }, { dimension: 2 })
    expect(scrambled(24, 4).positions).toEqual(plain.positions)
    expect(plain.placeOf).toEqual(Int32Array.from({ length: 36 }, (_, i) => i))
  })
})
