import { statSync } from 'node:fs'
import { extname } from 'node:path'
import { oneOf, UserError } from '../../lib/errors.ts'
import { readBytes } from '../../lib/files.ts'
import { sha256Hex } from '../../lib/hash.ts'
import type { Environment } from '../environment.ts'

/** What opens a file of each ending; each loads what it takes when it is asked for. */
const openers: Readonly<Record<string, (path: string) => Promise<Environment>>> = {
  '.ts': openModule,
  '.js': openModule,
  '.mjs': openModule,
  '.npz': openRecording,
  '.h5': openRecording,
  '.hdf5': openRecording,
}

/** Half of what Node reads at once: numbers are there twice while they are unpacked. */
const LARGEST = 2 ** 30

/** The world in a file, named by its path as it was given. @throws UserError `<path>: <what is wrong>` in one line */
export async function openWorldFile(path: string): Promise<Environment> {
  const ending = oneOf(`kind of world file: ${path} ends in`, extname(path), Object.keys(openers))
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw new UserError(`there is no file '${path}'`)
  try {
    return await openers[ending](path)
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${path}: ${error.message}`) : error
  }
}

async function openModule(path: string): Promise<Environment> {
  return (await import('./module-world.ts')).moduleWorld(path)
}

async function openRecording(path: string): Promise<Environment> {
  if (statSync(path).size > LARGEST) throw new UserError('it is larger than 1 GiB, which is not read: cut it in parts')
  const bytes = readBytes(path)
  const recording = path.endsWith('.npz')
    ? (await import('./npz.ts')).decodeNpzRecording(bytes)
    : await (await import('./the-well.ts')).decodeWell(bytes)
  const { recordedWorld } = await import('./recorded-world.ts')
  return recordedWorld(path, recording, sha256Hex(bytes).slice(0, 16))
}
