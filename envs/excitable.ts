/**
 * An excitable medium: waves that travel as far as they find rested cells, and spirals that feed themselves.
 *
 * A cell is at rest, or in the frame φ = 1 … E + R of its cycle: excited while φ ≤ E, refractory while φ > E.
 *
 *   φ > 0   φ′ = φ + 1, at rest after E + R
 *   φ = 0   φ′ = 1 where at least k of the eight neighbours are excited, but with the chance d it waits a frame;
 *           else φ′ = 0
 *
 * E, R  lengths of excitation and of recovery, in frames;  k  threshold, in neighbours;  d  chance of delay.
 * Boundary: torus. A frame is a time step. Shown: whether a cell is excited and whether it is refractory, 0 or 1; how
 * far it is in its cycle must be remembered.
 *
 * An episode begins 100 frames after a patchwork, each patch at a random place of the cycle: where patches meet, fronts
 * have open ends, and curl. A straight front moves exactly 1 cell a frame if k ≤ 3 and d = 0. At k = 3 an open end grows
 * slowly, so that spirals are wide and cells rest long; with the delay they never settle into a cycle. Of the variance of
 * excitation, the last frame explains .62, and a frame 8 to 30 before no more than .08 (late in long runs .55 and .29).
 * At k ≤ 2 and d = 0 all starts end in cycles of E + R + 1 frames, which a cell could foretell from its own past alone.
 *
 * With the defaults, all of 400 starts at 24 × 24 were alive after 10,000 frames, and 381 at 16 × 16. In smaller worlds,
 * with longer delays or higher thresholds waves die out; a world at rest stays at rest.
 *
 * Why a cellular automaton and not a reaction–diffusion equation such as Barkley's: its waves are as rich, it acts over
 * exactly 1 cell a frame, and its speed, order and winding numbers are known exactly. 32 cells are computed at a time;
 * the cycles are a ring of bit planes, one for each frame that a cell may have fired in.
 *
 * Source: Greenberg and Hastings, Spatial patterns for discrete models of diffusion in excitable media (1978),
 * doi:10.1137/0134040, of which the original is E = R = k = 1, d = 0, with four neighbours.
 */
import { z } from 'zod'
import { type Noise, noiseFrom } from '../lib/noise.ts'
import { defineEnvironment } from './environment.ts'
import { chanceBits, emptyBits, readBits, setBit, wordsOf } from './parts/bits.ts'
import { totalisticPolynomial, totalisticStep } from './parts/totalistic.ts'

const parameters = z.object({
  excited: z.int().min(1).max(100).default(6).describe('frames for which a cell that fired is excited'),
  refractory: z.int().min(1).max(100).default(6).describe('frames after that in which it cannot fire'),
  threshold: z.int().min(1).max(8).default(3).describe('excited neighbours, of eight, that make a cell at rest fire'),
  delay: z.number().min(0).max(0.95).default(0.25).describe('chance that a cell that should fire waits a frame'),
  patch: z.int().min(1).default(4).describe('side of the patches that begin at one random place of their cycle, cells'),
})

interface State {
  readonly size: number
  /** The threshold as a rule for a cell that is not excited. */
  readonly polynomial: readonly number[]
  /** E + R bit planes, one after the other: the cells that fired in a frame. */
  readonly fired: Int32Array
  /** Plane of the present frame. */
  now: number
  readonly excited: Int32Array
  readonly refractory: Int32Array
  /** Cells that see enough excited neighbours. */
  readonly called: Int32Array
  readonly noise: Noise
}

export const excitable = defineEnvironment<typeof parameters, State>({
  id: 'excitable',
  version: 1,
  title: 'Excitable medium',
  source: 'Greenberg and Hastings 1978, doi:10.1137/0134040',
  range: '1 cell',
  parameters,

  field: (_, size) => ({
    height: size,
    width: size,
    channels: [
      { name: 'excited', unit: '0 or 1' },
      { name: 'refractory', unit: '0 or 1' },
    ],
    likelihood: 'bernoulli',
    boundary: 'torus',
    dt: 1,
    burnIn: 100,
  }),

  initial({ excited, refractory, threshold, patch }, size, random) {
    const cycle = excited + refractory
    const state = {
      size,
      polynomial: totalisticPolynomial({ birth: 0x1ff & (-1 << threshold), survival: 0 }),
      fired: emptyBits(cycle * size, size),
      now: 0,
      excited: emptyBits(size, size),
      refractory: emptyBits(size, size),
      called: emptyBits(size, size),
      noise: noiseFrom(random.split('noise')),
    }
    const across = Math.max(1, Math.round(size / patch))
    const phases = Array.from({ length: across ** 2 }, () => random.integer(cycle + 1))
    const patchAt = (cell: number) => Math.floor((cell * across) / size)
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++) {
        const phase = phases[patchAt(row) * across + patchAt(column)]
        if (phase === 0) continue
        setBit(state.fired, size, ((cycle - phase + 1) % cycle) * size + row, column)
        setBit(phase <= excited ? state.excited : state.refractory, size, row, column)
      }
    return state
  },

  advance(state, { excited: duration, delay }) {
    const { size, polynomial, fired, excited, refractory, called, noise } = state
    const length = excited.length
    const planes = fired.length / length
    totalisticStep(polynomial, size, excited, called)
    state.now = (state.now + 1) % planes
    // The oldest plane holds those that are rested now, and gives way to those that fire.
    const recovered = state.now * length
    const tired = ((state.now + planes - duration) % planes) * length
    for (let i = 0; i < length; i++) {
      // Drawn for all cells, so that whatever happens in one place, the chances elsewhere are the same.
      const fires = called[i] & ~refractory[i] & ~chanceBits(noise, delay)
      const tires = fired[tired + i]
      refractory[i] = (refractory[i] & ~fired[recovered + i]) | tires
      excited[i] = (excited[i] & ~tires) | fires
      fired[recovered + i] = fires
    }
  },

  observe({ size, excited, refractory }, out) {
    readBits(excited, size, out, 0, 2)
    readBits(refractory, size, out, 1, 2)
  },

  /** A cell at rest fires, any other is at rest at once, whatever the amount. */
  perturb({ size, fired, now, excited, refractory }, row, column) {
    const word = row * wordsOf(size) + (column >>> 5)
    const bit = 1 << (column & 31)
    const rested = ((excited[word] | refractory[word]) & bit) === 0
    for (let i = word; i < fired.length; i += excited.length) fired[i] &= ~bit
    excited[word] &= ~bit
    refractory[word] &= ~bit
    if (!rested) return
    fired[now * excited.length + word] |= bit
    excited[word] |= bit
  },

  reach: () => 1,

  shifts: {
    'no-delay': {
      change: { delay: 0 },
      why: 'fronts are smooth and at full speed: whoever learned how they hesitate is behind every wave',
    },
    'more-delay': {
      change: { delay: 0.375 },
      why: 'fronts are slower and more ragged: whoever counts on the learned speed is ahead of every wave',
    },
    'slower-recovery': {
      change: { refractory: 9 },
      why: 'cells that were always ready again are not: waves die that would have gone on, and spirals turn more slowly',
    },
    'lower-threshold': {
      change: { threshold: 2 },
      why: 'two excited neighbours are enough: open ends curl at once, and spirals crowd that used to be far apart',
    },
  },
})
