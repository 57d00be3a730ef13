import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawDisc } from '../../envs/parts/discs.ts'

const side = 40

/** Area of a disc of radius r about the origin where x ≤ a: ∫ 2√(r² − x²) dx. */
function areaLeftOf(a: number, r: number): number {
  const x = Math.max(-r, Math.min(r, a))
  return r * r * (Math.PI / 2 + Math.asin(x / r)) + x * Math.sqrt(r * r - x * x)
}

/** Area of that disc where x ≤ a and y ≤ b. */
function areaOfQuadrant(a: number, b: number, r: number): number {
  const [left, below] = [areaLeftOf(a, r), areaLeftOf(b, r)]
  if (a * a + b * b < r * r) return (left + below) / 2 + a * b - (Math.PI * r * r) / 4
  if (a < 0) return b < 0 ? 0 : left
  return b < 0 ? below : left + below - Math.PI * r * r
}

/** Area of a cell that a disc covers, by inclusion and exclusion of four quadrants in closed form. */
function covered(row: number, column: number, x: number, y: number, r: number): number {
  const [left, right, top, bottom] = [column - x, column + 1 - x, row - y, row + 1 - y]
  return (
    areaOfQuadrant(right, bottom, r) -
    areaOfQuadrant(left, bottom, r) -
    areaOfQuadrant(right, top, r) +
    areaOfQuadrant(left, top, r)
  )
}

function draw(...discs: [x: number, y: number, radius: number][]): Float32Array {
  const picture = new Float32Array(side * side)
  for (const [x, y, radius] of discs) drawDisc(picture, side, side, x, y, radius)
  return picture
}

const total = (picture: Float32Array) => picture.reduce((sum, cell) => sum + cell, 0)
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
/** Also whole and half numbers, where circles touch lines of the grid. */
const place = (min: number, max: number) =>
  fc.oneof(
    number(min, max),
    fc.integer({ min: 2 * min, max: 2 * max }).map(n => n / 2),
  )
const radius = place(0.5, 16)

describe('drawDisc', () => {
  it('covers of every cell the exact area, wherever the disc lies, inside or across an edge', () => {
    fc.assert(
      fc.property(place(-18, 58), place(-18, 58), fc.oneof(number(0.01, 1), radius), (x, y, r) => {
        draw([x, y, r]).forEach((area, i) => {
          const truth = covered(Math.floor(i / side), i % side, x, y, r)
          if (!(area >= 0 && Math.abs(area - truth) < 3e-7)) throw new Error(`cell ${i}: ${area}, not ${truth}`)
        })
      }),
      { numRuns: 300 },
    )
  })

  it('covers πr² in all, to a millionth', () => {
    fc.assert(
      fc.property(place(16, 24), place(16, 24), radius, (x, y, r) => {
        expect(Math.abs(total(draw([x, y, r])) / (Math.PI * r * r) - 1)).toBeLessThan(1e-6)
      }),
      { numRuns: 300 },
    )
  })

  it('covers of every cell what fine sampling finds', () => {
    const [x, y, r] = [20.3, 19.8, 3.3]
    const fine = 100
    draw([x, y, r]).forEach((area, i) => {
      let hits = 0
      for (let n = 0; n < fine * fine; n++) {
        const dx = (i % side) + ((n % fine) + 0.5) / fine - x
        const dy = Math.floor(i / side) + (Math.floor(n / fine) + 0.5) / fine - y
        if (dx * dx + dy * dy < r * r) hits++
      }
      expect(Math.abs(area - hits / (fine * fine))).toBeLessThan(0.005)
    })
  })

  it('adds discs, and fills a cell at most once', () => {
    fc.assert(
      fc.property(place(10, 30), place(10, 30), radius, place(10, 30), place(10, 30), radius, (x, y, r, u, v, s) => {
        const [first, second, both] = [draw([x, y, r]), draw([u, v, s]), draw([x, y, r], [u, v, s])]
        both.forEach((area, i) => {
          expect(Math.abs(area - Math.min(1, first[i] + second[i]))).toBeLessThan(5e-7)
        })
        expect(Math.max(...both)).toBeLessThanOrEqual(1)
      }),
      { numRuns: 25 },
    )
  })

  it('draws into every stride-th number of a picture that is not square', () => {
    const [height, width, stride] = [7, 9, 3]
    const picture = new Float32Array(height * width * stride).fill(0.25)
    drawDisc(picture, height, width, 7.4, 3.1, 2.5, stride)
    picture.forEach((value, i) => {
      const cell = Math.floor(i / stride)
      const area = i % stride === 0 ? covered(Math.floor(cell / width), cell % width, 7.4, 3.1, 2.5) : 0
      expect(value).toBeCloseTo(Math.min(1, 0.25 + area), 6)
    })
  })
})
