import { type UnzipFileFilter, unzipSync, zipSync } from 'fflate'
import { dump, parse } from 'npyjs'
import { UserError } from './errors.ts'

// NPZ, as numpy.savez writes it: a ZIP file of NPY arrays, each named `<array>.npy`
// (numpy.org/doc/stable/reference/generated/numpy.lib.format.html).

/** An array of numbers or of texts, row-major. */
export interface NamedArray {
  readonly shape: readonly number[]
  readonly values: Float32Array | readonly string[]
}

/** The bytes of an NPZ file; numpy reads it without pickle. */
export function encodeNpz(arrays: Readonly<Record<string, NamedArray>>): Uint8Array {
  const files = Object.entries(arrays).map(([name, { shape, values }]) => {
    const array = values instanceof Float32Array ? values : [...values]
    return [`${name}.npy`, new Uint8Array(dump(array, [...shape]))]
  })
  // The moment of writing would make files of the same content differ.
  return zipSync(Object.fromEntries(files), { level: 4, mtime: '1980-01-01T00:00:00' })
}

/** An NPZ file that was opened: the names of its arrays, each read when asked for. */
export interface NpzFile {
  readonly names: readonly string[]
  /** @throws UserError where there is no such array, or it does not hold numbers */
  numbers(name: string): { readonly shape: readonly number[]; readonly values: Float32Array }
  /** @throws UserError where there is no such array, or it does not hold text */
  texts(name: string): readonly string[]
}

function unzip(bytes: Uint8Array, filter: UnzipFileFilter): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter })
  } catch {
    throw new UserError('it is not an NPZ file: no ZIP archive, or one that is cut off or damaged')
  }
}

/** @throws UserError where the bytes are no NPZ file */
export function openNpz(bytes: Uint8Array): NpzFile {
  const names: string[] = []
  unzip(bytes, ({ name }) => {
    if (name.endsWith('.npy')) names.push(name.slice(0, -'.npy'.length))
    return false
  })

  const read = (name: string) => {
    if (!names.includes(name)) throw new UserError(`it has no array '${name}'; it has: ${names.join(', ') || 'none'}`)
    const file = `${name}.npy`
    return parseNpy(name, unzip(bytes, entry => entry.name === file)[file])
  }
  return {
    names,
    numbers(name) {
      const { shape, data, dtype } = read(name)
      if (dtype.startsWith('U') || dtype.startsWith('c'))
        throw new UserError(`array '${name}' holds ${dtype.startsWith('U') ? 'text' : 'complex numbers'}, not numbers`)
      return { shape, values: data instanceof Float32Array ? data : Float32Array.from(data as number[], Number) }
    },
    texts(name) {
      const { data, dtype } = read(name)
      if (!dtype.startsWith('U')) throw new UserError(`array '${name}' holds no text (dtype ${dtype})`)
      return data as unknown as string[]
    },
  }
}

function parseNpy(name: string, bytes: Uint8Array) {
  // Typed arrays need the data aligned, so the bytes move to the beginning of a buffer of their own.
  const own = bytes.slice().buffer
  const header = new TextDecoder('latin1').decode(bytes.subarray(0, 256))
  const type = /'descr': *'([^']*)'/.exec(header)?.[1] ?? ''
  if (type.startsWith('|O'))
    throw new UserError(`array '${name}' holds pickled objects: save it with a dtype of numbers, e.g. float32`)
  if (type.startsWith('>')) throw new UserError(`array '${name}' is big-endian: save it as '<${type.slice(1)}'`)
  if (/U0$/.test(type)) throw new UserError(`array '${name}' holds empty text`)
  let array: ReturnType<typeof parse>
  try {
    array = parse(own)
  } catch (error) {
    throw new UserError(`array '${name}' cannot be read: ${error instanceof Error ? error.message : error}`)
  }
  const { shape, dtype, fortranOrder } = array
  const data = array.data as unknown as ArrayLike<number> | readonly string[]
  if (fortranOrder && shape.length > 1)
    throw new UserError(`array '${name}' is stored column by column: save numpy.ascontiguousarray(${name})`)
  const length = shape.reduce((product, side) => product * side, dtype.startsWith('c') ? 2 : 1)
  if (data.length !== length)
    throw new UserError(`array '${name}' is cut off: it has ${data.length} of its ${length} numbers`)
  return { shape, dtype, data }
}
