import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cellIndices,
  type EpisodeSet,
  fitScale,
  generateEpisodes,
  standardise,
} from '../../benchmarks/task/episodes.ts'
import type { Task } from '../../benchmarks/task/task.ts'
import { canonicalJson, type Json, sha256Hex } from '../../lib/hash.ts'
import { randomStream } from '../../lib/random.ts'
import { numberedTask, numberedTasks, originOf, smallTask } from './small.ts'

const schedule = { tile: 4, context: 4, blind: 2 } as const

/** One frame as the world shows it, put together again from its tiles. */
function fieldOf(task: Task, { frames, values }: EpisodeSet, episode: number, frame: number): Float32Array {
  const start = (episode * frames + frame) * task.tiles * task.viewSize
  return Float32Array.from(cellIndices(task), at => values[start + at])
}

describe('episodes', () => {
  it.each([false, true])(
    'are the frames of the world itself, burnt in and put together again (scrambled: %s)',
    scrambled => {
      const task = smallTask('life', 16, { ...schedule, scrambled })
      const set = generateEpisodes(task, 'train', 2)
      expect(set).toMatchObject({ episodes: 2, frames: 7, tiles: 16, viewSize: 16 })
      const hash = sha256Hex(canonicalJson(task.parameters as Json)).slice(0, 16)
      for (const episode of [0, 1]) {
        const random = randomStream(`life@${task.environment.version}/16/${hash}/train/${episode}`)
        const state = task.environment.initial(task.parameters, 16, random)
        const observed = new Float32Array(256)
        for (let t = 0; t < task.field.burnIn; t++) task.environment.advance(state, task.parameters)
        for (let t = 0; t < 7; t++) {
          if (t > 0) task.environment.advance(state, task.parameters)
          task.environment.observe(state, observed)
          expect(fieldOf(task, set, episode, t)).toEqual(observed)
        }
      }
    },
  )

  it('hold every number of a frame once, in the tile where it is shown', () => {
    fc.assert(
      fc.property(numberedTasks, task => {
        const set = generateEpisodes(task, 'train', 2)
        const { tiles, viewSize, lattice, field } = task
        for (let at = 0; at < set.values.length; at++) {
          const { episode, frame, index } = originOf(set.values[at])
          expect(Math.floor(at / (tiles * viewSize))).toBe(episode * set.frames + frame)
          const cell = Math.floor(index / field.channels.length)
          const row = Math.floor(Math.floor(cell / field.width) / task.tileHeight)
          const column = Math.floor((cell % field.width) / task.tileWidth)
          expect(Math.floor(at / viewSize) % tiles).toBe(task.placeOf[row * lattice.columns + column])
        }
        const last = fieldOf(task, set, 1, set.frames - 1)
        expect(Array.from(last, value => originOf(value).index)).toEqual(Array.from(last, (_, i) => i))
      }),
      { numRuns: 30 },
    )
  })

  it('scrambled are the same tiles in other places: the world is the same', () => {
    const plain = smallTask('bouncing-balls', 24, schedule)
    const scrambled = smallTask('bouncing-balls', 24, { ...schedule, scrambled: true })
    const [a, b] = [generateEpisodes(plain, 'test', 1), generateEpisodes(scrambled, 'test', 1)]
    expect(b.initialStates).toEqual(a.initialStates)
    const tile = (set: EpisodeSet, frame: number, place: number) =>
      set.values.slice((frame * 36 + place) * 16, (frame * 36 + place + 1) * 16)
    for (let frame = 0; frame < 7; frame++)
      for (let place = 0; place < 36; place++)
        expect(tile(b, frame, scrambled.placeOf[place])).toEqual(tile(a, frame, place))
  })

  it('of the same name are the same bits, however many others are made and however long they run', () => {
    const short = generateEpisodes(smallTask('fluid', 24, { ...schedule, blind: 0 }), 'validation', 1)
    const many = generateEpisodes(smallTask('fluid', 24, schedule), 'validation', 3)
    const again = generateEpisodes(smallTask('fluid', 24, schedule), 'validation', 3)
    expect(again).toEqual(many)
    expect(many.values.subarray(0, short.values.length)).toEqual(short.values)
    expect(many.initialStates[0]).toBe(short.initialStates[0])
  })

  it.each([
    ['bouncing-balls', 24],
    ['coupled-maps', 16],
    ['fluid', 24],
    ['life', 24],
  ])('of different splits and numbers never begin alike: %s', (world, size) => {
    const task = smallTask(world, size, { tile: 4, context: 2, blind: 0 })
    const splits = (['train', 'validation', 'test'] as const).map(split => generateEpisodes(task, split, 20))
    expect(new Set(splits.flatMap(({ initialStates }) => initialStates)).size).toBe(60)
  })

  it('of other parameters are other episodes', () => {
    const [one, other] = [0.4, 0.41].map(strength => smallTask('coupled-maps', 16, schedule, { strength }))
    const states = (task: Task) => generateEpisodes(task, 'train', 4).initialStates
    expect(states(one).some(state => states(other).includes(state))).toBe(false)
  })
})

describe('standardised', () => {
  const moments = (values: Float32Array, channel: number, channels: number) => {
    const own = values.filter((_, i) => i % channels === channel)
    const mean = own.reduce((sum, x) => sum + x, 0) / own.length
    return { mean, variance: own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / own.length }
  }

  it('the training split has mean 0 and variance 1 in every channel', () => {
    const random = randomStream('two channels')
    const task = numberedTask({ height: 4, width: 4, channels: 2 })
    const set = generateEpisodes(task, 'train', 3)
    for (let i = 0; i < set.values.length; i++)
      set.values[i] = i % 2 === 0 ? 1000 + 3 * random.normal() : 1e-4 * random.uniform()
    standardise(fitScale(task, set), set.values)
    for (const channel of [0, 1]) {
      const { mean, variance } = moments(set.values, channel, 2)
      expect(mean).toBeCloseTo(0, 4)
      expect(variance).toBeCloseTo(1, 4)
    }
  })

  it('another split keeps its own mean and variance, in units of the training split', () => {
    const task = numberedTask({ height: 1, width: 2 }, { tile: 1 })
    const table = (values: readonly number[]) => ({
      ...generateEpisodes(task, 'train', 1),
      values: Float32Array.from(values),
    })
    const scale = fitScale(task, table([1, 3, 1, 3])) // mean 2, deviation 1
    expect(scale).toEqual({ mean: Float64Array.of(2), deviation: Float64Array.of(1) })
    const other = table([4, 8, 2])
    standardise(scale, other.values)
    expect(Array.from(other.values)).toEqual([2, 6, 0])
  })

  it('probabilities stay what they are, and a channel that never changes stays finite', () => {
    const life = smallTask('life', 16, schedule)
    const set = generateEpisodes(life, 'train', 2)
    const before = set.values.slice()
    standardise(fitScale(life, set), set.values)
    expect(set.values).toEqual(before)
    const flat = numberedTask({ height: 1, width: 4 }, { tile: 1 })
    const values = new Float32Array(8).fill(7)
    standardise(fitScale(flat, { episodes: 1, frames: 2, tiles: 4, viewSize: 1, values }), values)
    expect(Array.from(values)).toEqual(Array(8).fill(0))
  })
})
