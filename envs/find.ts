import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { Environment } from './environment.ts'
import { environmentById } from './registry.ts'

const endings = ['.ts', '.js', '.mjs', '.npz', '.h5', '.hdf5']

/** Does a name stand for a file that holds a world, rather than for a world of the registry? */
export function isWorldFile(name: string): boolean {
  return /^[./]/.test(name) || endings.some(ending => name.endsWith(ending))
}

/**
 * A name as results keep it: a file below the present folder by its path from there, however it was given, so that it
 * is the same file to every run, and nothing of the machine is in it.
 */
export function worldName(given: string): string {
  if (!isWorldFile(given)) return given
  const path = relative('', resolve(given))
  return path.startsWith('..') || isAbsolute(path) ? given : path.split(sep).join('/')
}

/** The world of an id, or the one in a file: a module, or recorded episodes. @throws UserError */
export async function findEnvironment(name: string): Promise<Environment> {
  if (!isWorldFile(name)) return environmentById(name)
  return (await import('./files/open.ts')).openWorldFile(name)
}
