import { basename, dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { z } from 'zod'
import { UserError } from '../../lib/errors.ts'
import { sha256Hex } from '../../lib/hash.ts'
import { importedFiles, readSource } from '../../lib/imports.ts'
import type { Environment } from '../environment.ts'
import { contentParameter } from './recorded-world.ts'

const isFunction = z.custom((value: unknown) => typeof value === 'function', 'a function is expected')
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** What of the contract can be seen before a world runs. */
const contract = z.looseObject({
  id: z.string().min(1),
  version: z.int().min(1),
  title: z.string(),
  source: z.string(),
  range: z.string(),
  parameters: z.custom(
    (value: unknown) => isObject(value) && 'safeParse' in value && 'shape' in value,
    'a zod object is expected',
  ),
  field: isFunction,
  initial: isFunction,
  advance: isFunction,
  observe: isFunction,
  perturb: isFunction,
  invariants: isFunction.optional(),
  reach: isFunction.optional(),
  shifts: z.record(z.string(), z.object({ change: z.looseObject({}), why: z.string() })),
})

/**
 * The one world that a module exports, by whatever name. What the module and its relative imports hold is a parameter
 * of it, so that a cell that was run says which text it came from. @throws UserError in one line
 */
export async function moduleWorld(path: string): Promise<Environment> {
  let exports: Record<string, unknown>
  try {
    exports = await import(pathToFileURL(resolve(path)).href)
  } catch (error) {
    const said = error instanceof UserError ? error.message : String(error)
    throw new UserError(`the module cannot be loaded: ${said.replace(/\s+/g, ' ').trim()}`)
  }
  const worlds = [...new Set(Object.values(exports))].filter(
    value => isObject(value) && 'advance' in value && 'observe' in value,
  )
  if (worlds.length !== 1) {
    const count = worlds.length === 0 ? 'no world' : `${worlds.length} worlds`
    throw new UserError(`the module exports ${count}: export one, made by defineEnvironment({ … })`)
  }
  const checked = contract.safeParse(worlds[0])
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw new UserError(`the world's '${issue.path.join('.')}': ${issue.message}`)
  }
  const environment = worlds[0] as Environment
  const parameters = environment.parameters.safeExtend({ content: contentParameter(contentOf(path)) })
  return { ...environment, parameters }
}

const project = fileURLToPath(new URL('../..', import.meta.url))
/** The rooms that a world may import from; their files count among the sources of every cell already. */
const rooms = ['envs', 'lib'].map(room => project + room + sep)

/** Identity of a module's text. The names of its files count relative to it, so that nothing of the machine is in it. */
function contentOf(path: string): string {
  const [entry, ...imported] = importedFiles(path)
  const folder = dirname(entry)
  const others = imported.filter(file => !rooms.some(room => file.startsWith(room)))
  const named = others
    .map(file => [relative(folder, file).split(sep).join('/'), file])
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const lines = [[basename(entry), entry], ...named].map(([name, file]) => `${name} ${sha256Hex(readSource(file))}\n`)
  return sha256Hex(lines.join('')).slice(0, 16)
}
