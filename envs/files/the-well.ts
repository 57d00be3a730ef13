import type { Dataset, Group } from 'h5wasm'
import { UserError } from '../../lib/errors.ts'
import { attributeOf, decodeHdf5, encodeHdf5, setAttribute } from '../../lib/hdf5.ts'
import { completeRecording, decodeMetadata, encodeMetadata, type Recording } from './recording.ts'

// A recording as HDF5 in the layout of The Well (Ohana et al. 2024, arXiv:2412.00568; polymathic-ai.org/the_well,
// "Data format"), so that its PyTorch loader reads it: a dataset [trajectory, time, y, x] for every channel in
// `t0_fields`, coordinates in `dimensions`, a mask for each axis in `boundary_conditions`. Coordinates are cells, as the
// worlds' lengths are. `metadata` is the one attribute that The Well does not know; other readers pass over it.

/** HDF5 has no booleans of its own: h5py, numpy and torch take these numbers for them. */
const [no, yes] = [0, 1]
const rising = (length: number, from: number, by: number) => Float32Array.from({ length }, (_, i) => from + by * i)

const axesOf = ({ height, width }: Recording) =>
  height === 1
    ? [{ name: 'x', side: width }]
    : [
        { name: 'y', side: height },
        { name: 'x', side: width },
      ]

/** The bytes of an HDF5 file that holds a recording. */
export function encodeWell(recording: Recording): Promise<Uint8Array> {
  const { episodes, frames, channels, values, origin, dt, boundary } = recording
  const axes = axesOf(recording)
  const spatial = axes.map(({ name }) => name)
  const settings = Object.entries(origin.made?.parameters ?? {}).filter(([, value]) => typeof value === 'number')
  const addNumbers = (to: Group, name: string, data: Float32Array | Int8Array, attributes: Record<string, number>) => {
    const dataset = to.create_dataset({ name, data, shape: [data.length] })
    for (const [key, value] of Object.entries(attributes)) setAttribute(dataset, key, value)
  }
  const constant = { sample_varying: no, time_varying: no }
  return encodeHdf5(file => {
    setAttribute(file, 'dataset_name', String(origin.made?.world ?? origin.title))
    setAttribute(file, 'grid_type', 'cartesian')
    setAttribute(file, 'n_spatial_dims', axes.length)
    setAttribute(file, 'n_trajectories', episodes)
    setAttribute(file, 'metadata', encodeMetadata(recording))
    setAttribute(
      file,
      'simulation_parameters',
      settings.map(([name]) => name),
    )
    const scalars = file.create_group('scalars')
    setAttribute(
      scalars,
      'field_names',
      settings.map(([name]) => name),
    )
    for (const [name, value] of settings) {
      setAttribute(file, name, value as number)
      addNumbers(scalars, name, Float32Array.of(value as number), constant)
    }

    const dimensions = file.create_group('dimensions')
    setAttribute(dimensions, 'spatial_dims', spatial)
    addNumbers(dimensions, 'time', rising(frames, 0, dt), { sample_varying: no })
    for (const { name, side } of axes) addNumbers(dimensions, name, rising(side, 0.5, 1), constant)

    const boundaries = file.create_group('boundary_conditions')
    for (const { name, side } of axes) {
      const condition = boundaries.create_group(`${name}_boundary`)
      setAttribute(condition, 'associated_dims', [name])
      setAttribute(condition, 'associated_fields', [])
      setAttribute(condition, 'bc_type', boundary === 'torus' ? 'PERIODIC' : 'WALL')
      for (const [key, value] of Object.entries(constant)) setAttribute(condition, key, value)
      const mask = new Int8Array(side)
      mask[0] = mask[side - 1] = yes
      addNumbers(condition, 'mask', mask, {})
    }

    const scalarFields = file.create_group('t0_fields')
    setAttribute(
      scalarFields,
      'field_names',
      channels.map(({ name }) => name),
    )
    const sides = axes.map(({ side }) => side)
    const plane = new Float32Array(values.length / channels.length)
    for (const [channel, { name }] of channels.entries()) {
      for (let i = 0; i < plane.length; i++) plane[i] = values[i * channels.length + channel]
      const shape = [episodes, frames, ...sides]
      const chunks = [1, ...shape.slice(1)]
      const dataset = scalarFields.create_dataset({ name, data: plane, shape, chunks, compression: 4 })
      setAttribute(
        dataset,
        'dim_varying',
        Int8Array.from(axes, () => yes),
      )
      setAttribute(dataset, 'sample_varying', yes)
      setAttribute(dataset, 'time_varying', yes)
    }
    for (const name of ['t1_fields', 't2_fields']) setAttribute(file.create_group(name), 'field_names', [])
  })
}

/** One dataset of a file in the layout of The Well. */
interface WellField {
  readonly shape: readonly number[]
  readonly values: ArrayLike<number>
  /** Of its components: one for a scalar, one an axis for a vector. */
  readonly names: readonly string[]
}

/** @throws UserError where the file is damaged, or not in the layout of The Well */
export function decodeWell(bytes: Uint8Array): Promise<Recording> {
  return decodeHdf5(bytes, file => {
    const metadata = attributeOf(file, 'metadata')
    const dimensions = groupOf(file, 'dimensions')
    const axes = textsOf(dimensions, 'spatial_dims')
    if (axes?.length !== 1 && axes?.length !== 2)
      throw new UserError(`it has ${axes?.length ?? 'no'} spatial dimensions; 1 or 2 can be read`)
    const fields = [0, 1, 2].flatMap(order => fieldsOf(file, order, axes))
    if (fields.length === 0) throw new UserError('it has no field that varies in time: t0_fields is empty')
    const shape = fields[0].shape
    const odd = fields.find(field => field.shape.join() !== shape.join())
    if (odd) throw new UserError(`field '${odd.names[0]}' has the shape (${odd.shape}), another one (${shape})`)
    const [episodes, frames] = shape
    const [height, width] = axes.length === 1 ? [1, shape[2]] : [shape[2], shape[3]]
    const told = decodeMetadata(metadata as string | undefined)
    return completeRecording(
      { episodes, frames, height, width, values: interleave(fields), names: fields.flatMap(({ names }) => names) },
      {
        title: attributeOf(file, 'dataset_name') as string | undefined,
        boundary: isPeriodic(file) ? 'torus' : 'walls',
        dt: timeStep(dimensions),
        ...told,
      },
    )
  })
}

function groupOf(parent: Group, name: string): Group {
  const found = parent.get(name)
  if (found === null || !('keys' in found)) throw new UserError(`it has no group '${name}', as files of The Well have`)
  return found
}

/** A list of texts; h5py writes an empty one as numbers, and others write a single text for a list of one. */
function textsOf(of: Group, name: string): string[] | undefined {
  const value = attributeOf(of, name)
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? [value] : Array.from(value as ArrayLike<unknown>, String)
}

/** The datasets of one tensor order that are fields of the whole world at every time; constants are passed over. */
function fieldsOf(file: Group, order: number, axes: readonly string[]): WellField[] {
  const name = `t${order}_fields`
  if (order > 0 && file.get(name) === null) return []
  const group = groupOf(file, name)
  const suffixes = order === 0 ? [''] : axes.flatMap(a => (order === 1 ? [`_${a}`] : axes.map(b => `_${a}${b}`)))
  // The attribute keeps the order of the channels, which the file itself does not.
  const listed = textsOf(group, 'field_names') ?? group.keys()
  return listed.flatMap(field => {
    const dataset = group.get(field) as Dataset | null
    if (dataset === null) throw new UserError(`${name} names the field '${field}', which is not there`)
    const varies = (name: string) => attributeOf(dataset, name) ?? yes
    if (!varies('time_varying') || !varies('sample_varying')) return []
    const whole = dataset.shape ?? []
    const shape = whole.slice(0, 2 + axes.length)
    const components = whole.slice(2 + axes.length).reduce((product, side) => product * side, 1)
    if (shape.length !== 2 + axes.length || components !== suffixes.length)
      throw new UserError(`field '${field}' has the shape (${whole.join(', ')}), which does not fit ${name}`)
    const values = dataset.value
    if (!ArrayBuffer.isView(values)) throw new UserError(`field '${field}' does not hold numbers`)
    return [{ shape, values: values as Float32Array, names: suffixes.map(suffix => field + suffix) }]
  })
}

/** Fields one behind the other become channels side by side. */
function interleave(fields: readonly WellField[]): Float32Array {
  const channels = fields.reduce((sum, { names }) => sum + names.length, 0)
  const cells = fields[0].values.length / fields[0].names.length
  const values = new Float32Array(cells * channels)
  let first = 0
  for (const { values: own, names } of fields) {
    for (let cell = 0; cell < cells; cell++)
      for (let i = 0; i < names.length; i++) values[cell * channels + first + i] = Number(own[cell * names.length + i])
    first += names.length
  }
  return values
}

/** Is every boundary of the world periodic? */
function isPeriodic(file: Group): boolean {
  if (file.get('boundary_conditions') === null) return false
  const conditions = groupOf(file, 'boundary_conditions')
  const types = conditions.keys().map(name => attributeOf(groupOf(conditions, name), 'bc_type'))
  return types.length > 0 && types.every(type => String(type).toUpperCase() === 'PERIODIC')
}

/** The time between two frames, where the file tells it. */
function timeStep(dimensions: Group): number | undefined {
  const times = (dimensions.get('time') as Dataset | null)?.value as ArrayLike<number> | undefined
  const step = times === undefined || times.length < 2 ? 0 : times[1] - times[0]
  return step > 0 ? step : undefined
}
