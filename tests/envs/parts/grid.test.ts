import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cellIndex,
  createGrid,
  fold,
  type Grid,
  laplacian,
  mirror,
  readPlane,
  type Stencil,
  stencilOn,
  wrap,
} from '../../../envs/parts/grid.ts'

const heat: Stencil<'from' | 'to', 'rate'> = {
  planes: ['from', 'to'],
  numbers: ['rate'],
  rule: ({ from }, { rate }) => ({ to: from(0, 0).plus(rate.times(laplacian(from))) }),
}

/** A grid with the given value in every cell of plane 0. */
function gridOf(height: number, width: number, value: (row: number, column: number) => number, planes = 2): Grid {
  const grid = createGrid(height, width, planes, 'f64')
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) grid.values[cellIndex(grid, 0, row, column)] = value(row, column)
  return grid
}

function plane(grid: Grid, number: number): Float64Array {
  const out = new Float64Array(grid.height * grid.width)
  readPlane(grid, number, out)
  return out
}

const side = fc.integer({ min: 1, max: 9 })

it('a place beyond the edge is the one that is reached by going round, or by turning back at every wall', () => {
  fc.assert(
    fc.property(side, fc.integer({ min: -40, max: 40 }), (size, to) => {
      let [round, reflected, direction] = [0, 0, Math.sign(to)]
      for (let steps = Math.abs(to); steps > 0; steps--) {
        round = (round + Math.sign(to) + size) % size
        // A wall lies half a cell beyond the last cell: the step towards it ends where it began.
        if (reflected + direction < 0 || reflected + direction >= size) direction = -direction
        else reflected += direction
      }
      expect(fold(to, size)).toBe(round)
      expect(fold(to, size, 'walls')).toBe(reflected)
    }),
  )
})

describe('margins', () => {
  it('of a torus hold the cells of the opposite edge, corners included', () => {
    fc.assert(
      fc.property(side, side, (height, width) => {
        const grid = gridOf(height, width, (row, column) => 100 * row + column)
        wrap(grid, 0)
        for (let row = -1; row <= height; row++)
          for (let column = -1; column <= width; column++)
            expect(grid.values[cellIndex(grid, 0, row, column)]).toBe(
              100 * ((row + height) % height) + ((column + width) % width),
            )
      }),
      { numRuns: 30 },
    )
  })

  it.each([1, -1] as const)('of a wall hold the nearest cells times %i', sign => {
    fc.assert(
      fc.property(side, side, (height, width) => {
        const grid = gridOf(height, width, (row, column) => 1 + 100 * row + column)
        mirror(grid, 0, sign)
        const inside = (at: number, length: number) => Math.min(length - 1, Math.max(0, at))
        for (let row = -1; row <= height; row++)
          for (let column = -1; column <= width; column++) {
            const beyond = Number(inside(row, height) !== row) + Number(inside(column, width) !== column)
            const nearest = 1 + 100 * inside(row, height) + inside(column, width)
            expect(grid.values[cellIndex(grid, 0, row, column)]).toBe(sign ** beyond * nearest)
          }
      }),
      { numRuns: 30 },
    )
  })
})

describe('a stencil', () => {
  it('damps a single wave of a torus by 1 − 4r(sin²(kx/2) + sin²(ky/2)) a step', () => {
    const [height, width, rate] = [10, 14, 0.2]
    const [down, right] = [(2 * Math.PI * 3) / height, (2 * Math.PI * 2) / width]
    const wave = (row: number, column: number) => Math.cos(down * row + right * column)
    const grid = gridOf(height, width, wave)
    for (let step = 0; step < 10; step++) {
      wrap(grid, step % 2)
      stencilOn(heat, grid)(step % 2, 1 - (step % 2), rate)
    }
    const factor = 1 - 4 * rate * (Math.sin(down / 2) ** 2 + Math.sin(right / 2) ** 2)
    plane(grid, 0).forEach((value, i) => {
      expect(value).toBeCloseTo(factor ** 10 * wave(Math.floor(i / width), i % width), 12)
    })
  })

  it('writes several planes in a row, and reads them', () => {
    const spread: Stencil<'from' | 'to'> = {
      planes: ['from', 'to'],
      numbers: [],
      rule: ({ from }) => ({ to: [from(0, 0).times(2), from(0, 1, 0).plus(from(0, 0, 1))] }),
    }
    const grid = gridOf(3, 5, (row, column) => 10 * row + column, 4)
    grid.values.fill(0.5, cellIndex(grid, 1, -1, -1), cellIndex(grid, 1, 3, 5))
    wrap(grid, 0)
    stencilOn(spread, grid)(0, 2)
    expect([...plane(grid, 2)]).toEqual([...plane(grid, 0)].map(value => 2 * value))
    expect([...plane(grid, 3)]).toEqual([...plane(grid, 0)].map((_, i) => 10 * Math.floor(i / 5) + ((i + 1) % 5) + 0.5))
  })

  it('continues on a copy of its grid, without touching the other', () => {
    const grid = gridOf(6, 7, (row, column) => Math.sin(3 * row + column))
    const step = (of: Grid) => {
      wrap(of, 0)
      stencilOn(heat, of)(0, 1, 0.1)
      wrap(of, 1)
      stencilOn(heat, of)(1, 0, 0.1)
    }
    step(grid)
    const copy = structuredClone(grid)
    const before = plane(grid, 0)
    step(copy)
    expect(plane(grid, 0)).toEqual(before)
    step(grid)
    expect(copy).toEqual(grid)
    expect(copy.values.buffer).not.toBe(grid.values.buffer)
  })
})

it('a copied margin changes nothing else: single precision keeps 24 bits of every cell', () => {
  const grid = createGrid(4, 4, 1)
  for (let row = 0; row < 4; row++) grid.values[cellIndex(grid, 0, row, row)] = 1 / 3
  wrap(grid, 0)
  const out = new Float32Array(32)
  readPlane(grid, 0, out, 1, 2)
  expect([...out]).toEqual(
    Array.from({ length: 32 }, (_, i) => (i % 2 === 1 && ((i - 1) / 2) % 5 === 0 ? Math.fround(1 / 3) : 0)),
  )
})
