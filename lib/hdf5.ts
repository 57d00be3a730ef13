import type { Attribute, Dataset, File, Group } from 'h5wasm'
import { UserError } from './errors.ts'

// HDF5 by h5wasm, the HDF5 library itself compiled to WebAssembly. It loads when a file is asked for: it takes a
// quarter of a second. Files live in its own memory, so that the real ones are read and written as wholes.

async function load() {
  const { default: h5wasm } = await import('h5wasm')
  const { FS, activate_throwing_error_handler } = await h5wasm.ready
  // The library would print a page on stderr for every error, instead of throwing it.
  activate_throwing_error_handler()
  return { File: h5wasm.File, FS }
}

/** What an attribute may be: one text or number, or a list of them. */
export type AttributeValue = string | number | readonly string[] | Int8Array

/** Adds an attribute; a list may be empty. */
export function setAttribute(to: Group | Dataset, name: string, value: AttributeValue): void {
  if (typeof value === 'string' || typeof value === 'number') to.create_attribute(name, value)
  // Texts of any length cannot be written as an empty list, texts of one character can.
  else if (value.length === 0) to.create_attribute(name, [], [0], 'S1')
  else to.create_attribute(name, value instanceof Int8Array ? value : [...value])
}

const memoryFile = '/file.h5'

/** The bytes of the HDF5 file that `write` fills. */
export async function encodeHdf5(write: (file: File) => void): Promise<Uint8Array> {
  const { File, FS } = await load()
  const file = new File(memoryFile, 'w')
  try {
    write(file)
    file.close()
    return FS.readFile(memoryFile)
  } finally {
    FS.unlink(memoryFile)
  }
}

/** What `read` takes from the bytes of an HDF5 file. @throws UserError where they are none */
export async function decodeHdf5<T>(bytes: Uint8Array, read: (file: File) => T): Promise<T> {
  const { File, FS } = await load()
  FS.writeFile(memoryFile, bytes)
  try {
    const file = openFile(File)
    try {
      return read(file)
    } finally {
      file.close()
    }
  } finally {
    FS.unlink(memoryFile)
  }
}

function openFile(OpenFile: typeof File): File {
  try {
    return new OpenFile(memoryFile, 'r')
  } catch (error) {
    const why = String(error).includes('truncated') ? 'it is an HDF5 file that is cut off' : 'it is not an HDF5 file'
    throw new UserError(why)
  }
}

/** An attribute's value, or undefined where there is none. */
export function attributeOf(of: Group | Dataset, name: string): Attribute['value'] | undefined {
  return of.attrs[name]?.value
}
