import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf.ts'
import { chosenAttention, neighbourAttention } from '../../models/layers/neighbour-attention.ts'
import type { Lattice } from '../../models/model.ts'
import { attend } from '../../models/s2/interaction.ts'
import { latticeTopology } from '../../models/topologies/lattice.ts'
import { latticeNeighbours, whereHeard } from '../../models/topologies/neighbours.ts'
import { numbers } from '../engine/support.ts'
import { expectGradientByDifferences, expectSameOnEveryEngine } from './on-engines.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

const lattices = fc.record({
  rows: fc.constantFrom(1, 3, 4),
  columns: fc.constantFrom(5, 6),
  boundary: fc.constantFrom('torus' as const, 'walls' as const),
})

describe('neighbour lists of a lattice', () => {
  it('hold exactly the modules that the kernel has in range', () => {
    fc.assert(
      fc.property(lattices, fc.constantFrom(0, 1), (lattice, radius) => {
        const topology = latticeTopology(lattice, 1, radius)
        const kernel = topology.logKernel({}, topology.modules({}), topology.modules({})).dataSync()
        const { modules, count, indices, present } = topology.neighbours!
        for (let m = 0; m < modules; m++) {
          const listed = Array.from(indices.subarray(m * count, (m + 1) * count)).filter(
            (_, j) => present[m * count + j],
          )
          const inRange = Array.from({ length: modules }, (_, l) => l).filter(l => kernel[m * modules + l] === 0)
          expect(listed.sort((a, b) => a - b)).toEqual(inRange)
        }
      }),
      { numRuns: 20 },
    )
  })

  it('are not offered where a torus is so small that a module would stand in one twice', () => {
    expect(latticeTopology({ rows: 2, columns: 9, boundary: 'torus' }, 1, 1).neighbours).toBeUndefined()
    expect(latticeTopology({ rows: 2, columns: 9, boundary: 'walls' }, 1, 1).neighbours).toBeDefined()
  })

  it('name for every module all places where it is heard', () => {
    const neighbours = latticeNeighbours({ rows: 3, columns: 4, boundary: 'walls' }, 1)
    whereHeard(neighbours).forEach((place, i) => {
      expect(neighbours.indices[place]).toBe(Math.floor(i / neighbours.count))
    })
    expect(new Set(whereHeard(neighbours)).size).toBe(neighbours.indices.length)
  })
})

const heads = 2
const roles = (modules: number) => tf.tensor3d(numbers(7, modules * 3 * 24, 'unit'), [modules, 3, 24])
const difference = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]

function forms(lattice: Lattice, radius: number) {
  const topology = latticeTopology(lattice, 1, radius)
  return {
    dense: (x: tf.Tensor) => attend(x, topology.logKernel({}, topology.modules({}), topology.modules({})), heads),
    sparse: (x: tf.Tensor) => neighbourAttention(x, latticeNeighbours(lattice, radius), tf.scalar(0), heads),
  }
}

describe('attention over neighbour lists', () => {
  it('equals the dense form, values and gradients', () => {
    fc.assert(
      fc.property(lattices, fc.constantFrom(0, 1), (lattice, radius) => {
        const { dense, sparse } = forms(lattice, radius)
        const x = roles(lattice.rows * lattice.columns)
        expect(difference(dense(x), sparse(x))).toBeLessThan(1e-6)
        const gradient = (form: typeof dense) => tf.grad(y => tf.sum(tf.square(form(y))))(x)
        expect(difference(gradient(dense), gradient(sparse))).toBeLessThan(1e-5)
      }),
      { numRuns: 12 },
    )
  })

  it('with lists that are computed: equals the dense form with all else out of range', () => {
    const lattice: Lattice = { rows: 1, columns: 7, boundary: 'torus' }
    const { indices, count } = latticeNeighbours(lattice, 1)
    const chosen = chosenAttention(roles(7), tf.tensor2d(indices, [7, count], 'int32'), tf.zeros([7, count]), heads)
    expect(difference(chosen, forms(lattice, 1).dense(roles(7)))).toBeLessThan(1e-6)
  })

  it('gives what is absent a weight of exactly zero', () => {
    const lattice: Lattice = { rows: 1, columns: 5, boundary: 'walls' }
    const { sparse } = forms(lattice, 1)
    const one = tf.oneHot(4, 5).reshape([5, 1, 1])
    const [before, after] = [roles(5), tf.add(roles(5), tf.mul(one, 1e6))].map(x => sparse(x).dataSync())
    expect(after.slice(0, 3 * 24)).toEqual(before.slice(0, 3 * 24))
  })

  it('is the same on every engine, and its gradient is what differences say', async () => {
    const { sparse } = forms({ rows: 3, columns: 4, boundary: 'walls' }, 1)
    await expectSameOnEveryEngine({ x: { shape: [12, 3, 24], values: 'unit' } }, ({ x }) => sparse(x))
    expectGradientByDifferences({ x: roles(12) }, ({ x }) => sparse(x))
  })
})
