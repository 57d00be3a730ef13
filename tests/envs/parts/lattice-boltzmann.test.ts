import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellIndex, wrap } from '../../../envs/parts/grid.ts'
import {
  box,
  type Lattice,
  meanDensity,
  momentsAt,
  push,
  readVelocity,
  sides,
  step,
  stillLattice,
  wall,
} from '../../../envs/parts/lattice-boltzmann.ts'
import { randomStream } from '../../../lib/random.ts'

const wrapAll = ({ grid, now }: Lattice) => {
  for (let plane = now; plane < now + 9; plane++) wrap(grid, plane)
}

/** A fluid with the given velocity, at equilibrium. */
function flowing(size: number, velocity: (x: number, y: number) => [number, number], precision: 'f32' | 'f64' = 'f64') {
  const lattice = stillLattice(size, size, precision)
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) push(lattice, row, column, ...velocity(column + 0.5, row + 0.5))
  return lattice
}

function velocities(lattice: Lattice): Float64Array {
  const out = new Float64Array(2 * lattice.grid.height * lattice.grid.width)
  readVelocity(lattice, 1, out)
  return out
}

const energy = (lattice: Lattice) => velocities(lattice).reduce((total, u) => total + u * u, 0)

describe('on a torus', () => {
  it.each([
    [1, 0.02, 'f64'],
    [1, 0.1, 'f64'],
    [2, 0.05, 'f64'],
    [1, 0.02, 'f32'],
  ] as const)(
    'the energy of a Taylor–Green vortex of %i waves decays as e^(−4νk²t), ν %f, %s',
    (waves, viscosity, precision) => {
      const [size, steps] = [64, 1000]
      const k = (2 * Math.PI * waves) / size
      const lattice = flowing(
        size,
        (x, y) => [0.01 * Math.cos(k * x) * Math.sin(k * y), -0.01 * Math.sin(k * x) * Math.cos(k * y)],
        precision,
      )
      const before = energy(lattice)
      for (let n = 0; n < steps; n++) {
        wrapAll(lattice)
        step(lattice, viscosity)
      }
      const rate = Math.log(before / energy(lattice)) / steps
      expect(Math.abs(rate / (4 * viscosity * k ** 2) - 1)).toBeLessThan(0.005)
    },
  )

  it('sound travels at 1/√3 cells a step', () => {
    const size = 120
    const lattice = flowing(size, x => [1e-4 * Math.cos((2 * Math.PI * x) / size), 0])
    // A standing wave is first without velocity after a quarter of the period √3·size.
    let [before, now, steps] = [0, momentsAt(lattice, 0, 0).u, 0]
    for (; now > 0; steps++) {
      wrapAll(lattice)
      step(lattice, 0.01)
      before = now
      now = momentsAt(lattice, 0, 0).u
    }
    const quarter = steps - 1 + before / (before - now)
    expect(Math.abs(quarter / ((Math.sqrt(3) * size) / 4) - 1)).toBeLessThan(0.002)
  })

  it('mass and momentum are kept, whatever the populations and the viscosity', () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0.01, max: 2, noNaN: true }), (name, viscosity) => {
        const lattice = stillLattice(9, 7, 'f64')
        const random = randomStream(`test/lattice-boltzmann/${name}`)
        for (let i = 0; i < 9; i++)
          for (let row = 0; row < 9; row++)
            for (let column = 0; column < 7; column++)
              lattice.grid.values[cellIndex(lattice.grid, i, row, column)] = 0.01 * random.normal()
        const total = () => {
          const all = velocities(lattice)
          const along = (part: number) => all.reduce((sum, u, i) => (i % 2 === part ? sum + u : sum), 0)
          return [meanDensity(lattice), along(0), along(1)]
        }
        const before = total()
        for (let n = 0; n < 3; n++) {
          wrapAll(lattice)
          step(lattice, viscosity)
        }
        total().forEach((now, i) => {
          expect(now).toBeCloseTo(before[i], 12)
        })
      }),
      { numRuns: 30 },
    )
  })
})

describe('between walls half a cell beyond the cells', () => {
  const [height, width] = [7, 3]
  /** The profile across a channel when it no longer changes. */
  function profile(viscosity: number, top: number, force: number): number[] {
    const lattice = stillLattice(height, width, 'f64')
    for (let n = 0; n < (4 * height ** 2) / viscosity; n++) {
      wrapAll(lattice)
      wall(lattice, 'top', top)
      wall(lattice, 'bottom', 0)
      step(lattice, viscosity)
      if (force !== 0)
        for (let row = 0; row < height; row++)
          for (let column = 0; column < width; column++) push(lattice, row, column, force, 0)
    }
    // Half of the force's last push has acted.
    return Array.from({ length: height }, (_, row) => momentsAt(lattice, row, 1).u - force / 2)
  }

  it.each([0.01, 0.1, 1])("Couette's flow is a straight line, exactly, at ν = %f", viscosity => {
    profile(viscosity, 0.05, 0).forEach((u, row) => {
      expect(u).toBeCloseTo(0.05 * (1 - (row + 0.5) / height), 13)
    })
  })

  it.each([0.02, 0.1, 1])(
    "Poiseuille's flow is a parabola that is zero at the walls, exactly, at ν = %f",
    viscosity => {
      const force = (0.05 * 8 * viscosity) / height ** 2
      profile(viscosity, 0, force).forEach((u, row) => {
        expect(u).toBeCloseTo((force / (2 * viscosity)) * (row + 0.5) * (height - row - 0.5), 12)
      })
    },
  )
})

describe('in a box', () => {
  it('the slowest eddy fades as e^(−52.3447νt/L²), the lowest buckling load of a clamped square plate', () => {
    const [size, viscosity] = [40, 0.1]
    const k = Math.PI / size
    const lattice = flowing(size, (x, y) => [
      1e-4 * Math.sin(k * x) ** 2 * Math.sin(2 * k * y),
      -1e-4 * Math.sin(2 * k * x) * Math.sin(k * y) ** 2,
    ])
    const run = (steps: number) => {
      for (let n = 0; n < steps; n++) {
        box(lattice, [0, 0, 0, 0])
        step(lattice, viscosity)
      }
      return energy(lattice)
    }
    const rate = Math.log(run(600) / run(400)) / (2 * 400)
    expect(Math.abs(((rate / viscosity) * size ** 2) / 52.3447 - 1)).toBeLessThan(0.005)
  })

  it.each([1, 2, 3])('a lid on wall %i moves the fluid as one on wall 0 does, turned or mirrored', moving => {
    const size = 7
    const driven = (lid: number) => {
      const lattice = stillLattice(size, size, 'f64')
      for (let n = 0; n < 100; n++) {
        box(
          lattice,
          sides.map((_, i) => (i === lid ? 0.1 : 0)),
        )
        step(lattice, 0.02)
      }
      return lattice
    }
    const [top, other] = [driven(0), driven(moving)]
    for (let depth = 0; depth < size; depth++)
      for (let along = 0; along < size; along++) {
        const far = moving % 2 === 0 ? depth : size - 1 - depth
        const [row, column] = moving < 2 ? [far, along] : [along, far]
        const [one, two] = [momentsAt(top, depth, along), momentsAt(other, row, column)]
        const [alongLid, inwards] = moving < 2 ? [two.u, two.v] : [two.v, two.u]
        expect(alongLid).toBeCloseTo(one.u, 14)
        expect(moving % 2 === 0 ? inwards : -inwards).toBeCloseTo(one.v, 14)
      }
  })

  it('two lids that meet in a corner drag as one lid and its mirror image do: nothing crosses the diagonal', () => {
    const size = 9
    const lattice = stillLattice(size, size, 'f64')
    for (let n = 0; n < 200; n++) {
      box(lattice, [0.1, 0, 0.1, 0])
      step(lattice, 0.02)
    }
    for (let i = 0; i < size; i++) {
      const { u, v } = momentsAt(lattice, i, i)
      expect(u).toBeCloseTo(v, 14)
    }
  })

  it.each(['top', 'left'] as const)(
    'at Re = 100, half-way between the walls, u = −.20915 of the speed of a lid at the %s (Marchi et al. 2009)',
    side => {
      // doi:10.1590/S1678-58782009000300004, on 1024 × 1024 cells.
      const middleOf = (size: number) => {
        const [lid, middle] = [0.1, (size - 1) / 2]
        const lattice = stillLattice(size, size, 'f64')
        for (let n = 0; n < 300 * size; n++) {
          box(
            lattice,
            sides.map(name => (name === side ? lid : 0)),
          )
          step(lattice, (lid * size) / 100)
        }
        const { u, v } = momentsAt(lattice, middle, middle)
        return (side === 'top' ? u : v) / lid
      }
      // Its error falls with the square of the length of a cell.
      const [coarse, fine] = [middleOf(17), middleOf(33)].map(u => Math.abs(u + 0.20915))
      expect(fine).toBeLessThan(0.002)
      expect(coarse / fine).toBeGreaterThan(3.5)
    },
  )

  it('lids bring no mass', () => {
    const lattice = stillLattice(13, 9, 'f64')
    for (let n = 0; n < 500; n++) {
      box(lattice, [0.1 * Math.sin(n / 20), 0, 0, 0])
      step(lattice, 0.03)
      expect(Math.abs(meanDensity(lattice))).toBeLessThan(1e-14)
    }
  })

  it('a push changes the velocity of one cell and no density', () => {
    const lattice = flowing(6, (x, y) => [0.01 * x, 0.02 * y])
    const before = structuredClone(lattice)
    push(lattice, 2, 3, 0.03, -0.01)
    for (let cell = 0; cell < 36; cell++) {
      const [row, column] = [Math.floor(cell / 6), cell % 6]
      const [then, now] = [momentsAt(before, row, column), momentsAt(lattice, row, column)]
      const hit = row === 2 && column === 3
      expect(now.density).toBeCloseTo(then.density, 15)
      expect(now.u).toBeCloseTo(then.u + (hit ? 0.03 : 0), 15)
      expect(now.v).toBeCloseTo(then.v - (hit ? 0.01 : 0), 15)
    }
  })
})
