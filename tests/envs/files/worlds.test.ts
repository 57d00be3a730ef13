import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Environment, parseParameters, type Split, splits } from '../../../envs/environment.ts'
import { beginEpisode, splitStream } from '../../../envs/episodes.ts'
import { encodeNpzRecording } from '../../../envs/files/npz.ts'
import { recordEpisodes } from '../../../envs/files/record.ts'
import { assignSplits } from '../../../envs/files/recorded-world.ts'
import type { Recording } from '../../../envs/files/recording.ts'
import { encodeWell } from '../../../envs/files/the-well.ts'
import { findEnvironment, isWorldFile, worldName } from '../../../envs/find.ts'
import { environmentById } from '../../../envs/registry.ts'
import { randomStream } from '../../../lib/random.ts'

let folder: string
const write = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scalespace-worlds-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function recordingOf(id: string, size: number, episodes: number, frames: number): Recording {
  const environment = environmentById(id)
  const source = { environment, parameters: environment.parameters.parse({}), size }
  return recordEpisodes(source, { split: 'train', first: 0, episodes, frames, most: 1e9 })
}

/** The frames of one episode of a world, one behind the other. */
function filmOf(environment: Environment, split: Split, episode: number, frames: number): Float32Array {
  const parameters = parseParameters(environment, {})
  const size = environment.recorded!.size
  const { height, width, channels } = environment.field(parameters, size)
  const frameLength = height * width * channels.length
  const film = new Float32Array(frames * frameLength)
  const state = beginEpisode({ environment, parameters, size }, { split, episode })
  for (let t = 0; t < frames; t++) {
    if (t > 0) environment.advance(state, parameters)
    environment.observe(state, film.subarray(t * frameLength, (t + 1) * frameLength))
  }
  return film
}

describe('a recorded world', () => {
  it.each(['life', 'bouncing-balls', 'coupled-maps'])(
    'shows every frame of %s as it was, from NPZ and from HDF5',
    async id => {
      const recording = recordingOf(id, 16, 10, 4)
      const paths = [write(`${id}.npz`, encodeNpzRecording(recording)), write(`${id}.h5`, await encodeWell(recording))]
      const length = recording.values.length / recording.episodes
      const original = Array.from({ length: 10 }, (_, e) => recording.values.slice(e * length, (e + 1) * length))
      const { field, parameters } = environmentById(id)
      for (const path of paths) {
        const environment = await findEnvironment(path)
        const { burnIn: _burnIn, ...seen } = field(parameters.parse({}), 16)
        expect(environment.field(environment.parameters.parse({}), 16)).toEqual({ ...seen, burnIn: 0 })
        const { episodes } = environment.recorded!
        expect(episodes).toEqual({ train: 8, validation: 1, test: 1 })
        const films = splits.flatMap(split =>
          Array.from({ length: episodes[split] }, (_, episode) => filmOf(environment, split, episode, 4)),
        )
        expect(films).toHaveLength(10)
        for (const film of original) expect(films).toContainEqual(film)
      }
    },
  )

  it('continues from a copy of its state, and ends in one line', async () => {
    const environment = await findEnvironment(write('ends.npz', encodeNpzRecording(recordingOf('life', 8, 3, 3))))
    const parameters = parseParameters(environment, {})
    const state = environment.initial(parameters, 8, randomStream('any'))
    const copy = structuredClone(state)
    for (const each of [state, copy]) for (let t = 0; t < 2; t++) environment.advance(each, parameters)
    expect(copy).toEqual(state)
    expect(() => environment.advance(state, parameters)).toThrow(
      /ends here: its episodes have 3 frames, 2 after the first$/,
    )
    expect(() => environment.perturb(state, 0, 0, 1)).toThrow(/is a recording: it cannot be disturbed/)
    expect(() => environment.field(parameters, 9)).toThrow(/was recorded at size 8 \(8 × 8 cells\), and has no size 9$/)
    const source = { environment, parameters, size: 8 }
    expect(() => beginEpisode(source, { split: 'train', episode: 1 })).toThrow(
      /has 1 train episodes of 3 in all, so there is no number 1$/,
    )
  })

  it('keeps the splits of its file, in the order of the file', async () => {
    const recording: Recording = { ...recordingOf('life', 8, 4, 2), splits: ['test', 'train', 'validation', 'train'] }
    const environment = await findEnvironment(write('splits.npz', encodeNpzRecording(recording)))
    expect(environment.recorded).toEqual({ size: 8, frames: 2, episodes: { train: 2, validation: 1, test: 1 } })
    const length = recording.values.length / 4
    expect(filmOf(environment, 'train', 1, 2)).toEqual(recording.values.slice(3 * length))
  })

  it('is another world as soon as its file is', async () => {
    const [a, b] = [3, 4].map(episodes => encodeNpzRecording(recordingOf('life', 8, episodes, 2)))
    const path = write('changes.npz', a)
    const before = parseParameters(await findEnvironment(path), {})
    expect(parseParameters(await findEnvironment(path), {})).toEqual(before)
    write('changes.npz', b)
    const after = await findEnvironment(path)
    expect(parseParameters(after, {})).not.toEqual(before)
    expect(() => parseParameters(after, before)).toThrow(
      /parameter 'content': the file has changed: its content is \w{16} now$/,
    )
  })

  it('puts each episode into the same split, wherever it stands in the file', () => {
    const recording = recordingOf('coupled-maps', 8, 20, 2)
    const length = recording.values.length / 20
    const reversed = new Float32Array(recording.values.length)
    for (let e = 0; e < 20; e++)
      reversed.set(recording.values.subarray(e * length, (e + 1) * length), (19 - e) * length)
    const assigned = assignSplits(recording)
    expect(assignSplits({ episodes: 20, values: reversed })).toEqual(assigned.toReversed())
    const count = (split: Split) => assigned.filter(name => name === split).length
    expect(splits.map(count)).toEqual([16, 2, 2])
    expect(assignSplits({ episodes: 2, values: recording.values.subarray(0, 2 * length) })).toEqual(['train', 'train'])
    const twice = new Float32Array(2 * recording.values.length)
    for (const half of [0, 1]) twice.set(recording.values, half * recording.values.length)
    expect(assignSplits({ episodes: 40, values: twice })).toEqual([...assigned, ...assigned])
  })
})

const contract = new URL('../../../envs/environment.ts', import.meta.url).href
const zod = import.meta.resolve('zod')
const moduleText = (exported: string, change = '') => `
import { z } from '${zod}'
import { defineEnvironment } from '${contract}'
const world = defineEnvironment({
  id: 'drift',
  version: 1,
  title: 'A pattern that moves to the right',
  source: 'this file',
  range: 'exactly speed cells',
  parameters: z.object({ speed: z.int().min(1).max(4).default(1).describe('cells a frame') }),
  field: (_, size) => ({ height: 1, width: size, channels: [{ name: 'on', unit: '1' }], likelihood: 'bernoulli',
    boundary: 'torus', dt: 1, burnIn: 0 }),
  initial: (_, size, random) => ({ at: 0, cells: Array.from({ length: size }, () => random.integer(2)) }),
  advance: (state, { speed }) => { state.at += speed },
  observe: ({ at, cells }, out) => { for (let i = 0; i < out.length; i++) out[i] = cells[(i + 9999 * out.length - at) % out.length] },
  perturb: () => {},
  shifts: { faster: { change: { speed: 2 }, why: 'never seen' } },
  ${change}
})
${exported}
`

describe('a world in a module', () => {
  it('is the one that it exports, by whatever name, with its content among its parameters', async () => {
    for (const [i, exported] of [
      'export default world',
      'export { world as drift }',
      'export { world, world as default }',
    ].entries()) {
      const environment = await findEnvironment(write(`drift-${i}.mjs`, moduleText(exported)))
      expect([environment.id, environment.recorded]).toEqual(['drift', undefined])
      const parameters = parseParameters(environment, { speed: 2 })
      expect(parameters).toEqual({ speed: 2, content: expect.stringMatching(/^[0-9a-f]{16}$/) })
      const state = environment.initial(parameters, 8, randomStream('a'))
      const [before, after] = [new Float32Array(8), new Float32Array(8)]
      environment.observe(state, before)
      environment.advance(state, parameters)
      environment.observe(state, after)
      expect(after).toEqual(before.map((_, i) => before[(i + 6) % 8]))
    }
  })

  it('is another as soon as a file that it imports is, and the same in another folder', async () => {
    const content = async (path: string) => parseParameters(await findEnvironment(path), {}).content
    write('helper.mjs', 'export const a = 1\n')
    const path = write('imports.mjs', `${moduleText('export default world')}import "./helper.mjs"\n`)
    const before = await content(path)
    write('helper.mjs', 'export const a = 1\r\n')
    expect(await content(path)).toBe(before)
    write('helper.mjs', 'export const a = 2\n')
    expect(await content(path)).not.toBe(before)
  })

  it.each([
    ['none', 'export const a = 1', /none\.mjs: the module exports no world: export one, made by defineEnvironment/],
    ['two', 'export const a = world, b = { ...world }', /two\.mjs: the module exports 2 worlds: export one/],
    ['syntax', 'export const', /syntax\.mjs: the module cannot be loaded: .*/],
    ['throws', 'throw new TypeError("not\\ntoday")', /throws\.mjs: the module cannot be loaded: TypeError: not today$/],
    [
      'lacks',
      'export default { ...world, perturb: undefined }',
      /lacks\.mjs: the world's 'perturb': a function is expected$/,
    ],
    ['wrong', 'export default { ...world, version: "1" }', /wrong\.mjs: the world's 'version': .*expected number/],
    ['plain', 'export default { ...world, parameters: {} }', /plain\.mjs: the world's 'parameters': a zod object is/],
  ])('is refused in one line: %s', async (name, exported, message) => {
    const error = await findEnvironment(write(`${name}.mjs`, moduleText(exported))).catch(thrown => thrown)
    expect(error.name).toBe('UserError')
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('\n')
  })
})

describe('names of worlds', () => {
  it('are files by their first sign or their ending', () => {
    for (const name of ['./a.ts', '../a.mjs', '/a/b.js', 'a.npz', 'a.h5', 'b/a.hdf5', './a'])
      expect(isWorldFile(name)).toBe(true)
    for (const name of ['life', 'coupled-maps', 'h5', 'npz']) expect(isWorldFile(name)).toBe(false)
  })

  it('are the same however a file below the folder is named, and say nothing of the machine', () => {
    for (const given of [
      './worlds/a.ts',
      'worlds/a.ts',
      'worlds/../worlds/a.ts',
      join(process.cwd(), 'worlds', 'a.ts'),
    ])
      expect(worldName(given)).toBe('worlds/a.ts')
    expect(worldName('../a.ts')).toBe('../a.ts')
    expect(worldName('life')).toBe('life')
  })

  it('that lead nowhere are told in one line', async () => {
    await expect(findEnvironment('./nowhere.ts')).rejects.toThrow("there is no file './nowhere.ts'")
    await expect(findEnvironment('./data.csv')).rejects.toThrow(
      /^unknown kind of world file: \.\/data\.csv ends in '\.csv'; known: /,
    )
    await expect(findEnvironment('lief')).rejects.toThrow(/^unknown environment 'lief'; known: life, /)
  })
})

it('the stream of an episode is named by all that it depends on', () => {
  const environment = environmentById('life')
  const source = { environment, parameters: parseParameters(environment, {}), size: 24 }
  const names = [
    splitStream(source, 'test'),
    splitStream(source, 'train'),
    splitStream({ ...source, size: 16 }, 'test'),
    splitStream({ ...source, parameters: parseParameters(environment, { density: 0.2 }) }, 'test'),
    splitStream({ ...source, environment: { ...environment, version: 2 } }, 'test'),
  ].map(({ name }) => name)
  expect(names[0]).toMatch(/^life@\d+\/24\/[0-9a-f]{16}\/test$/)
  expect(new Set(names).size).toBe(5)
})
