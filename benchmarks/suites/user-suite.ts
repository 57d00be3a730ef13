import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { UserError } from '../../lib/errors.ts'
import { within } from './mistakes.ts'
import type { Suite } from './suite.ts'

// A suite of one's own: a JSON file that lists tasks and who is entered in each, or a module that exports a `Suite`.

const endings = ['.json', '.ts', '.js', '.mjs']

/** Does a name stand for a file that holds a suite, rather than for a suite of the project? */
export const isSuiteFile = (name: string): boolean => /[/\\]/.test(name) || endings.includes(extname(name))

/** The suite in a file. @param taken ids of the project's suites @throws UserError `<path>: <what is wrong>` in one line */
export async function openSuite(path: string, taken: readonly string[]): Promise<Suite> {
  if (!endings.includes(extname(path)))
    throw new UserError(`a suite is a file that ends in ${endings.join(', ')}; '${path}' does not`)
  if (!existsSync(path)) throw new UserError(`there is no file '${path}'`)
  const suite = await within(path, async () =>
    extname(path) === '.json'
      ? (await import('./json-suite.ts')).jsonSuite(path)
      : (await import('./module-suite.ts')).moduleSuite(path),
  )
  if (taken.includes(suite.id))
    throw new UserError(`${path}: the project has a suite '${suite.id}' itself: give yours another id`)
  return { ...suite, cells: () => within(path, suite.cells) }
}
