import { describe, expect, it } from 'vitest'
import { lenia, ringKernel } from '../../envs/lenia.ts'
import { cellIndex, planConvolution } from '../../envs/parts/convolution.ts'
import { orbium, parseStates } from '../../envs/parts/orbium.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

type Given = Partial<ReturnType<typeof lenia.parameters.parse>>
const settings = (given: Given) => lenia.parameters.parse(given)
const start = (given: Given, size: number, name = 'start') =>
  lenia.initial(settings(given), size, randomStream(`test/lenia/${name}`))
type State = ReturnType<typeof start>

function run(state: State, given: Given, frames: number): State {
  for (let frame = 0; frame < frames; frame++) lenia.advance(state, settings(given))
  return state
}

function seen(state: State): Float32Array {
  const out = new Float32Array(state.size ** 2)
  lenia.observe(state, out)
  return out
}

/** A world whose cells are given by row and column. */
function worldOf(size: number, given: Given, cell: (row: number, column: number) => number): State {
  const state = start({ ...given, density: 0 }, size)
  const { planes } = planConvolution(size, ringKernel(size, state.radius), 'f64', [])
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) state.cells[cellIndex(planes, row, column)] = cell(row, column)
  return state
}

const modulo = (a: number, n: number) => ((a % n) + n) % n

/** The ring, by its definition: weight of a displacement, not normalised. */
function weight(rows: number, columns: number, radius: number): number {
  const r = Math.hypot(rows, columns) / radius
  return r > 0 && r < 1 ? Math.exp(4 - 4 / (4 * r * (1 - r))) : 0
}

/** The mean over the ring around a cell of a field of side `size`, cell by cell. */
function ringMean(field: ArrayLike<number>, size: number, radius: number, row: number, column: number): number {
  let [sum, total] = [0, 0]
  for (let i = -radius; i <= radius; i++)
    for (let j = -radius; j <= radius; j++) {
      total += weight(i, j, radius)
      sum += weight(i, j, radius) * field[modulo(row + i, size) * size + modulo(column + j, size)]
    }
  return sum / total
}

describe('the equation', () => {
  it.each([
    [11, 5],
    [24, 5],
    [27, 13],
    [40, 6],
  ])('weights of the ring in %i cells with R = %i sum to 1 and are largest at half the radius', (size, radius) => {
    const kernel = ringKernel(size, radius)
    expect(kernel.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 14)
    const largest = kernel.indexOf(Math.max(...kernel))
    const distance = Math.hypot(...[Math.floor(largest / size), largest % size].map(i => Math.min(i, size - i)))
    expect(Math.abs(distance - radius / 2)).toBeLessThan(0.6)
  })

  it.each([
    { size: 24, radius: 5, precision: 'f64', allowed: 1e-14 },
    { size: 31, radius: 13, precision: 'f64', allowed: 1e-14 },
    { size: 64, radius: 13, precision: 'f32', allowed: 1e-6 },
  ] as const)('the convolution is the direct sum: %o', ({ size, radius, precision, allowed }) => {
    const random = randomStream('test/lenia/convolution')
    const field = Float64Array.from({ length: size * size }, () => random.uniform())
    const { planes, arrays, convolve } = planConvolution(size, ringKernel(size, radius), precision, [])
    const place = (cell: number) => {
      const at = cellIndex(planes, Math.floor(cell / size), cell % size)
      return at < planes.fieldLength
        ? ([arrays.first, at] as const)
        : ([arrays.second, at - planes.fieldLength] as const)
    }
    field.forEach((value, cell) => {
      const [array, at] = place(cell)
      array[at] = value
    })
    convolve()
    for (let cell = 0; cell < size * size; cell += 7) {
      const [array, at] = place(cell)
      const direct = ringMean(field, size, radius, Math.floor(cell / size), cell % size)
      expect(Math.abs(array[at] - direct)).toBeLessThan(allowed)
    }
  })

  it.each([{}, { center: 0.3, width: 0.05, resolution: 10, radius: 7 }])(
    'a step is clip(A + G(K ∗ A)/T, 0, 1): %o',
    given => {
      const size = 24
      const { radius, center, width, resolution } = settings(given)
      const state = run(start(given, size), given, 5)
      const before = Float64Array.from(seen(state))
      // The cells as they were seen, since what is seen is rounded.
      const rounded = worldOf(size, given, (row, column) => before[row * size + column])
      const after = seen(run(rounded, given, 1))
      for (let cell = 0; cell < size * size; cell++) {
        const u = ringMean(before, size, radius, Math.floor(cell / size), cell % size)
        const growth = 2 * Math.exp(-((u - center) ** 2) / (2 * width ** 2)) - 1
        const expected = Math.min(1, Math.max(0, before[cell] + growth / resolution))
        expect(Math.abs(after[cell] - expected)).toBeLessThan(1e-7)
      }
    },
  )

  it('a start that is shifted, turned or mirrored gives the same world shifted, turned or mirrored', () => {
    const size = 26
    const field = seen(run(start({}, size), {}, 20))
    const at = (row: number, column: number) => field[modulo(row, size) * size + modulo(column, size)]
    const evolved = (cell: (row: number, column: number) => number) => {
      const out = seen(run(worldOf(size, {}, cell), {}, 5))
      return (row: number, column: number) => out[modulo(row, size) * size + modulo(column, size)]
    }
    const plain = evolved(at)
    const maps = [
      (row: number, column: number) => [row + 7, column - 3],
      (row: number, column: number) => [column, -row],
      (row: number, column: number) => [row, -column],
    ]
    for (const map of maps) {
      const moved = evolved((row, column) => at(map(row, column)[0], map(row, column)[1]))
      for (let row = 0; row < size; row++)
        for (let column = 0; column < size; column++)
          expect(moved(row, column)).toBeCloseTo(plain(map(row, column)[0], map(row, column)[1]), 6)
    }
  })

  it.each([
    { radius: 3, steps: 1 },
    { radius: 5, steps: 2 },
  ])('a disturbance acts as far as the ring goes, and no farther: %o', given => {
    const size = 32
    const state = run(start(given, size), given, 30)
    const disturbed = structuredClone(state)
    lenia.perturb(disturbed, 4, 30, 0.1)
    const before = seen(run(state, given, 1))
    const change = seen(run(disturbed, given, 1)).map((a, cell) => Math.abs(a - before[cell]))
    const apart = (a: number, b: number) => Math.min(modulo(a - b, size), modulo(b - a, size))
    const distance = (cell: number) => Math.max(apart(Math.floor(cell / size), 4), apart(cell % size, 30))
    const reach = lenia.reach!(settings(given), size)
    expect(reach).toBe((given.radius - 1) * given.steps)
    const reached = Math.max(...[...change.keys()].filter(cell => change[cell] > 0).map(distance))
    expect(reached).toBe(reach)
  })
})

describe('Orbium', () => {
  const rule = { radius: 13, center: 0.15, width: 0.015, resolution: 10, start: 'orbium' } as const
  const unit = { ...rule, steps: 10 }

  it('its published cells are read as published: 20 × 20, the first row and the heaviest cell', () => {
    expect([orbium.length, orbium[0].length]).toEqual([20, 20])
    expect(orbium[0].flatMap((a, column) => (a > 0 ? [[column, Math.round(255 * a)]] : []))).toEqual([
      [7, 13],
      [8, 4],
      [15, 60],
    ])
    expect(Math.max(...orbium.flat())).toBe(1)
  })

  it('the format: states up to 255, repeats, rows of unequal length', () => {
    expect(parseStates('2.A$$X2pAyO!').map(row => row.map(a => Math.round(255 * a)))).toEqual([
      [0, 0, 1, 0],
      [0, 0, 0, 0],
      [24, 25, 25, 255],
    ])
  })

  /** Mass, and where the centre of mass is on the torus. */
  function centre(state: State) {
    const { size } = state
    let [mass, rowCos, rowSin, columnCos, columnSin] = [0, 0, 0, 0, 0]
    seen(state).forEach((a, cell) => {
      const [row, column] = [Math.floor(cell / size), cell % size].map(i => (2 * Math.PI * i) / size)
      mass += a
      rowCos += a * Math.cos(row)
      rowSin += a * Math.sin(row)
      columnCos += a * Math.cos(column)
      columnSin += a * Math.sin(column)
    })
    const place = (sin: number, cos: number) => (size * Math.atan2(sin, cos)) / (2 * Math.PI)
    return { mass, row: place(rowSin, rowCos), column: place(columnSin, columnCos) }
  }

  // Run by others, with Lenia's polynomial ring and growth: from the cells as they are, 2.32 columns and 5.80 rows a
  // unit of time (10 steps), which is 6.25 cells in a direction of 68.2° (or mirrored, 21.8°).
  it('swims for 5,000 steps at its speed, straight on, and keeps its mass to 1.5 %', () => {
    const state = start(unit, 64)
    run(state, unit, 5)
    const { mass } = centre(state)
    let [rows, columns, before] = [0, 0, centre(state)]
    for (let frame = 0; frame < 500; frame++) {
      const now = centre(run(state, unit, 1))
      expect(Math.abs(now.mass / mass - 1)).toBeLessThan(0.015)
      rows += modulo(now.row - before.row + 32, 64) - 32
      columns += modulo(now.column - before.column + 32, 64) - 32
      before = now
    }
    expect(Math.hypot(rows, columns) / 500 / 6.25).toBeGreaterThan(0.97)
    expect(Math.hypot(rows, columns) / 500 / 6.25).toBeLessThan(1.03)
    const steep = Math.max(Math.abs(rows), Math.abs(columns)) / Math.min(Math.abs(rows), Math.abs(columns))
    expect(Math.abs((Math.atan(steep) * 180) / Math.PI - 68.2)).toBeLessThan(2)
  })

  it('begins in eight orientations', () => {
    const directions = Array.from({ length: 60 }, (_, n) => {
      const state = start(unit, 64, `orientation/${n}`)
      run(state, unit, 2)
      const before = centre(state)
      const after = centre(run(state, unit, 1))
      const [rows, columns] = [after.row - before.row, after.column - before.column].map(d => modulo(d + 32, 64) - 32)
      return `${Math.sign(rows)} ${Math.sign(columns)} ${Math.abs(rows) > Math.abs(columns)}`
    })
    expect(new Set(directions).size).toBe(8)
  })

  it('dies of a rule that is not its own', () => {
    const given = { ...unit, width: 0.011 }
    expect(centre(run(start(given, 64), given, 50)).mass).toBeLessThan(1e-3)
  })
})

describe('the soup', () => {
  it('begins with squares of noise, density · size² cells of them, overlaps counted twice', () => {
    const density = 0.35
    const cells = seen(start({ density, radius: 4 }, 120)).filter(a => a > 0)
    // Of n squares at random places, each on a share p of the world, (1 − p)^n leave a place bare.
    const bare = (1 - (4 / 120) ** 2) ** Math.round((density * 120 ** 2) / 4 ** 2)
    expect(Math.abs(cells.length / 120 ** 2 - (1 - bare))).toBeLessThan(0.03)
    expect(Math.abs(cells.reduce((sum, a) => sum + a, 0) / cells.length - 0.5)).toBeLessThan(0.03)
  })

  it('boils on from every start, neither dying nor filling the world, at this size and at others', () => {
    for (const [size, starts] of [
      [24, 16],
      [48, 2],
    ])
      for (let n = 0; n < starts; n++) {
        const state = run(start({}, size, `soup/${size}/${n}`), {}, 1500)
        const before = seen(state)
        const mean = before.reduce((sum, a) => sum + a, 0) / size ** 2
        expect(mean).toBeGreaterThan(0.1)
        expect(mean).toBeLessThan(0.3)
        const variance = before.reduce((sum, a) => sum + (a - mean) ** 2, 0)
        const change = seen(run(state, {}, 1)).reduce((sum, a, cell) => sum + (a - before[cell]) ** 2, 0)
        expect(change / (2 * variance)).toBeGreaterThan(0.1)
      }
  })

  it('a copy continues bit for bit, whatever other worlds do', () => {
    const state = run(start({}, 24), {}, 10)
    const copy = structuredClone(state)
    run(start({ radius: 7 }, 24), { radius: 7 }, 10)
    run(state, {}, 50)
    expect(seen(run(copy, {}, 50))).toEqual(seen(state))
  })

  it('a disturbance has the size asked for, and stays within 0 and 1', () => {
    const state = run(start({}, 24), {}, 50)
    for (let cell = 0; cell < 24 * 24; cell += 5) {
      const [row, column] = [Math.floor(cell / 24), cell % 24]
      const before = seen(state)
      lenia.perturb(state, row, column, 0.4)
      const after = seen(state)
      expect(Math.abs(after[cell] - before[cell])).toBeCloseTo(0.4, 6)
      expect(after.filter((a, i) => a !== before[i])).toHaveLength(1)
      expect(after[cell]).toBeGreaterThanOrEqual(0)
      expect(after[cell]).toBeLessThanOrEqual(1)
    }
  })
})

describe('what does not fit', () => {
  it('is said in one line', () => {
    expect(() => lenia.field(settings({ radius: 13 }), 24)).toThrow(UserError)
    expect(() => lenia.field(settings({ radius: 13 }), 24)).toThrow('radius 13 needs 27 cells each way, not 24')
    expect(lenia.field(settings({ radius: 11 }), 24)).toMatchObject({ height: 24, width: 24 })
    expect(() => lenia.field(settings({ start: 'orbium' }), 19)).toThrow('20 cells')
    expect(() => settings({ radius: 1 })).toThrow()
    expect(() => settings({ radius: 4.5 })).toThrow()
    expect(() => settings({ width: 0 })).toThrow()
    expect(() => settings({ start: 'glider' as 'orbium' })).toThrow()
  })
})
