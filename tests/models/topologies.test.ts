import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf.ts'
import type { Lattice, ParameterSpecs, Parameters } from '../../models/model.ts'
import { blockPositions, positionSize, tilePositions } from '../../models/positions.ts'
import { everywhereTopology } from '../../models/topologies/everywhere.ts'
import { latticeTopology, moduleLattice } from '../../models/topologies/lattice.ts'
import { placedByNetwork, placedByTable } from '../../models/topologies/placements.ts'
import { normalise, sphereTopology } from '../../models/topologies/sphere.ts'
import { inRange, OUT_OF_RANGE } from '../../models/topologies/topology.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const lattices = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 }), fc.boolean())
  .map(([rows, columns, block, torus]): [Lattice, number] => [
    { rows: rows === 1 ? 1 : rows * block, columns: columns * block, boundary: torus ? 'torus' : 'walls' },
    block,
  ])
  // A task has two tiles or more, or there would be no positions.
  .filter(([{ rows, columns }, block]) => (columns > 1 || block === 1) && rows * columns > 1)

const random = (specs: ParameterSpecs): Parameters =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, tf.randomNormal([...shape], 0, 1)]))

describe('encoded positions', () => {
  it('tell any two tiles apart and have the same length everywhere', () => {
    fc.assert(
      fc.property(lattices, ([lattice]) => {
        const size = positionSize(lattice)
        const codes = tilePositions(lattice)
        const tiles = lattice.rows * lattice.columns
        for (let a = 0; a < tiles; a++)
          for (let b = 0; b < tiles; b++) {
            let product = 0
            for (let i = 0; i < size; i++) product += codes[a * size + i] * codes[b * size + i]
            if (a === b) expect(product).toBeCloseTo(size / 2, 4)
            else expect(product).toBeLessThan(size / 2 - 0.01)
          }
      }),
      { numRuns: 40 },
    )
  })

  it('keep opposite walls apart and let opposite sides of a torus meet', () => {
    const between = (boundary: 'torus' | 'walls', a: number, b: number) => {
      const lattice: Lattice = { rows: 1, columns: 8, boundary }
      const [size, codes] = [positionSize(lattice), tilePositions(lattice)]
      let square = 0
      for (let i = 0; i < size; i++) square += (codes[a * size + i] - codes[b * size + i]) ** 2
      return Math.sqrt(square)
    }
    expect(between('walls', 0, 7)).toBeGreaterThan(between('walls', 0, 1))
    expect(between('torus', 0, 7)).toBeCloseTo(between('torus', 0, 1), 5)
  })
})

describe('lattice topology', () => {
  it('places every tile in the module that stands for its block, and in no other', () => {
    fc.assert(
      fc.property(lattices, ([lattice, block]) => {
        const topology = latticeTopology(lattice, block, 0)
        const tiles = lattice.rows * lattice.columns
        const positions = tf.tensor2d(tilePositions(lattice), [tiles, positionSize(lattice)])
        const kernel = topology.logKernel({}, topology.place({}, positions), topology.modules({}))
        const { rows, columns } = moduleLattice(lattice, block)
        const strengths = kernel.dataSync()
        for (let tile = 0; tile < tiles; tile++) {
          const tileRow = Math.floor(tile / lattice.columns)
          const own =
            (lattice.rows === 1 ? 0 : Math.floor(tileRow / block)) * columns +
            Math.floor((tile % lattice.columns) / block)
          for (let m = 0; m < rows * columns; m++)
            expect(strengths[tile * rows * columns + m]).toBeCloseTo(m === own ? 0 : OUT_OF_RANGE)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('reaches exactly the modules within its radius, around a torus but not through walls', () => {
    const reached = (boundary: 'torus' | 'walls', radius: number) => {
      const topology = latticeTopology({ rows: 1, columns: 8, boundary }, 1, radius)
      const kernel = topology.logKernel({}, topology.modules({}), topology.modules({}))
      return Array.from(kernel.dataSync().subarray(0, 8), strength => strength === 0)
    }
    expect(reached('torus', 2)).toEqual([true, true, true, false, false, false, true, true])
    expect(reached('walls', 2)).toEqual([true, true, true, false, false, false, false, false])
  })
})

describe('sphere topology', () => {
  const options = { name: 's', modules: 6, dimension: 4, epsilon: 2 }
  const lattice: Lattice = { rows: 2, columns: 12, boundary: 'walls' }
  const placing = { name: 's', lattice, block: 2, dimension: 4 }

  it('gives exp(−2ε(1 − a·b)), and 1 between a module and itself', () => {
    const topology = sphereTopology({ ...options, threshold: -1 })
    const p = { ...random(topology.parameters), 's.logEpsilon': tf.scalar(Math.log(2)) }
    const points = topology.modules(p)
    const [a, b] = [points.dataSync().slice(0, 4), points.dataSync().slice(4, 8)]
    const cosine = Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0)
    const kernel = topology.logKernel(p, points, points).dataSync()
    expect(kernel[1]).toBeCloseTo(-4 * (1 - cosine), 4)
    expect(kernel[0]).toBeCloseTo(0, 5)
  })

  const placements = { network: placedByNetwork({ ...placing, hidden: 8 }), table: placedByTable(placing) }
  describe.each(Object.entries(placements))('placed by a %s', (kind, placement) => {
    const topology = sphereTopology({ ...options, threshold: -1, placement })
    const p = random(topology.parameters)
    const codes = tf.tensor2d(tilePositions(lattice), [24, positionSize(lattice)])

    it('positions lie on the unit sphere, two tiles apart', () => {
      const placed = topology.place(p, tf.reshape(codes, [2, 12, -1]))
      expect(placed.shape).toEqual([2, 12, 4])
      for (const length of tf.norm(placed, 'euclidean', -1).dataSync()) expect(length).toBeCloseTo(1, 5)
      const [first, second] = tf.unstack(tf.reshape(placed, [24, 4])).map(row => Array.from(row.dataSync()))
      expect(first).not.toEqual(second)
    })

    it('modules start at home, free to move from there', () => {
      expect(topology.parameters['s.modules'].initialiser.kind).toBe('zeros')
      const at = (free: tf.Tensor) => topology.modules({ ...p, 's.modules': free })
      const distance = (free: tf.Tensor) => tf.max(tf.abs(tf.sub(at(free), normalise(placement.home(p))))).dataSync()[0]
      expect(distance(tf.zeros([6, 4]))).toBeLessThan(1e-6)
      expect(distance(tf.ones([6, 4]))).toBeGreaterThan(0.01)
    })

    it('home is what a block of tiles has in common', () => {
      // Module 1 stands for the tiles in rows 0 and 1 and columns 2 and 3.
      const own = [2, 3, 14, 15]
      const middle =
        kind === 'table'
          ? tf.sum(tf.gather(p['s.table'], own), 0)
          : placement
              .place(p, tf.tensor2d(blockPositions(lattice, 2), [6, positionSize(lattice)]).slice(1, 1))
              .flatten()
      const home = placement.home(p).dataSync().slice(4, 8)
      middle.dataSync().forEach((x, i) => {
        expect(home[i]).toBeCloseTo(x, 5)
      })
    })
  })

  it('cuts off exactly what lies below the threshold, never a module from itself', () => {
    const topology = sphereTopology({ ...options, threshold: 0.999 })
    const p = random(topology.parameters)
    const kernel = topology.logKernel(p, topology.modules(p), topology.modules(p)).dataSync()
    kernel.forEach((strength, i) => {
      if (i % 7 === 0) expect(strength).toBeCloseTo(0, 4)
      else expect(strength).toBeLessThan(OUT_OF_RANGE / 2)
    })
  })
})

it('everywhere: every strength is 1', () => {
  const topology = everywhereTopology(4)
  const points = topology.place({}, tf.zeros([2, 3, 6]))
  expect(Array.from(topology.logKernel({}, points, topology.modules({})).dataSync())).toEqual(Array(24).fill(0))
})

it('inRange: 0 only where a whole row is out of range', () => {
  const rows = tf.tensor2d([0, OUT_OF_RANGE, OUT_OF_RANGE, OUT_OF_RANGE], [2, 2])
  expect(Array.from(inRange(rows).dataSync())).toEqual([1, 0])
})
