import { describe, expect, it } from 'vitest'
import { coupledMaps } from '../../envs/coupled-maps.ts'
import { parseParameters } from '../../envs/environment.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

const random = () => randomStream('test/coupled-maps')

function start(given: Record<string, unknown>, size: number, frames = 0) {
  const parameters = coupledMaps.parameters.parse(given)
  const state = coupledMaps.initial(parameters, size, random())
  const advance = (count = 1) => {
    for (let frame = 0; frame < count; frame++) coupledMaps.advance(state, parameters)
  }
  advance(frames)
  return { parameters, state, advance }
}

const modulo = (a: number, n: number) => ((a % n) + n) % n

/** Sites at which two copies of a world differ `frames` frames after one of them was disturbed at site 0. */
function reached(given: Record<string, unknown>, size: number, frames: number): number[] {
  const { parameters, state } = start(given, size, 60)
  const disturbed = structuredClone(state)
  coupledMaps.perturb(disturbed, 0, 0, 0.1)
  for (let frame = 0; frame < frames; frame++) {
    coupledMaps.advance(state, parameters)
    coupledMaps.advance(disturbed, parameters)
  }
  return Array.from(state.x.keys()).filter(site => state.x[site] !== disturbed.x[site])
}

describe('the equation', () => {
  it('follows x_i = f((1−ε)x_i + (ε/2)(x_{i−r} + x_{i+r})) on a ring', () => {
    const { state, advance } = start({ range: 3, strength: 0.4, a: 1.95 }, 11)
    const x = state.x.slice()
    advance()
    for (let i = 0; i < 11; i++) {
      const mixed = 0.6 * x[i] + 0.2 * (x[modulo(i - 3, 11)] + x[modulo(i + 3, 11)])
      expect(state.x[i]).toBeCloseTo(1 - 1.95 * mixed ** 2, 14)
    }
  })

  it.each([
    { coupling: 'within', range: 2, dimension: 2 },
    { coupling: 'power-law', exponent: 1.5, dimension: 2 },
    { coupling: 'power-law', exponent: 2, dimension: 1 },
    { coupling: 'exactly', range: 2, dimension: 2 },
  ])('agrees with a sum over all sites: %o', given => {
    const { state, advance } = start(given, 6)
    const { height, width } = state
    const x = state.x.slice()
    advance()
    for (let site = 0; site < x.length; site++) {
      let sum = 0
      let total = 0
      for (let other = 0; other < x.length; other++) {
        const rows = Math.abs(Math.floor(site / width) - Math.floor(other / width))
        const columns = Math.abs((site % width) - (other % width))
        const [u, v] = [Math.min(rows, height - rows), Math.min(columns, width - columns)]
        if (u + v === 0) continue
        const weight =
          given.coupling === 'power-law'
            ? Math.hypot(u, v) ** -given.exponent!
            : given.coupling === 'within'
              ? Number(Math.max(u, v) <= 2)
              : Number((u === 2 && v === 0) || (u === 0 && v === 2))
        sum += weight * x[other]
        total += weight
      }
      expect(state.x[site]).toBeCloseTo(1 - 1.95 * (0.6 * x[site] + (0.4 * sum) / total) ** 2, 13)
    }
  })

  it('keeps every site in [1 − a, 1], and a uniform state uniform', () => {
    for (const coupling of ['exactly', 'within', 'power-law']) {
      const { state, advance } = start({ coupling, range: 2, a: 2, dimension: 2 }, 8, 2000)
      expect(coupledMaps.invariants!(state).outside.value).toBe(0)
      state.x.fill(0.3)
      advance(50)
      expect(new Set(state.x).size).toBe(1)
    }
  })
})

describe('the range of interaction', () => {
  it.each([3, 5, 7])('range %i is range 1 relabelled, bit for bit, on a ring of 16', range => {
    const one = start({ range: 1 }, 16)
    const far = start({ range }, 16)
    for (let i = 0; i < 16; i++) far.state.x[(i * range) % 16] = one.state.x[i]
    one.advance(500)
    far.advance(500)
    for (let i = 0; i < 16; i++) expect(far.state.x[(i * range) % 16]).toBe(one.state.x[i])
  })

  it('range 3 is range 1 relabelled, bit for bit, on a torus of 8 × 8', () => {
    const one = start({ range: 1, dimension: 2 }, 8)
    const far = start({ range: 3, dimension: 2 }, 8)
    const relabelled = (site: number) => ((Math.floor(site / 8) * 3) % 8) * 8 + (((site % 8) * 3) % 8)
    for (let i = 0; i < 64; i++) far.state.x[relabelled(i)] = one.state.x[i]
    one.advance(500)
    far.advance(500)
    for (let i = 0; i < 64; i++) expect(far.state.x[relabelled(i)]).toBe(one.state.x[i])
  })

  it.each([1, 3, 5])('a disturbance goes exactly %i sites a frame, and stays where it was too', range => {
    for (let frames = 0; frames <= 4; frames++) {
      const expected = new Set(Array.from({ length: 2 * frames + 1 }, (_, k) => modulo((k - frames) * range, 64)))
      expect(reached({ range }, 64, frames)).toEqual([...expected].sort((a, b) => a - b))
    }
  })

  it('reaches all within the range, or everyone, in one frame', () => {
    expect(reached({ coupling: 'within', range: 2 }, 16, 1)).toEqual([0, 1, 2, 14, 15])
    expect(reached({ coupling: 'within', range: 1, dimension: 2 }, 6, 1)).toEqual([0, 1, 5, 6, 7, 11, 30, 31, 35])
    expect(reached({ coupling: 'exactly', range: 2, dimension: 2 }, 6, 1)).toEqual([0, 2, 4, 12, 24])
    expect(reached({ coupling: 'power-law' }, 16, 1)).toHaveLength(16)
  })

  it.each([
    [{ coupling: 'power-law', dimension: 2 }, 300, '90000 sites with 89999 partners each'],
    [{ coupling: 'power-law' }, 20_000, '20000 sites with 19999 partners each'],
    [{ coupling: 'within', range: 40, dimension: 2 }, 200, '40000 sites with 6560 partners each'],
  ])('says in one line that %o on a side of %i is too many to add up', (given, size, problem) => {
    const field = (size: number) =>
      coupledMaps.field(parseParameters(coupledMaps, given) as ReturnType<typeof coupledMaps.parameters.parse>, size)
    expect(() => field(size)).toThrow(UserError)
    expect(() => field(size)).toThrow(problem)
    expect(() => field(size)).toThrow(/^.*$/)
    expect(field(100)).toMatchObject({ width: 100 })
  })

  it.each([{ range: 0 }, { strength: 0, range: 3 }])('sites are on their own with %o', given => {
    expect(reached(given, 16, 20)).toEqual([0])
  })

  it('refuses a range at which partners coincide', () => {
    const field = (given: Record<string, unknown>, size: number) =>
      coupledMaps.field(parseParameters(coupledMaps, given) as ReturnType<typeof coupledMaps.parameters.parse>, size)
    expect(() => field({ range: 8 }, 16)).toThrow(UserError)
    expect(() => field({ range: 8 }, 16)).toThrow('at most 7')
    expect(field({ range: 7 }, 16)).toMatchObject({ height: 1, width: 16 })
    expect(field({ range: 8, dimension: 2 }, 17)).toMatchObject({ height: 17, width: 17 })
    expect(() => parseParameters(coupledMaps, { range: -1 })).toThrow("parameter 'range'")
    expect(() => parseParameters(coupledMaps, { coupling: 'near' })).toThrow("parameter 'coupling'")
  })
})

describe('published exponents', () => {
  it('the single map at a = 2 has the Lyapunov exponent ln 2', () => {
    const { state, advance } = start({ a: 2, range: 0 }, 400, 100)
    let sum = 0
    for (let frame = 0; frame < 1000; frame++) {
      for (const x of state.x) sum += Math.log(Math.abs(4 * x))
      advance()
    }
    expect(sum / 400_000).toBeCloseTo(Math.LN2, 2)
  })

  // Jost & Joy, Spectral properties and synchronization in coupled map lattices (2001): around the synchronised state
  // every wave of the ring grows at the map's own exponent plus the logarithm of its share of the coupling.
  it.each([1, 2, 5])('wave %i of a synchronised ring of 12 grows at λ + ln|1 − ε(1 − cos k)|', wave => {
    const { state, advance } = start({ a: 2, strength: 0.4 }, 12)
    const k = (2 * Math.PI * wave) / 12
    const tiny = 1e-8
    let uniform = 0.3
    let growth = 0
    for (let frame = 0; frame < 20_000; frame++) {
      state.x.forEach((_, i) => {
        state.x[i] = uniform + tiny * Math.cos(k * i)
      })
      advance()
      const amplitude = state.x.reduce((sum, x, i) => sum + (x * Math.cos(k * i)) / 6, 0)
      growth += Math.log(Math.abs(amplitude) / tiny)
      uniform = state.x.reduce((sum, x) => sum + x / 12, 0)
    }
    expect(growth / 20_000).toBeCloseTo(Math.LN2 + Math.log(Math.abs(1 - 0.4 * (1 - Math.cos(k)))), 1)
  })
})

it('a disturbance has the size asked for and never leaves [−1, 1]', () => {
  const { state } = start({}, 16, 60)
  for (let site = 0; site < 16; site++) {
    const before = state.x[site]
    coupledMaps.perturb(state, 0, site, 0.7)
    expect(Math.abs(state.x[site] - before)).toBeCloseTo(0.7, 12)
    expect(Math.abs(state.x[site])).toBeLessThanOrEqual(1)
  }
})

/** Growth per frame of a tiny disturbance, held at 1e-9 (Benettin et al. 1980), over 200 frames after a burn-in. */
function lyapunovExponent(given: Record<string, unknown>, start: string): number {
  const parameters = coupledMaps.parameters.parse(given)
  const state = coupledMaps.initial(parameters, 16, randomStream(start))
  for (let frame = 0; frame < 60; frame++) coupledMaps.advance(state, parameters)
  const neighbour = structuredClone(state)
  neighbour.x[0] += 1e-9
  let growth = 0
  for (let frame = 0; frame < 200; frame++) {
    coupledMaps.advance(state, parameters)
    coupledMaps.advance(neighbour, parameters)
    const differences = state.x.map((x, site) => neighbour.x[site] - x)
    const distance = Math.hypot(...differences)
    growth += Math.log(distance / 1e-9) / 200
    state.x.forEach((x, site) => {
      neighbour.x[site] = x + (differences[site] * 1e-9) / distance
    })
  }
  expect(coupledMaps.invariants!(state).outside.value).toBe(0)
  return growth
}

it('the world and every shift of it stay bounded and, from all but few starts, chaotic', () => {
  for (const change of [{}, ...Object.values(coupledMaps.shifts).map(shift => shift.change)]) {
    const exponents = Array.from({ length: 21 }, (_, start) => lyapunovExponent(change, `test/start/${start}`))
    expect(exponents.sort((a, b) => a - b)[10]).toBeGreaterThan(0.25)
  }
})
