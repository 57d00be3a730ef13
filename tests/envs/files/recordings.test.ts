import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { Dataset, Group } from 'h5wasm'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { decodeNpzRecording, encodeNpzRecording } from '../../../envs/files/npz.ts'
import { encodeParquet } from '../../../envs/files/parquet.ts'
import { recordEpisodes } from '../../../envs/files/record.ts'
import type { Recording } from '../../../envs/files/recording.ts'
import { decodeWell, encodeWell } from '../../../envs/files/the-well.ts'
import { environmentById } from '../../../envs/registry.ts'
import { attributeOf, decodeHdf5, encodeHdf5, setAttribute } from '../../../lib/hdf5.ts'
import { encodeNpz } from '../../../lib/npz.ts'

function recordingOf(id: string, size: number): Recording {
  const environment = environmentById(id)
  const source = { environment, parameters: environment.parameters.parse({}), size }
  return recordEpisodes(source, { split: 'test', first: 0, episodes: 3, frames: 4, most: 1e9 })
}

/** Every number another. */
function numbered(episodes: number, frames: number, height: number, width: number, channels: number): Recording {
  return {
    episodes,
    frames,
    height,
    width,
    values: Float32Array.from({ length: episodes * frames * height * width * channels }, (_, i) => i / 8),
    channels: Array.from({ length: channels }, (_, c) => ({ name: `c${channels - c}`, unit: 'm' })),
    likelihood: 'gaussian',
    boundary: 'walls',
    dt: 0.25,
    origin: { title: 'Numbers', source: 'nobody', made: { world: 'numbers', parameters: { rate: 0.5, rule: 'x' } } },
  }
}

const side = fc.integer({ min: 1, max: 4 })
const anyRecording = fc.tuple(side, side, side, side, fc.integer({ min: 1, max: 3 })).map(sides => numbered(...sides))

describe('a recording', () => {
  it('comes back from NPZ and HDF5 as it was', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecording, async recording => {
        expect(decodeNpzRecording(encodeNpzRecording(recording))).toEqual(recording)
        expect(await decodeWell(await encodeWell(recording))).toEqual(recording)
      }),
      { numRuns: 30 },
    )
  })

  it('keeps the splits that somebody chose, in NPZ', () => {
    const recording: Recording = { ...numbered(3, 2, 2, 2, 1), splits: ['test', 'train', 'train'] }
    expect(decodeNpzRecording(encodeNpzRecording(recording))).toEqual(recording)
  })

  it('is in Parquet one row a cell and frame, by episode, frame, row and column', async () => {
    const recording = numbered(2, 3, 2, 4, 2)
    const bytes = encodeParquet(recording)
    const file = bytes.buffer as ArrayBuffer
    const rows = await parquetReadObjects({ file })
    expect(rows).toHaveLength(2 * 3 * 2 * 4)
    for (const { episode, frame, row, column, c1, c2 } of rows) {
      const first = ((((episode as number) * 3 + (frame as number)) * 2 + (row as number)) * 4 + (column as number)) * 2
      expect([c2, c1]).toEqual([first / 8, (first + 1) / 8])
    }
    const { key_value_metadata } = parquetMetadata(file)
    const told = key_value_metadata?.find(({ key }) => key === 'scalespace')?.value
    expect(JSON.parse(told ?? '')).toMatchObject({ title: 'Numbers', dt: 0.25, boundary: 'walls' })
  })
})

/** All that The Well's specification asks of a file, as the paths of what is missing or wrong. */
async function departures(bytes: Uint8Array, dims: readonly string[], sides: readonly number[]): Promise<string[]> {
  return decodeHdf5(bytes, file => {
    const wrong: string[] = []
    const same = (what: string, found: unknown, expected: unknown) => {
      if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push(`${what}: ${JSON.stringify(found)}`)
    }
    const list = (of: Group | Dataset, name: string) => Array.from(attributeOf(of, name) as ArrayLike<unknown>)
    const group = (name: string) => file.get(name) as Group
    const dataset = (name: string) => file.get(name) as Dataset
    same('n_spatial_dims', attributeOf(file, 'n_spatial_dims'), dims.length)
    same('grid_type', attributeOf(file, 'grid_type'), 'cartesian')
    same('n_trajectories', attributeOf(file, 'n_trajectories'), sides[0])
    same('spatial_dims', list(group('dimensions'), 'spatial_dims'), dims)
    same('time', dataset('dimensions/time').shape, [sides[1]])
    for (const name of list(file, 'simulation_parameters') as string[]) {
      same(`@${name}`, typeof attributeOf(file, name), 'number')
      same(`scalars/${name}`, dataset(`scalars/${name}`).shape, [1])
    }
    same('scalars', list(group('scalars'), 'field_names'), list(file, 'simulation_parameters'))
    dims.forEach((dim, axis) => {
      same(dim, dataset(`dimensions/${dim}`).shape, [sides[2 + axis]])
      const condition = group(`boundary_conditions/${dim}_boundary`)
      same(`${dim} bc`, list(condition, 'associated_dims'), [dim])
      const mask = Array.from((condition.get('mask') as Dataset).value as Int8Array)
      same(`${dim} mask`, [mask.length, mask[0], mask.at(-1)], [sides[2 + axis], 1, 1])
    })
    for (const name of list(group('t0_fields'), 'field_names')) {
      const field = dataset(`t0_fields/${name}`)
      same(`${name} shape`, field.shape, sides)
      same(`${name} type`, field.dtype, '<f')
      same(
        `${name} varies`,
        [list(field, 'dim_varying'), field.attrs.sample_varying.value, field.attrs.time_varying.value],
        [dims.map(() => 1), 1, 1],
      )
    }
    for (const order of [1, 2]) same(`t${order}`, list(group(`t${order}_fields`), 'field_names'), [])
    return wrong
  })
}

describe('HDF5 in the layout of The Well', () => {
  it('has every group, dataset and attribute of its specification, in two dimensions and in one', async () => {
    const plane = await encodeWell(recordingOf('fluid', 12))
    expect(await departures(plane, ['y', 'x'], [3, 4, 12, 12])).toEqual([])
    const ring = await encodeWell(recordingOf('coupled-maps', 16))
    expect(await departures(ring, ['x'], [3, 4, 16])).toEqual([])
  })

  it('says how the world ends: periodic or at a wall', async () => {
    for (const [id, type] of [
      ['life', 'PERIODIC'],
      ['bouncing-balls', 'WALL'],
    ] as const) {
      const bytes = await encodeWell(recordingOf(id, 16))
      const found = await decodeHdf5(bytes, file =>
        attributeOf(file.get('boundary_conditions/x_boundary') as Group, 'bc_type'),
      )
      expect(found).toBe(type)
    }
  })

  // By the generator of test data of the_well 1.2.0 (`the_well/utils/dummy_data.py`), on 4 × 3 cells and 5 steps.
  it('is read as The Well itself writes it: a vector field beside a constant one, periodic, a time step of 1/4', async () => {
    const bytes = readFileSync(new URL('well.h5', import.meta.url))
    const recording = await decodeWell(bytes)
    const { episodes, frames, height, width, channels, values } = recording
    expect([episodes, frames, height, width]).toEqual([2, 5, 4, 3])
    expect(channels.map(({ name }) => name)).toEqual(['field_x', 'field_y'])
    expect(recording).toMatchObject({ boundary: 'torus', likelihood: 'gaussian', dt: 0.25 })
    // By h5py: field[0, 0, 0, 1], field[0, 1, 2, 0] and field[1, 4, 3, 2].
    const at = (...[e, t, y, x]: number[]) => Array.from(values).splice((((e * 5 + t) * 4 + y) * 3 + x) * 2, 2)
    expect(at(0, 0, 0, 1)[1]).toBeCloseTo(0.30233258, 7)
    expect(at(0, 1, 2, 0)).toEqual([expect.closeTo(0.6865009, 6), expect.closeTo(0.83462566, 6)])
    expect(at(1, 4, 3, 2)).toEqual([expect.closeTo(0.43367636, 6), expect.closeTo(0.80736053, 6)])
  })
})

const values = (shape: readonly number[], fill = 0.5) => {
  const length = shape.reduce((product, side) => product * side, 1)
  return { shape, values: new Float32Array(length).fill(fill) }
}
const texts = (...words: string[]) => ({ shape: [words.length], values: words })
const npz = (arrays: Parameters<typeof encodeNpz>[0]) => () => decodeNpzRecording(encodeNpz(arrays))

describe('NPZ that others wrote', () => {
  it.each([
    [
      [2, 3, 4, 5, 6],
      [2, 3, 4, 5, 6],
    ],
    [
      [2, 3, 4, 5],
      [2, 3, 4, 5, 1],
    ],
    [
      [2, 3, 5],
      [2, 3, 1, 5, 1],
    ],
  ])('with values of the shape %j is one of %j', (shape, meant) => {
    const { episodes, frames, height, width, channels, ...rest } = npz({ values: values(shape) })()
    expect([episodes, frames, height, width, channels.length]).toEqual(meant)
    expect(rest).toMatchObject({ likelihood: 'gaussian', boundary: 'walls', dt: 1 })
  })

  it('is bernoulli where it holds nothing but 0 and 1, unless it says otherwise', () => {
    const zeros = { values: values([1, 2, 2, 2], 0) }
    expect(npz(zeros)().likelihood).toBe('bernoulli')
    expect(npz({ ...zeros, metadata: texts('{"likelihood":"gaussian"}') })().likelihood).toBe('gaussian')
  })

  it.each([
    [{ data: values([1, 2, 2]) }, /^it has no array 'values'; it has: data$/],
    [{ values: values([3, 2]) }, /^values has the shape \(3, 2\); right would be \(episodes, frames, height, width/],
    [{ values: values([1, 0, 2]) }, /^it is empty: 1 episodes of 0 frames/],
    [{ values: values([2, 2, 2], Number.NaN) }, /^it holds NaN in episode 0, frame 0: every number must be finite$/],
    [{ values: values([1, 2, 2]), channels: texts('a', 'b') }, /^it names 2 channels, and values has 1$/],
    [{ values: values([2, 2, 2]), split: texts('test') }, /^it names the split of 1 episodes, and has 2$/],
    [{ values: values([1, 2, 2]), split: texts('tset') }, /^it has the split 'tset'; known: train, validation, test$/],
    [{ values: values([1, 2, 2]), metadata: texts('{') }, /^its 'metadata' are not JSON$/],
    [{ values: values([1, 2, 2]), metadata: texts('{"dt":-1}') }, /^its metadata: 'dt': /],
    [
      { values: values([1, 2, 2], 2), metadata: texts('{"likelihood":"bernoulli"}') },
      /^it holds 2, which is no probab/,
    ],
  ])('is refused in one line: %#', (arrays, message) => {
    expect(npz(arrays)).toThrow(message)
  })

  it('says in which frame a number is not finite', () => {
    const { shape, values: numbers } = values([2, 3, 4])
    numbers[1 * 12 + 2 * 4 + 3] = Infinity
    expect(npz({ values: { shape, values: numbers } })).toThrow('it holds Infinity in episode 1, frame 2')
  })
})

describe('HDF5 that is no recording', () => {
  const withGroups = (change: (file: Group) => void) => encodeHdf5(change)
  const dimensions = (file: Group, dims: string[]) =>
    setAttribute(file.create_group('dimensions'), 'spatial_dims', dims)

  it('is refused in one line, and nothing is printed', async () => {
    const whole = await encodeWell(numbered(2, 2, 2, 2, 1))
    const wrong: [Uint8Array | Promise<Uint8Array>, RegExp][] = [
      [whole.subarray(0, 1500), /^it is an HDF5 file that is cut off$/],
      [new TextEncoder().encode('no HDF5 at all'), /^it is not an HDF5 file$/],
      [withGroups(() => {}), /^it has no group 'dimensions', as files of The Well have$/],
      [withGroups(file => dimensions(file, ['x', 'y', 'z'])), /^it has 3 spatial dimensions; 1 or 2 can be read$/],
      [
        withGroups(file => {
          dimensions(file, ['x'])
          setAttribute(file.create_group('t0_fields'), 'field_names', [])
        }),
        /^it has no field that varies in time/,
      ],
      [
        withGroups(file => {
          dimensions(file, ['x'])
          file.create_group('t0_fields').create_dataset({ name: 'a', data: new Float32Array(4), shape: [2, 2] })
        }),
        /^field 'a' has the shape \(2, 2\), which does not fit t0_fields$/,
      ],
    ]
    for (const [bytes, message] of wrong) await expect(decodeWell(await bytes)).rejects.toThrow(message)
  })
})
